using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// The options that a study may vary: those of <c>unroll train</c> by their names without dashes, and what
/// <c>unroll train</c> takes as its task. They mean there and here the same.
/// </summary>
internal static class TrialOptions
{
    /// <summary>The axis of tasks.</summary>
    public const string Task = GivenOptions.Task;

    /// <summary>The axis whose values repeat a trial: seeds.</summary>
    public const string Seed = "seed";

    /// <summary>Not of a trial: jobs are the study's business, and no number of threads changes a bit.</summary>
    public const string Threads = "threads";

    private static readonly Dictionary<string, TrainOption> OfTraining = TrainOptionTable.All
        .Where(option => option.Name != $"--{Threads}").ToDictionary(option => option.Name[2..], StringComparer.Ordinal);

    /// <summary>What a store says of a trial besides, under names that no parameter may take.</summary>
    private static readonly HashSet<string> Reserved =
    [
        OwnTask.ParametersKey, OwnTask.VersionKey, OwnTask.PartsKey, OwnTask.CostUnitKey,
        .. OptionsText.ToProperties(new TrainingOptions()).Select(option => option.Key),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        Task, GivenOptions.Length, GivenOptions.Variant, GivenOptions.Bits, GivenOptions.Recipe, GivenOptions.TheMethod,
        .. CorpusOptionTable.All.Select(option => option.Name[2..]), .. OfTraining.Keys,
        .. OfSeries.Except(CorpusOptionTable.All.Select(option => option.Name[2..])).Except(OfTraining.Keys),
    ];

    /// <summary>The options about somebody's own sequences.</summary>
    private static IEnumerable<string> OfSeries =>
        SeriesOptionTable.All.Select(option => option.Key).Concat(SeriesSettings.Reading);

    /// <summary>Whether an option is a flag, whose values are true and false.</summary>
    public static bool IsFlag(string name) => (OfTraining.TryGetValue(name, out TrainOption? option) && option.IsFlag)
        || CorpusOptionTable.All.Any(corpus => corpus.IsFlag && corpus.Name[2..] == name)
        || SeriesSettings.Flags.Contains(name);

    /// <summary>Whether a value of the option may itself contain commas.</summary>
    public static bool TakesCommas(string name) => SeriesSettings.Lists.Contains(name)
        || (OfTraining.TryGetValue(name, out TrainOption? option) && option.Declared.HasCommas);

    /// <summary>Whether the option's values are whole numbers.</summary>
    public static bool IsWhole(string name) => name is GivenOptions.Length or "window" or "ahead" or "rare"
        or "horizon" or "segment" or "stride"
        || (OfTraining.TryGetValue(name, out TrainOption? option) && option.Declared.IsWhole);

    /// <summary>Refuses a name that is not one of them.</summary>
    public static void RequireKnown(string name, string where)
    {
        if (Names.Contains(name)) return;
        throw name is Threads or "jobs" or "out" or "resume" or "json"
            ? new UserError($"{where}: '{name}' is not an option of a trial, but of the whole run.")
            : new UserError($"{where}: there is no option '{name}'; did you mean '{Nearest.Of(name, Names)}'?");
    }

    /// <summary>Whether a name can be a parameter of a program's own task: it is no option of the training.</summary>
    public static bool IsParameter(string name) =>
        !OfTraining.ContainsKey(name) && !Reserved.Contains(name)
        && name is not (Task or GivenOptions.Recipe or GivenOptions.TheMethod or Threads);

    /// <summary>The settings that <c>unroll train</c> would resolve from these options.</summary>
    /// <param name="values">The option's names and their values.</param>
    /// <param name="own">The tasks of a program of one's own, or null.</param>
    /// <param name="readSeries">Reads data of one's own, or null.</param>
    /// <param name="limit">The memory that there is, by who has read it for many trials; null reads it.</param>
    /// <exception cref="UserError">A value is not one of its option, or options contradict each other.</exception>
    public static TrainSettings Resolve(
        IReadOnlyDictionary<string, string> values, OwnTasks? own = null, Func<SeriesSettings, SequenceFolds>? readSeries = null,
        MemoryLimit? limit = null)
    {
        string? ofProgram = own is null ? null : Text(Task) ?? own.Tasks[0].Key;
        OwnTask? task = own is not null && own.Has(ofProgram)
            ? own.At(ofProgram!, [.. values.Where(value => IsParameter(value.Key))]) : null;
        if (task is null && values.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
            RequireKnown(unknown, $"the task {Text(Task) ?? TaskCatalogue.Default}");
        Dictionary<string, string> given = values.Where(value => value.Key != Threads).ToDictionary();
        TrainSettings settings = task is not null ? ResolveOwn(task)
            : ValueNames.Find<SeriesKind>(Text(Task)) is { } kind ? ResolveSeries(kind, given, readSeries)
            : ResolveKnown(given);
        // The order in which parameters are named changes no bit, and so makes no other trial.
        settings = settings with
        {
            Options = settings.Options with { Frozen = [.. settings.Options.Frozen.Order(StringComparer.Ordinal)] },
        };
        try
        {
            OptionsRules.Check(settings.Sketch(), settings.Options);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        MemoryNeed.Check(settings.Sketch(), settings.Options, limit);
        return settings;

        string? Text(string name) => values.GetValueOrDefault(name);

        static TrainSettings ResolveKnown(Dictionary<string, string> given)
        {
            TrainSettings known = GivenOptions.Read(given).Resolve();
            HashSet<string> others = [.. OfSeries.Except(CorpusOptionTable.All.Select(option => option.Name[2..]))];
            if (given.Keys.FirstOrDefault(others.Contains) is { } useless)
                throw new UserError($"--{useless} is for the tasks on your own data ({string.Join(", ", SeriesSettings.Tasks)}), "
                    + $"and the task is {known.Task}.");
            return known;
        }

        TrainSettings ResolveOwn(OwnTask task)
        {
            if (Text(GivenOptions.Recipe) is not null)
            {
                throw new UserError(
                    $"'{GivenOptions.Recipe}' is for the tasks of the library; the task {task.Name} begins with the "
                    + "study's options.");
            }

            return new TrainRequest
            {
                Method = GivenOptions.ReadMethod(given),
                Overrides = GivenOptions.ReadOverrides(given),
            }.Resolve(task, own!.Basis);
        }
    }

    /// <summary>A trial on somebody's own sequences, which are read: the recipe hangs on how many there are.</summary>
    private static TrainSettings ResolveSeries(
        SeriesKind kind, Dictionary<string, string> given, Func<SeriesSettings, SequenceFolds>? read)
    {
        string[] known = [.. OfSeries];
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string text) in given)
        {
            if (name == Task || OfTraining.ContainsKey(name)) continue;
            SeriesOption? option = SeriesOptionTable.All.FirstOrDefault(option => option.Key == name);
            if (name is "refit" or "origins" or "cross-validate")
                throw new UserError(
                    $"--{name} trains on the validation fold, by which a study compares its trials; leave it out, and train the "
                        + "best trial's options again with it.");
            if (name == "ensemble") throw new UserError("--ensemble joins networks of several seeds, which are trials of a study "
                + "of their own; leave it out, and train the best trial's options again with it.");
            if (!known.Contains(name) || option?.IsFor(kind) == false)
                throw new UserError($"--{name} is not for the task {ValueNames.Of(kind)}; leave it out.");
            option?.Check(text);
            if (!SeriesSettings.Flags.Contains(name) || Values.Choice($"--{name}", text, [("true", true), ("false", false)]))
                texts[name] = text;
        }

        if (!texts.ContainsKey("data"))
            throw new UserError($"{ValueNames.Of(kind)} needs --data: a table, or another file or folder of your own.");
        var series = new SeriesSettings(kind, texts);
        _ = series.Loss();
        if (read is null)
            throw new UserError($"the task {ValueNames.Of(kind)} needs its data to be read, which unroll study run does.");
        SequenceFolds folds = read(series);
        try
        {
            SeriesOptions options = series.Options(folds);
            series = series.With(options);
            var request = new TrainRequest { Overrides = GivenOptions.ReadOverrides(given) };
            return request.Resolve(series, SeriesRecipes.Examples(kind, folds, options)) with
            {
                SeriesSketch = series.Create(folds),
            };
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }
}
