using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Unroll.Numerics;

namespace Unroll.Files;

/// <summary>A named tensor to write into a safetensors file, or one listed in a file that was read.</summary>
public sealed class SafeTensor
{
    internal SafeTensor(string name, string type, ImmutableArray<long> shape, ReadOnlyMemory<byte> data)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Data = data;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>
    /// The element type as the format spells it: <c>F32</c>, <c>F64</c>, <c>I64</c>, <c>U8</c>, or another type that can be
    /// listed but not read.
    /// </summary>
    public string Type { get; }

    /// <summary>The sizes, outermost first; row-major. Empty for a single number.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The elements, little-endian.</summary>
    internal ReadOnlyMemory<byte> Data { get; }

    /// <summary>A tensor of 32-bit floats; the values are copied.</summary>
    /// <param name="name">Its name, unique in the file and not <c>__metadata__</c>.</param>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The sizes; none given means one dimension as long as the values.</param>
    /// <exception cref="ArgumentException">The sizes do not multiply to the number of values, or the name is empty or
    /// reserved.</exception>
    public static SafeTensor Of(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Make(name, "F32", values, shape);

    /// <summary>A tensor of 64-bit floats; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static SafeTensor Of(string name, ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Make(name, "F64", values, shape);

    /// <summary>A tensor of 64-bit integers; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static SafeTensor Of(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Make(name, "I64", values, shape);

    /// <summary>A tensor of bytes; the values are copied.</summary>
    /// <inheritdoc cref="Of(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static SafeTensor Of(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> shape) =>
        Make(name, "U8", values, shape);

    /// <summary>The number of bytes of an element, or 0 for a type whose size this version does not know.</summary>
    internal static int SizeOf(string type) => type switch
    {
        "F64" or "I64" or "U64" or "C64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "U8" or "I8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    /// <summary>The product of the sizes, or -1 when a size is negative or the product does not fit.</summary>
    internal static long Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0 || (size > 0 && count > long.MaxValue / size)) return -1;
            count *= size;
        }

        return count;
    }

    /// <summary>The sizes as text, such as <c>[50, 6]</c>.</summary>
    internal static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";

    /// <summary>The elements as a new array; the caller has checked that the type is that of T.</summary>
    internal T[] ToArray<T>()
        where T : unmanaged
    {
        var values = new T[Data.Length / Marshal.SizeOf<T>()];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Data.Span.CopyTo(bytes);
        SwapIfBigEndian(bytes, Marshal.SizeOf<T>());
        return values;
    }

    private static SafeTensor Make<T>(string name, string type, ReadOnlySpan<T> values, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (shape.Length > SafeTensors.MaximumRank)
            throw new ArgumentException(
                $"The tensor {name} has {shape.Length} dimensions, more than {SafeTensors.MaximumRank}.", nameof(shape));
        if (name == SafeTensors.MetadataName)
            throw new ArgumentException($"A tensor cannot be named {name}, which is the metadata's name.", nameof(name));
        ImmutableArray<long> sizes = shape.IsEmpty ? [values.Length] : [.. shape];
        if (Count(sizes.AsSpan()) != values.Length)
            throw new ArgumentException(
                $"The tensor {name} has {Counted.Of(values.Length, "value")}, which its shape {Describe(sizes.AsSpan())} "
                    + "does not hold.",
                nameof(shape));
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        SwapIfBigEndian(bytes, Marshal.SizeOf<T>());
        return new SafeTensor(name, type, sizes, bytes);
    }

    private static void SwapIfBigEndian(Span<byte> bytes, int size)
    {
        if (BitConverter.IsLittleEndian || size == 1) return;
        if (size == 4)
        {
            Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
