using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Studies.Corpora;

/// <summary>Music: data sets, <c>.mat</c> files, pickles, MIDI files and folders of them.</summary>
internal sealed class MusicKind : CorpusKind
{
    private MusicKind()
    {
    }

    /// <summary>The kind.</summary>
    public static MusicKind Instance { get; } = new();

    public override string Name => MusicTask.TaskName;

    public override string Summary => "The keys that are down at the next step of a piano roll.";

    public override int? Width => PianoRoll.Keys;

    public override int ExpectedOutputs => PianoRoll.Keys;

    public override string SetWithOwnValues => "musedata";

    public override IReadOnlyList<CorpusOption> Options { get; } =
    [
        new("--step", "BEATS", "For MIDI files: the time step in beats. Default: 0.5.", MusicTask.TaskName,
            text =>
            {
                double step = CorpusOptionTable.Step(text);
                return CorpusOption.Set<MusicSettings>("--step", MusicTask.TaskName, settings => settings with { Step = step });
            }),
        CorpusOption.Flag<MusicSettings>(
            "--drop-notes", "For MIDI files: leave out notes that a piano does not have; otherwise they are refused.",
            MusicTask.TaskName, (settings, on) => settings with { DropNotes = on }),
    ];

    public override CorpusSettings New() => new MusicSettings();

    public override MusicSettings OfModel(ModelInfo model, bool keepsFolds) => new()
    {
        Data = PathOf(model, "data") ?? "",
        Window = WindowOf(model),
        Step = double.TryParse(
            model.Properties.GetValueOrDefault("step"), NumberStyles.Float, CultureInfo.InvariantCulture, out double step)
            && step is >= MusicReadOptions.MinimumStep and <= MusicReadOptions.MaximumStep ? step : new MusicReadOptions().Step,
        DropNotes = Is(model, "drop-notes"),
    };

    public override bool Recognizes(string path) =>
        Directory.Exists(path) ? !TextFolder.IsOne(path) : DataSource.Try(() => MusicFile.IsMusic(path));

    public override string DataName(ICorpusTask task) => ((MusicTask)task).Corpus.Name;

    /// <summary>Reads a data set, a <c>.mat</c> file, a pickle or a folder of MIDI files.</summary>
    /// <exception cref="UserError">There is no such data, or it is of another kind.</exception>
    public MusicCorpus Read(DataSource source, string nameOrFile, MusicReadOptions options)
    {
        options = Heard(source, options);
        RefuseStandardInput(nameOrFile);
        if (DataSource.Named(nameOrFile, this) is not { } set)
            return DataSource.Try(() => MusicFile.Read(nameOrFile, options));
        string file = source.Files(set)[0];
        return DataSource.Try(() => MusicFile.Read(file, options with { Name = options.Name ?? set.Name }));
    }

    /// <summary>Reads music without splitting it: also one MIDI file.</summary>
    /// <exception cref="UserError">There is no such data, or it is of another kind.</exception>
    public IReadOnlyList<PianoRoll> Pieces(DataSource source, string nameOrFile, MusicReadOptions options)
    {
        options = Heard(source, options);
        RefuseStandardInput(nameOrFile);
        string file = DataSource.Named(nameOrFile, this) is { } set ? source.Files(set)[0] : nameOrFile;
        return DataSource.Try(() => MusicFile.ReadPieces(file, options));
    }

    /// <summary>
    /// Whether a file is MIDI, by its name or by its first bytes. Such a file is shown and evaluated as a whole.
    /// </summary>
    /// <exception cref="UserError">It cannot be read.</exception>
    public static bool IsMidi(string file) =>
        MidiFolder.IsName(file) || (File.Exists(file) && DataSource.Try(() => MusicFile.IsMidi(file)));

    private static MusicReadOptions Heard(DataSource source, MusicReadOptions options) =>
        options with { Notice = source.Notice, LeftOut = options.LeftOut ?? source.LeftOut };

    private static void RefuseStandardInput(string nameOrFile)
    {
        if (nameOrFile == DataSource.StandardInput)
            throw new UserError("Music is not read from standard input; give a file, or a folder of MIDI files.");
    }
}

/// <summary>How music is read.</summary>
internal sealed record MusicSettings : CorpusSettings
{
    /// <summary>The step of MIDI files in beats.</summary>
    public double Step { get; init; } = new MusicReadOptions().Step;

    /// <summary>Whether notes of MIDI files that a piano does not have are left out.</summary>
    public bool DropNotes { get; init; }

    public override CorpusKind Kind => MusicKind.Instance;

    public override string Predicts => "next step";

    /// <summary>The same for the reader.</summary>
    public MusicReadOptions ReadOptions() =>
        new() { Step = Step, OutOfRange = DropNotes ? OutOfRangeNotes.Drop : OutOfRangeNotes.Refuse, Strict = Strict };

    public override ICorpusTask ReadFor(
        DataSource source, KnownModel model, bool mayBeWhole, string? unknown, out bool whole)
    {
        if (unknown is not null) throw new UserError($"{model.Path} is a model of music, which has no --unknown.");
        whole = mayBeWhole && DataCatalogue.Find(Data) is null
            && (Directory.Exists(Data) ? !MidiFolder.HasFolds(Data) : MusicKind.IsMidi(Data));
        MusicCorpus corpus = whole
            ? new MusicCorpus(
                Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Data)),
                MusicKind.Instance.Pieces(source, Data, ReadOptions()), [], [])
            : MusicKind.Instance.Read(source, Data, ReadOptions());
        return new MusicTask(corpus, Window);
    }

    protected override IEnumerable<KeyValuePair<string, string>> OwnProperties()
    {
        if (Step != new MusicSettings().Step) yield return new("step", Format.Exact(Step));
        if (DropNotes) yield return new("drop-notes", "true");
    }

    protected override ICorpusTask ReadTask(CorpusCache corpora, KnownModel? model) => new MusicTask(
        corpora.Read(this with { Window = 0 }, source => MusicKind.Instance.Read(source, Data, ReadOptions())), Window);

    protected override ICorpusTask SketchTask()
    {
        PianoRoll[] pieces = [new PianoRoll(Data, 2)];
        return new MusicTask(new MusicCorpus(Data, pieces, pieces, pieces), Window);
    }

    /// <summary>Piano rolls are compressed to about three bytes a step.</summary>
    protected override double StepsOf(double bytes) => bytes / 3;
}
