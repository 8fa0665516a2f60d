using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <content>What ridge regression of the readout takes and what it refuses.</content>
internal static partial class OptionsRules
{
    private static void CheckRidge(ITask task, TrainingOptions o, NetworkShape shape)
    {
        o.Reservoir.Validate();
        int scales = o.Reservoir.InputScales.Count;
        Require(scales == 1 || scales == shape.Inputs,
            Invariant($"There are {scales} input scales for {Counted.Of(shape.Inputs, "input")}; give one, or one for each."));
        Require(o.RidgePenalty is null || (o.RidgePenalty >= 0 && double.IsFinite(o.RidgePenalty.Value)),
            Invariant($"The ridge penalty is {o.RidgePenalty}; it must be finite and at least 0."));
        Require(o.Washout is >= 0 and <= LengthRange.Longest,
            Invariant($"The washout is {o.Washout} steps; it must lie in 0..{LengthRange.Longest}."));
        if (o.Optimizer != OptimizerKind.Ridge) return;
        Require(task is not ICorpusTask,
            $"Ridge regression reads whole sequences from their start, and {task.Name} is read in truncated windows; "
            + "take another optimizer.");
        HeadCost cost = shape.Head.Cost();
        Require(cost is HeadCost.Squared or HeadCost.Softmax or HeadCost.Bernoulli,
            $"Ridge regression minimizes squared errors, and the head is {OptionsText.Name(shape.Head)}; take a squared error, "
            + "classes, or another optimizer.");
        foreach ((double value, string what) in ((double, string)[])
            [
                (o.StateNoise, "noise on the states"), (o.BiasNoise, "noise on the biases"),
                (o.WeightNoise, "noise on the weights"),
                (o.GradientNoise, "noise on the gradient"), (o.OutputDropout, "dropout of the outputs"),
                (o.Omega, "Omega"), (o.WeightDecay, "weight decay"), (o.Averaging, "averaging"),
            ])
        {
            Require(value == 0,
                Invariant($"Ridge regression takes no gradient step, so {what} cannot be used with it, and it is {value}; ")
                + "leave it at 0.");
        }

        Require(o.ClipMode == ClipMode.None,
            $"Ridge regression takes no gradient, so nothing is clipped; the clipping mode is {o.ClipMode} and must be None.");
        Require(o.TemporalClip is null && o.L1.Count == 0 && o.L2.Count == 0 && o.Rescue is null && o.Frozen.Count == 0,
            "Ridge regression takes no gradient, so temporal clipping, penalties on parameters, going back to the best model and "
            + "frozen parameters have no effect; leave them out.");
        Require(o.LearningRate == 1 && o.RateSchedule == RateSchedule.Constant && o.Warmup == 0,
            Invariant($"Ridge regression takes no steps, so the rate is 1 and constant, not {o.LearningRate} and ")
            + $"{OptionsText.Name(o.RateSchedule)}.");
        Require(task is not SeriesTask { Codec.Options.LabelWeights: not null },
            "Ridge regression weighs all sequences alike, so labels have no weights; leave them out.");
        Require(o.Curriculum is null,
            "Ridge regression weighs all sequences alike, so there is no curriculum on the length; leave it out.");
    }
}
