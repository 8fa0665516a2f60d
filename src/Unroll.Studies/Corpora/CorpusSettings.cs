using System.Globalization;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Studies.Corpora;

/// <summary>Which data a task trains on, how it is read, and what is predicted. Each kind of data has its own.</summary>
internal abstract record CorpusSettings
{
    /// <summary>Steps of a training window where nothing else is said: the paper's.</summary>
    public const int DefaultWindow = 200;

    /// <summary>The most steps of a training window.</summary>
    public const int LongestWindow = 65_536;

    /// <summary>The data set's name, or a file or folder.</summary>
    public string Data { get; init; } = "";

    /// <summary>Steps of a training window.</summary>
    public int Window { get; init; } = DefaultWindow;

    /// <summary>Whether files that cannot be used, and symbols that the training fold lacks, are refused.</summary>
    public bool Strict { get; init; }

    /// <summary>The kind of the data.</summary>
    public abstract CorpusKind Kind { get; }

    /// <summary>The name of the data set; empty for files of a user's own, for which no recipe has values.</summary>
    public string KnownAs => DataCatalogue.Find(Data)?.Name ?? "";

    /// <summary>The files and folders that are named.</summary>
    public virtual IEnumerable<string> Paths => [Data];

    /// <summary>What is predicted, such as "next step".</summary>
    public abstract string Predicts { get; }

    /// <summary>
    /// The settings as (name, text): those that are not at their defaults, and always the data and the window. Their order is
    /// part of a trial's hash.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> Properties()
    {
        yield return new("data", KnownAs is { Length: > 0 } known ? known : Data);
        foreach (KeyValuePair<string, string> property in FoldProperties()) yield return property;
        yield return new("window", Window.ToString(CultureInfo.InvariantCulture));
        foreach (KeyValuePair<string, string> property in OwnProperties()) yield return property;
        if (Strict) yield return new("strict", "true");
    }

    /// <summary>
    /// The settings that <see cref="Properties"/> wrote. Names that are missing keep their defaults, and other names do not
    /// matter.
    /// </summary>
    /// <exception cref="UserError">A value does not suit its option.</exception>
    public static CorpusSettings FromProperties(CorpusKind kind, Func<string, string?> property)
    {
        CorpusSettings settings = kind.New();
        foreach (CorpusOption option in CorpusOptionTable.All.Where(option => option.IsFor(kind)))
        {
            if (property(option.Name[2..]) is not { } value) continue;
            if (CorpusOptionTable.IsPath(option.Name[2..])) Values.Path($"The value of {option.Name[2..]}", value);
            settings = option.Parse(value)(settings);
        }

        return settings;
    }

    /// <summary>The settings with what was given on a command line or in a study.</summary>
    /// <exception cref="UserError">An option is for another task, or options do not go together.</exception>
    public CorpusSettings With(IReadOnlyList<CorpusOverride> changes)
    {
        CorpusSettings settings = changes.Aggregate(this, (before, change) => change.Apply(before));
        settings.Check();
        return settings;
    }

    /// <summary>The settings without the folds that were given as files: other data has other folds.</summary>
    public virtual CorpusSettings WithoutFolds() => this;

    /// <summary>The task on its data, read now.</summary>
    /// <param name="corpora">Where the data comes from.</param>
    /// <param name="model">The model that decides how the data is read, or null.</param>
    /// <exception cref="UserError">The data is not there, cannot be read, or does not fit the task.</exception>
    public ICorpusTask Read(CorpusCache corpora, KnownModel? model = null) => Make(() => ReadTask(corpora, model));

    /// <summary>The task on the data on which a model is evaluated.</summary>
    /// <param name="source">Where the data comes from.</param>
    /// <param name="model">The model.</param>
    /// <param name="mayBeWhole">Whether data without folds of its own is one whole, and is not split.</param>
    /// <param name="unknown">The symbol that stands for those that the model does not know, as it was typed; or null.</param>
    /// <param name="whole">Whether it is one whole, which is in the training fold.</param>
    /// <exception cref="UserError">The data is not there, cannot be read, or does not fit the model.</exception>
    public abstract ICorpusTask ReadFor(
        DataSource source, KnownModel model, bool mayBeWhole, string? unknown, out bool whole);

    /// <summary>
    /// The task on two steps of invented data: enough to check options, where the data itself is not needed yet.
    /// </summary>
    public ICorpusTask Sketch() => Make(SketchTask);

    /// <summary>The steps of the training fold, roughly, without reading it: for the order in which trials run.</summary>
    public double ExpectedSteps() => StepsOf(DataCatalogue.Find(Data) is { } set ? set.Files[0].Bytes
        : File.Exists(Data) ? new FileInfo(Data).Length : 1e6);

    /// <summary>The files of folds, as properties.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> FoldProperties() => [];

    /// <summary>The properties of the kind alone.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> OwnProperties() => [];

    /// <summary>Refuses options that do not go together.</summary>
    protected virtual void Check()
    {
    }

    /// <inheritdoc cref="Read"/>
    protected abstract ICorpusTask ReadTask(CorpusCache corpora, KnownModel? model);

    /// <inheritdoc cref="Sketch"/>
    protected abstract ICorpusTask SketchTask();

    /// <summary>The steps in a training file of so many bytes, roughly.</summary>
    protected abstract double StepsOf(double bytes);

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

/// <summary>A model and where it is.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Info">What the file says.</param>
internal sealed record KnownModel(string Path, ModelInfo Info);
