using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// Nesterov's method as in Sutskever, Martens, Dahl and Hinton (2013): v = mu_t v - rate g(theta + mu_t v); theta += v, with
/// mu_t = min(1 - 2^(-1 - log2(floor(t / 250) + 1)), mu), which begins at 1/2 and grows towards the momentum given.
/// </summary>
/// <param name="parameters">The number of parameters.</param>
/// <param name="mu">The largest mu_t, in [0, 1).</param>
internal sealed class SutskeverNesterovOptimizer<T>(int parameters, double mu) : ILookAhead<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Period = 250;
    private readonly T[] _velocity = new T[parameters];

    public string Name => "sutskever";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _velocity)];

    public void LookAhead(Span<T> parameters, OptimizerStep step) =>
        TensorPrimitives.MultiplyAdd(_velocity, Mu(step.Number), parameters, parameters);

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        TensorPrimitives.Multiply(_velocity, Mu(step.Number), _velocity);
        TensorPrimitives.MultiplyAdd(gradient, T.CreateTruncating(-step.Rate), _velocity, _velocity);
        TensorPrimitives.Add(parameters, _velocity, parameters);
    }

    /// <summary>2^(-1 - log2 k) is 1 / 2k.</summary>
    private T Mu(long number) => T.CreateTruncating(Math.Min(1 - (0.5 / ((number / Period) + 1)), mu));
}
