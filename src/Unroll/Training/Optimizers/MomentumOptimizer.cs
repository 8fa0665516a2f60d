using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>Classical momentum: v = mu v - rate g; theta += v.</summary>
/// <param name="parameters">The number of parameters.</param>
/// <param name="mu">mu, in [0, 1).</param>
internal sealed class MomentumOptimizer<T>(int parameters, double mu) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _velocity = new T[parameters];

    public string Name => "momentum";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _velocity)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        TensorPrimitives.Multiply(_velocity, T.CreateTruncating(mu), _velocity);
        TensorPrimitives.MultiplyAdd(gradient, T.CreateTruncating(-step.Rate), _velocity, _velocity);
        TensorPrimitives.Add(parameters, _velocity, parameters);
    }
}
