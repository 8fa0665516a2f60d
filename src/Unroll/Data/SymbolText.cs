using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>A stretch of a text, stored as bytes: valid UTF-8, or bytes that are symbols themselves.</summary>
internal sealed class SymbolText
{
    /// <summary>The most bytes of one text.</summary>
    public const int MaximumBytes = 1 << 30;

    /// <summary>Symbols named in a refusal; the rest are counted.</summary>
    private const int MostNamed = 20;

    private const ushort Missing = ushort.MaxValue;
    private readonly byte[] _bytes;
    private readonly int _begin, _end;
    private readonly bool _byteEach;

    private SymbolText(byte[] bytes, int begin, int end, SymbolKind kind, bool byteEach)
    {
        (_bytes, _begin, _end, Kind, _byteEach) = (bytes, begin, end, kind, byteEach);
        Count = byteEach ? end - begin : CountScalars(Bytes);
    }

    /// <summary>What a symbol is.</summary>
    public SymbolKind Kind { get; }

    /// <summary>How many symbols the stretch has.</summary>
    public int Count { get; }

    private ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_begin, _end - _begin);

    /// <summary>Takes over bytes, checks that they are text and optionally trims lines.</summary>
    /// <exception cref="InvalidFileException">They are not UTF-8 where that is expected.</exception>
    public static SymbolText Of(byte[] bytes, int length, string file, SymbolKind kind, bool trimLines)
    {
        int begin = 0;
        if (kind == SymbolKind.Scalar)
        {
            ReadOnlySpan<byte> text = bytes.AsSpan(0, length);
            if (!Utf8.IsValid(text))
                throw new InvalidFileException(file, Invariant($"is not UTF-8 text at byte {TextBytes.FirstInvalid(text)}"));
            if (text.StartsWith("\uFEFF"u8)) begin = 3;
        }

        int end = trimLines ? TrimLines(ref bytes, begin, length) : length;
        bool single = kind == SymbolKind.Byte || Ascii.IsValid(bytes.AsSpan(begin, end - begin));
        return new SymbolText(bytes, begin, end, kind, single);
    }

    /// <summary>Whether another text has the same bytes.</summary>
    public bool HasSameBytes(SymbolText other) => Bytes.SequenceEqual(other.Bytes);

    /// <summary>Symbols [from, to) of the stretch.</summary>
    public SymbolText Slice(int from, int to)
    {
        int begin = Offset(_begin, from);
        return new SymbolText(_bytes, begin, Offset(begin, to - from), Kind, _byteEach);
    }

    /// <summary>How many times each symbol occurs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs once, so it would never be recompiled with optimization
    public SymbolTable CountSymbols()
    {
        var counts = new SymbolTable();
        if (_byteEach)
        {
            // Two tables, so that a repeated symbol does not wait for its own count.
            Span<int> even = stackalloc int[256], odd = stackalloc int[256];
            even.Clear();
            odd.Clear();
            ReadOnlySpan<byte> bytes = Bytes;
            int i = 0;
            for (; i + 1 < bytes.Length; i += 2)
            {
                even[bytes[i]]++;
                odd[bytes[i + 1]]++;
            }

            if (i < bytes.Length) even[bytes[i]]++;
            for (int symbol = 0; symbol < 256; symbol++)
            {
                if (even[symbol] + odd[symbol] is > 0 and int count) counts.At(symbol) = count;
            }
        }
        else
        {
            for (int at = _begin; at < _end;) counts.At(Next(ref at))++;
        }

        return counts;
    }

    /// <summary>
    /// The text as indices into an alphabet; null where the alphabet lacks a symbol and there is neither a replacement (an index,
    /// or -1) nor an unknown symbol that may be used.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs once, so it would never be recompiled with optimization
    public ushort[]? Encode(Alphabet alphabet, int replacement, bool strict = false)
    {
        ushort[] indices = GC.AllocateUninitializedArray<ushort>(Count);
        bool complete = true;
        Span<ushort> first = stackalloc ushort[256];
        for (int symbol = 0; symbol < 256; symbol++) first[symbol] = Index(symbol);
        if (_byteEach)
        {
            ReadOnlySpan<byte> bytes = Bytes;
            for (int i = 0; i < bytes.Length; i++) indices[i] = first[bytes[i]];
            return indices.AsSpan().Contains(Missing) ? null : indices;
        }

        for (int at = _begin, i = 0; at < _end; i++)
        {
            int symbol = Next(ref at);
            ushort index = symbol < 256 ? first[symbol] : Index(symbol);
            complete &= index != Missing;
            indices[i] = index;
        }

        return complete ? indices : null;

        ushort Index(int symbol) =>
            alphabet.IndexOf(symbol) is >= 0 and int known && !(strict && known == alphabet.Unknown) ? (ushort)known
                : replacement >= 0 ? (ushort)replacement : Missing;
    }

    /// <summary>
    /// The symbols that an alphabet lacks (also those that its unknown symbol stands for), each with its first position, as text;
    /// only the first few of many.
    /// </summary>
    public string DescribeMissing(Alphabet alphabet, int most = MostNamed)
    {
        var named = new List<string>();
        var seen = new HashSet<int>();
        for (int at = _begin; at < _end;)
        {
            int place = at, symbol = Next(ref at);
            int index = alphabet.IndexOf(symbol);
            if ((index >= 0 && index != alphabet.Unknown) || !seen.Add(symbol) || named.Count == most) continue;
            named.Add($"{Alphabet.Describe(Kind, symbol)} ({Place(place)})");
        }

        string rest = seen.Count > named.Count ? Invariant($" and {seen.Count - named.Count} more") : "";
        return string.Join(", ", named) + rest;
    }

    /// <summary>
    /// The position of a byte for a reader of the text, counted from 1 and from the beginning of the whole text.
    /// </summary>
    private string Place(int at)
    {
        ReadOnlySpan<byte> before = _bytes.AsSpan(0, at);
        if (Kind == SymbolKind.Byte) return Invariant($"byte {at + 1}");
        int line = before.LastIndexOf((byte)'\n') + 1, lines = before.Count((byte)'\n') + 1;
        int mark = line == 0 && before.StartsWith("\uFEFF"u8) ? 1 : 0; // a byte order mark, which is not a character of the text
        return Invariant($"line {lines}, character {CountScalars(before[line..]) + 1 - mark}");
    }

    /// <summary>The position of the byte that is this many symbols after another.</summary>
    private int Offset(int at, int symbols)
    {
        if (_byteEach) return at + symbols;
        for (; symbols > 0; symbols--) Next(ref at);
        return at;
    }

    private int Next(ref int at)
    {
        int symbol = _bytes[at];
        if (_byteEach || symbol < 128)
        {
            at++;
            return symbol;
        }

        Rune.DecodeFromUtf8(_bytes.AsSpan(at), out Rune rune, out int length);
        at += length;
        return rune.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs once, so it would never be recompiled with optimization
    private static int CountScalars(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8) count += (b & 0xC0) == 0x80 ? 0 : 1;
        return count;
    }

    /// <summary>
    /// Trims each line in place and returns the new end. The text can become longer only by a newline after the last line.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs once, so it would never be recompiled with optimization
    private static int TrimLines(ref byte[] bytes, int begin, int length)
    {
        int to = begin;
        for (int from = begin; from < length;)
        {
            int line = bytes.AsSpan(from, length - from).IndexOf((byte)'\n');
            int next = line < 0 ? length : from + line + 1, last = line < 0 ? length : from + line;
            while (from < last && IsBlank(bytes[from])) from++;
            while (last > from && IsBlank(bytes[last - 1])) last--;
            bytes.AsSpan(from, last - from).CopyTo(bytes.AsSpan(to));
            to += last - from;
            if (to == bytes.Length) Array.Resize(ref bytes, to + 1);
            bytes[to++] = (byte)'\n';
            from = next;
        }

        return to;

        static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r';
    }
}
