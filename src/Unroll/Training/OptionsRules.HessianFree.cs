using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <content>What Hessian-Free optimization takes and what it refuses.</content>
internal static partial class OptionsRules
{
    private static void CheckHessianFree(ITask task, TrainingOptions o)
    {
        HessianFreeOptions hf = o.HessianFree;
        Require(hf.Damping > 0 && double.IsFinite(hf.Damping),
            Invariant($"The damping is {hf.Damping}; it must be positive and finite."));
        Require(hf.StructuralDamping >= 0 && double.IsFinite(hf.StructuralDamping),
            Invariant($"The structural damping is {hf.StructuralDamping}; it must be finite and at least 0."));
        Require(hf.Iterations is >= 1 and <= 10_000,
            Invariant($"There are {hf.Iterations} iterations of conjugate gradients; there must be 1..10000."));
        Require(hf.GradientBatches is >= 1 and <= 1_000,
            Invariant($"The gradient is of {hf.GradientBatches} minibatches; it must be of 1..1000."));
        if (o.Optimizer != OptimizerKind.HessianFree) return;
        Require(task is not IDataTask,
            $"Hessian-Free draws whole sequences anew for every part of an update, and {task.Name} is read window by window; "
            + "take another optimizer.");
        foreach ((double value, string what) in ((double, string)[])
            [
                (o.StateNoise, "noise on the states"), (o.BiasNoise, "noise on the biases"),
                (o.WeightNoise, "noise on the weights"),
                (o.GradientNoise, "noise on the gradient"), (o.Dropout, "dropout"), (o.InputDropout, "dropout of the inputs"),
                (o.OutputDropout, "dropout of the outputs"), (o.InputNoise, "noise on the inputs"),
            ])
        {
            Require(value == 0,
                Invariant($"Hessian-Free compares costs of one network within an update, so {what} cannot be used with it, ")
                + Invariant($"and it is {value}; leave it at 0."));
        }

        Require(o.Omega == 0, Invariant($"Hessian-Free has no Omega, whose weight is {o.Omega}; leave it at 0."));
        Require(o.ClipMode == ClipMode.None,
            $"Hessian-Free bounds its steps by damping, so its gradient is not clipped; the clipping mode is {o.ClipMode} and "
            + "must be None.");
        Require(o.TemporalClip is null,
            "Hessian-Free needs a true gradient, which temporal clipping does not leave; leave it out.");
        Require(o.LearningRate == 1 && o.RateSchedule == RateSchedule.Constant,
            Invariant($"Hessian-Free finds the length of its steps itself, so the rate is 1 and constant, not {o.LearningRate} ")
            + $"and {OptionsText.Name(o.RateSchedule)}.");
        Require(o.L1.Count == 0, "Hessian-Free needs a cost with a curvature, which an L1 penalty has not; take L2.");
        Require(o.OnNonFinite != NonFinitePolicy.Rescue,
            "The policy Rescue makes a gradient of its own, of which Hessian-Free has no model; take Stop or Skip.");
    }
}
