using System.Buffers.Binary;
using System.Collections.Immutable;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>A tensor of a foreign file: listed at once, its numbers read when they are wanted.</summary>
/// <param name="Name">The name in its state dict.</param>
/// <param name="Type">The element type as safetensors spells it.</param>
/// <param name="Shape">The sizes, outermost first.</param>
/// <param name="Read">Its numbers, row-major; for a type of <see cref="IsReal"/> only.</param>
internal sealed record TorchTensor(string Name, string Type, ImmutableArray<long> Shape, Func<double[]> Read)
{
    /// <summary>The name for a message: short, and without line breaks.</summary>
    public string Shown => SafeTensorsHeader.Quote(Name)[1..^1];

    /// <summary>The sizes as text.</summary>
    public string Sizes => SafeTensor.Describe(Shape.AsSpan());

    /// <summary>Whether its elements are floating-point numbers that can be read: only such a tensor can be a weight.</summary>
    public bool IsReal => Type is "F64" or "F32" or "F16" or "BF16";

    /// <summary>Whether it has two dimensions.</summary>
    public bool IsMatrix => Shape.Length == 2;

    /// <summary>A tensor of a safetensors file.</summary>
    public static TorchTensor Of(SafeTensor tensor) => new(tensor.Name, tensor.Type, tensor.Shape, () =>
    {
        var values = new double[SafeTensor.Count(tensor.Shape.AsSpan())];
        for (int i = 0; i < values.Length; i++) values[i] = Element(tensor.Data.Span, tensor.Type, i, big: false);
        return values;
    });

    /// <summary>One element of packed numbers.</summary>
    public static double Element(ReadOnlySpan<byte> data, string type, long index, bool big)
    {
        int size = SafeTensor.SizeOf(type);
        ReadOnlySpan<byte> at = data.Slice((int)(index * size), size);
        return type switch
        {
            "F64" => big ? BinaryPrimitives.ReadDoubleBigEndian(at) : BinaryPrimitives.ReadDoubleLittleEndian(at),
            "F32" => big ? BinaryPrimitives.ReadSingleBigEndian(at) : BinaryPrimitives.ReadSingleLittleEndian(at),
            "F16" => (double)(big ? BinaryPrimitives.ReadHalfBigEndian(at) : BinaryPrimitives.ReadHalfLittleEndian(at)),
            "BF16" => BitConverter.UInt32BitsToSingle(
                (uint)(big ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at)) << 16),
            _ => throw new ArgumentException($"The type {type} is no floating-point type.", nameof(type)),
        };
    }
}
