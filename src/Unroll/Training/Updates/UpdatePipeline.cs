using System.Globalization;
using System.Numerics;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>One update as a list of small steps, in the order of the list.</summary>
internal sealed class UpdatePipeline<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly IUpdateStep<T>[] _steps;
    private readonly ICountedStep _moves; // one of an optimizer, of Hessian-Free, of ridge regression
    private readonly HessianFreeStep<T>? _hessianFree;
    private readonly ClippingStep<T> _clipping;
    private readonly UpdateInProgress<T> _update;

    /// <summary>Creates the steps that the options need.</summary>
    public UpdatePipeline(ITask task, TrainingOptions o, UnrolledNetwork<T> unrolled, TrainingParts<T>? parts)
    {
        NetworkShape shape = unrolled.Network.Shape;
        ParameterBlock[] frozen = [.. shape.Blocks().Where(block => o.Frozen.Contains(block.Name))];
        IOptimizer<T>? own = parts?.Optimizer is { } make ? OwnOptimizer.Checked(make(shape)) : null;
        OwnOptimizerName = own?.Name;
        _update = new UpdateInProgress<T>(unrolled);
        unrolled.TemporalClip = o.TemporalClip;
        CostReduction reduction = o.Reduction ?? task.Reduction;
        HessianFreeGradient<T>? hessianFreeGradient = null;
        RidgeStep<T>? ridge = null;
        Stepping<T>? stepping = null;
        if (own is null && o.Optimizer == OptimizerKind.HessianFree)
        {
            var minibatches = new Minibatches(task, task.WholeSet ?? o.BatchSize, o.Seed);
            hessianFreeGradient = new(minibatches, o.HessianFree.GradientBatches, reduction, shape.ParameterCount);
            _hessianFree = new HessianFreeStep<T>(task, o, unrolled, minibatches);
        }
        else if (own is null && o.Optimizer == OptimizerKind.Ridge)
        {
            ridge = new RidgeStep<T>(task, o, shape);
        }
        else
        {
            stepping = new Stepping<T>(
                own ?? Optimizers.Create<T>(o.Optimizer, o.Momentum, shape.ParameterCount), own is null ? [] : frozen);
        }

        _moves = (ICountedStep?)_hessianFree ?? (ICountedStep?)ridge ?? stepping!;
        _clipping = new ClippingStep<T>(new GradientClipping(o.ClipMode, o.ClipThreshold), o.AdaptiveThreshold);
        Averaging = o.Averaging > 0 ? new AveragingStep<T>(unrolled.Network.Parameters, o.Averaging) : null;
        IUpdateStep<T>? lookAhead = stepping?.LookAhead;
        KeptParameters<T>? kept = o.WeightNoise > 0 || lookAhead is not null ? new KeptParameters<T>(shape.ParameterCount) : null;
        IUpdateStep<T>?[] order =
        [
            kept,
            lookAhead,
            o.WeightNoise > 0 ? new WeightNoiseStep<T>(o.Seed, o.WeightNoise) : null,
            task is IFeedbackTask feedback && o.TeacherForcing.IsPartial
                ? new TeacherForcingStep<T>(
                    o.Seed, o.TeacherForcing, new OutputFeedback<T>(unrolled.Network, feedback.FeedbackColumn))
                : null,
            o.InputNoise > 0 ? new InputNoiseStep<T>(o.Seed, o.InputNoise) : null,
            PassNoiseStep<T>.IsWanted(o) ? new PassNoiseStep<T>(o) : null,
            hessianFreeGradient,
            hessianFreeGradient is null ? new CostStep<T>(reduction, (task as ICorpusTask)?.NatsPerUnit,
                (task as ISeriesTask)?.CostPerUnit ?? 1) : null,
            ridge,
            hessianFreeGradient is null && ridge is null ? new BackwardWithOmega<T>(o.OmegaForm) : null,
            kept?.PutBack,
            o.WeightDecay > 0 ? WeightDecayStep<T>.OfWeights(shape, o.WeightDecay) : null,
            o.L2.Count > 0 ? WeightDecayStep<T>.OfBlocks(shape, o.L2) : null,
            parts?.OnGradient is { } callback ? new GradientCallbackStep<T>(callback) : null,
            frozen.Length > 0 ? new FreezingStep<T>(frozen) : null,
            ridge is null ? _clipping : null,
            ridge is null ? new FiniteGuardStep<T>(o.OnNonFinite, frozen) : null,
            o.GradientNoise > 0 ? new GradientNoiseStep<T>(o.Seed, o.GradientNoise, o.GradientNoiseDecay, frozen) : null,
            stepping,
            _hessianFree,
            o.L1.Count > 0 ? new ShrinkageStep<T>(shape, o.L1) : null,
            Averaging,
        ];
        _steps = [.. order.OfType<IUpdateStep<T>>()];
    }

    /// <summary>The moving average of the parameters; null without one.</summary>
    public AveragingStep<T>? Averaging { get; }

    /// <summary>The name of a user's own optimizer; null for one of the library's.</summary>
    public string? OwnOptimizerName { get; }

    /// <summary>The clipping threshold of the next update, where the threshold adapts.</summary>
    public double? ClipThreshold => _clipping.Threshold;

    /// <summary>lambda of the next update of Hessian-Free, a predicted output; null for other optimizers.</summary>
    public double? Damping => _hessianFree?.Damping;

    /// <summary>The step of Hessian-Free, for tests.</summary>
    internal HessianFreeStep<T>? HessianFree => _hessianFree;

    /// <summary>The names of the steps in their order.</summary>
    public IEnumerable<string> Names => _steps.Select(step => step.GetType().Name.Split('`')[0]);

    /// <summary>Makes one update.</summary>
    public UpdateReport Run(Batch batch, double alpha, double rate, long number, FreshSequences fresh = default)
    {
        _update.Begin(batch, alpha, rate, number, fresh);
        foreach (IUpdateStep<T> step in _steps)
        {
            step.Apply(_update);
            if (_update.Ended) break;
        }

        return new UpdateReport(_update.Loss, _update.Steps, _update.Clip, _update.Omega, _update.NonFinite, _update.Failure);
    }

    /// <summary>What waited for a check is done; gives why it cannot be, or null.</summary>
    public string? Conclude(long number)
    {
        _update.Begin(_update.Batch, 0, 0, number);
        foreach (IUpdateStep<T> step in _steps) step.Conclude(_update);
        return _update.Failure;
    }

    /// <summary>Ends the threads of what the steps run besides the network in training.</summary>
    public void Dispose() => _hessianFree?.Dispose();

    /// <summary>Called after the parameters were set to earlier ones.</summary>
    public void WentBack(ReadOnlySpan<T> parameters)
    {
        foreach (IUpdateStep<T> step in _steps) step.WentBack(parameters);
    }

    public void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors)
    {
        properties["optimizer-steps"] = _moves.Steps.ToString(CultureInfo.InvariantCulture);
        foreach (KeptState state in _steps.SelectMany(step => step.State)) tensors[state.Name] = (Array)state.Values.Clone();
    }

    /// <exception cref="ArgumentException">The checkpoint lacks a state, or has it in another size or precision.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        _moves.Steps = CheckpointValues.Whole(checkpoint, "optimizer-steps");
        foreach (KeptState state in _steps.SelectMany(step => step.State))
            CheckpointValues.Read(checkpoint, state.Name, state.Values);
        foreach (IUpdateStep<T> step in _steps) step.Restored();
    }
}
