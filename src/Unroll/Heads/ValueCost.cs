using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>The cost of one output that is a real number, by its error e = y - target. It is a struct, so that its lines are
/// compiled into the loops over the outputs.</summary>
internal interface IErrorCost
{
    /// <summary>Whether the cost bends.</summary>
    static abstract bool HasCurvature { get; }

    /// <summary>The cost.</summary>
    double Cost(double e);

    /// <summary>Its first derivative; not a number where e is none, so that the gradient tells of it.</summary>
    double Slope(double e);

    /// <summary>Its second derivative.</summary>
    double Curvature(double e);
}

/// <summary>O real numbers: E is the sum of the costs of their errors.</summary>
internal sealed class ValueCost<TCost>(TCost cost) : IHeadCost
    where TCost : struct, IErrorCost
{
    public bool HasCurvature => TCost.HasCurvature;

    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < y.Length; o++) total += cost.Cost(y[o] - target[o]);
        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++) dy[o] = cost.Slope(y[o] - target[o]);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        for (int o = 0; o < y.Length; o++)
        {
            double e = y[o] - target[o];
            (dy[o], y[o]) = (cost.Slope(e), cost.Curvature(e));
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
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit(new ValueLanes<TSimd, TVector, T, TCost>(cost));
}

/// <inheritdoc cref="ValueCost{TCost}"/>
internal readonly unsafe struct ValueLanes<TSimd, TVector, T, TCost>(TCost cost) : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCost : struct, IErrorCost
{
    public static T Padding => T.Zero;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        TCost one = cost; // a copy of the field at every call takes several times as long
        double total = 0, factor = SimdMath<TSimd, TVector, T>.ToDouble(scale);
        for (int i = 0; i < target.Length; i++)
        {
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i];
            total += one.Cost(e);
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * one.Slope(e));
        }

        return total;
    }
}
