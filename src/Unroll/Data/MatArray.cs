using System.Text;

namespace Unroll.Data;

/// <summary>The beginning of an array in a MATLAB 5 file: its class, its sizes and its name.</summary>
/// <param name="Class">The number of its class.</param>
/// <param name="Complex">Whether its numbers have an imaginary part.</param>
/// <param name="Sizes">Its size in each dimension, two or more; none for an object of a MATLAB class.</param>
/// <param name="Name">Its name; empty for an element of a cell.</param>
internal readonly record struct MatArray(int Class, bool Complex, long[] Sizes, string Name)
{
    public const int Cell = 1, Sparse = 5;
    private const int FirstNumeric = 6, LastNumeric = 15, Opaque = 17, LongestName = 63, MostDimensions = 32;
    private const int Int8 = 1, Int32 = 5, UInt32 = 6;

    private static readonly string[] Classes =
        ["", "cells", "a structure", "an object", "text", "a sparse matrix", "doubles", "singles", "int8", "uint8", "int16",
            "uint16", "int32", "uint32", "int64", "uint64", "a function", "an object"];

    /// <summary>How many elements it has, at most <see cref="long.MaxValue"/>.</summary>
    public long Count => Sizes.Aggregate(1L, (count, size) => size == 0 ? 0 : count > long.MaxValue / size ? long.MaxValue
        : count * size);

    /// <summary>Whether the array is a full matrix of real numbers (logical values are numbers of one byte).</summary>
    public bool IsReal => Class is >= FirstNumeric and <= LastNumeric && !Complex;

    /// <summary>The kind of the array, for a message.</summary>
    public string Describe() => Class > 0 && Class < Classes.Length ? (Complex ? $"complex {Classes[Class]}" : Classes[Class])
        : Invariant($"something of class {Class}");

    /// <summary>The sizes, for a message.</summary>
    public string Shape() => string.Join(" x ", Sizes);

    /// <summary>
    /// Reads flags, sizes and name; null where the array cannot hold piano rolls, so that the rest is to be skipped.
    /// </summary>
    public static MatArray? Read(MatReader reader, long end)
    {
        if (!Expect(reader, UInt32, 8, 8, end, out _)) return null;
        uint flags = reader.UInt32();
        reader.UInt32();
        int kind = (int)(flags & 255);
        long[] sizes = [];
        if (kind != Opaque)
        {
            if (!Expect(reader, Int32, 8, 4 * MostDimensions, end, out MatTag tag) || tag.Length % 4 != 0) return null;
            sizes = new long[tag.Length / 4];
            foreach (ref long size in sizes.AsSpan()) size = (int)reader.UInt32();
            reader.SkipPadding(tag);
            if (sizes.Any(size => size < 0))
                throw reader.Wrong(Invariant($"has a negative size before byte {reader.Position}{reader.Where}"));
        }

        if (!Expect(reader, Int8, 0, LongestName, end, out MatTag text)) return null;
        Span<byte> name = stackalloc byte[(int)text.Length];
        reader.Exactly(name);
        reader.SkipPadding(text);
        return new MatArray(kind, (flags & 0x800) != 0, sizes, Encoding.Latin1.GetString(name));
    }

    private static bool Expect(MatReader reader, int type, int least, int most, long end, out MatTag tag)
    {
        tag = reader.Tag();
        return tag.Type == type && tag.Length >= least && tag.Length <= most && reader.Position + tag.Length <= end;
    }
}
