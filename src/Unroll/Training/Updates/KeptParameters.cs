using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Keeps the parameters while the gradient is taken elsewhere (<see cref="ILookAhead{T}"/>, <see cref="WeightNoiseStep{T}"/>),
/// and restores them after the backward pass, bit for bit.
/// </summary>
internal sealed class KeptParameters<T>(int parameters) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _kept = new T[parameters];

    /// <summary>The step that restores the parameters.</summary>
    public IUpdateStep<T> PutBack => new Return(_kept);

    public void Apply(UpdateInProgress<T> update) => update.Network.Parameters.CopyTo(_kept);

    private sealed class Return(T[] kept) : IUpdateStep<T>
    {
        public void Apply(UpdateInProgress<T> update) => kept.CopyTo(update.Network.Parameters);
    }
}
