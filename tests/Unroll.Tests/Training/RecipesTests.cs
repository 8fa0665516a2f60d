using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The named sets of options: valid for their tasks, and the published ones as published.</summary>
public static class RecipesTests
{
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (TaskDescription task in SyntheticTasks.All)
        {
            foreach (string recipe in Recipes.NamesFor(task.Name)) data.Add(task.Name, recipe);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public static void Every_recipe_trains_its_task(string task, string recipe)
    {
        TrainingOptions options = Recipes.Get(task, recipe);
        bool of1997 = task is "temporal-order" or "temporal-order-3bit" or "addition" or "multiplication" or "permutation";
        foreach (TaskVariant variant in Enum.GetValues<TaskVariant>().Where(one => one != TaskVariant.Hs97 || of1997))
        {
            using var trainer = new Trainer(SyntheticTasks.Create(task, Recipes.DefaultLength(task), variant), options);
            Assert.Equal(options.Hidden, trainer.Shape.Hidden);
        }

        ILengthTask shortTask = SyntheticTasks.Create(task, Math.Max(20, Shortest(task)));
        TrainingOptions few = options with { MaximumUpdates = 2, CheckEvery = 2, ValidationSequences = 20 };
        TrainingProgress check = Assert.Single(Runs.Run(shortTask, few).Checks);
        Assert.True(double.IsFinite(check.Loss) && double.IsFinite(check.ValidationLoss) && double.IsFinite(check.GradientNorm));
    }

    /// <summary>
    /// Recipes for other cells: valid, with the cell in place of plain units; for the plain cell, the recipe itself.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public static void Every_recipe_is_there_for_every_cell(string task, string recipe)
    {
        Assert.Equal(OptionsText.ToProperties(Recipes.Get(task, recipe)),
            OptionsText.ToProperties(Recipes.Get(task, recipe, CellKind.Plain)));
        foreach (CellKind cell in (CellKind[])[CellKind.Leaky, CellKind.Lstm, CellKind.Gru, CellKind.Lru])
        {
            TrainingOptions options = Recipes.Get(task, recipe, cell) with
            {
                Hidden = 6,
                MaximumUpdates = 1,
                CheckEvery = 1,
                ValidationSequences = 20,
                SelectionLengths = [],
            };
            ILengthTask shortTask = SyntheticTasks.Create(task, Math.Max(20, Shortest(task)));
            TrainingProgress check = Assert.Single(Runs.Run(shortTask, options).Checks);
            Assert.True(double.IsFinite(check.Loss) && double.IsFinite(check.ValidationLoss) && check.GradientNorm > 0);
            bool gated = cell is CellKind.Lstm or CellKind.Gru;
            if (cell == CellKind.Lru) Assert.Equal(0, options.Omega);
            Assert.Equal((cell, gated && recipe == "best" ? 200 : null, cell == CellKind.Leaky ? 0.5 : 1),
                (options.Cell, options.LongestLag, options.Leak));
        }

        Assert.Contains("cell 9", Assert.Throws<ArgumentException>(() => Recipes.Get(task, recipe, (CellKind)9)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public static void Corpora_have_recipes_for_every_cell()
    {
        foreach (string recipe in CorpusRecipes.Names)
        {
            foreach (CellKind cell in Enum.GetValues<CellKind>())
            {
                foreach (string task in (string[])[MusicTask.TaskName, TextTask.TaskName])
                {
                    TrainingOptions plain = CorpusRecipes.Get(task, "", 1, true, true, recipe),
                        options = CorpusRecipes.Get(task, "", 1, true, true, recipe, cell);
                    Assert.Equal(cell, options.Cell);
                    if (cell == CellKind.Plain) Assert.Equal(plain, options);
                    bool gated = cell is CellKind.Lstm or CellKind.Gru;
                    Assert.Equal(gated ? Activation.Tanh : Activation.Sigmoid, options.Activation);
                    Assert.Equal(gated && recipe == "best" ? plain.Hidden / 2 : plain.Hidden, options.Hidden);
                }
            }
        }
    }

    /// <summary>The table of the supplement; for memorization, the defaults of the authors' code.</summary>
    [Theory]
    [InlineData("temporal-order", 50, 0.001, 6, 2, Initialization.SmartTanh)]
    [InlineData("temporal-order-3bit", 100, 0.001, 6, 2, Initialization.SmartTanh)]
    [InlineData("addition", 50, 0.01, 6, 0.5, Initialization.BasicTanh)]
    [InlineData("multiplication", 50, 0.01, 6, 0.5, Initialization.BasicTanh)]
    [InlineData("permutation", 100, 0.001, 6, 1, Initialization.SmartTanh)]
    [InlineData("memorization", 50, 0.01, 1, 2, Initialization.SmartTanh)]
    [InlineData("memorization-20bit", 50, 0.01, 1, 2, Initialization.SmartTanh)]
    public static void Paper(string task, int hidden, double rate, double clip, double alpha, Initialization initialization)
    {
        TrainingOptions options = Recipes.Get(task, "paper");
        Assert.Equal(
            (hidden, rate, clip, alpha, initialization),
            (options.Hidden, options.LearningRate, options.ClipThreshold, options.Omega, options.Initialization));
        Assert.Equal(
            new TrainingOptions
            {
                Hidden = hidden,
                LearningRate = rate,
                ClipThreshold = clip,
                Omega = alpha,
                Initialization = initialization,
            },
            options);

        // Values that the table does not have come from the paper and its code.
        Assert.Equal(
            (OptimizerKind.Sgd, ClipMode.Norm, OmegaForm.Code, OmegaSchedule.Constant, RateSchedule.Constant, 20,
                Activation.Tanh),
            (options.Optimizer, options.ClipMode, options.OmegaForm, options.OmegaSchedule, options.RateSchedule,
                options.BatchSize, options.Activation));
        Assert.Equal((5_000_000L, StopRule.First, 10_000, 2_000),
            (options.MaximumUpdates, options.Stop, options.ValidationSequences, options.CheckEvery));
        Assert.Equal((null, 0, 0.0, 0.0),
            (options.Curriculum, options.SelectionLengths.Count, options.Averaging, options.WeightNoise));
    }

    [Fact]
    public static void Icml_differs_for_temporal_order_alone()
    {
        foreach (TaskDescription task in SyntheticTasks.All)
        {
            TrainingOptions paper = Recipes.Get(task.Name, "paper"), icml = Recipes.Get(task.Name, "icml");
            Assert.Equal(
                task.Name == "temporal-order" ? paper with { LearningRate = 0.01, Omega = 4, ClipThreshold = 1 } : paper, icml);
        }
    }

    [Fact]
    public static void Lengths_are_those_of_the_paper()
    {
        foreach (TaskDescription task in SyntheticTasks.All.Take(7))
            Assert.Equal(task.Name.StartsWith("memorization", StringComparison.Ordinal) ? 50 : new LengthRange(50, 200),
                Recipes.DefaultLength(task.Name));
    }

    [Fact]
    public static void An_unknown_name_is_refused_with_those_there_are()
    {
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => Recipes.Get("adition", "paper")).Message, "'adition'",
            "temporal-order", "addition", "memorization-20bit");
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => Recipes.Get("addition", "bset")).Message, "'bset'",
            "paper, icml, best");
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => Recipes.DefaultLength("x")).Message, "'x'", "addition");
    }

    private static int Shortest(string name) => SyntheticTasks.All.Single(task => task.Name == name).MinimumLength;
}
