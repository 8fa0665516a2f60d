using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>Gradient descent: theta -= rate g.</summary>
internal sealed class SgdOptimizer<T> : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public string Name => "sgd";

    public IReadOnlyList<OptimizerState<T>> State => [];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step) =>
        TensorPrimitives.MultiplyAdd(gradient, T.CreateTruncating(-step.Rate), parameters, parameters);
}
