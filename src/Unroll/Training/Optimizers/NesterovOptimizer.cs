using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// Nesterov's momentum in the form that needs the gradient at theta only (Bengio, Boulanger-Lewandowski and Pascanu, 2013):
/// v = mu v - rate g; theta += mu v - rate g. The parameters are where <see cref="SutskeverNesterovOptimizer{T}"/> looks ahead to.
/// </summary>
/// <param name="parameters">The number of parameters.</param>
/// <param name="mu">mu, in [0, 1).</param>
internal sealed class NesterovOptimizer<T>(int parameters, double mu) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _velocity = new T[parameters];

    public string Name => "nesterov";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _velocity)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        T minusRate = T.CreateTruncating(-step.Rate), share = T.CreateTruncating(mu);
        TensorPrimitives.Multiply(_velocity, share, _velocity);
        TensorPrimitives.MultiplyAdd(gradient, minusRate, _velocity, _velocity);
        TensorPrimitives.MultiplyAdd(_velocity, share, parameters, parameters);
        TensorPrimitives.MultiplyAdd(gradient, minusRate, parameters, parameters);
    }
}
