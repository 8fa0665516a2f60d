using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>The beginning of an array in a MATLAB 5 file: its class, its two sizes and its name.</summary>
internal readonly record struct MatArray(int Class, bool Complex, long Rows, long Columns, string Name)
{
    public const int Cell = 1;
    private const int FirstNumeric = 6, LastNumeric = 15, LongestName = 63;
    private const int Int8 = 1, Int32 = 5, UInt32 = 6;

    private static readonly string[] Classes =
        ["", "cells", "a structure", "an object", "text", "a sparse matrix", "doubles", "singles", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"];

    /// <summary>How many elements it has.</summary>
    public long Count => Rows * Columns;

    /// <summary>Whether it is a full matrix of real numbers (logical values are numbers of one byte).</summary>
    public bool IsReal => Class is >= FirstNumeric and <= LastNumeric && !Complex;

    /// <summary>What it is, for a message.</summary>
    public string Describe() => Class > 0 && Class < Classes.Length ? (Complex ? $"complex {Classes[Class]}" : Classes[Class]) : $"something of class {Class}";

    /// <summary>Reads flags, sizes and name.</summary>
    public static MatArray Read(MatReader reader, long end)
    {
        MatTag tag = Expect(reader, UInt32, 8, 8, end, "flags");
        uint flags = reader.UInt32();
        reader.UInt32();
        tag = Expect(reader, Int32, 8, 8, end, "two sizes");
        long rows = (int)reader.UInt32(), columns = (int)reader.UInt32();
        if (rows < 0 || columns < 0) throw reader.Wrong($"has a negative size before byte {reader.Position}{reader.Where}");
        tag = Expect(reader, Int8, 0, LongestName, end, "a name");
        Span<byte> name = stackalloc byte[(int)tag.Length];
        reader.Exactly(name);
        reader.SkipPadding(tag);
        return new MatArray((int)(flags & 255), (flags & 0x800) != 0, rows, columns, Encoding.Latin1.GetString(name));
    }

    private static MatTag Expect(MatReader reader, int type, int least, int most, long end, string what)
    {
        long at = reader.Position;
        MatTag tag = reader.Tag();
        if (tag.Type != type || tag.Length < least || tag.Length > most || reader.Position + tag.Length > end)
            throw reader.Wrong($"has an element of type {tag.Type} with {tag.Length} bytes at byte {at}{reader.Where}, where an array's {what} are expected");
        return tag;
    }
}

/// <summary>
/// The zeros and ones of one matrix, column after column as the file has them, one bit each. They are gathered here, and only when all have
/// been read does the piano roll take its memory; a claim alone takes none.
/// </summary>
internal sealed class MatBits
{
    private ulong[] _bits = new ulong[1024];
    private long _count;

    /// <summary>Reads a matrix's numbers.</summary>
    public void Read(MatReader reader, MatArray array, string name, long end)
    {
        long at = reader.Position;
        MatTag tag = reader.Tag();
        int size = SizeOf(tag.Type);
        if (size == 0) throw reader.Wrong($"has data of type {tag.Type} in {name}, at byte {at}{reader.Where}");
        if (tag.Length != array.Count * size || reader.Position + tag.Length > end)
            throw reader.Wrong($"has {tag.Length} bytes of data in {name}, where {array.Rows} x {array.Columns} numbers take {array.Count * size}");
        _count = 0;
        ulong one = One(tag.Type, reader.BigEndian);
        Span<byte> number = stackalloc byte[8];
        if (size == 1) ReadBytes(reader, name, array);
        else
        {
            for (long left = array.Count; left > 0; left--)
            {
                number.Clear();
                reader.Exactly(number[..size]);
                ulong value = BinaryPrimitives.ReadUInt64LittleEndian(number);
                if (value != 0 && value != one) throw Value(reader, name, array);
                Add(value != 0);
            }
        }

        reader.SkipPadding(tag);
    }

    /// <summary>The matrix as a piano roll.</summary>
    public PianoRoll ToRoll(string name, int steps)
    {
        var roll = new PianoRoll(name, steps);
        int words = (int)((_count + 63) / 64);
        for (int w = 0; w < words; w++)
        {
            for (ulong word = _bits[w]; word != 0; word &= word - 1)
            {
                long index = ((long)w * 64) + BitOperations.TrailingZeroCount(word);
                roll[(int)(index % steps), (int)(index / steps)] = true;
            }
        }

        return roll;
    }

    private void ReadBytes(MatReader reader, string name, MatArray array)
    {
        for (long left = array.Count; left > 0;)
        {
            ReadOnlySpan<byte> some = reader.Some(left);
            left -= some.Length;
            foreach (byte value in some)
            {
                if (value > 1) throw Value(reader, name, array);
                Add(value != 0);
            }
        }
    }

    private void Add(bool bit)
    {
        int word = (int)(_count >> 6), place = (int)(_count & 63);
        if (place == 0)
        {
            if (word == _bits.Length) Array.Resize(ref _bits, _bits.Length * 2);
            _bits[word] = 0;
        }

        if (bit) _bits[word] |= 1UL << place;
        _count++;
    }

    private InvalidFileException Value(MatReader reader, string name, MatArray array) =>
        reader.Wrong($"has a number other than 0 and 1 in {name}, at step {(_count % array.Rows) + 1}, key {(_count / array.Rows) + 1}");

    private static int SizeOf(int type) => type switch
    {
        1 or 2 => 1,
        3 or 4 => 2,
        5 or 6 or 7 => 4,
        9 or 12 or 13 => 8,
        _ => 0,
    };

    /// <summary>The bytes of a 1, read as one little-endian number.</summary>
    private static ulong One(int type, bool bigEndian)
    {
        int size = SizeOf(type);
        ulong one = type switch
        {
            7 => BitConverter.SingleToUInt32Bits(1f),
            9 => BitConverter.DoubleToUInt64Bits(1),
            _ => 1UL,
        };
        return bigEndian ? BinaryPrimitives.ReverseEndianness(one) >> (64 - (8 * size)) : one;
    }
}
