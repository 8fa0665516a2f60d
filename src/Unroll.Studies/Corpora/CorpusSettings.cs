using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Studies.Corpora;

/// <summary>
/// What <c>unroll train music</c> and <c>unroll train text</c> train on: which data, read how, and what is predicted.
/// </summary>
internal sealed record CorpusSettings
{
    /// <summary>The data set's name, or a file or folder.</summary>
    public string Data { get; init; } = "";

    /// <summary>For a text in three files, that of the validation fold; null to split one file.</summary>
    public string? ValidationFile { get; init; }

    /// <summary>For a text in three files, that of the test fold.</summary>
    public string? TestFile { get; init; }

    /// <summary>Steps of a training window; the paper's are 200.</summary>
    public int Window { get; init; } = 200;

    /// <summary>How far ahead the predicted symbol of a text is.</summary>
    public int Ahead { get; init; } = 1;

    /// <summary>Whether a symbol of a text is a byte.</summary>
    public bool Bytes { get; init; }

    /// <summary>Whether the blanks at both ends of a text's lines are left out; of Penn Treebank they always are.</summary>
    public bool TrimLines { get; init; }

    /// <summary>Whether a text has an unknown symbol even if no fold needs one.</summary>
    public bool MapUnknown { get; init; }

    /// <summary>Symbols of a text that come fewer times become the unknown one.</summary>
    public int Rare { get; init; }

    /// <summary>The step of MIDI files in beats.</summary>
    public double Step { get; init; } = 0.5;

    /// <summary>Whether notes of MIDI files that a piano does not have are left out.</summary>
    public bool DropNotes { get; init; }

    /// <summary>Whether files that cannot be used, and symbols that the training fold lacks, are refused.</summary>
    public bool Strict { get; init; }

    /// <summary>The name under which recipes know the data; what is not a published set is known by none.</summary>
    public string KnownAs => DataCatalogue.Find(Data)?.Name ?? "";

    /// <summary>
    /// The settings as (name, text): those that are not at their defaults, and always the data, the window and how far ahead.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> Properties(string task)
    {
        yield return new("data", KnownAs is { Length: > 0 } known ? known : Data);
        if (ValidationFile is not null) yield return new("valid-data", ValidationFile);
        if (TestFile is not null) yield return new("test-data", TestFile);
        yield return new("window", Window.ToString(CultureInfo.InvariantCulture));
        if (task == TextTask.TaskName) yield return new("ahead", Ahead.ToString(CultureInfo.InvariantCulture));
        if (Bytes) yield return new("bytes", "true");
        if (TrimLines) yield return new("trim-lines", "true");
        if (MapUnknown) yield return new("map-unknown", "true");
        if (Rare != 0) yield return new("rare", Rare.ToString(CultureInfo.InvariantCulture));
        if (Step != new CorpusSettings().Step) yield return new("step", Format.Exact(Step));
        if (DropNotes) yield return new("drop-notes", "true");
        if (Strict) yield return new("strict", "true");
    }

    /// <summary>
    /// The settings that <see cref="Properties"/> wrote; names that are missing keep their defaults, other names do not matter.
    /// </summary>
    /// <exception cref="UserError">A value is not one of its option.</exception>
    public static CorpusSettings FromProperties(Func<string, string?> property)
    {
        var settings = new CorpusSettings();
        foreach (CorpusOption option in CorpusOptionTable.All)
        {
            if (property(option.Name[2..]) is not { } value) continue;
            if (CorpusOptionTable.IsPath(option.Name[2..])) Values.Path($"The value of {option.Name[2..]}", value);
            settings = option.Parse(value)(settings);
        }

        return settings;
    }

    /// <summary>The settings with what was given on a command line or in a study.</summary>
    /// <exception cref="UserError">An option is for another task, or one of two folds is missing.</exception>
    public CorpusSettings With(IReadOnlyList<CorpusOverride> changes, string task)
    {
        foreach (CorpusOverride change in changes)
        {
            if (change.Option.Task.Length > 0 && change.Option.Task != task)
                throw new UserError($"{change.Option.Name} is for the task {change.Option.Task}, not for {task}.");
        }

        CorpusSettings settings = changes.Aggregate(this, (before, change) => change.Apply(before));
        return (settings.ValidationFile is null) == (settings.TestFile is null) ? settings
            : throw new UserError("--valid-data and --test-data go together; without both, one file is split 80/10/10.");
    }

    /// <summary>How text is read: in its own alphabet, or in that of a model, which says itself what a symbol is.</summary>
    public TextReadOptions TextOptions(Alphabet? alphabet = null) => alphabet is not null
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

    /// <summary>How music is read.</summary>
    public MusicReadOptions MusicOptions() =>
        new() { Step = Step, OutOfRange = DropNotes ? OutOfRangeNotes.Drop : OutOfRangeNotes.Refuse, Strict = Strict };

    /// <summary>The task on its data, read now.</summary>
    /// <param name="task">The task's name.</param>
    /// <param name="corpora">Where the data comes from.</param>
    /// <param name="alphabet">The alphabet of a model of text; null to take it from the training fold.</param>
    /// <exception cref="UserError">The data is not there, cannot be read, or does not fit the task.</exception>
    public ICorpusTask Read(string task, CorpusCache corpora, Alphabet? alphabet = null) => Make(
        () => task == TextTask.TaskName
            ? new TextTask(corpora.Text(this, alphabet), Window, Ahead)
            : new MusicTask(corpora.Music(this), Window));

    /// <summary>
    /// The task on two steps of invented data: enough to judge options by, where the data itself is not needed yet.
    /// </summary>
    public ICorpusTask Sketch(string task)
    {
        if (task == TextTask.TaskName)
        {
            ushort[] text = [.. Enumerable.Range(0, Math.Max(Ahead, 2)).Select(i => (ushort)(i % 2))];
            return Make(() =>
                new TextTask(new TextCorpus(Data, new Alphabet(SymbolKind.Byte, [0, 1]), text, text, text), Window, Ahead));
        }

        PianoRoll[] pieces = [new PianoRoll(Data, 2)];
        return Make(() => new MusicTask(new MusicCorpus(Data, pieces, pieces, pieces), Window));
    }

    /// <summary>The steps of the training fold, roughly, without reading it: for the order in which trials run.</summary>
    public double ExpectedSteps(string task)
    {
        double bytes = DataCatalogue.Find(Data) is { } set ? set.Files[0].Bytes
            : File.Exists(Data) ? new FileInfo(Data).Length : 1e6;
        return task == TextTask.TaskName ? bytes : bytes / 3; // piano rolls are compressed to about three bytes a step
    }

    private static ICorpusTask Make(Func<ICorpusTask> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }
}
