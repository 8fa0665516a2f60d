using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>What one symbol of a text is.</summary>
public enum SymbolKind
{
    /// <summary>A Unicode scalar value (text in UTF-8).</summary>
    Scalar,

    /// <summary>A byte, whatever it means.</summary>
    Byte,
}

/// <summary>The symbols of a text, in the order of their code points, and optionally an unknown symbol for all others.</summary>
public sealed class Alphabet : IEquatable<Alphabet>
{
    /// <summary>The most symbols.</summary>
    public const int MaximumSymbols = ushort.MaxValue;

    private readonly int[] _symbols;
    private readonly Dictionary<int, ushort> _index = [];

    /// <summary>An alphabet of these symbols.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="symbols">Their code points or bytes; any order, each once.</param>
    /// <param name="hasUnknown">Whether one more symbol, the last, stands for all others.</param>
    /// <exception cref="ArgumentException">There are no symbols or too many, one occurs twice, or one is not a Unicode scalar
    /// value (or not a byte).</exception>
    public Alphabet(SymbolKind kind, IEnumerable<int> symbols, bool hasUnknown = false)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        _symbols = [.. symbols.Order()];
        Kind = kind;
        HasUnknown = hasUnknown;
        if (_symbols.Length == 0) throw new ArgumentException("An alphabet needs a symbol.", nameof(symbols));
        if (Count > MaximumSymbols)
            throw new ArgumentException(
                $"An alphabet has at most {MaximumSymbols} symbols, not {Count}; "
                    + "map rare ones to an unknown symbol with --rare N, or read bytes with --bytes.",
                nameof(symbols));
        for (int i = 0; i < _symbols.Length; i++)
        {
            int symbol = _symbols[i];
            if (kind == SymbolKind.Byte ? symbol is < 0 or > 255 : !Rune.IsValid(symbol))
                throw new ArgumentException(
                    Invariant($"{symbol} is not a {(kind == SymbolKind.Byte ? "byte" : "Unicode scalar value")}."),
                    nameof(symbols));
            if (!_index.TryAdd(symbol, (ushort)i))
                throw new ArgumentException($"The symbol {Describe(i)} comes twice.", nameof(symbols));
        }
    }

    /// <summary>What the symbols are.</summary>
    public SymbolKind Kind { get; }

    /// <summary>Whether the last symbol stands for all symbols that are not in the alphabet.</summary>
    public bool HasUnknown { get; }

    /// <summary>How many symbols there are, the unknown one included.</summary>
    public int Count => _symbols.Length + (HasUnknown ? 1 : 0);

    /// <summary>The index of the unknown symbol, or -1.</summary>
    public int Unknown => HasUnknown ? _symbols.Length : -1;

    /// <summary>This alphabet with an unknown symbol. All other indices stay the same.</summary>
    /// <exception cref="ArgumentException">It would have too many symbols.</exception>
    internal Alphabet WithUnknown() => HasUnknown ? this : new Alphabet(Kind, _symbols, hasUnknown: true);

    /// <summary>
    /// The index of a code point or byte. For one that is not in the alphabet: the index of the unknown symbol, or -1 without an
    /// unknown symbol.
    /// </summary>
    public int IndexOf(int symbol) => _index.TryGetValue(symbol, out ushort index) ? index : Unknown;

    /// <summary>The code point or byte at an index; -1 for the unknown symbol.</summary>
    public int this[int index] => index == Unknown ? -1 : _symbols[index];

    /// <summary>The symbol at an index for a message: quoted, or by its number where it is not visible.</summary>
    public string Describe(int index) => index == Unknown ? "the unknown symbol" : Describe(Kind, _symbols[index]);

    /// <summary>A symbol for a message: quoted, or by its number where it is not visible.</summary>
    public static string Describe(SymbolKind kind, int symbol)
    {
        if (kind == SymbolKind.Byte) return symbol is > 32 and < 127 ? $"'{(char)symbol}'" : $"byte 0x{symbol:X2}";
        bool visible = symbol == ' ' || Rune.GetUnicodeCategory(new Rune(symbol)) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.PrivateUse or UnicodeCategory.NonSpacingMark);
        return visible ? Invariant($"'{new Rune(symbol)}'") : $"U+{symbol:X4}";
    }

    /// <summary>The alphabet as one line that <see cref="Parse"/> reads back: <c>scalar:0A,20,61..7A,?</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Kind == SymbolKind.Byte ? "byte:" : "scalar:");
        for (int i = 0; i < _symbols.Length;)
        {
            int last = i;
            while (last + 1 < _symbols.Length && _symbols[last + 1] == _symbols[last] + 1) last++;
            if (i > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{_symbols[i]:X2}");
            if (last > i) text.Append(CultureInfo.InvariantCulture, $"..{_symbols[last]:X2}");
            i = last + 1;
        }

        if (HasUnknown) text.Append(",?");
        return text.ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static Alphabet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        if (parts.Length != 2 || parts[0] is not ("scalar" or "byte"))
            throw new FormatException("an alphabet begins with 'scalar:' or 'byte:'");
        var symbols = new List<int>();
        string[] ranges = parts[1].Split(',');
        bool unknown = ranges[^1] == "?";
        foreach (string range in unknown ? ranges[..^1] : ranges)
        {
            string[] ends = range.Split("..");
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int last)
                || last < first || last > 0x10FFFF || first < 0)
                throw new FormatException($"'{range}' is not a range of symbols");
            if (symbols.Count + (last - first) >= MaximumSymbols)
                throw new FormatException($"an alphabet has at most {MaximumSymbols} symbols");
            symbols.AddRange(Enumerable.Range(first, last - first + 1));
        }

        try
        {
            return new Alphabet(parts[0] == "byte" ? SymbolKind.Byte : SymbolKind.Scalar, symbols, unknown);
        }
        catch (ArgumentException error)
        {
            throw new FormatException(error.Message, error);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Alphabet? other) =>
        other is not null && other.Kind == Kind && other.HasUnknown == HasUnknown
            && other._symbols.AsSpan().SequenceEqual(_symbols);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Alphabet);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, HasUnknown, _symbols.Length, _symbols[0], _symbols[^1]);
}
