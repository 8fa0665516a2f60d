using System.Buffers.Binary;
using System.Text;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>
/// Reads the pickle of protocol 2 to 5 inside a file of torch.save, as far as it is tensors and data. Names of Python are
/// compared with those in <see cref="TorchCalls"/> and never looked up: nothing that a file says is executed, and what is not on
/// that list is refused by name.
/// </summary>
/// <remarks>Every instruction takes at least one byte and makes at most one object, so time and memory follow the pickle's
/// length.</remarks>
internal sealed class TorchPickle
{
    private readonly byte[] _bytes;
    private readonly string _file;
    private readonly List<object> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<long, object> _memo = [];
    private readonly TorchCalls _calls;
    private int _at;

    private TorchPickle(byte[] bytes, string file) => (_bytes, _file, _calls) = (bytes, file, new TorchCalls(file, bytes.Length));

    /// <summary>
    /// What a pickle holds: text, whole number, <see cref="TorchView"/>, <see cref="PickleDictionary"/>, list of object,
    /// <see cref="PickleTuple"/> or <see cref="PickleOther"/>.
    /// </summary>
    /// <exception cref="InvalidFileException">It is damaged, or more than data.</exception>
    public static object Read(byte[] bytes, string file) => new TorchPickle(bytes, file).Run();

    private object Run()
    {
        while (true)
        {
            int at = _at, code = Byte();
            switch (code)
            {
                case '.':
                    return _stack.Count == 1 && _marks.Count == 0 ? _stack[0]
                    : throw Wrong("it leaves more or less than one object", at);
                case 0x80:
                    if (Byte() is var protocol and (< 2 or > 5)) throw Wrong(
                    $"it is of protocol {protocol}, where 2 to 5 are read", at); break;
                case 0x95: Bytes(8); break; // a frame's length
                case '(': _marks.Push(_stack.Count); break;
                case '0': Drop(at); break;
                case '1': PopMark(at); break;
                case '2': Push(Peek(at)); break;
                case 'N' or 0x88 or 0x89: Push(PickleOther.Value); break;
                case 'K': Push((long)Byte()); break;
                case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
                case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;
                case 0x8A: Push(Number(Bytes(Byte()))); break;
                case 0x8B: Push(Number(Bytes(Count4(at)))); break;
                case 'G': Bytes(8); Push(PickleOther.Value); break;
                case 'X': Push(Text(Bytes(Count4(at)), at)); break;
                case 0x8C: Push(Text(Bytes(Byte()), at)); break;
                case 0x8D: Push(Text(Bytes(Count8(at)), at)); break;
                case 'C' or 'U': Bytes(Byte()); Push(PickleOther.Value); break;
                case 'B' or 'T': Bytes(Count4(at)); Push(PickleOther.Value); break;
                case 0x8E or 0x96: Bytes(Count8(at)); Push(PickleOther.Value); break;
                case ']': Push(new List<object>()); break;
                case '}': Push(new PickleDictionary()); break;
                case ')': Push(new PickleTuple([])); break;
                case 't': Push(new PickleTuple(PopMark(at))); break;
                case 0x85 or 0x86 or 0x87: Push(new PickleTuple(PopLast(code - 0x84, at))); break;
                case 'a': Append(PopLast(1, at), at); break;
                case 'e': Append(PopMark(at), at); break;
                case 's': SetItems(PopLast(2, at), at); break;
                case 'u': SetItems(PopMark(at), at); break;
                case 'q': _memo[Byte()] = Peek(at); break;
                case 'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek(at); break;
                case 0x94: _memo[_memo.Count] = Peek(at); break;
                case 'h': Push(Recall(Byte(), at)); break;
                case 'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)), at)); break;
                case 'c': Push(_calls.Name(Line(at), Line(at), InDictionary)); break;
                case 0x93: Push(NameOf(PopLast(2, at), at)); break;
                case 'Q': Push(_calls.Storage(PopLast(1, at)[0])); break;
                case 'R': Call(PopLast(2, at), at); break;
                case 'b': Build(PopLast(1, at)[0], at); break;
                default: throw Wrong($"it has the instruction 0x{code:X2}, which no weights need", at);
            }
        }
    }

    /// <summary>
    /// Whether the outermost object is a dictionary: a checkpoint that something else lies in, rather than a module.
    /// </summary>
    private bool InDictionary => _stack.Count > 0 && _stack[0] is PickleDictionary;

    private object NameOf(object[] parts, int at) => parts is [string module, string name]
        ? _calls.Name(module, name, InDictionary) : throw Wrong("it names something without a text", at);

    private void Call(object[] call, int at)
    {
        if (call[0] is not PickleName name || call[1] is not PickleTuple arguments)
            throw Wrong("it calls something that is no name", at);
        Push(_calls.Call(name, arguments.Items));
    }

    /// <summary>The attributes of a state dict (its versions) are of no use here; nothing else has any.</summary>
    private void Build(object state, int at)
    {
        if (Peek(at) is not PickleDictionary || state is not (PickleDictionary or PickleTuple))
            throw Wrong("it sets attributes of something that is no dictionary", at);
    }

    private void Append(object[] items, int at)
    {
        if (Peek(at) is not List<object> list) throw Wrong("it appends to something that is no list", at);
        list.AddRange(items);
    }

    private void SetItems(object[] items, int at)
    {
        if (Peek(at) is not PickleDictionary dictionary) throw Wrong("it sets items of something that is no dictionary", at);
        if (items.Length % 2 != 0) throw Wrong("it has a key without a value", at);
        for (int i = 0; i < items.Length; i += 2) dictionary.Items.Add(new(items[i], items[i + 1]));
    }

    private void Push(object item) => _stack.Add(item);

    /// <summary>Objects above the last mark, which instructions other than those for marks must not pass.</summary>
    private int Free => _stack.Count - (_marks.Count > 0 ? _marks.Peek() : 0);

    private object Peek(int at) => Free > 0 ? _stack[^1] : throw Wrong("it takes an object where there is none", at);

    private void Drop(int at)
    {
        if (Free > 0) _stack.RemoveAt(_stack.Count - 1);
        else PopMark(at);
    }

    private object[] PopMark(int at)
    {
        if (_marks.Count == 0) throw Wrong("it ends a sequence that has no beginning", at);
        return Take(_stack.Count - _marks.Pop());
    }

    private object[] PopLast(int count, int at) =>
        Free >= count ? Take(count) : throw Wrong("it takes an object where there is none", at);

    private object[] Take(int count)
    {
        object[] items = [.. _stack.GetRange(_stack.Count - count, count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private object Recall(long index, int at) =>
        _memo.TryGetValue(index, out object? item) ? item : throw Wrong("it recalls an object that was not remembered", at);

    /// <summary>A number of more than 64 bits, such as the state of a random generator. Weights need none.</summary>
    private static object Number(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8) return PickleOther.Value;
        long number = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--) number = (number << 8) | bytes[i];
        return number;
    }

    private string Text(ReadOnlySpan<byte> bytes, int at) => System.Text.Unicode.Utf8.IsValid(bytes)
        ? Encoding.UTF8.GetString(bytes) : throw Wrong("it has a text that is not UTF-8", at);

    private string Line(int at)
    {
        int end = _bytes.AsSpan(_at).IndexOf((byte)'\n');
        if (end < 0) throw Early();
        string line = Text(Bytes(end), at);
        _at++;
        return line;
    }

    private int Count4(int at) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)) is var count and >= 0 ? count
        : throw Wrong("it has a negative length", at);

    private int Count8(int at) => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)) is var count && count >= 0
        && count <= _bytes.Length ? (int)count : throw Wrong("it has a text longer than itself", at);

    private int Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Early();

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _bytes.Length - _at) throw Early();
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private InvalidFileException Early() => new(_file, $"holds a damaged pickle: it ends too early, at byte {_bytes.Length}");

    private InvalidFileException Wrong(string problem, int at) => new(_file, $"holds a damaged pickle: {problem}, at byte {at}");
}
