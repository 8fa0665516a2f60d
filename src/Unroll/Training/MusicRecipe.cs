using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The recipes for music.</summary>
internal sealed class MusicRecipe : CorpusRecipe
{
    public override string Task => MusicTask.TaskName;

    public override int Window(bool best) => 200;

    public override TrainingOptions Paper(string data, int ahead, bool clips, bool regularizes) => OfPaper(IsMuseData(data));

    public override TrainingOptions Best(string data) => BestOf(IsMuseData(data)) with
    {
        RateSchedule = data.Length > 0 ? RateSchedule.HalveOnRise : RateSchedule.Plateau, // files of one's own have no name
    };

    public override double GatedRate(CellKind cell, double plain) => plain;

    private static bool IsMuseData(string data) => data == "musedata";

    /// <summary>Supplement, section 4.2: clip 8 on the mean cost, alpha_t = alpha / t.</summary>
    private static TrainingOptions OfPaper(bool museData) => Common with
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
    /// The paper's network trained with Adam, its parameters averaged, the rate halved when the validation cost rises. Weight
    /// noise and weight decay reduce overfitting; noise alone does so less well (docs/reproducing.md). The validation cost of a
    /// few pieces of one's own rises by chance at every other check, and a rate that is halved each time is soon zero, so there
    /// the rate waits for a plateau.
    /// </summary>
    private static TrainingOptions BestOf(bool museData) => OfPaper(museData) with
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = museData ? 0.002 : 0.003,
        RateSchedule = RateSchedule.HalveOnRise,
        Averaging = 0.999,
        WeightNoise = 0.1,
        WeightDecay = 0.00005,
        Omega = 0,
    };
}
