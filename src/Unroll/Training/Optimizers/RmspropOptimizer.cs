using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// RMSProp (Tieleman and Hinton, 2012, lecture 6.5): s = 0.9 s + 0.1 g^2; theta -= rate g / (sqrt(s) + eps), eps 1e-8.
/// </summary>
/// <param name="parameters">The number of parameters.</param>
internal sealed class RmspropOptimizer<T>(int parameters) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Kept = 0.9, Epsilon = 1e-8;
    private readonly T[] _squares = new T[parameters];
    private readonly T[] _scratch = new T[parameters];

    public string Name => "rmsprop";

    public IReadOnlyList<OptimizerState<T>> State => [new("squares", _squares)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        TensorPrimitives.Multiply(gradient, gradient, _scratch);
        TensorPrimitives.Multiply(_squares, T.CreateTruncating(Kept), _squares);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(1 - Kept), _squares, _squares);
        TensorPrimitives.Sqrt(_squares, _scratch);
        TensorPrimitives.Add(_scratch, T.CreateTruncating(Epsilon), _scratch);
        TensorPrimitives.Divide(gradient, _scratch, _scratch);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(-step.Rate), parameters, parameters);
    }
}
