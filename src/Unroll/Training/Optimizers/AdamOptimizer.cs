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
    private const int AtOnce = 2048; // numbers that stay in the first cache from one operation to the next
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly T[] _first = new T[parameters];
    private readonly T[] _second = new T[parameters];
    private readonly T[] _scratch = new T[Math.Min(parameters, AtOnce)];

    public string Name => "adam";

    public IReadOnlyList<OptimizerState<T>> State => [new("first", _first), new("second", _second)];

    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
    {
        double correction1 = 1 - Math.Pow(Beta1, step.Number);
        double correction2 = 1 - Math.Pow(Beta2, step.Number);
        for (int from = 0; from < parameters.Length; from += AtOnce)
        {
            int count = Math.Min(AtOnce, parameters.Length - from);
            Span<T> theta = parameters.Slice(from, count), m = _first.AsSpan(from, count), v = _second.AsSpan(from, count);
            Span<T> scratch = _scratch.AsSpan(0, count);
            ReadOnlySpan<T> g = gradient.Slice(from, count);
            TensorPrimitives.Multiply(m, T.CreateTruncating(Beta1), m);
            TensorPrimitives.MultiplyAdd(g, T.CreateTruncating(1 - Beta1), m, m);
            TensorPrimitives.Multiply(g, g, scratch);
            TensorPrimitives.Multiply(v, T.CreateTruncating(Beta2), v);
            TensorPrimitives.MultiplyAdd(scratch, T.CreateTruncating(1 - Beta2), v, v);
            TensorPrimitives.Multiply(v, T.CreateTruncating(1 / correction2), scratch);
            TensorPrimitives.Sqrt(scratch, scratch);
            TensorPrimitives.Add(scratch, T.CreateTruncating(Epsilon), scratch);
            TensorPrimitives.Divide(m, scratch, scratch);
            TensorPrimitives.MultiplyAdd(scratch, T.CreateTruncating(-step.Rate / correction1), theta, theta);
        }
    }
}
