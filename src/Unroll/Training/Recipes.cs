using System.Collections.Immutable;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Named sets of options for the synthetic tasks of section 4.1. <c>paper</c> and <c>icml</c> are the published values of the two
/// versions of the paper; <c>best</c> has the values that were measured to solve the task fastest and most reliably. <c>long</c>,
/// for temporal-order, addition and multiplication, continues training after the first success and keeps the model with the
/// lowest error or cost on sequences longer than those trained on (docs/recipes.md has the runs).
/// </summary>
public static class Recipes
{
    private const string Paper = "paper", Icml = "icml", Best = "best", Long = "long";
    private static readonly ImmutableArray<string> LongTasks = ["temporal-order", "addition", "multiplication"];

    /// <summary>The names of the recipes.</summary>
    public static ImmutableArray<string> Names { get; } = [Paper, Icml, Best, Long];

    /// <summary>The options of a recipe for a task of <see cref="SyntheticTasks"/>, seed 1.</summary>
    /// <exception cref="ArgumentException">There is no such task or recipe, or no such recipe for this task.</exception>
    public static TrainingOptions Get(string task, string recipe)
    {
        TrainingOptions paper = PaperOptions(task);
        return recipe switch
        {
            Paper => paper,

            // The ICML version publishes different values only for temporal order (for its figure 7).
            Icml when task == "temporal-order" => paper with { LearningRate = 0.01, ClipThreshold = 1, Omega = 4 },
            Icml => paper,
            Best => BestOptions(task, paper),
            Long when LongTasks.Contains(task) =>
                task switch
                {
                    "temporal-order" => LongMemory(BestOptions(task, paper)),
                    "addition" => LongSum(BestOptions(task, paper)),
                    _ => LongProduct(LongSum(BestOptions(task, paper))),
                },
            Long => throw new ArgumentException(
                $"The recipe '{Long}' is measured for {string.Join(", ", LongTasks)} only; "
                    + $"for {task} take {string.Join(", ", NamesFor(task))}."),
            _ => throw new ArgumentException($"There is no recipe '{recipe}'; there are {string.Join(", ", Names)}."),
        };
    }

    /// <summary>
    /// The options of a recipe for networks of a cell, seed 1. <c>best</c> has separate values for LSTM and GRU; other recipes
    /// are those of the plain network with that cell in place of its units.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such task, recipe or cell, or no such recipe for this task.</exception>
    public static TrainingOptions Get(string task, string recipe, CellKind cell)
    {
        TrainingOptions plain = Get(task, recipe);
        return cell == CellKind.Plain ? plain
            : recipe == Best ? CellRecipes.BestOf(task, plain, cell) : CellRecipes.With(plain, cell);
    }

    /// <summary>The recipes of a task.</summary>
    internal static IEnumerable<string> NamesFor(string task) => Names.Where(name => name != Long || LongTasks.Contains(task));

    /// <summary>The lengths on which the paper trains the task.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static LengthRange DefaultLength(string task) => Describe(task).DefaultLength;

    /// <summary>Section 6 of the paper's supplement; memorization has the values of the authors' code.</summary>
    private static TrainingOptions PaperOptions(string task)
    {
        var options = new TrainingOptions { Hidden = Describe(task).DefaultHidden };
        return task switch
        {
            "addition" or "multiplication" => options with
            {
                LearningRate = 0.01,
                ClipThreshold = 6,
                Omega = 0.5,
                Initialization = Initialization.BasicTanh,
            },
            "permutation" => options with { LearningRate = 0.001, ClipThreshold = 6, Omega = 1 },
            "memorization" or "memorization-20bit" => options with { LearningRate = 0.01, ClipThreshold = 1, Omega = 2 },
            _ => options with { LearningRate = 0.001, ClipThreshold = 6, Omega = 2 },
        };
    }

    /// <summary>
    /// With an orthogonal initialization no direction vanishes, Omega preserves this, and the length grows as fast as it is
    /// learned.
    /// </summary>
    private static TrainingOptions BestOptions(string task, TrainingOptions paper)
    {
        TrainingOptions common = paper with { Initialization = Initialization.Orthogonal, Omega = 2, ClipThreshold = 1 };
        TrainingOptions adam = common with { Optimizer = OptimizerKind.Adam };
        return SyntheticTasks.KindOf(task) switch
        {
            "addition" or "multiplication" => adam with
            {
                LearningRate = 0.0001,
                Curriculum = new LengthCurriculum(20, 1.1, 0.05),
            },
            "memorization" => adam with { LearningRate = 0.0001, Curriculum = new LengthCurriculum(1, 1.1, 0.05, 100) },

            // All ten values must be right at once, so the length may grow while many sequences still have a wrong value.
            "memorization-20bit" => adam with
            {
                Hidden = 100,
                Omega = 1,
                LearningRate = 0.0003,
                Curriculum = new LengthCurriculum(1, 1.1, 0.3, 100),
            },
            // Without the noise some runs fall back to chance, or stay just above the bound (docs/recipes.md).
            "temporal-order" or "permutation" => common with
            {
                LearningRate = 0.01,
                Curriculum = new LengthCurriculum(20, 1.1, 0.02),
                StateNoise = 0.1,
                Rescue = new RescueRule(),
            },
            "mackey-glass" or "narma" or "narma-feedback" or "memory-capacity" => adam with
            {
                LearningRate = 0.001,
                Omega = 0,
                CheckEvery = 500,
            },
            "sine" or "figure-eight" => adam with
            {
                LearningRate = 0.001,
                Omega = 0,
                CheckEvery = 100,
                ValidationSequences = 1_000,
            },
            _ => common with { LearningRate = 0.01, Curriculum = new LengthCurriculum(20, 1.1, 0.02) },
        };
    }

    /// <summary>
    /// The best recipe with its noise on the biases and not on the states, and training after the first success. Noise on the
    /// biases leaves only memories that are attractors, and these work on sequences far longer than those trained on. The model
    /// is chosen by the worst of its errors at 700 and 2,000 steps, because a memory that lasts 700 steps may be lost by 2,000.
    /// </summary>
    private static TrainingOptions LongMemory(TrainingOptions best) => best with
    {
        StateNoise = 0,
        BiasNoise = 0.05,
        Stop = StopRule.Budget,
        MaximumUpdates = 150_000,
        ValidationSequences = 4_000,
        SelectionLengths = [700, 2_000],
    };

    /// <summary>
    /// ReLU units that start from the identity (Le et al., 2015), with training after the first success. A ReLU that is open is
    /// linear, so a sum is kept as it is, and one that is closed passes exactly nothing, so unmarked values can add nothing.
    /// Tanh units, and these units with Omega, keep far less (docs/recipes.md has the runs). The rate falls on a plateau and the
    /// parameters are averaged, because an error that is left grows with the length.
    /// </summary>
    private static TrainingOptions LongSum(TrainingOptions best) => best with
    {
        Activation = Activation.Relu,
        Initialization = Initialization.Identity,
        Omega = 0,
        LearningRate = 0.001,
        RateSchedule = RateSchedule.Plateau,
        PlateauChecks = 5,
        Averaging = 0.999,
        Stop = StopRule.Budget,
        MaximumUpdates = 100_000,
        CheckEvery = 1_000,
        ValidationSequences = 4_000,
        SelectionLengths = [700, 2_000],
    };

    /// <summary>
    /// A product is a curve, which units take longer to fit than a sum. Its error at 700 and 2,000 steps is 0 at most checks, so
    /// the model is chosen by its cost there.
    /// </summary>
    private static TrainingOptions LongProduct(TrainingOptions sum) => sum with
    {
        MaximumUpdates = 150_000,
        SelectionMeasure = SelectionMeasure.Cost,
    };

    private static TaskDescription Describe(string task) =>
        SyntheticTasks.Find(task)
        ?? throw new ArgumentException(
            $"There is no task '{task}'; there are {string.Join(", ", SyntheticTasks.All.Select(t => t.Name))}.");
}
