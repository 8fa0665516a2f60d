namespace Unroll.Data;

/// <summary>How a text is read.</summary>
public sealed record TextReadOptions
{
    /// <summary>What the corpus is called; null for the name of its file.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a symbol is a Unicode scalar value of text in UTF-8, or a byte.</summary>
    public SymbolKind Symbols { get; init; } = SymbolKind.Scalar;

    /// <summary>
    /// Whether spaces, tabs and carriage returns at both ends of each line are left out and each line, including the last, ends
    /// with one newline: the form in which Penn Treebank is read. Otherwise every character is kept.
    /// </summary>
    public bool TrimLines { get; init; }

    /// <summary>
    /// Symbols that occur fewer times than this in the training fold become the unknown symbol. With 0 or 1 no symbol does.
    /// </summary>
    public int Rare { get; init; }

    /// <summary>
    /// Whether the alphabet has an unknown symbol even if no fold needs it. It always has one when another fold has symbols that
    /// the training fold lacks (unless <see cref="Strict"/>), and when <see cref="Rare"/> is above 1.
    /// </summary>
    public bool MapUnknown { get; init; }

    /// <summary>
    /// Whether symbols that the alphabet lacks are refused, each by name with its first position, instead of being read as the
    /// unknown symbol.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Called with one sentence for each fold with symbols that are read as the unknown symbol, and for other things that a user
    /// should know; null to ignore them.
    /// </summary>
    public Action<string>? Notice { get; init; }

    /// <summary>
    /// A symbol of the alphabet (code point or byte) that stands for symbols that the alphabet lacks, when it has no unknown
    /// symbol; null for none.
    /// </summary>
    public int? Replacement { get; init; }

    /// <summary>The alphabet to use, such as a model's; null to take it from the training fold.</summary>
    public Alphabet? Alphabet { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">They contradict each other or one is out of range.</exception>
    internal TextReadOptions Checked()
    {
        if (Rare < 0) throw new ArgumentException(Invariant($"The least count of a symbol is 0 or more, not {Rare}."));
        if (Replacement is not null && (MapUnknown || Rare > 1))
            throw new ArgumentException(
                "Symbols that the alphabet lacks become its unknown symbol or the replacement, not both.");
        if (Strict && (MapUnknown || Rare > 1))
            throw new ArgumentException(
                $"--strict refuses what {(MapUnknown ? "--map-unknown" : "--rare")} reads as the unknown symbol; "
                    + "give one of them.");
        if (Alphabet is null) return this;
        if (Rare > 1) throw new ArgumentException("A given alphabet leaves nothing to decide by how rare a symbol is.");
        if (Alphabet.Kind != Symbols)
            throw new ArgumentException($"The alphabet is of {Noun(Alphabet.Kind)}, the text is to be read as {Noun(Symbols)}.");
        if (MapUnknown && !Alphabet.HasUnknown)
            throw new ArgumentException(
                "The alphabet has no unknown symbol to map others to; name one of its symbols as the replacement.");
        return this;

        static string Noun(SymbolKind kind) => kind == SymbolKind.Byte ? "bytes" : "Unicode scalar values";
    }
}
