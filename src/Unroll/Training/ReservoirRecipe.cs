using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>Options for an echo state network in the place of a recipe's for gradient steps.</summary>
public static class ReservoirRecipe
{
    private const double Leak = 0.05;
    private const double Distracting = 0.01;

    /// <summary>
    /// A recipe's options for a fixed reservoir whose readout is solved by ridge regression: leaky units, 500 of them, spectral
    /// radius 0.99, and the penalty chosen on a fifth of the sequences. What is about gradients is left out; the task's cost, the
    /// seed and the precision stay.
    /// </summary>
    /// <remarks>
    /// The inputs of a synthetic task have two sizes, for those that matter and those that distract. A gradient finds out which
    /// is which; of a reservoir it must be known.
    /// </remarks>
    /// <param name="recipe">The options of a recipe.</param>
    /// <param name="task">The task; those of <see cref="Tasks.SyntheticTasks"/> have input sizes of their own.</param>
    public static TrainingOptions Of(TrainingOptions recipe, string task = "")
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(task);
        TrainingOptions common = RecipeWithoutSteps.Of(recipe) with
        {
            Optimizer = OptimizerKind.Ridge,
            Cell = CellKind.Leaky,
            Layers = 1,
            Stack = null,
            Activation = Activation.Tanh,
            Leak = Leak,
            TrainedLeak = false,
            LayerNorm = false,
            LongestLag = null,
            ForgetBias = 1,
            LearnedInitialState = false,
            Hidden = Math.Max(500, recipe.Hidden),
            Initialization = Initialization.Reservoir,
            InitializationByBlock = [],
            Reservoir = new ReservoirOptions { SpectralRadius = 0.99, BiasScale = 0.1, InputScales = InputScales(task) },
            Warmup = 0,
            WeightDecay = 0,
            L1 = [],
            L2 = [],
            Frozen = [],
            CheckEvery = 50,
            ValidationSequences = 10_000,
            MaximumUpdates = 200,
            Dropout = 0,
            OutputDropout = 0,
        };
        return SyntheticTasks.KindOf(task) switch
        {
            "memorization" => Memory(common, 2) with { MaximumUpdates = 1, CheckEvery = 1 }, // the whole set is one update
            "memorization-20bit" => Memory(common, 5) with { Hidden = 1_000, CheckEvery = 20, ValidationSequences = 1_000 },
            "mackey-glass" => Signal(common, 100, 0.3, 1e-5, new ReservoirOptions { SpectralRadius = 1.25, BiasScale = 1 }),
            "memory-capacity" => Signal(common, 100, 1, 1e-4, new ReservoirOptions { SpectralRadius = 1, InputDensity = 0.1 }),
            "narma" => Signal(
                common, 200, 1, null, new ReservoirOptions { SpectralRadius = 0.99, InputScales = [0.03], BiasScale = 0.2 }),
            "narma-feedback" => Signal(
                common, 200, 1, null,
                new ReservoirOptions { SpectralRadius = 0.99, InputScales = [0.03, 0.01], BiasScale = 0.2 }),
            "sine" or "figure-eight" => Signal(
                common, 100, 0.3, 1e-5, new ReservoirOptions { SpectralRadius = 1.25, BiasScale = 1 }),
            _ => common,
        };
    }

    private static double[] InputScales(string task) => task switch
    {
        "temporal-order" or "temporal-order-3bit" => [1, 1, Distracting, Distracting, Distracting, Distracting],
        "permutation" => [1, 1, .. Enumerable.Repeat(Distracting, 98)],
        "addition" or "multiplication" => [1, 0.1],
        _ => [1],
    };

    /// <summary>
    /// Values are remembered by echoes, which fast units of a radius near 1 return for as long as the arithmetic tells them
    /// apart.
    /// </summary>
    private static TrainingOptions Memory(TrainingOptions common, int values) => common with
    {
        Leak = 1,
        Precision = Precision.Double,
        RidgePenalty = 1e-12,
        Reservoir = new ReservoirOptions
        {
            SpectralRadius = 1.02,
            InputScales = [.. Enumerable.Repeat(0.1, values), 0, 0.1],
        },
    };

    /// <summary>
    /// Sizes for a task on signals: of Mackey-Glass and of memory those of ReservoirPy's documentation, of NARMA chosen on seed
    /// 11. A few thousand steps are enough.
    /// </summary>
    private static TrainingOptions Signal(
        TrainingOptions common, int units, double leak, double? penalty, ReservoirOptions sizes) =>
        common with
        {
            Hidden = units,
            Leak = leak,
            RidgePenalty = penalty,
            Reservoir = sizes,
            Precision = Precision.Double,
            BatchSize = 5,
            MaximumUpdates = 1,
            CheckEvery = 1,
            ValidationSequences = 20,
        };
}
