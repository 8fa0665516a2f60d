using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads text as symbols: Unicode scalar values of UTF-8 (a byte order mark in front is left out), or bytes. One text is split by position:
/// the first 80% of its symbols, rounded down, to learn from, up to 90% to choose by, the rest to report. The alphabet is that of
/// the training fold. Memory: at most eight times the text and 1 MB; a text has at most 2^30 bytes.
/// </summary>
public static class TextFile
{
    /// <summary>The fewest symbols that are split.</summary>
    private const int FewestSymbols = 10;

    /// <summary>Reads one file and splits it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="InvalidFileException">It is not UTF-8, too long, too short for three folds, of one symbol, or has symbols that the alphabet lacks.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static TextCorpus Read(string path, TextReadOptions? options = null)
    {
        options = (options ?? new()).Checked();
        return Split(Load(path, options), path, options);
    }

    /// <summary>Reads a stream to its end, such as standard input, and splits it.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="file">What messages and the corpus call it.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)"/>
    public static TextCorpus Read(Stream stream, string file, TextReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? new()).Checked();
        return Split(Load(stream, file, options), file, options);
    }

    /// <summary>Reads three files, one a fold, at the same time.</summary>
    /// <param name="train">The text to learn from.</param>
    /// <param name="validation">The text to choose by.</param>
    /// <param name="test">The text to report.</param>
    /// <param name="options">How; null for the defaults. Without a name the corpus has that of the first file.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)"/>
    public static TextCorpus Read(string train, string validation, string test, TextReadOptions? options = null)
    {
        options = (options ?? new()).Checked();
        string[] files = [train, validation, test];
        SymbolText[] folds = InParallel(i => Load(files[i], options));
        return Encode(folds, files, options);
    }

    /// <summary>Reads a whole file as symbols of a known alphabet, without splitting it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; its alphabet must be given.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)"/>
    public static ReadOnlyMemory<ushort> ReadWhole(string path, TextReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Whole(Load(path, options.Checked()), path, options);
    }

    /// <summary>Reads a stream to its end as symbols of a known alphabet, without splitting it.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="options">How; its alphabet must be given.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)"/>
    public static ReadOnlyMemory<ushort> ReadWhole(Stream stream, string file, TextReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        return Whole(Load(stream, file, options.Checked()), file, options);
    }

    private static ushort[] Whole(SymbolText text, string file, TextReadOptions options)
    {
        Alphabet alphabet = options.Alphabet ?? throw new ArgumentException("A whole text is read with a given alphabet.");
        if (text.Count == 0) throw new InvalidFileException(file, "has no symbol");
        return text.Encode(alphabet, Replacement(alphabet, options)) ?? throw Lacks(text, alphabet, file, "");
    }

    private static TextCorpus Split(SymbolText text, string file, TextReadOptions options)
    {
        int first = (int)(text.Count * 8L / 10), second = (int)(text.Count * 9L / 10);
        if (text.Count < FewestSymbols) throw new InvalidFileException(file, $"has {text.Count} symbols, which is too few for three folds: 80%, 10% and 10% of at least {FewestSymbols}");
        return Encode([text.Slice(0, first), text.Slice(first, second), text.Slice(second, text.Count)], [file, file, file], options);
    }

    private static TextCorpus Encode(SymbolText[] folds, string[] files, TextReadOptions options)
    {
        for (int i = 0; i < folds.Length; i++)
        {
            if (folds[i].Count == 0) throw new InvalidFileException(files[i], $"has no symbol for the {Name(i)} fold");
        }

        Alphabet alphabet = options.Alphabet ?? MakeAlphabet(folds[0], files[0], options);
        int replacement = Replacement(alphabet, options);
        ushort[][] symbols = InParallel(i => folds[i].Encode(alphabet, replacement) ?? throw Lacks(folds[i], alphabet, files[i], $"in its {Name(i)} fold "));
        return new TextCorpus(options.Name ?? Path.GetFileNameWithoutExtension(files[0]), alphabet, symbols[0], symbols[1], symbols[2]);

        static string Name(int fold) => ((Fold)fold).ToString().ToLowerInvariant();
    }

    private static Alphabet MakeAlphabet(SymbolText train, string file, TextReadOptions options)
    {
        (int Symbol, int Number)[] counts = [.. train.CountSymbols().All()];
        int[] kept = [.. counts.Where(c => c.Number >= options.Rare).Select(c => c.Symbol)];
        bool unknown = options.MapUnknown || options.Rare > 1;
        if (counts.Length < 2) throw new InvalidFileException(file, $"has one symbol only, {Alphabet.Describe(train.Kind, counts[0].Symbol)}, from which nothing can be learned");
        if (kept.Length == 0) throw new InvalidFileException(file, $"has no symbol {options.Rare} times, so that all would be rare");
        if (kept.Length >= Alphabet.MaximumSymbols) throw new InvalidFileException(file, $"has {kept.Length} symbols, where an alphabet has at most {Alphabet.MaximumSymbols}; map rare ones to an unknown symbol, or read bytes");
        return new Alphabet(train.Kind, kept, unknown);
    }

    private static int Replacement(Alphabet alphabet, TextReadOptions options)
    {
        if (options.Replacement is not { } symbol) return -1;
        int index = alphabet.IndexOf(symbol);
        return index >= 0 && index != alphabet.Unknown ? index : throw new ArgumentException($"The replacement {Describe(alphabet.Kind, symbol)} is not in the alphabet itself.");
    }

    internal static string Describe(SymbolKind kind, int symbol) =>
        kind == SymbolKind.Byte ? symbol is >= 0 and < 256 ? Alphabet.Describe(kind, symbol) : $"{symbol}" : System.Text.Rune.IsValid(symbol) ? Alphabet.Describe(kind, symbol) : $"{symbol}";

    private static InvalidFileException Lacks(SymbolText text, Alphabet alphabet, string file, string where) =>
        new(file, $"has symbols {where}that the alphabet lacks: {text.DescribeMissing(alphabet)}; such symbols can be mapped to an unknown one or to a replacement");

    private static SymbolText Load(string path, TextReadOptions options) => FileBytes.Use(path, stream => Load(stream, path, options));

    private static SymbolText Load(Stream stream, string file, TextReadOptions options)
    {
        (byte[] bytes, int length) = FileBytes.Read(stream, file, SymbolText.MaximumBytes);
        return SymbolText.Of(bytes, length, file, options.Symbols, options.TrimLines);
    }

    /// <summary>Three values at the same time; of several exceptions the first fold's.</summary>
    private static T[] InParallel<T>(Func<int, T> make)
    {
        Task<T> second = Task.Run(() => make(1)), third = Task.Run(() => make(2));
        T first;
        try
        {
            first = make(0);
        }
        catch
        {
            Task.WhenAll(second, third).ContinueWith(done => done.Exception, TaskScheduler.Default).Wait();
            throw;
        }

        Task.WhenAll(second, third).ContinueWith(done => done.Exception, TaskScheduler.Default).Wait();
        return [first, second.GetAwaiter().GetResult(), third.GetAwaiter().GetResult()];
    }
}
