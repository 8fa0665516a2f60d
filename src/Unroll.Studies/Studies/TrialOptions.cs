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
    public const string Task = "task";

    /// <summary>The axis whose values repeat a trial: seeds.</summary>
    public const string Seed = "seed";

    private const string Length = "length", Variant = "variant", Bits = "bits", Recipe = "recipe", TheMethod = "method";

    /// <summary>Not of a trial: jobs are the study's business, and no number of threads changes a bit.</summary>
    public const string Threads = "threads";

    private static readonly Dictionary<string, TrainOption> Knobs =
        TrainOptionTable.All.Where(knob => knob.Name != $"--{Threads}")
        .ToDictionary(knob => knob.Name[2..], StringComparer.Ordinal);

    /// <summary>What a store says of a trial besides, under names that no parameter may take.</summary>
    private static readonly HashSet<string> Reserved =
    [
        OwnTask.ParametersKey, OwnTask.VersionKey, OwnTask.CostUnitKey,
        .. OptionsText.ToProperties(new TrainingOptions()).Select(option => option.Key),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Task, Length, Variant, Bits, Recipe, TheMethod,
        .. CorpusOptionTable.All.Select(option => option.Name[2..]), .. Knobs.Keys];

    /// <summary>Whether an option is a flag, whose values are true and false.</summary>
    public static bool IsFlag(string name) => (Knobs.TryGetValue(name, out TrainOption? knob) && knob.IsFlag)
        || CorpusOptionTable.All.Any(option => option.IsFlag && option.Name[2..] == name);

    /// <summary>Whether a value of the option may itself contain commas.</summary>
    public static bool TakesCommas(string name) =>
        Knobs.TryGetValue(name, out TrainOption? knob) && knob.Declared.HasCommas;

    /// <summary>Whether the option's values are whole numbers.</summary>
    public static bool IsWhole(string name) => name is Length or "window" or "ahead" or "rare"
        || (Knobs.TryGetValue(name, out TrainOption? knob) && knob.Declared.IsWhole);

    /// <summary>Refuses a name that is none of them.</summary>
    public static void RequireKnown(string name, string where)
    {
        if (Names.Contains(name)) return;
        throw name is Threads or "jobs" or "out" or "resume" or "json"
            ? new UserError($"{where}: '{name}' is not an option of a trial; say it on the command line.")
            : new UserError($"{where}: there is no option '{name}'; did you mean '{Nearest.Of(name, Names)}'?");
    }

    /// <summary>Whether a name can be a parameter of a program's own task: it is no option of the training.</summary>
    public static bool IsParameter(string name) =>
        !Knobs.ContainsKey(name) && name is not (Task or Recipe or TheMethod or Threads) && !Reserved.Contains(name);

    /// <summary>The settings that <c>unroll train</c> would resolve from these options.</summary>
    /// <exception cref="UserError">A value is not one of its option, or options contradict each other.</exception>
    public static TrainSettings Resolve(IReadOnlyDictionary<string, string> values, OwnTasks? own = null)
    {
        string? ofProgram = own is null ? null : Text(Task) ?? own.Tasks[0].Key;
        OwnTask? task = own is not null && own.Has(ofProgram)
            ? own.At(ofProgram!, [.. values.Where(value => IsParameter(value.Key))]) : null;
        if (task is null && values.Keys.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
            RequireKnown(unknown, $"the task {Text(Task) ?? TaskCatalogue.Default}");
        var overrides = new List<Override>();
        foreach ((string name, TrainOption knob) in Knobs)
        {
            if (!values.TryGetValue(name, out string? text)) continue;
            if (!knob.IsFlag) overrides.Add(new Override(knob.Name, knob.Property, knob.Parse(text)));
            else if (Values.Choice(knob.Name, text, [("true", true), ("false", false)]))
                overrides.Add(new Override(knob.Name, knob.Property, knob.Parse("")));
        }

        TrainSettings settings = task is not null ? ResolveOwn(task) : new TrainRequest
        {
            Task = Text(Task) is { } named ? TaskCatalogue.Resolve(named) : null,
            Bits = Text(Bits) is { } bits ? Values.Choice("--bits", bits, [("5", "5"), ("20", "20")]) : null,
            Length = Text(Length) is { } length ? Values.Length("--length", length) : null,
            Variant = Text(Variant) is { } variant ? Values.Choice("--variant", variant, Values.Named<TaskVariant>()) : null,
            Recipe = Text(Recipe) is { } recipe
                ? Values.Choice("--recipe", recipe, [.. Recipes.Names.Select(name => (name, name))]) : null,
            Method = Text(TheMethod) is { } method ? Values.Choice("--method", method, Method.All) : null,
            Overrides = overrides,
            Corpus = [.. CorpusOptionTable.All.Where(option => values.ContainsKey(option.Name[2..]))
                .Select(option => new CorpusOverride(option, option.Parse(values[option.Name[2..]])))],
        }.Resolve();
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
            if (Text(Recipe) is not null)
            {
                throw new UserError(
                    $"'{Recipe}' is for the tasks of the library; the task {task.Name} begins with the study's options.");
            }

            return new TrainRequest
            {
                Method = Text(TheMethod) is { } method ? Values.Choice("--method", method, Method.All) : null,
                Overrides = overrides,
            }.Resolve(task, own!.Basis);
        }
    }
}
