using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>One of O classes: E = -log softmax(y)_c, dE/dy = softmax(y) - onehot(c).</summary>
internal sealed class SoftmaxCost : IHeadCost
{
    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        (double largest, double total) = Total(y);
        return Math.Log(total) - (y[batch.Class(step, row)] - largest);
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        int label = batch.Class(step, row);
        (double largest, double total) = Total(y);
        for (int o = 0; o < y.Length; o++) dy[o] = (Math.Exp(y[o] - largest) / total) - (o == label ? 1 : 0);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        int label = batch.Class(step, row);
        (double largest, double total) = Total(y);
        double others = 0; // 1 - p of the label, computed as a sum because the digits of 1 - p are lost where p is nearly 1
        for (int o = 0; o < y.Length; o++)
        {
            dy[o] = y[o] = Math.Exp(y[o] - largest) / total;
            if (o != label) others += y[o];
        }

        dy[label] = -others;
    }

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result)
    {
        // Only differences of v matter. Relative to the likeliest class nothing cancels where its probability is nearly 1.
        int top = 0;
        for (int o = 1; o < y.Length; o++) top = y[o] > y[top] ? o : top;
        double mean = 0;
        for (int o = 0; o < y.Length; o++) mean += y[o] * (v[o] - v[top]);
        for (int o = 0; o < y.Length; o++) result[o] = y[o] * (v[o] - v[top] - mean);
    }

    public bool HasTarget(Batch batch, int step, int row) => batch.Class(step, row) >= 0;

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<SoftmaxLanes<TSimd, TVector, T>>();

    /// <summary>(O): softmax(y).</summary>
    public static void Probabilities(ReadOnlySpan<double> y, Span<double> probabilities)
    {
        (double largest, double total) = Total(y);
        for (int o = 0; o < y.Length; o++) probabilities[o] = Math.Exp(y[o] - largest) / total;
    }

    private static (double Largest, double Total) Total(ReadOnlySpan<double> y)
    {
        double largest = double.NegativeInfinity, total = 0;
        foreach (double value in y) largest = Math.Max(largest, value);
        foreach (double value in y) total += Math.Exp(value - largest);
        return (largest, total);
    }
}

/// <inheritdoc cref="SoftmaxCost"/>
internal readonly unsafe struct SoftmaxLanes<TSimd, TVector, T> : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Padding => T.NegativeInfinity;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        int label = batch.Class(step, row);
        TVector max = TSimd.Load(y);
        for (int i = TSimd.Lanes; i < outputs; i += TSimd.Lanes) max = TSimd.Max(max, TSimd.Load(y + i));
        double largest = SimdMath<TSimd, TVector, T>.MaxLane(max);
        TVector shift = SimdMath<TSimd, TVector, T>.Constant(largest);
        TVector sum = default;
        for (int i = 0; i < outputs; i += TSimd.Lanes)
        {
            TVector e = SimdMath<TSimd, TVector, T>.ExpOfNegative(TSimd.Subtract(TSimd.Load(y + i), shift));
            TSimd.Store(dy + i, e);
            sum = TSimd.Add(sum, e);
        }

        double total = SimdMath<TSimd, TVector, T>.SumLanes(sum);
        TVector factor = TSimd.Divide(TSimd.Broadcast(scale), SimdMath<TSimd, TVector, T>.Constant(total));
        for (int i = 0; i < outputs; i += TSimd.Lanes) TSimd.Store(dy + i, TSimd.Multiply(TSimd.Load(dy + i), factor));
        dy[label] -= scale;
        return Math.Log(total) - (SimdMath<TSimd, TVector, T>.ToDouble(y[label]) - largest);
    }
}
