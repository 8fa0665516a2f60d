using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// Adam (Kingma and Ba, 2015, algorithm 1) with its published constants: m and v are running means of g and g^2;
/// theta -= rate (m / (1 - b1^n)) / (sqrt(v / (1 - b2^n)) + eps).
/// </summary>
/// <param name="parameters">The number of parameters.</param>
internal sealed class AdamOptimizer<T>(int parameters) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly T[] _first = new T[parameters];
    private readonly T[] _second = new T[parameters];
    private readonly T[] _scratch = new T[parameters];

    public string Name => "adam";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _first), new("second", _second)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        double correction1 = 1 - Math.Pow(Beta1, step.Number);
        double correction2 = 1 - Math.Pow(Beta2, step.Number);
        TensorPrimitives.Multiply(_first, T.CreateTruncating(Beta1), _first);
        TensorPrimitives.MultiplyAdd(gradient, T.CreateTruncating(1 - Beta1), _first, _first);
        TensorPrimitives.Multiply(gradient, gradient, _scratch);
        TensorPrimitives.Multiply(_second, T.CreateTruncating(Beta2), _second);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(1 - Beta2), _second, _second);
        TensorPrimitives.Multiply(_second, T.CreateTruncating(1 / correction2), _scratch);
        TensorPrimitives.Sqrt(_scratch, _scratch);
        TensorPrimitives.Add(_scratch, T.CreateTruncating(Epsilon), _scratch);
        TensorPrimitives.Divide(_first, _scratch, _scratch);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(-step.Rate / correction1), parameters, parameters);
    }
}
