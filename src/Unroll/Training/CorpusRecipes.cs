using System.Collections.Immutable;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Named sets of options for the natural tasks of section 4.2. <c>paper</c> has the published values; values that are not
/// published (initialization, sequences in an update, epochs) are explained in docs/reproducing.md. <c>best</c> has the values
/// that were measured to be best with a plain network of the paper's size, chosen on the validation fold.
/// </summary>
public static class CorpusRecipes
{
    private const string Paper = "paper", Best = "best";

    /// <summary>The names of the recipes.</summary>
    public static ImmutableArray<string> Names { get; } = [Paper, Best];

    /// <summary>The options of a recipe, seed 1.</summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="data">The data set's name: there are separate values for MuseData and, in <c>best</c>, for Penn
    /// Treebank.</param>
    /// <param name="ahead">How far ahead the predicted symbol of a text is; above 1 there are other values.</param>
    /// <param name="clips">Whether the gradient is clipped (section 3.2).</param>
    /// <param name="regularizes">Whether Omega is added (section 3.3).</param>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="ArgumentException">There is no such task or recipe.</exception>
    public static TrainingOptions Get(string task, string data, int ahead, bool clips, bool regularizes, string recipe)
    {
        if (!Names.Contains(recipe))
            throw new ArgumentException(
                $"There is no recipe '{recipe}' of the task {task}; there are {string.Join(", ", Names)}.");
        bool museData = data == "musedata";
        TrainingOptions options = (task, recipe) switch
        {
            (MusicTask.TaskName, Paper) => MusicOfPaper(museData),
            (MusicTask.TaskName, _) => MusicBest(museData),
            (TextTask.TaskName, Paper) => TextOfPaper(ahead, clips, regularizes),
            (TextTask.TaskName, _) => TextBest(data == "ptb"),
            _ => throw new ArgumentException(
                $"There is no task '{task}' of a corpus; there are {MusicTask.TaskName}, {TextTask.TaskName}."),
        };
        return options with { ClipMode = clips ? ClipMode.Norm : ClipMode.None, Omega = regularizes ? options.Omega : 0 };
    }

    /// <summary>
    /// The options of a recipe for networks of a cell, seed 1: those of the plain network with that cell in place of its units;
    /// <c>best</c> has separate values for LSTM and GRU.
    /// </summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="data">The data set's name.</param>
    /// <param name="ahead">How far ahead the predicted symbol of a text is.</param>
    /// <param name="clips">Whether the gradient is clipped (section 3.2).</param>
    /// <param name="regularizes">Whether Omega is added (section 3.3).</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cell">The cell.</param>
    /// <exception cref="ArgumentException">There is no such task, recipe or cell.</exception>
    public static TrainingOptions Get(
        string task, string data, int ahead, bool clips, bool regularizes, string recipe, CellKind cell)
    {
        TrainingOptions plain = Get(task, data, ahead, clips, regularizes, recipe);
        return cell == CellKind.Plain ? plain
            : recipe == Best ? CellRecipes.BestOfCorpus(task, plain, cell) : CellRecipes.With(plain, cell);
    }

    /// <summary>The steps of a training window of a recipe: the paper's 200, or 50 for text with <c>best</c>.</summary>
    /// <param name="task"><see cref="MusicTask.TaskName"/> or <see cref="TextTask.TaskName"/>.</param>
    /// <param name="recipe">The recipe.</param>
    public static int DefaultWindow(string task, string recipe) => task == TextTask.TaskName && recipe == Best ? 50 : 200;

    private static TrainingOptions Common { get; } = new()
    {
        RateSchedule = RateSchedule.HalveOnRise,
        CheckEvery = 0,
        Stop = StopRule.Budget,
    };

    /// <summary>Supplement, section 4.2: clip 8 on the mean cost, alpha_t = alpha / t.</summary>
    private static TrainingOptions MusicOfPaper(bool museData) => Common with
    {
        Hidden = museData ? 400 : 300,
        Activation = Activation.Sigmoid,
        RateSchedule = RateSchedule.HalveOnTrainingRise,
        Initialization = Initialization.BasicTanh,
        LearningRate = museData ? 0.5 : 1.0,
        ClipThreshold = 8,
        Omega = museData ? 0.1 : 0.5,
        OmegaSchedule = OmegaSchedule.Inverse,
        BatchSize = 1,
        MaximumEpochs = 60,
        Patience = 10,
    };

    /// <summary>
    /// Supplement, section 4.2: no biases, clip 45 on the summed cost; the rate depends on the method and on how far ahead is
    /// predicted.
    /// </summary>
    private static TrainingOptions TextOfPaper(int ahead, bool clips, bool regularizes) => Common with
    {
        Hidden = 500,
        Activation = Activation.Sigmoid,
        Biases = false,
        RateSchedule = RateSchedule.HalveOnTrainingRise,
        Initialization = Initialization.BasicTanh,
        LearningRate = (ahead > 1, clips, regularizes) switch
        {
            (false, false, _) => 0.001,
            (false, true, false) => 0.01,
            (true, true, false) => 0.1,
            (true, false, false) => 0.001,
            _ => 0.05,
        },
        ClipThreshold = 45,
        Omega = ahead > 1 ? 0.05 : 0.01,
        OmegaSchedule = ahead > 1 ? OmegaSchedule.Inverse : OmegaSchedule.Constant,
        Averaging = 0.9995,
        BatchSize = 1,
        MaximumEpochs = 20,
        Patience = 4,
    };

    /// <summary>
    /// The paper's network trained with Adam, its parameters averaged, the rate halved when the validation cost rises. Weight
    /// noise and weight decay reduce overfitting; noise alone does so less well (docs/reproducing.md).
    /// </summary>
    private static TrainingOptions MusicBest(bool museData) => MusicOfPaper(museData) with
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = museData ? 0.002 : 0.003,
        RateSchedule = RateSchedule.HalveOnRise,
        Averaging = 0.999,
        WeightNoise = 0.1,
        WeightDecay = 0.00005,
        Omega = 0,
    };

    /// <summary>
    /// Adam, which takes steps for the weights of rare characters as long as those for frequent ones, at a rate that starts high
    /// and falls with the epochs, on many short windows; the parameters are averaged over the last thousands of updates. Sigmoid
    /// units are stable at such a rate, tanh units fall off the wall of section 2.3 (docs/reproducing.md). The epochs of a
    /// shorter text have too few updates for a schedule by epochs, so there the rate falls when the validation cost rises.
    /// </summary>
    private static TrainingOptions TextBest(bool pennTreebank) => TextOfPaper(1, true, false) with
    {
        Biases = true,
        Initialization = Initialization.Sigmoid,
        Reduction = CostReduction.Mean,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.008,
        RateSchedule = pennTreebank ? RateSchedule.Inverse : RateSchedule.HalveOnRise,
        ClipThreshold = 1,
        Omega = 0,
        BatchSize = 16,
    };
}
