using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>
/// O real numbers (Huber, 1964): with e = y - target, E = sum of e^2 / 2 where |e| is at most delta and delta (|e| - delta / 2)
/// beyond it; dE/dy = e, kept within -delta..delta. Half of a squared error for small errors, as in PyTorch.
/// </summary>
internal sealed class HuberCost(double delta) : IHeadCost
{
    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++)
        {
            double e = Math.Abs(y[o] - target[o]);
            total += e <= delta ? e * e / 2 : delta * (e - (delta / 2));
        }

        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = Math.Clamp(y[o] - target[o], -delta, delta);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++)
        {
            double e = y[o] - target[o];
            (dy[o], y[o]) = (Math.Clamp(e, -delta, delta), Math.Abs(e) <= delta ? 1 : 0);
        }
    }

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result)
    {
        for (int o = 0; o < v.Length; o++) result[o] = y[o] * v[o];
    }

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit(new HuberLanes<TSimd, TVector, T>(delta));
}

/// <inheritdoc cref="HuberCost"/>
internal readonly unsafe struct HuberLanes<TSimd, TVector, T>(double delta) : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Padding => T.Zero;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0, factor = SimdMath<TSimd, TVector, T>.ToDouble(scale);
        for (int i = 0; i < target.Length; i++)
        {
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i], size = Math.Abs(e);
            total += size <= delta ? size * size / 2 : delta * (size - (delta / 2));
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * Math.Clamp(e, -delta, delta));
        }

        return total;
    }
}
