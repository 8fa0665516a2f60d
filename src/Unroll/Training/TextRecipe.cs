using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The recipes for text.</summary>
internal sealed class TextRecipe : CorpusRecipe
{
    public override string Task => TextTask.TaskName;

    public override int Window(bool best) => best ? 50 : 200;

    public override TrainingOptions Paper(string data, int ahead, bool clips, bool regularizes) =>
        OfPaper(ahead, clips, regularizes);

    public override TrainingOptions Best(string data) => BestOf(data == "ptb");

    public override double GatedRate(CellKind cell, double plain) => cell == CellKind.Lstm ? 0.008 : 0.004;

    /// <summary>
    /// Supplement, section 4.2: no biases, clip 45 on the summed cost; the rate depends on the method and on how far ahead is
    /// predicted.
    /// </summary>
    private static TrainingOptions OfPaper(int ahead, bool clips, bool regularizes) => Common with
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
    /// Adam, which takes steps for the weights of rare characters as long as those for frequent ones, at a rate that starts high
    /// and falls with the epochs, on many short windows; the parameters are averaged over the last thousands of updates. Sigmoid
    /// units are stable at such a rate, tanh units fall off the wall of section 2.3 (docs/reproducing.md). The epochs of a
    /// shorter text have too few updates for a schedule by epochs, so there the rate falls when the validation cost rises.
    /// </summary>
    private static TrainingOptions BestOf(bool pennTreebank) => OfPaper(1, true, false) with
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
