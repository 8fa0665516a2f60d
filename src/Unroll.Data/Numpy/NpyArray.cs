using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Unroll.Files;

namespace Unroll.Data.Numpy;

/// <summary>An array of NumPy, its numbers as floats in the order of C, or its texts.</summary>
/// <param name="Shape">The sizes of its dimensions.</param>
/// <param name="Numbers">Its numbers; empty where it has texts.</param>
/// <param name="Texts">Its texts; null where it has numbers.</param>
/// <param name="IsWhole">Whether it is of whole numbers.</param>
/// <param name="Rounded">The first whole number that no float is equal to; null where there is none.</param>
internal sealed partial record NpyArray(int[] Shape, float[] Numbers, string[]? Texts, bool IsWhole, Int128? Rounded)
{
    private const int MostHeader = 1 << 20;
    private const int Chunk = 1 << 20;
    private const float LeastRounded = 1 << 24;

    /// <summary>Reads one array to the end of its stream.</summary>
    /// <exception cref="InvalidFileException">It is none, has other bytes than its header says, or a kind of values that is not
    /// read.</exception>
    public static NpyArray Read(Stream stream, string name)
    {
        byte[] start = Exactly(stream, 8, name);
        if (!start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x93, .. "NUMPY"u8]))
            throw new InvalidFileException(name, "is no array of NumPy (.npy): it does not begin as one");
        if (start[6] is < 1 or > 3) throw new InvalidFileException(name,
            Invariant($"is of version {start[6]} of .npy; versions 1 to 3 are read"));
        byte[] size = Exactly(stream, start[6] == 1 ? 2 : 4, name);
        uint length = size.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size)
            : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > MostHeader) throw new InvalidFileException(name,
            Invariant($"says that its header has {length} bytes; at most {MostHeader} are read"));
        string header = Encoding.UTF8.GetString(Exactly(stream, (int)length, name));
        Match type = Type().Match(header), order = Order().Match(header), shape = ShapeText().Match(header);
        if (!type.Success || !order.Success || !shape.Success)
            throw new InvalidFileException(name,
                "has a header that is not understood; arrays of numbers or texts are read, not records or objects");
        int[] sizes = Sizes(shape.Groups[1].Value, name, out long count);
        return Values(stream, name, type.Groups[1].Value, sizes, count, order.Groups[1].Value == "True");
    }

    private static int[] Sizes(string text, string name, out long count)
    {
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var sizes = new int[parts.Length];
        count = 1;
        for (int d = 0; d < parts.Length; d++)
        {
            if (!int.TryParse(parts[d], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[d])
                || (count *= sizes[d]) > Array.MaxLength)
                throw new InvalidFileException(name, $"says that it has the shape ({text}), which is none that is read");
        }

        return sizes;
    }

    private static NpyArray Values(Stream stream, string name, string type, int[] shape, long count, bool columns)
    {
        bool swapped = type[0] == '>';
        string kind = type.TrimStart('<', '>', '=', '|');
        int size = kind[0] is 'U' or 'S' ? Size(kind[1..], name, kind[0] == 'U' ? 4 : 1) : kind switch
        {
            "f2" or "i2" or "u2" => 2,
            "f4" or "i4" or "u4" => 4,
            "f8" or "i8" or "u8" => 8,
            "i1" or "u1" or "b1" => 1,
            _ => throw new InvalidFileException(name,
                $"has values of the kind '{type}'; whole and real numbers, booleans and texts are read"),
        };
        if (stream.CanSeek && stream.Length - stream.Position != count * size) throw Wrong(stream.Length - stream.Position);
        bool texts = kind[0] is 'U' or 'S';
        var numbers = texts ? null : new GrowingValues<float>(count);
        var words = texts ? new GrowingValues<string>(count) : null;
        Int128? rounded = null;
        byte[] buffer = new byte[(int)Math.Min(Math.Max(size, Chunk / size * size), Math.Max(1, count * size))];
        for (long done = 0; done < count;)
        {
            int some = (int)Math.Min(buffer.Length / size, count - done);
            int read = stream.ReadAtLeast(buffer.AsSpan(0, some * size), some * size, throwOnEndOfStream: false);
            if (read < some * size) throw Wrong((done * size) + read);
            for (int i = 0; i < some; i++)
            {
                Span<byte> one = buffer.AsSpan(i * size, size);
                if (texts)
                {
                    words!.Add(kind[0] == 'U' ? Utf32(one, swapped, name) : Encoding.Latin1.GetString(one.TrimEnd((byte)0)));
                    continue;
                }

                if (swapped) one.Reverse();
                float number = Number(kind, one, name, done + i);
                numbers!.Add(number);
                if (kind[0] is 'i' or 'u' && Math.Abs(number) >= LeastRounded && Whole(kind, one) is var whole
                    && (Int128)number != whole) rounded ??= whole;
            }

            done += some;
        }

        if (stream.ReadByte() >= 0) throw Wrong((count * size) + 1);
        float[] values = numbers?.ToArray() ?? [];
        string[]? labels = words?.ToArray();
        if (columns && shape.Length > 1) (values, labels) =
            (InOrder(values, shape), labels is null ? null : InOrder(labels, shape));
        return new NpyArray(shape, values, labels, kind[0] is 'i' or 'u' or 'b', rounded);

        InvalidFileException Wrong(long bytes) => new(name,
            Invariant($"has {(bytes > count * size ? "more bytes" : Invariant($"{bytes} bytes"))} of values where its shape ")
                + Invariant($"({string.Join(", ", shape)}) needs {count * size}; it may be cut off"));
    }

    private static int Size(string digits, string name, int each) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int letters)
        && letters is > 0 and <= 10_000 ? letters * each
            : throw new InvalidFileException(name, "has texts of a length that is not read");

    private static string Utf32(Span<byte> bytes, bool swapped, string name)
    {
        var text = new StringBuilder();
        foreach (uint code in MemoryMarshal.Cast<byte, uint>(bytes))
        {
            uint letter = swapped ? BinaryPrimitives.ReverseEndianness(code) : code;
            if (letter == 0) break;
            if (!Rune.IsValid(letter)) throw new InvalidFileException(name, "has a text with a letter that is none");
            text.Append(new Rune(letter).ToString());
        }

        return text.ToString();
    }

    private static float Number(string kind, ReadOnlySpan<byte> bytes, string name, long place)
    {
        double value = kind switch
        {
            "f4" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            "f8" => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            "f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
            "i1" => (sbyte)bytes[0],
            "u1" or "b1" => bytes[0],
            "i2" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            "u2" => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            "i4" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            "u4" => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            "i8" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        float single = (float)value;
        return !float.IsInfinity(single) ? single
            : throw new InvalidFileException(name, Invariant(
                $"has an infinite value, or one too large, at place {place}; use NaN for a missing value"));
    }

    private static Int128 Whole(string kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        "i4" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "u4" => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        "i8" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes), // fewer bytes are never rounded
    };

    /// <summary>From the order of Fortran, the first index fastest, to that of C.</summary>
    private static T[] InOrder<T>(T[] values, int[] shape)
    {
        var sorted = new T[values.Length];
        var index = new int[shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int place = 0;
            for (int d = 0; d < shape.Length; d++) place = (place * shape[d]) + index[d];
            sorted[place] = values[i];
            for (int d = 0; d < shape.Length && ++index[d] == shape[d]; d++) index[d] = 0;
        }

        return sorted;
    }

    private static byte[] Exactly(Stream stream, int count, string name)
    {
        byte[] bytes = new byte[count];
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes
            : throw new InvalidFileException(name, "is no array of NumPy (.npy): it is too short");
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([<>=|]?[a-zA-Z]\d{1,6})'")]
    private static partial Regex Type();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex Order();

    [GeneratedRegex(@"'shape'\s*:\s*\(([\d,\s]{0,400})\)")]
    private static partial Regex ShapeText();

    /// <summary>Values as they come: room is made for what was read, not for what a header says.</summary>
    private sealed class GrowingValues<T>(long most)
    {
        private T[] _values = new T[Math.Min(most, Chunk)];
        private int _count;

        public void Add(T value)
        {
            if (_count == _values.Length) Array.Resize(ref _values, (int)Math.Min(Math.Max(_values.Length * 2L, 16), most));
            _values[_count++] = value;
        }

        public T[] ToArray()
        {
            if (_count < _values.Length) Array.Resize(ref _values, _count);
            return _values;
        }
    }
}
