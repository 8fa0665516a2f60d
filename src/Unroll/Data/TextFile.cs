using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Reads text as symbols: Unicode scalar values of UTF-8 or UTF-16 (a byte order mark in front is left out), or bytes. One text
/// is split by position: the first 80% of its symbols, rounded down, are the training fold, those up to 90% the validation fold,
/// the rest the test fold. The alphabet is that of the training fold. Where another fold has symbols that the alphabet lacks, the
/// alphabet gets an unknown symbol for all of them. Memory: at most eight times the text plus 1 MB; a text has at most 2^30
/// bytes.
/// </summary>
public static class TextFile
{
    /// <summary>The fewest symbols that can be split.</summary>
    private const int FewestSymbols = 10;

    /// <summary>Symbols that a notice names; the rest are counted.</summary>
    private const int MostReported = 5;

    /// <summary>Reads one file and splits it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The file is not text, is too long, is too short for three folds, has only one
    /// symbol, or has symbols that a given alphabet lacks, or that the training fold lacks where the options are
    /// strict.</exception>
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
    /// <param name="options">How to read; null for the defaults.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)" path="/exception"/>
    public static TextCorpus Read(Stream stream, string file, TextReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? new()).Checked();
        return Split(Load(stream, file, options), file, options);
    }

    /// <summary>Reads three files, one a fold, at the same time.</summary>
    /// <param name="train">The text to train on.</param>
    /// <param name="validation">The validation text; null to use the last tenth of the training symbols, which are then left out
    /// of training.</param>
    /// <param name="test">The test text.</param>
    /// <param name="options">How to read; null for the defaults. Without a name the corpus has that of the first file.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)" path="/exception"/>
    public static TextCorpus Read(string train, string? validation, string test, TextReadOptions? options = null)
    {
        options = (options ?? new()).Checked();
        string[] files = [train, validation ?? train, test];
        SymbolText[] folds = InParallel(i =>
            Load(files[i], i == 1 && validation is null ? options with { Notice = null } : options));
        for (int i = 1; i < folds.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if ((validation is null && (i == 1 || j == 1)) || !folds[i].HasSameBytes(folds[j])) continue;
                string same = $"has the same bytes as {files[j]}: the {Name(i)} fold is the {Name(j)} fold";
                if (options.Strict) throw new InvalidFileException(files[i], same);
                options.Notice?.Invoke($"{files[i]} {same}.");
            }
        }

        if (validation is null)
        {
            int whole = folds[0].Count, first = (int)(whole * 9L / 10);
            if (whole < FewestSymbols)
                throw new InvalidFileException(train,
                    Invariant($"has {Counted.Of(whole, "symbol")}, which is too few for a training and a validation fold: ")
                        + Invariant($"90% and 10% of at least {FewestSymbols}"));
            (folds[0], folds[1]) = (folds[0].Slice(0, first), folds[1].Slice(first, whole));
        }

        return Encode(folds, files, options);
    }

    /// <summary>Reads a whole file as symbols of a known alphabet, without splitting it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read; the alphabet must be given.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)" path="/exception"/>
    public static ReadOnlyMemory<ushort> ReadWhole(string path, TextReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Whole(Load(path, options.Checked()), path, options);
    }

    /// <summary>Reads a stream to its end as symbols of a known alphabet, without splitting it.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="options">How to read; the alphabet must be given.</param>
    /// <inheritdoc cref="Read(string, TextReadOptions?)" path="/exception"/>
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
        ushort[] symbols = text.Encode(alphabet, Replacement(alphabet, options), options.Strict)
            ?? throw Lacks(text, alphabet, file, "", options);
        Report(text, symbols, alphabet, file, "", options);
        return symbols;
    }

    private static TextCorpus Split(SymbolText text, string file, TextReadOptions options)
    {
        int first = (int)(text.Count * 8L / 10), second = (int)(text.Count * 9L / 10);
        if (text.Count < FewestSymbols)
            throw new InvalidFileException(file,
                $"has {Counted.Of(text.Count, "symbol")}, which is too few for three folds: "
                + $"80%, 10% and 10% of at least {FewestSymbols}");
        return Encode(
            [text.Slice(0, first), text.Slice(first, second), text.Slice(second, text.Count)], [file, file, file], options);
    }

    private static TextCorpus Encode(SymbolText[] folds, string[] files, TextReadOptions options)
    {
        for (int i = 0; i < folds.Length; i++)
        {
            if (folds[i].Count == 0) throw new InvalidFileException(files[i], $"has no symbol for the {Name(i)} fold");
        }

        Alphabet alphabet = options.Alphabet ?? MakeAlphabet(folds[0], files[0], options);
        int replacement = Replacement(alphabet, options);
        ushort[]?[] symbols = InParallel(i => folds[i].Encode(alphabet, replacement, options.Strict));
        int lacking = Array.FindIndex(symbols, fold => fold is null);
        if (lacking >= 0)
        {
            if (options.Alphabet is not null || options.Strict)
                throw Lacks(folds[lacking], alphabet, files[lacking], $"in its {Name(lacking)} fold ", options);
            Alphabet wider = alphabet = alphabet.WithUnknown();
            symbols = InParallel(i => symbols[i] ?? folds[i].Encode(wider, replacement));
        }

        for (int i = 0; i < folds.Length; i++)
            Report(folds[i], symbols[i]!, alphabet, files[i], $"in its {Name(i)} fold ", options);
        return new TextCorpus(
            options.Name ?? Path.GetFileNameWithoutExtension(files[0]), alphabet, symbols[0], symbols[1], symbols[2]);
    }

    private static string Name(int fold) => fold == 0 ? "training" : ((Fold)fold).ToString().ToLowerInvariant();

    /// <summary>Reports which symbols of a fold are read as the unknown symbol, and how often.</summary>
    private static void Report(SymbolText text, ushort[] symbols, Alphabet alphabet, string file, string where,
        TextReadOptions options)
    {
        if (options.Notice is null || !alphabet.HasUnknown) return;
        int count = symbols.AsSpan().Count((ushort)alphabet.Unknown);
        if (count == 0) return;
        string whose = options.Alphabet is not null ? "the model does not know" : options.Rare > 1
            ? Invariant($"the training fold has fewer than {options.Rare} times") : "the training fold lacks";
        options.Notice(
            Invariant($"{file} has symbols {where}that {whose}: {text.DescribeMissing(alphabet, MostReported)}; ")
                + Invariant($"they are read as one unknown symbol, {count} of {symbols.Length} in all."));
    }

    private static Alphabet MakeAlphabet(SymbolText train, string file, TextReadOptions options)
    {
        (int Symbol, int Number)[] counts = [.. train.CountSymbols().All()];
        int[] kept = [.. counts.Where(c => c.Number >= options.Rare).Select(c => c.Symbol)];
        bool unknown = options.MapUnknown || options.Rare > 1;
        if (counts.Length < 2)
            throw new InvalidFileException(file,
                $"has one symbol only, {Alphabet.Describe(train.Kind, counts[0].Symbol)}, from which nothing can be learned");
        if (kept.Length == 0) throw new InvalidFileException(file,
            Invariant($"has no symbol {options.Rare} times, so that all would be rare"));
        if (kept.Length >= Alphabet.MaximumSymbols)
            throw new InvalidFileException(file,
                $"has {kept.Length} symbols, where an alphabet has at most {Alphabet.MaximumSymbols}; "
                    + "map rare ones to an unknown symbol with --rare N, or read bytes with --bytes");
        return new Alphabet(train.Kind, kept, unknown);
    }

    private static int Replacement(Alphabet alphabet, TextReadOptions options)
    {
        if (options.Replacement is not { } symbol) return -1;
        int index = alphabet.IndexOf(symbol);
        return index >= 0 && index != alphabet.Unknown
            ? index
            : throw new ArgumentException($"The replacement {Describe(alphabet.Kind, symbol)} is not in the alphabet itself.");
    }

    internal static string Describe(SymbolKind kind, int symbol)
    {
        bool valid = kind == SymbolKind.Byte ? symbol is >= 0 and < 256 : System.Text.Rune.IsValid(symbol);
        return valid ? Alphabet.Describe(kind, symbol) : Invariant($"{symbol}");
    }

    private static InvalidFileException Lacks(SymbolText text, Alphabet alphabet, string file, string where,
        TextReadOptions options)
    {
        string remedy = options.Strict ? "without --strict they are read as one unknown symbol"
            : "unroll evaluate --unknown SYMBOL reads them as one of its symbols, "
                + "and a model trained with --map-unknown has one for them";
        return new InvalidFileException(file,
            $"has symbols {where}that the alphabet lacks: {text.DescribeMissing(alphabet)}; {remedy}");
    }

    private static SymbolText Load(string path, TextReadOptions options) =>
        FileBytes.Use(path, stream => Load(stream, path, options));

    private static SymbolText Load(Stream stream, string file, TextReadOptions options)
    {
        (byte[] bytes, int length) = FileBytes.Read(stream, file, SymbolText.MaximumBytes);
        if (options.Symbols == SymbolKind.Scalar) (bytes, length) = TextBytes.ToUtf8(bytes, length, file, options.Notice);
        return SymbolText.Of(bytes, length, file, options.Symbols, options.TrimLines);
    }

    /// <summary>Computes three values in parallel; of several exceptions that of the first fold is thrown.</summary>
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
