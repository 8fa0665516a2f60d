using System.Numerics;
using Unroll.Numerics;

namespace Unroll.Analysis;

/// <summary>
/// The products of Jacobians dx_t/dx_k along a sequence (equation 5): how much a change of the state at step k has shrunk or
/// grown at step t, in every direction. Computed in double, in logarithms: no product over- or underflows.
/// </summary>
/// <remarks>
/// For one plain layer x is the pre-activation, and one Jacobian dx_i/dx_{i-1} is W_rec diag(sigma'(x_{i-1})). For other cells
/// and for stacks x stands for the whole state s, each layer's parts in order (<see cref="NetworkShape.StateWidth"/> numbers),
/// and the Jacobians are ds_i/ds_{i-1}. Cost: about 10 S^3 operations a step.
/// </remarks>
public static class JacobianProducts
{
    /// <summary>
    /// dx_i/dx_{i-1} of a sequence, (S, S), row-major: entry (j, l) is the change of x_i's unit j with x_{i-1}'s unit l.
    /// </summary>
    /// <param name="unrolled">The network after a forward pass.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="i">The later step, 2..T of the sequence.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or sequence.</exception>
    public static double[] Jacobian<T>(UnrolledNetwork<T> unrolled, int row, int i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        ArgumentOutOfRangeException.ThrowIfLessThan(i, 2);
        CheckStep(unrolled, row, i);
        return new StepJacobians<T>(unrolled).Of(row, i);
    }

    /// <summary>
    /// The natural logarithms of the singular values of dx_t/dx_k, descending; minus infinity for zero, all zero for t = k.
    /// </summary>
    /// <param name="unrolled">The network after a forward pass.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="t">The later step, 1..T of the sequence.</param>
    /// <param name="k">The earlier step, 1..t.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such steps.</exception>
    public static double[] LogSingularValues<T>(UnrolledNetwork<T> unrolled, int row, int t, int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(unrolled, row, t, k);
        var product = new GradedColumns(unrolled.Network.Shape.StateWidth);
        var jacobians = new StepJacobians<T>(unrolled);
        for (int i = k + 1; i <= t; i++) product.MultiplyLeft(jacobians.Of(row, i));
        return product.LogSingularValues();
    }

    /// <summary>
    /// The finite-time Lyapunov exponents of a sequence over the steps k to t, descending: mean logarithms a step of the diagonal
    /// of R when the product's factors are made orthonormal one after another (the QR method of Benettin et al., 1980). An
    /// exponent above zero means that states that start close to each other move apart.
    /// </summary>
    /// <param name="unrolled">The network after a forward pass on the inputs in question.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="t">The later step, above k.</param>
    /// <param name="k">The earlier step, at least 1.</param>
    /// <param name="count">How many directions to follow, 1..S, starting from that many numbers of the state that a step reads;
    /// null follows all. A few directions cost count H^2 a step, and give nearly the largest exponents.</param>
    /// <returns>(<paramref name="count"/>), in nats a step; minus infinity where a direction shrinks to zero.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no such steps or directions, or the two steps are the
    /// same.</exception>
    public static double[] LyapunovExponents<T>(UnrolledNetwork<T> unrolled, int row, int t, int k = 1, int? count = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(unrolled, row, t, k);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(t, k);
        int h = unrolled.Network.Shape.StateWidth, directions = count ?? h;
        ArgumentOutOfRangeException.ThrowIfLessThan(directions, 1, nameof(count));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(directions, h, nameof(count));
        var columns = new double[directions * h]; // of Q, one after another
        int[] starts = Directions(unrolled.Network.Shape);
        for (int j = 0; j < directions; j++) columns[(j * h) + starts[j]] = 1;
        var sums = new double[directions];
        var jacobians = new StepJacobians<T>(unrolled);
        for (int i = k + 1; i <= t; i++)
        {
            jacobians.Times(row, i, columns);
            for (int j = 0; j < directions; j++) sums[j] += Math.Log(MakeOrthonormal(columns, j, h));
        }

        for (int j = 0; j < directions; j++) sums[j] /= t - k;
        Array.Sort(sums);
        Array.Reverse(sums);
        return sums;
    }

    /// <summary>
    /// The numbers of the state, those last that the next step does not read: h of a cell without recurrent weights, in whose
    /// direction nothing goes on.
    /// </summary>
    private static int[] Directions(NetworkShape shape)
    {
        List<int> read = [], unread = [];
        int at = 0;
        foreach (LayerShape layer in shape.Layers)
        {
            for (int i = 0; i < layer.StateWidth; i++, at++)
                (layer.Definition.Layout.RecurrentGates > 0 || i >= layer.Hidden ? read : unread).Add(at);
        }

        return [.. read, .. unread];
    }

    /// <summary>
    /// Makes column j orthogonal to those before it (Gram and Schmidt, twice, which is enough) and of length 1; returns its
    /// length before.
    /// </summary>
    private static double MakeOrthonormal(double[] columns, int j, int h)
    {
        Span<double> column = columns.AsSpan(j * h, h);
        double before = Math.Sqrt(Vectors.Dot(column, column));
        for (int pass = 0; pass < 2; pass++)
        {
            for (int l = 0; l < j; l++)
            {
                ReadOnlySpan<double> other = columns.AsSpan(l * h, h);
                double along = Vectors.Dot(column, other);
                Vectors.Add(column, -along, other);
            }
        }

        double length = Math.Sqrt(Vectors.Dot(column, column));
        if (length <= 1e-14 * before)
        {
            column.Clear(); // only rounding errors are left
            return 0;
        }

        for (int i = 0; i < h; i++) column[i] /= length;
        return length;
    }

    private static void Check<T>(UnrolledNetwork<T> unrolled, int row, int t, int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(t, k);
        CheckStep(unrolled, row, t);
    }

    /// <summary>Beyond the end of a sequence are states of padding, or of an earlier batch.</summary>
    private static void CheckStep<T>(UnrolledNetwork<T> unrolled, int row, int t)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        unrolled.Network.Shape.RequireChain("A product of Jacobians follows");
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, unrolled.Rows);
        if (t > unrolled.LengthOf(row)) throw new ArgumentOutOfRangeException(nameof(t),
            Invariant($"There is no step {t} of row {row}, which has {unrolled.LengthOf(row)}."));
    }
}
