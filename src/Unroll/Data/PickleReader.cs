using System.Buffers.Binary;
using System.Globalization;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads a Python pickle of protocol 0 to 5 as far as it is data: numbers, texts, bytes, lists, tuples, sets, dictionaries, and
/// the numbers and arrays of NumPy (<see cref="PickleObjects"/>). Nothing is looked up and nothing is called, so a file cannot
/// execute anything. Other names are refused with their position.
/// </summary>
internal sealed class PickleReader
{
    private const int LatestProtocol = 5;

    private static readonly object Mark = new(), Nothing = new(), True = true, False = false;

    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly string _file;
    private readonly List<object> _stack = [];
    private readonly Dictionary<int, object> _memo = [];
    private readonly Dictionary<long, object> _numbers = [];
    private readonly PickleObjects _objects;
    private int _at;

    private PickleReader(byte[] bytes, int length, string file) =>
        (_bytes, _length, _file, _objects) = (bytes, length, file, new PickleObjects(length));

    /// <summary>
    /// The object a pickle holds: long, double, bool, string, byte[], List of object (lists, tuples, sets), Dictionary of string
    /// and object, or <see cref="PickleArray"/>.
    /// </summary>
    /// <exception cref="InvalidFileException">The file is damaged or contains more than data.</exception>
    public static object Read(byte[] bytes, int length, string file) => new PickleReader(bytes, length, file).Run();

    private object Run()
    {
        while (true)
        {
            int at = _at, code = Byte();
            switch (code)
            {
                case '.': return _stack.Count == 1 ? Pop() : throw Wrong("leaves more or less than one object", at);
                case 0x80 when Byte() <= LatestProtocol: break;
                case 0x80: throw Wrong($"is a pickle of protocol {_bytes[at + 1]}, where 0 to {LatestProtocol} are read");
                case 0x95: Bytes(8); break; // a frame: its content follows in the file anyway
                case 0x98: Peek(at); break; // makes a buffer read-only
                case '(': Push(Mark); break;
                case '0': Pop(); break;
                case '1': PopMark(at); break;
                case '2': Push(Peek(at)); break;
                case 'N': Push(Nothing); break;
                case 0x88: Push(True); break;
                case 0x89: Push(False); break;
                case 'I' or 'L': Push(Number(Line(), at)); break;
                case 'J': Push(Boxed(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)))); break;
                case 'K': Push(Boxed(Byte())); break;
                case 'M': Push(Boxed(BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)))); break;
                case 0x8A: Push(Boxed(Long(Bytes(Byte()), at))); break;
                case 0x8B: Push(Boxed(Long(Bytes(Length()), at))); break;
                case 'F': Push(Fraction(Line(), at)); break;
                case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
                case 'S': Push(PickleText.Quoted(Line()) ?? throw Wrong("has a text without quotes", at)); break;
                case 'V': Push(PickleText.Escaped(Line())); break;
                case 'U': Push(PickleText.Latin(Bytes(Byte()))); break;
                case 'T': Push(PickleText.Latin(Bytes(Length()))); break;
                case 'X': Push(PickleText.Utf8(Bytes(Length()))); break;
                case 0x8C: Push(PickleText.Utf8(Bytes(Byte()))); break;
                case 0x8D: Push(PickleText.Utf8(Bytes(LongLength(at)))); break;
                case 'C': Push(Bytes(Byte()).ToArray()); break;
                case 'B': Push(Bytes(Length()).ToArray()); break;
                case 0x8E or 0x96: Push(Bytes(LongLength(at)).ToArray()); break;
                case ']' or ')' or 0x8F: Push(new List<object>()); break;
                case '}': Push(new Dictionary<string, object>(StringComparer.Ordinal)); break;
                case 'l' or 't' or 0x91: Push(PopMark(at)); break;
                case 0x85 or 0x86 or 0x87: Push(PopLast(code - 0x84, at)); break;
                case 'd': Push(Fill(new Dictionary<string, object>(StringComparer.Ordinal), PopMark(at), at)); break;
                case 'a': Append([Pop()], at); break;
                case 'e' or 0x90: Append(PopMark(at), at); break;
                case 's': SetItems(PopLast(2, at), at); break;
                case 'u': SetItems(PopMark(at), at); break;
                case 'p': Remember(Index(Line(), at), at); break;
                case 'q': Remember(Byte(), at); break;
                case 'r': Remember(Length(), at); break;
                case 0x94: Remember(_memo.Count, at); break;
                case 'g': Push(Recall(Index(Line(), at), at)); break;
                case 'h': Push(Recall(Byte(), at)); break;
                case 'j': Push(Recall(Length(), at)); break;
                case 'c': Push(Named(PickleText.Latin(Line()), PickleText.Latin(Line()), code, at)); break;
                case 0x93 or 'R' or 'b' when _stack.Count < 2: throw Refuse(code, at);
                case 0x93:
                    List<object> names = PopLast(2, at);
                    Push(Named(names[0] as string, names[1] as string, code, at));
                    break;
                case 'R':
                    List<object> call = PopLast(2, at);
                    Push(call is [PickleName name, List<object> arguments] && _objects.Make(name, arguments) is { } made ? made
                        : throw Refuse(code, at));
                    break;
                case 'b':
                    object state = Pop();
                    if (!_objects.Build(Peek(at), state)) throw Refuse(code, at);
                    break;
                default: throw Refuse(code, at);
            }
        }
    }

    /// <summary>One of the few names that are read.</summary>
    private object Named(string? module, string? name, int code, int at) =>
        PickleObjects.Named(module ?? "", name ?? "") is { } known ? known : throw Refuse(code, at, $"{module}.{name}");

    private InvalidFileException Refuse(int code, int at, string called = "") => Name(code) is { } name
        ? Wrong(
            Invariant($"has the pickle instruction {name} at byte {at}{Shown(called)}, ")
                + "where only lists, numbers and arrays of NumPy are read and nothing is executed")
        : Wrong(Invariant($"has no pickle instruction at byte {at} but 0x{code:X2}"));

    /// <summary>A name from the file, if it looks like one.</summary>
    private static string Shown(string name) =>
        name.Length is > 1 and < 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_') ? $" ({name})" : "";

    /// <summary>The instructions that name, make or call something, for messages.</summary>
    private static string? Name(int code) => code switch
    {
        'c' => "GLOBAL",
        'R' => "REDUCE",
        'b' => "BUILD",
        'i' => "INST",
        'o' => "OBJ",
        'P' => "PERSID",
        'Q' => "BINPERSID",
        0x81 => "NEWOBJ",
        0x82 => "EXT1",
        0x83 => "EXT2",
        0x84 => "EXT4",
        0x92 => "NEWOBJ_EX",
        0x93 => "STACK_GLOBAL",
        0x97 => "NEXT_BUFFER",
        _ => null,
    };

    private void Append(List<object> items, int at)
    {
        if (Peek(at) is not List<object> list) throw Wrong("appends to something that is no list", at);
        list.AddRange(items);
    }

    private void SetItems(List<object> items, int at)
    {
        if (Peek(at) is not Dictionary<string, object> dictionary)
            throw Wrong("sets items of something that is no dictionary", at);
        Fill(dictionary, items, at);
    }

    private Dictionary<string, object> Fill(Dictionary<string, object> dictionary, List<object> items, int at)
    {
        if (items.Count % 2 != 0) throw Wrong("has a key without a value", at);
        for (int i = 0; i < items.Count; i += 2)
        {
            string key = items[i] switch
            {
                string text => text,
                byte[] bytes => PickleText.Latin(bytes),
                long number => number.ToString(CultureInfo.InvariantCulture),
                _ => throw Wrong("has a key that is no text", at),
            };
            dictionary[key] = items[i + 1];
        }

        return dictionary;
    }

    private void Push(object item) => _stack.Add(item);

    private object Pop()
    {
        object item = Peek(_at - 1);
        _stack.RemoveAt(_stack.Count - 1);
        return item;
    }

    private object Peek(int at) =>
        _stack.Count > 0 && !ReferenceEquals(_stack[^1], Mark)
            ? _stack[^1]
            : throw Wrong("takes an object where there is none", at);

    private List<object> PopMark(int at)
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0) throw Wrong("ends a sequence that has no beginning", at);
        List<object> items = _stack.GetRange(mark + 1, _stack.Count - mark - 1);
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private List<object> PopLast(int count, int at)
    {
        if (_stack.Count < count || _stack.LastIndexOf(Mark, _stack.Count - 1, count) >= 0)
            throw Wrong("takes an object where there is none", at);
        List<object> items = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private void Remember(int index, int at) => _memo[index] = Peek(at);

    private object Recall(int index, int at) =>
        _memo.TryGetValue(index, out object? item) ? item : throw Wrong("recalls an object that was not remembered", at);

    private object Boxed(long number)
    {
        if (number is < 0 or > 255) return number;
        if (!_numbers.TryGetValue(number, out object? boxed)) _numbers[number] = boxed = number;
        return boxed;
    }

    private object Fraction(ReadOnlySpan<byte> line, int at) =>
        double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
            : throw Wrong("has something that is no number", at);

    private object Number(ReadOnlySpan<byte> line, int at)
    {
        if (line.EndsWith("L"u8)) line = line[..^1];
        return long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? Boxed(number)
            : throw Wrong("has something that is no whole number", at);
    }

    private long Long(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes.Length > 8) throw Wrong("has a number that is too large", at);
        long number = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--) number = (number << 8) | bytes[i];
        return number;
    }

    private int Index(ReadOnlySpan<byte> line, int at) =>
        int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : throw Wrong("has something that is no index", at);

    private ReadOnlySpan<byte> Line()
    {
        int end = _bytes.AsSpan(_at, _length - _at).IndexOf((byte)'\n');
        if (end < 0) throw Early();
        ReadOnlySpan<byte> line = Bytes(end);
        _at++;
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private int Length()
    {
        int at = _at, length = BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));
        return length >= 0 ? length : throw Wrong("has a negative length", at);
    }

    private int LongLength(int at)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));
        return length <= int.MaxValue ? (int)length : throw Wrong("has a length beyond its end", at);
    }

    private int Byte() => _at < _length ? _bytes[_at++] : throw Early();

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _length - _at) throw Early();
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private InvalidFileException Early() => new(_file, Invariant($"ends too early: its pickle goes on at byte {_length}"));

    private InvalidFileException Wrong(string problem, int at) => new(_file,
        Invariant($"is a damaged pickle: it {problem}, at byte {at}"));

    private InvalidFileException Wrong(string problem) => new(_file, problem);
}
