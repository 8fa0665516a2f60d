using Unroll.Cells;

namespace Unroll.Training;

/// <summary>
/// The values of recipes for cells other than the paper's plain units. Where nothing was measured, the recipe's own values are
/// used with the cell in place of the plain units.
/// </summary>
internal static class CellRecipes
{
    /// <summary>
    /// The leak in a recipe for leaky units: plain units have a leak of 1, and half of that keeps a state twice as long.
    /// </summary>
    private const double Leak = 0.5;

    /// <summary>
    /// The length of the longest sequences among the tasks' own lengths, and so the longest memory that a gate may start with.
    /// </summary>
    private const int LongestLag = 200;

    /// <summary>A recipe's values with another cell in place of its plain units.</summary>
    public static TrainingOptions With(TrainingOptions plain, CellKind cell)
    {
        if (!Enum.IsDefined(cell)) throw new ArgumentException($"The cell {cell} is not a known value.");
        return plain with
        {
            Cell = cell,
            Omega = CellTable.Of(cell).Layout.RecurrentGates > 0 ? plain.Omega : 0,
            Leak = cell == CellKind.Leaky ? Leak : 1,
            Activation = CellTable.Of(cell).HasActivation ? plain.Activation : Activation.Tanh,
        };
    }

    /// <summary>
    /// The best recipe of a synthetic task. Gates that start with memories of 2 to 200 steps carry the error far enough that
    /// Omega is not needed, and a curriculum only for memorization (docs/recipes.md has the runs).
    /// </summary>
    public static TrainingOptions BestOf(string task, TrainingOptions plain, CellKind cell) =>
        cell == CellKind.Lru ? BestOfPoles(With(plain, cell))
        : !IsGated(cell) ? With(plain, cell)
        : With(plain, cell) with
        {
            Initialization = Initialization.Uniform,
            LongestLag = LongestLag,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 0.003,
            ClipThreshold = 1,
            Omega = 0,
            StateNoise = 0,
            BiasNoise = 0,
            Rescue = null,
            Curriculum = task.StartsWith("memorization", StringComparison.Ordinal) ? plain.Curriculum : null,
            CheckEvery = 500,
        };

    /// <summary>
    /// The best recipe of a corpus: half the units of the plain network, which gives about as many weights, at a lower rate.
    /// </summary>
    public static TrainingOptions BestOfCorpus(CorpusRecipe kind, TrainingOptions plain, CellKind cell) => !IsGated(cell)
        ? With(plain, cell)
        : With(plain, cell) with
        {
            Hidden = plain.Hidden / 2,
            Initialization = Initialization.Uniform,
            LearningRate = kind.GatedRate(cell, plain.LearningRate),
        };

    /// <summary>
    /// Two layers, because a linear recurrence needs a nonlinearity of the inputs before it to add what is marked and one after
    /// it to tell orders apart (docs/recipes.md has the runs).
    /// </summary>
    private static TrainingOptions BestOfPoles(TrainingOptions plain) => plain with
    {
        Layers = 2,
        Activation = Activation.Relu,
        Initialization = Initialization.FanIn,
        Ring = new RingStart(0.9, 0.999, 0.1),
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.003,
        ClipThreshold = 1,
        StateNoise = 0,
        BiasNoise = 0,
        Rescue = null,
        Curriculum = null,
        CheckEvery = 500,
    };

    private static bool IsGated(CellKind cell) => cell is CellKind.Lstm or CellKind.Gru;
}
