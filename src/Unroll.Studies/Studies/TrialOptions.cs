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
    ];

    /// <summary>Whether an option is a flag, whose values are true and false.</summary>
    public static bool IsFlag(string name) => (OfTraining.TryGetValue(name, out TrainOption? option) && option.IsFlag)
        || CorpusOptionTable.All.Any(corpus => corpus.IsFlag && corpus.Name[2..] == name);

    /// <summary>Whether a value of the option may itself contain commas.</summary>
    public static bool TakesCommas(string name) =>
        OfTraining.TryGetValue(name, out TrainOption? option) && option.Declared.HasCommas;

    /// <summary>Whether the option's values are whole numbers.</summary>
    public static bool IsWhole(string name) => name is GivenOptions.Length or "window" or "ahead" or "rare"
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
    /// <exception cref="UserError">A value is not one of its option, or options contradict each other.</exception>
    public static TrainSettings Resolve(IReadOnlyDictionary<string, string> values, OwnTasks? own = null)
    {
        string? ofProgram = own is null ? null : Text(Task) ?? own.Tasks[0].Key;
        OwnTask? task = own is not null && own.Has(ofProgram)
            ? own.At(ofProgram!, [.. values.Where(value => IsParameter(value.Key))]) : null;
        if (task is null && values.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
            RequireKnown(unknown, $"the task {Text(Task) ?? TaskCatalogue.Default}");
        Dictionary<string, string> given = values.Where(value => value.Key != Threads).ToDictionary();
        TrainSettings settings = task is null ? GivenOptions.Read(given).Resolve() : ResolveOwn(task);
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

        MemoryNeed.Check(settings.Sketch(), settings.Options);
        return settings;

        string? Text(string name) => values.GetValueOrDefault(name);

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
}
