using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// Classical momentum: v = mu v - rate g; theta += v. Or Nesterov's in the form that needs the gradient at theta only (Bengio,
/// Boulanger-Lewandowski and Pascanu, 2013): theta += mu v - rate g, so that the parameters are where
/// <see cref="SutskeverNesterovOptimizer{T}"/> looks ahead to.
/// </summary>
/// <param name="parameters">The number of parameters.</param>
/// <param name="mu">mu, in [0, 1).</param>
/// <param name="nesterov">Whether it is Nesterov's.</param>
internal sealed class MomentumOptimizer<T>(int parameters, double mu, bool nesterov) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _velocity = new T[parameters];

    public string Name => nesterov ? "nesterov" : "momentum";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _velocity)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        T minusRate = T.CreateTruncating(-step.Rate), share = T.CreateTruncating(mu);
        TensorPrimitives.Multiply(_velocity, share, _velocity);
        TensorPrimitives.MultiplyAdd(gradient, minusRate, _velocity, _velocity);
        if (!nesterov)
        {
            TensorPrimitives.Add(parameters, _velocity, parameters);
            return;
        }

        TensorPrimitives.MultiplyAdd(_velocity, share, parameters, parameters);
        TensorPrimitives.MultiplyAdd(gradient, minusRate, parameters, parameters);
    }
}
