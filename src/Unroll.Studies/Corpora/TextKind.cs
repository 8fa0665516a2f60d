using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Corpora;

/// <summary>Text: data sets, files, folders of three files, standard input.</summary>
internal sealed class TextKind : CorpusKind
{
    private const string StandardInputName = "standard input";

    private TextKind()
    {
    }

    /// <summary>The kind.</summary>
    public static TextKind Instance { get; } = new();

    public override string Name => TextTask.TaskName;

    public override string Summary => "The next character of a text, or one further ahead.";

    public override string Steps => "characters";

    public override int ExpectedOutputs => 50;

    public override string SetWithOwnValues => "ptb";

    public override bool ReadsStandardInput => true;

    public override bool HasAlphabet => true;

    public override IReadOnlyList<CorpusOption> Options { get; } =
    [
        Text("--valid-data", "For a text in three files: its validation fold. Without it one file is split 80/10/10.",
            (settings, file) => settings with { ValidationFile = file }),
        Text("--test-data", "For a text in three files: its test fold.", (settings, file) => settings with { TestFile = file }),
        Whole("--ahead", 1, 65_536, "For text: predict the Nth symbol ahead. Default: 1, the next one.",
            (settings, value) => settings with { Ahead = value }),
        Flag("--bytes", "For text: symbols are bytes, not Unicode characters.",
            (settings, on) => settings with { Bytes = on }),
        Flag("--trim-lines", "For text: leave out the blanks at both ends of each line, as Penn Treebank is read.",
            (settings, on) => settings with { TrimLines = on }),
        Whole("--rare", 0, int.MaxValue,
            "For text: symbols that come fewer than N times become one unknown symbol. Default: 0, none.",
            (settings, value) => settings with { Rare = value }),
        Flag("--map-unknown",
            "For text: have an unknown symbol even where no fold has symbols that the training fold lacks.",
            (settings, on) => settings with { MapUnknown = on }),
    ];

    public override CorpusSettings New() => new TextSettings();

    public override CorpusSettings OfModel(ModelInfo model, bool keepsFolds) => new TextSettings
    {
        Data = PathOf(model, "data") ?? "",
        Window = WindowOf(model),
        ValidationFile = keepsFolds ? PathOf(model, "valid-data") : null,
        TestFile = keepsFolds ? PathOf(model, "test-data") : null,
        TrimLines = Is(model, "trim-lines"),
    };

    /// <summary>A file that no other kind recognizes is text; a folder must look like one.</summary>
    public override bool Recognizes(string path) => !Directory.Exists(path) || TextFolder.IsOne(path);

    public override IReadOnlyList<string> SaidBy(ModelInfo model) =>
        model.Properties.ContainsKey(TextTask.AlphabetKey) ? ["--bytes", "--rare", "--map-unknown"] : [];

    public override TrainingOptions Recipe(
        CorpusSettings settings, bool clips, bool regularizes, string recipe, CellKind cell = CellKind.Plain) =>
        CorpusRecipes.Get(Name, settings.KnownAs, ((TextSettings)settings).Ahead, clips, regularizes, recipe, cell);

    public override TrainingOptions PaperRecipe(ICorpusTask task) =>
        CorpusRecipes.Get(Name, "", ((TextTask)task).Ahead, clips: true, regularizes: true, "paper");

    public override string DataName(ICorpusTask task) => ((TextTask)task).Corpus.Name;

    public override string Detail(ICorpusTask task) =>
        task is TextTask { Ahead: > 1 } text ? Invariant($"{text.Ahead} ahead") : "";

    public override int? Unknown(ICorpusTask task, Fold fold) => ((TextTask)task).Corpus.Unknown(fold);

    public override CorpusItems Items(ICorpusTask task, Fold fold) => new TextLines((TextTask)task, fold);

    public override void CheckStart(ICorpusTask task, string path, ModelInfo model)
    {
        Alphabet alphabet = ((TextTask)task).Corpus.Alphabet;
        if (model.Properties.TryGetValue(TextTask.AlphabetKey, out string? symbols) && symbols != alphabet.ToString())
            throw new UserError($"{path} knows other symbols than the data has: {symbols}, and the data {alphabet}.");
    }

    /// <summary>
    /// Reads a data set, a file that is split, a folder with <c>train.txt</c>, <c>valid.txt</c> and <c>test.txt</c> (or other
    /// usual names, see <see cref="TextFolder"/>), or <c>-</c> for standard input. Two more files are the other folds, and then
    /// the first is not split.
    /// </summary>
    /// <exception cref="UserError">There is no such data, or it is of another kind.</exception>
    public TextCorpus Read(DataSource source, TextSettings settings, TextReadOptions options)
    {
        (string data, string? validation, string? test) = (settings.Data, settings.ValidationFile, settings.TestFile);
        options = options with { Notice = source.Notice };
        if ((validation is null) != (test is null))
            throw new UserError("A text whose folds are given needs both a validation and a test file.");
        if (validation is not null && data == DataSource.StandardInput)
            throw new UserError("Standard input cannot be one of three folds; give a file.");
        if (data == DataSource.StandardInput)
        {
            return DataSource.Try(() => TextFile.Read(
                source.OpenIn(), StandardInputName, options with { Name = options.Name ?? StandardInputName }));
        }

        if (DataSource.Named(data, this) is { } set)
        {
            if (validation is not null) throw new UserError($"The data set {set.Name} has its own folds.");
            string[] files = source.Files(set);
            return DataSource.Try(() => TextFile.Read(
                files[0], files[1], files[2], options with { Name = options.Name ?? set.Name, TrimLines = true }));
        }

        if (validation is not null) return DataSource.Try(() => TextFile.Read(data, validation, test!, options));
        if (!PathLook.IsFolder(data)) return DataSource.Try(() => TextFile.Read(data, options));
        (string train, string? valid, string last) = TextFolder.Files(data);
        string folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)));
        return DataSource.Try(() => TextFile.Read(train, valid, last, options with { Name = options.Name ?? folder }));
    }

    /// <summary>Reads a text as one whole in the alphabet of a model: a file, or <c>-</c> for standard input.</summary>
    /// <exception cref="UserError">There is no such file, or it is of another kind.</exception>
    public TextCorpus ReadWhole(DataSource source, string data, Alphabet alphabet, TextReadOptions options, string model)
    {
        CorpusKind kind = source.KindOf(data);
        if (kind != this) throw new UserError($"{data} is {kind.Name}, and {model} is a model of text.");
        options = options with { Notice = source.Notice };
        bool standard = data == DataSource.StandardInput;
        ReadOnlyMemory<ushort> symbols = standard
            ? DataSource.Try(() => TextFile.ReadWhole(source.OpenIn(), StandardInputName, options))
            : DataSource.Try(() => TextFile.ReadWhole(DataSource.Existing(data), options));
        string name = standard ? StandardInputName : Path.GetFileNameWithoutExtension(data);
        return new TextCorpus(name, alphabet, symbols, default, default);
    }

    private static CorpusOption Flag(string name, string description, Func<TextSettings, bool, TextSettings> set) =>
        CorpusOption.Flag(name, description, TextTask.TaskName, set);

    private static CorpusOption Whole(
        string name, int minimum, int maximum, string description, Func<TextSettings, int, TextSettings> set) =>
        CorpusOption.Whole(name, minimum, maximum, description, TextTask.TaskName, set);

    private static CorpusOption Text(string name, string description, Func<TextSettings, string, TextSettings> set) =>
        new(name, "FILE", description, TextTask.TaskName,
            text => CorpusOption.Set<TextSettings>(name, TextTask.TaskName, settings => set(settings, text)));
}

/// <summary>How a text is read, and what of it is predicted.</summary>
internal sealed record TextSettings : CorpusSettings
{
    /// <summary>For a text in three files, that of the validation fold; null to split one file.</summary>
    public string? ValidationFile { get; init; }

    /// <summary>For a text in three files, that of the test fold.</summary>
    public string? TestFile { get; init; }

    /// <summary>How far ahead the predicted symbol is.</summary>
    public int Ahead { get; init; } = 1;

    /// <summary>Whether a symbol is a byte.</summary>
    public bool Bytes { get; init; }

    /// <summary>Whether the blanks at both ends of lines are left out; of Penn Treebank they always are.</summary>
    public bool TrimLines { get; init; }

    /// <summary>Whether there is an unknown symbol even if no fold needs one.</summary>
    public bool MapUnknown { get; init; }

    /// <summary>Symbols that come fewer times become the unknown one.</summary>
    public int Rare { get; init; }

    public override CorpusKind Kind => TextKind.Instance;

    public override IEnumerable<string> Paths => ((string?[])[Data, ValidationFile, TestFile]).OfType<string>();

    public override string Predicts => Ahead > 1 ? Invariant($"symbol {Ahead} ahead") : "next symbol";

    public override CorpusSettings WithoutFolds() => this with { ValidationFile = null, TestFile = null };

    /// <summary>
    /// The same for the reader: in the text's own alphabet, or in that of a model, which says itself what a symbol is.
    /// </summary>
    public TextReadOptions ReadOptions(Alphabet? alphabet = null) => alphabet is not null
        ? new TextReadOptions
        {
            Alphabet = alphabet,
            Symbols = alphabet.Kind,
            TrimLines = TrimLines,
            MapUnknown = alphabet.HasUnknown && !Strict,
            Strict = Strict,
        }
        : new TextReadOptions
        {
            Symbols = Bytes ? SymbolKind.Byte : SymbolKind.Scalar,
            TrimLines = TrimLines,
            Rare = Rare,
            MapUnknown = MapUnknown,
            Strict = Strict,
        };

    public override ICorpusTask ReadFor(
        DataSource source, KnownModel model, bool mayBeWhole, string? unknown, out bool whole)
    {
        TextModel known = TextModel.Of(model.Info, model.Path);
        TextReadOptions options = ReadOptions(known.Alphabet) with
        {
            Replacement = unknown is { } symbol ? Symbol(symbol, model.Path, known.Alphabet) : null,
        };
        whole = mayBeWhole && ValidationFile is null && DataCatalogue.Find(Data) is null && !Directory.Exists(Data);
        TextCorpus corpus = whole
            ? TextKind.Instance.ReadWhole(source, Data, known.Alphabet, options, model.Path)
            : TextKind.Instance.Read(source, this, options);
        return new TextTask(corpus, Window, known.Ahead);
    }

    protected override IEnumerable<KeyValuePair<string, string>> FoldProperties()
    {
        if (ValidationFile is not null) yield return new("valid-data", ValidationFile);
        if (TestFile is not null) yield return new("test-data", TestFile);
    }

    protected override IEnumerable<KeyValuePair<string, string>> OwnProperties()
    {
        yield return new("ahead", Ahead.ToString(CultureInfo.InvariantCulture));
        if (Bytes) yield return new("bytes", "true");
        if (TrimLines) yield return new("trim-lines", "true");
        if (MapUnknown) yield return new("map-unknown", "true");
        if (Rare != 0) yield return new("rare", Rare.ToString(CultureInfo.InvariantCulture));
    }

    protected override void Check()
    {
        if ((ValidationFile is null) != (TestFile is null))
            throw new UserError("--valid-data and --test-data go together; without both, one file is split 80/10/10.");
    }

    protected override ICorpusTask ReadTask(CorpusCache corpora, KnownModel? model) => new TextTask(
        model is not null && AlphabetOf(model) is { } alphabet
            ? corpora.ReadAnew(source => TextKind.Instance.Read(source, this, ReadOptions(alphabet)))
            : corpora.Read(this with { Window = 0, Ahead = 0 }, source => TextKind.Instance.Read(source, this, ReadOptions())),
        Window, Ahead);

    protected override ICorpusTask SketchTask()
    {
        ushort[] text = [.. Enumerable.Range(0, Math.Max(Ahead, 2)).Select(i => (ushort)(i % 2))];
        return new TextTask(
            new TextCorpus(Data, new Alphabet(SymbolKind.Byte, [0, 1]), text, text, text), Window, Ahead);
    }

    protected override double StepsOf(double bytes) => bytes;

    /// <summary>The symbols that a model of text knows; null where its file does not say them.</summary>
    private static Alphabet? AlphabetOf(KnownModel model)
    {
        if (!model.Info.Properties.TryGetValue(TextTask.AlphabetKey, out string? text)) return null;
        try
        {
            return Alphabet.Parse(text);
        }
        catch (FormatException error)
        {
            throw new InvalidFileException(model.Path, $"has an alphabet that cannot be read: {error.Message}");
        }
    }

    /// <summary>The code point or byte that was typed: one character, or for bytes also 0x and two digits.</summary>
    private static int Symbol(string text, string path, Alphabet alphabet)
    {
        if (alphabet.HasUnknown)
        {
            throw new UserError($"{path} has an unknown symbol of its own, which stands for all symbols that it does not know; "
                + "leave out --unknown.");
        }

        bool isByte = alphabet.Kind == SymbolKind.Byte;
        System.Text.Rune[] runes = [.. text.EnumerateRunes()];
        if (isByte && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(text[2..], NumberStyles.AllowHexSpecifier, null, out int value) && value is >= 0 and < 256)
            return value;
        return runes.Length == 1 ? runes[0].Value : throw new UserError(
            $"--unknown '{text}' is not one symbol; write a single character{(isByte ? " or a byte such as 0x20" : "")}.");
    }
}
