using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>
/// O real numbers: E = sum of |y - target|, dE/dy = sign(y - target), and 0 where y is the target. It has no curvature.
/// </summary>
internal sealed class AbsoluteCost : IHeadCost
{
    public bool HasCurvature => false;

    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++) total += Math.Abs(y[o] - target[o]);
        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = Slope(y[o] - target[o]);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy) => Slopes(y, batch, step, row, dy);

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result) => result.Clear();

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<AbsoluteLanes<TSimd, TVector, T>>();

    // An error that is not a number must reach the gradient, where it is noticed.
    internal static double Slope(double e) => e > 0 ? 1 : e < 0 ? -1 : e == 0 ? 0 : double.NaN;
}

/// <inheritdoc cref="AbsoluteCost"/>
internal readonly unsafe struct AbsoluteLanes<TSimd, TVector, T> : IHeadLanes<T>
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
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i];
            total += Math.Abs(e);
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * AbsoluteCost.Slope(e));
        }

        return total;
    }
}
