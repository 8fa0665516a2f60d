using System.Collections.Immutable;
using Unroll.Remedies;
using Unroll.Studies.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>
/// What was given on the command line of <c>unroll train</c>, parsed but not yet resolved; null where nothing was given.
/// </summary>
internal sealed record TrainRequest
{
    public string? Task { get; init; }

    /// <summary>The bits to memorize, which choose between two tasks.</summary>
    public string? Bits { get; init; }

    public LengthRange? Length { get; init; }

    public TaskVariant? Variant { get; init; }

    public string? Recipe { get; init; }

    public Method? Method { get; init; }

    public IReadOnlyList<Override> Overrides { get; init; } = [];

    /// <summary>The options given about somebody's own sequences, by their names without dashes.</summary>
    public IReadOnlyDictionary<string, string> Series { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The options given about a corpus.</summary>
    public IReadOnlyList<CorpusOverride> Corpus { get; init; } = [];

    /// <summary>
    /// Defaults, then the recipe's values, masked by the method (which says which remedies are in force), then what was given
    /// explicitly. Options that contradict each other are refused.
    /// </summary>
    public TrainSettings Resolve()
    {
        string task = WithBits(Task ?? TaskCatalogue.Default);
        if (CorpusKind.Find(task) is { } kind) return ResolveCorpus(kind);
        if (Corpus.Count > 0)
            throw new UserError(
                $"{Corpus[0].Option.Name} is for {Corpora(Corpus[0].Option)}; the task {task} makes its own sequences.");
        string recipe = Recipe ?? "best";
        LengthRange length = Length ?? Recipes.DefaultLength(task);
        CheckContradictions();
        TrainingOptions options = OptimizerRecipes.Recipe(OfRecipe(task, recipe, GivenCell()), Explicitly(), task);
        if (Method is { } method) options = Masked(options, method, FallbackOmega(task));

        foreach (Override change in Overrides) options = change.Apply(options);
        options = NetworkOptions.GiveWay(options, Given);
        CheckUnused(options, task, recipe);
        foreach (string option in (string[])["--epochs", "--patience"])
        {
            if (Given(option))
                throw new UserError(
                    $"{option} is for {CorpusKind.Words}; the task {task} "
                        + $"{(option == "--epochs" ? "has no epochs" : "ends by --stop")}.");
        }

        if (options.CheckEvery == 0)
            throw new UserError($"--check-every epoch is for {CorpusKind.Words}; the task {task} has no epochs.");
        var settings = new TrainSettings(task, length, Variant ?? TaskVariant.Code, recipe, options);
        CheckWholeSet(settings);
        CheckFeedback(task, settings.Sketch() is IFeedbackTask);
        return settings;
    }

    /// <summary>As <see cref="Resolve()"/>, for somebody's own sequences.</summary>
    /// <param name="series">Which, and how they are read.</param>
    /// <param name="examples">The examples of an epoch.</param>
    public TrainSettings Resolve(SeriesSettings series, long examples)
    {
        CheckContradictions();
        CheckFeedback(series.Task, feedsBack: false);
        CellKind cell = Given("--cell") || Given("--stack") ? GivenCell() : CellKind.Gru;
        TrainingOptions recipe = SeriesRecipes.Get(series.Kind, examples, SeriesRecipes.Names[0], cell);
        TrainingOptions options = OptimizerRecipes.OnSeries(recipe, Explicitly(), series.Task);
        foreach (Override change in Overrides) options = change.Apply(options);
        options = NetworkOptions.GiveWay(options, Given);
        CheckUnused(options, series.Task, SeriesRecipes.Names[0]);
        return new TrainSettings(series.Task, default, TaskVariant.Code, SeriesRecipes.Names[0], options) { Series = series };
    }

    /// <summary>As <see cref="Resolve()"/>, for a program's own task, whose options begin with those given.</summary>
    public TrainSettings Resolve(OwnTask task, TrainingOptions basis)
    {
        CheckContradictions();
        TrainingOptions options = OptimizerRecipes.Recipe(basis, Explicitly(), task.Name);
        if (Method is { } method) options = Masked(options, method, new TrainingOptions().Omega);
        foreach (Override change in Overrides) options = change.Apply(options);
        options = NetworkOptions.GiveWay(options, Given);
        CheckUnused(options, task.Name, OwnTask.Recipe);
        var settings = new TrainSettings(task.Name, task.Length, TaskVariant.Code, OwnTask.Recipe, options) { Own = task };
        CheckWholeSet(settings);
        CheckFeedback(task.Name, settings.Sketch() is IFeedbackTask);
        return settings;
    }

    /// <summary>The options with the remedies of a method in force and no other.</summary>
    private static TrainingOptions Masked(TrainingOptions options, Method method, double omega) => options with
    {
        ClipMode = !method.Clips ? ClipMode.None : options.ClipMode == ClipMode.None ? ClipMode.Norm : options.ClipMode,
        Omega = !method.Regularizes ? 0 : options.Omega > 0 ? options.Omega : omega,
    };

    private static string Corpora(CorpusOption option) =>
        option.Task.Length > 0 ? $"the task {option.Task}" : $"the tasks {CorpusKind.Words}";

    /// <summary>As <see cref="Resolve()"/>, for a task that is made of a corpus.</summary>
    private TrainSettings ResolveCorpus(CorpusKind kind)
    {
        string task = kind.Name;
        if (Length is not null)
            throw new UserError(
                $"--length is for synthetic tasks; {task} takes its lengths from its data (--window says how many steps of it "
                    + "at once).");
        if (Variant is not null) throw new UserError($"--variant is for synthetic tasks; {task} has none.");
        foreach (string option in (string[])
            ["--curriculum", "--select-length", "--select-by", "--validation", "--stop", "--rescue"])
        {
            if (Given(option))
                throw new UserError(
                    $"{option} is for synthetic tasks; {task} is evaluated on the validation fold of its "
                        + $"data{(option == "--stop" ? " and ends by --epochs, --updates, --minutes or --patience" : "")}.");
        }

        string recipe = Recipe ?? "best";
        CorpusSettings corpus = (kind.New() with { Window = kind.DefaultWindow(recipe) }).With(Corpus);
        if (corpus.Data.Length == 0)
        {
            throw new UserError(
                $"{task} needs --data: a data set ({string.Join(", ", kind.DataSets)}) or a file of your own.");
        }

        CheckContradictions();
        CheckFeedback(task, feedsBack: false);
        if (!kind.Recipes.Contains(recipe))
            throw new UserError($"The recipe '{recipe}' is for synthetic tasks; {task} has {string.Join(", ", kind.Recipes)}.");
        CellKind cell = GivenCell();
        Method method = Method ?? Method.Of(kind.Recipe(corpus, clips: true, regularizes: true, recipe, cell));
        TrainingOptions options = kind.Recipe(corpus, method.Clips, method.Regularizes, recipe, cell);
        if (method.Regularizes && options.Omega == 0) options = options with { Omega = FallbackOmega(corpus, options) };
        foreach (Override change in Overrides) options = change.Apply(options);
        options = NetworkOptions.GiveWay(options, Given);
        CheckUnused(options, task, recipe);
        return new TrainSettings(task, default, TaskVariant.Code, recipe, options) { Corpus = corpus };
    }

    private static TrainingOptions OfRecipe(string task, string recipe, CellKind cell)
    {
        try
        {
            return Recipes.Get(task, recipe, cell);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private string WithBits(string task)
    {
        if (Bits is null) return task;
        string wanted = Bits == "5" ? "memorization" : "memorization-20bit";
        if (!task.StartsWith("memorization", StringComparison.Ordinal))
            throw new UserError($"--bits is for the task memorization; {task} has no such choice.");
        return task == "memorization" || task == wanted ? wanted
            : throw new UserError($"--bits {Bits} contradicts the task {task}; leave one of them out.");
    }

    /// <summary>A task that is one whole set leaves nothing to choose about how many of its sequences are taken.</summary>
    private void CheckWholeSet(TrainSettings settings)
    {
        foreach (string option in (string[])["--batch", "--validation"])
        {
            if (Given(option) && settings.Sketch().WholeSet is { } all)
                throw new UserError(
                    Invariant($"{option} has no effect with {settings.Task}, which always takes its whole set of {all} ")
                        + "sequences; leave it out.");
        }
    }

    /// <summary>Only some tasks have outputs that feed back.</summary>
    private void CheckFeedback(string task, bool feedsBack)
    {
        const string Option = "--teacher-forcing";
        if (Given(Option) && !feedsBack) throw new UserError(OptionsRules.NoFeedback(task, Option));
    }

    /// <summary>The saved settings with the budget and threads given now; any other difference is refused by name.</summary>
    public TrainSettings ResolveFor(TrainSettings saved, string folder)
    {
        Refuse("the task", saved.Task, Bits is null ? Task : WithBits(Task ?? saved.Task));
        foreach (CorpusOverride change in Corpus)
        {
            if (saved.Corpus is null)
                throw new UserError(
                    $"{change.Option.Name} is for {Corpora(change.Option)}; the run in {folder} is of {saved.Task}.");
            if (change.Apply(saved.Corpus) != saved.Corpus)
                throw new UserError(
                    $"The run in {folder} has another {change.Option.Name}; a resumed run keeps its data (only --data-dir may "
                        + "say where it lies now).");
        }

        foreach ((string name, string text) in Series)
            Refuse($"--{name}", saved.Series?.Texts.GetValueOrDefault(name) ?? "(none)", text);
        Refuse("--length", saved.Length.ToString(), Length?.ToString());
        Refuse("--variant", OptionsText.Name(saved.Variant), Variant is { } variant ? OptionsText.Name(variant) : null);
        Refuse("--recipe", saved.Recipe, Recipe);
        Refuse("--method", Method.Of(saved.Options).Name, Method?.Name);
        TrainingOptions options = saved.Options;
        foreach (Override change in Overrides)
        {
            TrainingOptions changed = change.Apply(saved.Options);
            if (OptionsText.MayChange(change.Property)) options = change.Apply(options);
            else if (change.Option == "--clip") Refuse(change.Option, ClipOption.Text(saved.Options), ClipOption.Text(changed));
            else Refuse(change.Option, Text(saved.Options, change.Property), Text(changed, change.Property));
        }

        return saved with { Options = options };

        void Refuse(string option, string before, string? now)
        {
            if (now is not null && now != before)
                throw new UserError(
                    $"The run in {folder} has {option} {before}, not {now}; a resumed run keeps its options (only --updates, "
                        + "--epochs, --minutes, --threads and --json may change).");
        }

        static string Text(TrainingOptions options, string property) =>
            OptionsText.ToProperties(options).First(p => p.Key == property).Value;
    }

    private bool Given(string option) => Overrides.Any(change => change.Option == option);

    /// <summary>The defaults with what was given.</summary>
    private TrainingOptions Explicitly() =>
        Overrides.Aggregate(new TrainingOptions(), (options, change) => change.Apply(options));

    /// <summary>The cell for which a recipe gives its values: of a stack that of its last layer.</summary>
    private CellKind GivenCell() => Explicitly() is { Stack: { } stack } ? stack[^1].Cell : Explicitly().Cell;

    private void CheckContradictions()
    {
        TrainingOptions explicitly = Explicitly();
        bool modeGiven = Given("--clip-mode"), none = modeGiven && explicitly.ClipMode == ClipMode.None;
        if (none && Given("--clip")) throw new UserError("--clip-mode none contradicts --clip; leave one of them out.");
        if (Method is not { } method) return;
        if (!method.Clips && Given("--clip"))
            throw Contradiction("--clip", "does not clip", method.Regularizes ? "sgd-cr" : "sgd-c");
        if (!method.Clips && modeGiven && !none)
            throw Contradiction("--clip-mode", "does not clip", method.Regularizes ? "sgd-cr" : "sgd-c");
        if (method.Clips && none) throw Contradiction("--clip-mode none", "clips", method.Regularizes ? "sgd-r" : "sgd");
        if (!method.Regularizes && Given("--omega") && explicitly.Omega > 0)
            throw Contradiction("--omega", "has no Omega", method.Clips ? "sgd-cr" : "sgd-r");
        if (method.Regularizes && Given("--omega") && explicitly.Omega == 0)
            throw Contradiction("--omega 0", "needs Omega", method.Clips ? "sgd-c" : "sgd");

        UserError Contradiction(string option, string because, string instead) =>
            new($"--method {method.Name} {because}, which contradicts {option}; use --method {instead} or leave {option} out.");
    }

    /// <summary>An option that changes nothing is a mistake that would otherwise go unseen.</summary>
    private void CheckUnused(TrainingOptions options, string task, string recipe)
    {
        NetworkOptions.CheckUnused(options, Given);
        foreach (Override change in Overrides)
        {
            if (TrainOptionTable.Named(change.Option).Declared.NoEffect(options) is { } because)
                throw new UserError($"{change.Option} has no effect {because}.");
        }

        if (options.ClipMode == ClipMode.None && Given("--clip"))
            throw new UserError(
                $"--clip has no effect because the {recipe} recipe of {task} does not clip; add --clip-mode norm.");
        if (options.AdaptiveThreshold is not null && options.ClipMode == ClipMode.Value)
            throw new UserError("--clip auto is a threshold of the norm, which --clip-mode value does not clip; use --clip-mode "
                + "norm, or give --clip a number.");
    }

    /// <summary>
    /// The paper's weight, which for a text is beside the sum over the steps of its window: beside their mean as much less.
    /// </summary>
    private static double FallbackOmega(CorpusSettings corpus, TrainingOptions options)
    {
        TrainingOptions paper = corpus.Kind.Recipe(corpus, clips: true, regularizes: true, "paper");
        CostReduction own = corpus.Sketch().Reduction;
        bool averagedNow = (paper.Reduction ?? own) == CostReduction.Sum && (options.Reduction ?? own) == CostReduction.Mean;
        return averagedNow ? paper.Omega / corpus.Kind.DefaultWindow("paper") : paper.Omega;
    }

    private static double FallbackOmega(string task)
    {
        double paper = Recipes.Get(task, "paper").Omega;
        return paper > 0 ? paper : new TrainingOptions().Omega;
    }
}
