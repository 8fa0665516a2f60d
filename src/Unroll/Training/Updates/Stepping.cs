using System.Numerics;

namespace Unroll.Training;

/// <summary>The optimizer's step. Its state is in checkpoints as <c>optimizer.NAME</c>.</summary>
internal sealed class Stepping<T> : IUpdateStep<T>, ICountedStep
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly IOptimizer<T> _optimizer;
    private readonly T[][] _start;
    private readonly ParameterBlock[] _held;
    private readonly T[] _heldValues;

    /// <summary>Makes the steps of an optimizer.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="held">Frozen blocks that are restored after each step, because a user's own optimizer may move parameters
    /// without a gradient.</param>
    public Stepping(IOptimizer<T> optimizer, IReadOnlyList<ParameterBlock> held)
    {
        _optimizer = optimizer;
        _held = [.. held];
        _heldValues = new T[_held.Sum(block => block.Length)];
        State = [.. optimizer.State.Select(state => new KeptState($"optimizer.{state.Name}", state.Values))];
        _start = [.. optimizer.State.Select(state => (T[])state.Values.Clone())];
    }

    public IReadOnlyList<KeptState> State { get; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    public void Apply(UpdateInProgress<T> update)
    {
        Span<T> parameters = update.Network.Parameters;
        Copy(parameters, back: false);
        _optimizer.Step(parameters, update.Gradient, new OptimizerStep(++Steps, update.Rate));
        Copy(parameters, back: true);
    }

    /// <summary>Resets the optimizer: its velocity led to the parameters that were discarded.</summary>
    public void WentBack(ReadOnlySpan<T> parameters)
    {
        Steps = 0;
        for (int i = 0; i < _start.Length; i++) _start[i].CopyTo(State[i].Values, 0);
    }

    /// <summary>
    /// The step before the cost that moves the parameters to where this optimizer needs the gradient; null for most optimizers.
    /// </summary>
    public IUpdateStep<T>? LookAhead => _optimizer is ILookAhead<T> ahead ? new Ahead(this, ahead) : null;

    private void Copy(Span<T> parameters, bool back)
    {
        int at = 0;
        foreach (ParameterBlock block in _held)
        {
            Span<T> there = parameters.Slice(block.Offset, block.Length), here = _heldValues.AsSpan(at, block.Length);
            if (back) here.CopyTo(there);
            else there.CopyTo(here);
            at += block.Length;
        }
    }

    private sealed class Ahead(Stepping<T> stepping, ILookAhead<T> optimizer) : IUpdateStep<T>
    {
        public void Apply(UpdateInProgress<T> update) =>
            optimizer.LookAhead(update.Network.Parameters, new OptimizerStep(stepping.Steps + 1, update.Rate));
    }
}
