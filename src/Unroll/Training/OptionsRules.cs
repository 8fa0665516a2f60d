using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The ranges of <see cref="TrainingOptions"/>, checked in one place.</summary>
internal static partial class OptionsRules
{
    /// <summary>
    /// Throws an <see cref="ArgumentException"/> with one sentence for the first option that is out of range for the task.
    /// </summary>
    public static NetworkShape Check(ITask task, TrainingOptions o)
    {
        NetworkShape shape = ShapeOf(task, o);
        shape.Validate();
        RequireNamed(o.Initialization, "initialization");
        RequireNamed(o.Optimizer, "optimizer");
        RequireNamed(o.RateSchedule, "rate schedule");
        RequireNamed(o.ClipMode, "clipping mode");
        RequireNamed(o.OmegaForm, "form of Omega");
        RequireNamed(o.OmegaSchedule, "schedule of Omega");
        RequireNamed(o.OnNonFinite, "policy for a gradient that is not finite");
        RequireNamed(o.Reduction ?? task.Reduction, "cost reduction");
        RequireNamed(o.Stop, "stop rule");
        RequireNamed(o.Precision, "precision");
        Require(o.LearningRate > 0 && double.IsFinite(o.LearningRate),
            Invariant($"The learning rate is {o.LearningRate}; it must be positive and finite."));
        Require(o.Momentum is >= 0 and < 1, Invariant($"The momentum is {o.Momentum}; it must lie in [0, 1)."));
        Require(o.Averaging is >= 0 and < 1, Invariant($"The averaging factor is {o.Averaging}; it must lie in [0, 1)."));
        Require(o.WeightNoise >= 0 && double.IsFinite(o.WeightNoise),
            Invariant($"The weight noise is {o.WeightNoise}; it must be finite and at least 0."));
        Require(o.WeightDecay >= 0 && double.IsFinite(o.WeightDecay),
            Invariant($"The weight decay is {o.WeightDecay}; it must be finite and at least 0."));
        Require(o.Omega >= 0 && double.IsFinite(o.Omega),
            Invariant($"The weight of Omega is {o.Omega}; it must be finite and at least 0."));
        Require(task.WholeSet is null or (>= 1 and <= 65_536),
            Invariant($"The whole set of {task.Name} has {task.WholeSet} sequences; one batch takes 1..65536."));
        Require(o.BatchSize is >= 1 and <= 65_536, Invariant($"The batch size is {o.BatchSize}; it must lie in 1..65536."));
        Require(o.MaximumUpdates >= 1, Invariant($"The budget is {o.MaximumUpdates} updates; it must be at least 1."));
        Require(o.MaximumMinutes is not { } m || (m > 0 && double.IsFinite(m)),
            Invariant($"The budget is {o.MaximumMinutes} minutes; it must be positive and finite."));
        bool corpus = task is IDataTask;
        Require(o.CheckEvery >= (corpus ? 0 : 1),
            Invariant($"A check every {o.CheckEvery} updates is impossible; ")
                + $"it must be at least 1{(corpus ? " (or 0 for an epoch)" : "")}.");
        Require(o.MaximumEpochs is null || corpus, $"The task {task.Name} has no epochs, so they cannot be its budget.");
        Require(o.MaximumEpochs is null or >= 1, Invariant($"The budget is {o.MaximumEpochs} epochs; it must be at least 1."));
        Require(o.Patience is null || !task.HasSuccessRule,
            $"The task {task.Name} ends by its success rule, so it has no patience.");
        Require(o.Patience is null or >= 1, Invariant($"The patience is {o.Patience} checks; it must be at least 1."));
        Require(o.ValidationSequences is >= 1 and <= 10_000_000,
            Invariant($"A check on {o.ValidationSequences} sequences is impossible; it must lie in 1..10000000."));
        Require(o.Threads is >= 1 and <= 256, Invariant($"The number of threads is {o.Threads}; it must lie in 1..256."));
        Require(o.PlateauChecks >= 1, Invariant($"A plateau of {o.PlateauChecks} checks is impossible; it must be at least 1."));
        Require(o.StateNoise >= 0 && double.IsFinite(o.StateNoise),
            Invariant($"The state noise is {o.StateNoise}; it must be finite and at least 0."));
        Require(o.BiasNoise >= 0 && double.IsFinite(o.BiasNoise),
            Invariant($"The bias noise is {o.BiasNoise}; it must be finite and at least 0."));
        Require(o.InputNoise >= 0 && double.IsFinite(o.InputNoise),
            Invariant($"The input noise is {o.InputNoise}; it must be finite and at least 0."));
        Require(o.InputNoise == 0 || task.Encoding == InputEncoding.Dense,
            $"The inputs of {task.Name} are no numbers, so there is no noise on them; leave it at 0.");
        Require(o.GradientNoise >= 0 && double.IsFinite(o.GradientNoise),
            Invariant($"The gradient noise is {o.GradientNoise}; it must be finite and at least 0."));
        Require(o.GradientNoiseDecay >= 0 && double.IsFinite(o.GradientNoiseDecay),
            Invariant($"The decay of the gradient noise is {o.GradientNoiseDecay}; it must be finite and at least 0."));
        _ = new GradientClipping(o.ClipMode, o.ClipThreshold);
        o.AdaptiveThreshold?.Validate();
        o.TemporalClip?.Validate();
        Require(o.TemporalClip is null || o.Omega == 0,
            Invariant($"Omega, whose weight is {o.Omega}, measures error signals as they flow back, which temporal clipping ")
            + "changes; leave one of them out.");
        Require(o.AdaptiveThreshold is null || o.ClipMode == ClipMode.Norm,
            $"A clipping threshold that adapts is one of the norm; it cannot be used with the clipping mode {o.ClipMode}.");
        if (o.Rescue is { } r)
        {
            Require(task.HasSuccessRule,
                $"The task {task.Name} has no success rule, so it is never known to have fallen back from its best model.");
            Require(r.Above is > 0 and < 1, Invariant($"The error that is a fall is {r.Above}; it must lie in (0, 1)."));
            Require(r.Times >= 1 && double.IsFinite(r.Times),
                Invariant($"A fall is to {r.Times} times the least error; it must be finite and at least 1."));
            Require(r.Once is > 0 and <= 1,
                Invariant($"The error below which falls are looked for is {r.Once}; it must lie in (0, 1]."));
            Require(r.Slowest is > 0 and <= 1, Invariant($"The least share of the rate is {r.Slowest}; it must lie in (0, 1]."));
        }

        if (o.Curriculum is { } c)
        {
            Require(task is ILengthTask, $"The task {task.Name} has no lengths, so a curriculum on the length cannot be used.");
            Require(task.HasSuccessRule,
                $"The task {task.Name} has no success rule, so a curriculum on the length would never grow.");
            int minimum = ((ILengthTask)task).MinimumLength;
            Require(c.Start >= minimum,
                Invariant($"The curriculum starts at length {c.Start}; {task.Name} needs at least {minimum}."));
            Require(c.Growth > 1 && double.IsFinite(c.Growth),
                Invariant($"The curriculum grows by {c.Growth}; the factor must be above 1."));
            Require(c.Threshold is > 0 and < 1,
                Invariant($"The curriculum's threshold is {c.Threshold}; it must lie in (0, 1)."));
            Require(c.Every >= 1, Invariant($"The curriculum is looked at every {c.Every} updates; it must be at least 1."));
        }

        foreach (int select in o.SelectionLengths)
        {
            Require(task is ILengthTask { HasSuccessRule: true },
                $"The task {task.Name} has no lengths or no success rule, so no model can be selected by a length.");
            int minimum = ((ILengthTask)task).MinimumLength;
            Require(select >= minimum && select <= LengthRange.Longest,
                Invariant($"The selection length is {select}; {task.Name} needs {minimum}..{LengthRange.Longest}."));
        }

        foreach (string name in o.Frozen)
        {
            string[] names = [.. shape.Blocks().Select(b => b.Name)];
            Require(names.Contains(name),
                $"The parameter '{name}' cannot be frozen: the network has {string.Join(", ", names)}.");
        }

        CheckNetwork(o, shape);
        CheckHessianFree(task, o);
        CheckRidge(task, o, shape);
        CheckFeedback(task, o, shape);
        CheckPenalties(o, shape, o.L1, "L1");
        CheckPenalties(o, shape, o.L2, "L2");
        return shape;
    }

    private static void CheckPenalties(TrainingOptions o, NetworkShape shape, IReadOnlyList<BlockPenalty> penalties, string kind)
    {
        var seen = new HashSet<string>();
        foreach (BlockPenalty penalty in penalties)
        {
            string[] names = [.. shape.Blocks().Select(b => b.Name)];
            Require(names.Contains(penalty.Block),
                $"The {kind} penalty is of the parameter '{penalty.Block}'; the network has {string.Join(", ", names)}.");
            Require(seen.Add(penalty.Block), $"The {kind} penalty of {penalty.Block} is given twice; give it once.");
            Require(!o.Frozen.Contains(penalty.Block),
                $"The {kind} penalty of {penalty.Block} has no effect, because that parameter is frozen; leave one of them out.");
            Require(penalty.Weight > 0 && double.IsFinite(penalty.Weight),
                Invariant(
                    $"The {kind} penalty of {penalty.Block} has the weight {penalty.Weight}; it must be positive and finite."));
        }
    }

    private static void RequireNamed<TEnum>(TEnum value, string what)
        where TEnum : struct, Enum =>
        Require(Enum.IsDefined(value),
            $"The {what} {value} is not a known value; it must be one of {string.Join(", ", Enum.GetNames<TEnum>())}.");

    private static void Require(bool condition, string sentence)
    {
        if (!condition) throw new ArgumentException(sentence);
    }
}
