// A cost of your own in one file: log cosh of the error, which is quadratic for small errors and linear for large ones. To make
// it part of the library, put the file into src/Unroll/Heads and name it: members of OutputHead and HeadCost, and a line in
// HeadTable.
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Heads;

/// <summary>O real numbers: E = sum of log cosh(y - target), dE/dy = tanh(y - target).</summary>
internal sealed class LogCoshCost : IHeadCost
{
    public double Cost(ReadOnlySpan<double> y, Batch batch, int step, int row)
    {
        double total = 0;
        for (int o = 0; o < y.Length; o++)
        {
            double e = Math.Abs(y[o] - batch.Values(step, row)[o]);
            total += e + Math.Log((1 + Math.Exp(-2 * e)) / 2); // cosh itself overflows
        }

        return total;
    }

    public void Slopes(ReadOnlySpan<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        for (int o = 0; o < y.Length; o++) dy[o] = Math.Tanh(y[o] - batch.Values(step, row)[o]);
    }

    public void Linearize(Span<double> y, Batch batch, int step, int row, Span<double> dy)
    {
        Slopes(y, batch, step, row, dy);
        dy.CopyTo(y);
    }

    public void CurvatureTimes(ReadOnlySpan<double> y, ReadOnlySpan<double> v, Span<double> result)
    {
        for (int o = 0; o < y.Length; o++) result[o] = (1 - (y[o] * y[o])) * v[o];
    }

    public bool HasTarget(Batch batch, int step, int row) => !batch.IsSkipped(step, row);

    public TResult Lanes<TSimd, TVector, T, TResult>(IHeadVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<LogCoshLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="LogCoshCost"/>
internal readonly unsafe struct LogCoshLanes<TSimd, TVector, T> : IHeadLanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Padding => T.Zero;

    public double Cost(T* y, T* dy, int outputs, int stride, Batch batch, int step, int row, T scale)
    {
        ReadOnlySpan<double> target = batch.Values(step, row);
        double total = 0;
        for (int o = 0; o < target.Length; o++)
        {
            double error = double.CreateTruncating(y[o]) - target[o], e = Math.Abs(error);
            total += e + Math.Log((1 + Math.Exp(-2 * e)) / 2);
            dy[o] = scale * T.CreateTruncating(Math.Tanh(error));
        }

        return total;
    }
}
