using System.Numerics;
using Unroll.Cells;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>O independent bits: E = sum over them of log(1 + exp(y)) - target y, dE/dy = sigmoid(y) - target.</summary>
internal sealed class BernoulliCost : IHeadCost
{
    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<ulong> bits = batch.TargetBits(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++)
            total += Math.Max(y[o], 0) - (Bit(bits, o) ? y[o] : 0) + Math.Log(1 + Math.Exp(-Math.Abs(y[o])));
        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<ulong> bits = batch.TargetBits(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = Real.Function(Activation.Sigmoid, y[o]) - (Bit(bits, o) ? 1 : 0);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<ulong> bits = batch.TargetBits(step, row);
        for (int o = 0; o < y.Length; o++)
            dy[o] = Bit(bits, o) ? -UnitFunction.Value(Activation.Sigmoid, -y[o]) : UnitFunction.Value(Activation.Sigmoid, y[o]);
    }

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result)
    {
        for (int o = 0; o < y.Length; o++) result[o] = UnitFunction.Slope(Activation.Sigmoid, y[o]) * v[o];
    }

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<BernoulliLanes<TSimd, TVector, T>>();

    private static bool Bit(ReadOnlySpan<ulong> bits, int o) => ((bits[o >> 6] >> (o & 63)) & 1) != 0;
}

/// <inheritdoc cref="BernoulliCost"/>
internal readonly unsafe struct BernoulliLanes<TSimd, TVector, T> : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <remarks>
    /// Far below any output that matters. It is finite because the cost of a bit multiplies it by a target of zero.
    /// </remarks>
    public static T Padding => T.CreateTruncating(-1e30);

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        // dy holds the targets as 0 and 1 until each of its registers is computed.
        ReadOnlySpan<ulong> targets = batch.TargetBits(step, row);
        new Span<T>(dy, stride).Clear();
        for (int word = 0; word < targets.Length; word++)
        {
            for (ulong left = targets[word]; left != 0; left &= left - 1)
                dy[(word * 64) + BitOperations.TrailingZeroCount(left)] = T.One;
        }

        TVector one = SimdMath<TSimd, TVector, T>.Constant(1), factor = TSimd.Broadcast(scale), sum = default;
        for (int i = 0; i < outputs; i += TSimd.Lanes)
        {
            TVector x = TSimd.Load(y + i), target = TSimd.Load(dy + i);
            TVector e = SimdMath<TSimd, TVector, T>.ExpOfNegative(TSimd.Min(x, TSimd.Subtract(default, x))); // exp(-|x|)
            TVector onePlus = TSimd.Add(one, e);
            TVector top = TSimd.Add(e, TSimd.WherePositive(x, TSimd.Subtract(one, e))); // sigmoid = (x > 0 ? 1 : e) / (1 + e)
            TVector cost = TSimd.Add(TSimd.Log(onePlus), TSimd.WherePositive(x, x));
            sum = TSimd.Add(sum, TSimd.Subtract(cost, TSimd.Multiply(x, target)));
            TSimd.Store(dy + i, TSimd.Multiply(factor, TSimd.Subtract(TSimd.Divide(top, onePlus), target)));
        }

        return SimdMath<TSimd, TVector, T>.SumLanes(sum);
    }
}
