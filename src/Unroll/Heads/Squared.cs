using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>O real numbers: E = |y - target|^2, dE/dy = 2 (y - target).</summary>
internal sealed class SquaredCost : IHeadCost
{
    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++)
        {
            double e = y[o] - target[o];
            total += e * e;
        }

        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = 2 * (y[o] - target[o]);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy) => Slopes(y, batch, step, row, dy);

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result)
    {
        for (int o = 0; o < v.Length; o++) result[o] = 2 * v[o];
    }

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<SquaredLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="SquaredCost"/>
internal readonly unsafe struct SquaredLanes<TSimd, TVector, T> : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Padding => T.Zero;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0, factor = 2 * SimdMath<TSimd, TVector, T>.ToDouble(scale);
        for (int i = 0; i < target.Length; i++)
        {
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i];
            total += e * e;
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * e);
        }

        return total;
    }
}
