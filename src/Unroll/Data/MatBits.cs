using System.Buffers.Binary;
using System.Numerics;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// The zeros and ones of one array, column after column as the file has them, one bit each. The piano rolls are allocated only
/// after all bits have been read, so that a length claimed by a file allocates nothing by itself.
/// </summary>
internal sealed class MatBits
{
    private ulong[] _bits = new ulong[1024];
    private long _count;

    /// <summary>Reads an array's numbers.</summary>
    public void Read(MatReader reader, MatArray array, string name, long end)
    {
        _count = 0;
        Append(reader, array, name, end);
    }

    /// <summary>Discards the bits read so far.</summary>
    public void Clear() => _count = 0;

    /// <summary>Reads an array's numbers after those of the arrays before.</summary>
    public void Append(MatReader reader, MatArray array, string name, long end)
    {
        MatNumbers numbers = MatNumbers.Begin(reader, array.Count, name, array.Shape(), end);
        long first = _count;
        if (numbers.Size == 1)
        {
            for (long left = array.Count; left > 0;)
            {
                ReadOnlySpan<byte> some = reader.Some(left);
                left -= some.Length;
                foreach (byte value in some)
                {
                    if (value > 1) throw Value(reader, name, array, _count - first);
                    Add(value != 0);
                }
            }
        }
        else
        {
            for (long left = array.Count; left > 0; left--)
                Add(numbers.Next(reader) ?? throw Value(reader, name, array, _count - first));
        }

        reader.SkipPadding(numbers.Tag);
    }

    /// <summary>Converts the bits read to piano rolls.</summary>
    /// <param name="name">The name of each piece.</param>
    /// <param name="pieces">The number of pieces.</param>
    /// <param name="steps">The steps of each.</param>
    /// <param name="lead">Whether the piece is the first index of the array (pieces x steps x keys) and not the last (steps x
    /// keys x pieces).</param>
    public PianoRoll[] ToRolls(Func<int, string> name, int pieces, int steps, bool lead)
    {
        PianoRoll[] rolls = [.. Enumerable.Range(0, pieces).Select(piece => new PianoRoll(name(piece), steps))];
        int words = (int)((_count + 63) / 64);
        for (int w = 0; w < words; w++)
        {
            for (ulong word = _bits[w]; word != 0; word &= word - 1)
            {
                long index = ((long)w * 64) + BitOperations.TrailingZeroCount(word), first = index;
                if (lead) index /= pieces;
                int step = (int)(index % steps), key = (int)(index / steps % PianoRoll.Keys);
                rolls[lead ? first % pieces : index / steps / PianoRoll.Keys][step, key] = true;
            }
        }

        return rolls;
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

    private static InvalidFileException Value(MatReader reader, string name, MatArray array, long index)
    {
        string where = array.Sizes.Length == 2
            ? Invariant($"step {(index % array.Sizes[0]) + 1}, key {(index / array.Sizes[0]) + 1}")
            : Invariant($"element {index + 1}");
        return reader.Wrong($"has a number other than 0 and 1 in {name}, at {where}");
    }
}

/// <summary>The numbers of an array, of any type, that are read as zeros and ones.</summary>
/// <param name="Tag">The tag before the numbers.</param>
/// <param name="Size">The bytes of each.</param>
/// <param name="One">The bytes of a 1, read as one little-endian number.</param>
internal readonly record struct MatNumbers(MatTag Tag, int Size, ulong One)
{
    /// <summary>Reads the tag before an array's numbers.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="count">How many numbers there must be.</param>
    /// <param name="name">The name of the array, for messages.</param>
    /// <param name="shape">The sizes of the array, for messages.</param>
    /// <param name="end">The position after the array's last byte.</param>
    public static MatNumbers Begin(MatReader reader, long count, string name, string shape, long end)
    {
        long at = reader.Position;
        MatTag tag = reader.Tag();
        MatNumbers numbers = Of(reader, tag, name, at, end);
        if (tag.Length / numbers.Size != count || tag.Length % numbers.Size != 0)
            throw reader.Wrong(
                Invariant($"has {Counted.Of(tag.Length, "byte")} of data in {name}, ")
                    + Invariant($"where {shape} numbers take {Counted.Of(numbers.Size, "byte")} each"));
        return numbers;
    }

    /// <summary>What a tag says about the numbers that follow it.</summary>
    public static MatNumbers Of(MatReader reader, MatTag tag, string name, long at, long end)
    {
        int size = SizeOf(tag.Type);
        if (size == 0) throw reader.Wrong(Invariant($"has data of type {tag.Type} in {name}, at byte {at}{reader.Where}"));
        if (reader.Position + tag.Length > end)
            throw reader.Wrong($"has {Counted.Of(tag.Length, "byte")} of data in {name}, which is more than its array has");
        return new MatNumbers(tag, size, OneOf(tag.Type, size, reader.BigEndian));
    }

    /// <summary>The next number as a bit; null if the number is neither 0 nor 1.</summary>
    public bool? Next(MatReader reader)
    {
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        reader.Exactly(number[..Size]);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(number);
        return value == 0 ? false : value == One ? true : null;
    }

    private static int SizeOf(int type) => type switch
    {
        1 or 2 => 1,
        3 or 4 => 2,
        5 or 6 or 7 => 4,
        9 or 12 or 13 => 8,
        _ => 0,
    };

    private static ulong OneOf(int type, int size, bool bigEndian)
    {
        ulong one = type switch
        {
            7 => BitConverter.SingleToUInt32Bits(1f),
            9 => BitConverter.DoubleToUInt64Bits(1),
            _ => 1UL,
        };
        return bigEndian ? BinaryPrimitives.ReverseEndianness(one) >> (64 - (8 * size)) : one;
    }
}
