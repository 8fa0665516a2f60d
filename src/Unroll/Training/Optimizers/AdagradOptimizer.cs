using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>AdaGrad (Duchi, Hazan and Singer, 2011), diagonal: s += g^2; theta -= rate g / (sqrt(s) + eps), eps 1e-10.</summary>
/// <param name="parameters">The number of parameters.</param>
internal sealed class AdagradOptimizer<T>(int parameters) : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Epsilon = 1e-10;
    private readonly T[] _squares = new T[parameters];
    private readonly T[] _scratch = new T[parameters];

    public string Name => "adagrad";

    public IReadOnlyList<OptimizerState<T>> State => [new("squares", _squares)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        TensorPrimitives.MultiplyAdd(gradient, gradient, _squares, _squares);
        TensorPrimitives.Sqrt(_squares, _scratch);
        TensorPrimitives.Add(_scratch, T.CreateTruncating(Epsilon), _scratch);
        TensorPrimitives.Divide(gradient, _scratch, _scratch);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(-step.Rate), parameters, parameters);
    }
}
