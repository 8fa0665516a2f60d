using System.Globalization;
using System.Numerics;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>One update as a list of small steps; the list is the order.</summary>
internal sealed class UpdatePipeline<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly IUpdateStep<T>[] _steps;
    private readonly Stepping<T> _stepping;
    private readonly Clipping<T> _clipping;
    private readonly UpdateInProgress<T> _update;

    /// <summary>The steps that the options ask for.</summary>
    public UpdatePipeline(ITask task, TrainingOptions o, UnrolledNetwork<T> unrolled, TrainingParts<T>? parts)
    {
        NetworkShape shape = unrolled.Network.Shape;
        ParameterBlock[] frozen = [.. shape.Blocks().Where(block => o.Frozen.Contains(block.Name))];
        IOptimizer<T>? own = parts?.Optimizer is { } make ? OwnOptimizer.Checked(make(shape)) : null;
        OwnOptimizerName = own?.Name;
        _update = new UpdateInProgress<T>(unrolled);
        _stepping = new Stepping<T>(own ?? Optimizers.Create<T>(o.Optimizer, o.Momentum, shape.ParameterCount), own is null ? []
            : frozen);
        _clipping = new Clipping<T>(new GradientClipping(o.ClipMode, o.ClipThreshold), o.AdaptiveThreshold);
        Averaging = o.Averaging > 0 ? new Averaging<T>(unrolled.Network.Parameters, o.Averaging) : null;
        IUpdateStep<T>? lookAhead = _stepping.LookAhead;
        KeptParameters<T>? kept = o.WeightNoise > 0 || lookAhead is not null ? new KeptParameters<T>(shape.ParameterCount) : null;
        IUpdateStep<T>?[] order =
        [
            kept,
            lookAhead,
            o.WeightNoise > 0 ? new WeightNoise<T>(o.Seed, o.WeightNoise) : null,
            new Cost<T>(o.Reduction ?? task.Reduction, (task as ICorpusTask)?.NatsPerUnit),
            new BackwardWithOmega<T>(o.OmegaForm),
            kept?.PutBack,
            o.WeightDecay > 0 ? WeightDecay<T>.OfWeights(shape, o.WeightDecay) : null,
            o.L2.Count > 0 ? WeightDecay<T>.OfBlocks(shape, o.L2) : null,
            parts?.OnGradient is { } callback ? new GradientCallback<T>(callback) : null,
            frozen.Length > 0 ? new Freezing<T>(frozen) : null,
            _clipping,
            new FiniteGuard<T>(o.OnNonFinite, frozen),
            o.GradientNoise > 0 ? new GradientNoise<T>(o.Seed, o.GradientNoise, o.GradientNoiseDecay, frozen) : null,
            _stepping,
            o.L1.Count > 0 ? new Shrinkage<T>(shape, o.L1) : null,
            Averaging,
        ];
        _steps = [.. order.OfType<IUpdateStep<T>>()];
    }

    /// <summary>The moving average of the parameters; null without one.</summary>
    public Averaging<T>? Averaging { get; }

    /// <summary>The name of a user's own optimizer; null for one of the library's.</summary>
    public string? OwnOptimizerName { get; }

    /// <summary>The threshold that clips the next update, where it adapts.</summary>
    public double? ClipThreshold => _clipping.Threshold;

    /// <summary>The names of the steps in their order.</summary>
    public IEnumerable<string> Names => _steps.Select(step => step.GetType().Name.Split('`')[0]);

    /// <summary>Makes one update.</summary>
    public UpdateReport Run(Batch batch, double alpha, double rate, long number)
    {
        _update.Begin(batch, alpha, rate, number);
        foreach (IUpdateStep<T> step in _steps)
        {
            step.Apply(_update);
            if (_update.Ended) break;
        }

        return new UpdateReport(_update.Loss, _update.Steps, _update.Clip, _update.Omega, _update.NonFinite, _update.Failure);
    }

    /// <summary>The parameters were set to earlier ones.</summary>
    public void WentBack(ReadOnlySpan<T> parameters)
    {
        foreach (IUpdateStep<T> step in _steps) step.WentBack(parameters);
    }

    public void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors)
    {
        properties["optimizer-steps"] = _stepping.Steps.ToString(CultureInfo.InvariantCulture);
        foreach (KeptState state in _steps.SelectMany(step => step.State)) tensors[state.Name] = (Array)state.Values.Clone();
    }

    /// <exception cref="ArgumentException">The checkpoint lacks a state, or has it in another size or precision.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        _stepping.Steps = TrainerState.Whole(checkpoint, "optimizer-steps");
        foreach (KeptState state in _steps.SelectMany(step => step.State)) Read(checkpoint, state.Name, state.Values);
        foreach (IUpdateStep<T> step in _steps) step.Restored();
    }

    /// <summary>Copies a tensor of a checkpoint into an array of the same type and size.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static void Read(Checkpoint checkpoint, string name, Array target)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out Array? values) || values.GetType() != target.GetType()
            || values.Length != target.Length)
            throw new ArgumentException($"The checkpoint does not fit these options: its tensor '{name}' is missing or of "
                + $"another size or precision.");
        values.CopyTo(target, 0);
    }
}

/// <summary>What is asked of an optimizer that a user wrote.</summary>
internal static class OwnOptimizer
{
    /// <exception cref="ArgumentException">It has no name, or its states do not have different ones; the message says
    /// so.</exception>
    public static IOptimizer<T> Checked<T>(IOptimizer<T>? optimizer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (optimizer is null) throw new ArgumentException("The optimizer of one's own is null; its maker must return one.");
        if (!IsName(optimizer.Name))
            throw new ArgumentException($"The optimizer's name is '{optimizer.Name}'; it must be of small letters, digits and "
            + $"hyphens.");
        var names = new HashSet<string>();
        foreach (OptimizerState<T> state in optimizer.State)
        {
            if (!IsName(state.Name) || !names.Add(state.Name))
                throw new ArgumentException($"The optimizer {optimizer.Name} has a state '{state.Name}'; names of states must "
                    + $"be different, of small letters, digits and hyphens.");
            if (state.Values is null)
                throw new ArgumentException($"The optimizer {optimizer.Name} has no array for its state '{state.Name}'.");
        }

        return optimizer;
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 } && name.All(c => c is '-' || char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c));
}
