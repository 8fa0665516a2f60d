using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>
/// Quantiles of real numbers (Koenker and Bassett, 1978): outputs k, k + 1, ... of a number are its quantiles at the levels q in
/// ascending order, and all have its value as their target. The pinball cost is E = sum of q (target - y) where y is below the
/// target and (1 - q) (y - target) where it is above; dE/dy = -q below it, 1 - q above it and 0 at it. It has no curvature.
/// </summary>
internal sealed class QuantileCost(QuantileLevels levels) : IHeadCost
{
    public bool HasCurvature => false;

    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++) total += (y[o] - target[o]) * Slope(y[o] - target[o], levels[o % levels.Count]);
        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = Slope(y[o] - target[o], levels[o % levels.Count]);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy) => Slopes(y, batch, step, row, dy);

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result) => result.Clear();

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    /// <remarks>
    /// Two quantiles of one number that crossed change places (Chernozhukov et al., 2010), which is never worse.
    /// </remarks>
    public void Arrange<T>(Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int o = 0; o < y.Length; o += levels.Count) y.Slice(o, levels.Count).Sort();
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit(new QuantileLanes<TSimd, TVector, T>(levels));

    internal static double Slope(double e, double level) => e > 0 ? 1 - level : e < 0 ? -level : e == 0 ? 0 : double.NaN;
}

/// <inheritdoc cref="QuantileCost"/>
internal readonly unsafe struct QuantileLanes<TSimd, TVector, T>(QuantileLevels levels) : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Padding => T.Zero;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0, factor = SimdMath<TSimd, TVector, T>.ToDouble(scale);
        for (int i = 0, level = 0; i < target.Length; i++)
        {
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i], slope = QuantileCost.Slope(e, levels[level]);
            total += e * slope;
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * slope);
            level = level + 1 == levels.Count ? 0 : level + 1;
        }

        return total;
    }
}
