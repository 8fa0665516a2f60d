using Unroll.Numerics;
namespace Unroll.Geometry;

/// <summary>
/// The error of a real network on a batch, to second order: exact gradient and exact Hessian-vector products by the R-operator
/// (Pearlmutter, 1994), in double, for every cell, stack, head and activation (section 2.3).
/// </summary>
/// <remarks>
/// The results of a forward and a backward pass are kept, so a product costs two more passes and no memory. Everything is summed
/// row by row in time order, on the calling thread, so the bits are always the same. Rectified units have no curvature of their
/// own, and slope 0 at 0.
/// </remarks>
public sealed class ErrorGeometry
{
    private readonly NetworkShape _shape;
    private readonly Network<double> _network;
    private readonly Network<double> _direction;
    private readonly RowTape[] _rows;
    private readonly double[] _gradient;
    private readonly double[] _rowDirection;

    /// <summary>Runs forward and backward pass. The network's parameters are copied; the batch is not kept.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batch">The sequences and targets. No row may continue from an earlier state
    /// (<see cref="Batch.Carry"/>).</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    /// <exception cref="ArgumentException">The batch does not fit the network, is empty, or has a row that continues from an
    /// earlier state.</exception>
    public ErrorGeometry(Network<double> network, Batch batch, CostReduction reduction)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(batch);
        _shape = network.Shape;
        if (batch.Encoding != _shape.Encoding || batch.Inputs != _shape.Inputs || batch.Head != _shape.Head
            || batch.Outputs != _shape.Outputs)
        {
            throw new ArgumentException(
                Invariant($"The batch has {batch.Inputs} {batch.Encoding} inputs and {batch.Outputs} {batch.Head} outputs; ")
                    + Invariant($"the network has {_shape.Inputs} {_shape.Encoding} and {_shape.Outputs} {_shape.Head}."));
        }

        if (batch.Rows == 0) throw new ArgumentException("The batch is empty; call Resize and fill it first.");
        if (batch.Carry.Contains(true))
            throw new ArgumentException(
                "A row of the batch continues from an earlier state; the geometry of an error needs whole sequences.");
        (_network, _direction) = (network.Convert<double>(), new Network<double>(_shape));
        _gradient = new double[_shape.ParameterCount];
        _rowDirection = new double[_shape.ParameterCount];
        _rows = new RowTape[batch.Rows];
        for (int r = 0; r < _rows.Length; r++)
        {
            _rows[r] = new RowTape(_network, batch, r, reduction);
            Error += _rows[r].Cost / _rows.Length;
            _rows[r].Backward(_network, _gradient);
        }
    }

    /// <summary>E, averaged over the batch.</summary>
    public double Error { get; }

    /// <summary>dE/dtheta, in the layout of <see cref="Network{T}.Parameters"/>.</summary>
    public ReadOnlySpan<double> Gradient => _gradient;

    /// <summary>||dE/dtheta||.</summary>
    public double GradientNorm => Vectors.Norm(_gradient);

    /// <summary>H v = d2E/dtheta2 v, the derivative of the gradient along v.</summary>
    /// <param name="direction">v, in the layout of <see cref="Network{T}.Parameters"/>.</param>
    /// <param name="result">H v.</param>
    /// <exception cref="ArgumentException">A length is not the number of parameters.</exception>
    public void HessianTimes(ReadOnlySpan<double> direction, Span<double> result)
    {
        Check(direction.Length);
        Check(result.Length);
        direction.CopyTo(_direction.Parameters);
        result.Clear();
        foreach (RowTape row in _rows) row.HessianTimes(_network, _direction, result);
    }

    /// <summary>
    /// G v for the Gauss-Newton matrix G = J^T (d2E/dy2) J with J = dy/dtheta: the part of H that comes from the cost's own
    /// curvature. It has no negative eigenvalue.
    /// </summary>
    /// <param name="direction">v, in the layout of <see cref="Network{T}.Parameters"/>.</param>
    /// <param name="result">G v.</param>
    /// <exception cref="ArgumentException">A length is not the number of parameters.</exception>
    public void GaussNewtonTimes(ReadOnlySpan<double> direction, Span<double> result) => GaussNewtonTimes(direction, 0, result);

    /// <summary>
    /// (G + structural S) v. S is the Gauss-Newton matrix of the distance of the hidden states from where they are, summed over
    /// rows, steps and layers: of a plain layer sum_j of the integral of sigma(s) - sigma(x_j) over s from x_j on, whose second
    /// derivative by the pre-activation is sigma'(x_j) (Martens and Sutskever, 2011); of other cells half the squared distance
    /// of h.
    /// </summary>
    /// <param name="direction">v, in the layout of <see cref="Network{T}.Parameters"/>.</param>
    /// <param name="structural">The weight of S, at least 0.</param>
    /// <param name="result">The product.</param>
    /// <exception cref="ArgumentException">A length is not the number of parameters.</exception>
    internal void GaussNewtonTimes(ReadOnlySpan<double> direction, double structural, Span<double> result)
    {
        Check(direction.Length);
        Check(result.Length);
        direction.CopyTo(_direction.Parameters);
        result.Clear();
        foreach (RowTape row in _rows) row.GaussNewtonTimes(_network, _direction, result, structural);
    }

    /// <summary>v H v / v v: the curvature of the error along v.</summary>
    /// <exception cref="ArgumentException">The length is not the number of parameters.</exception>
    public double CurvatureAlong(ReadOnlySpan<double> direction)
    {
        HessianTimes(direction, _rowDirection);
        return Vectors.Dot(direction, _rowDirection) / Vectors.Dot(direction, direction);
    }

    /// <summary>
    /// The eigenvectors of the Hessian with the largest |eigenvalue|, by Lanczos with full reorthogonalisation from a fixed
    /// start.
    /// </summary>
    /// <param name="count">How many, 1..the number of parameters.</param>
    /// <param name="steps">The most products H v to spend, at least <paramref name="count"/>.</param>
    /// <param name="tolerance">The residual ||H v - lambda v|| / |lambda| at which a pair counts as found.</param>
    /// <returns>The pairs by decreasing |eigenvalue|, each with its final residual.</returns>
    public IReadOnlyList<CurvaturePair> LeadingCurvature(int count = 1, int steps = 60, double tolerance = 1e-6) =>
        Lanczos.Leading(HessianTimes, _shape.ParameterCount, count, steps, tolerance);

    /// <summary>
    /// The largest eigenvalue lambda of the Hessian in the signed order: plain gradient descent at a learning rate above 2 /
    /// lambda diverges along its eigenvector. Negative eigenvalues, which may be larger in magnitude, do not bound the rate.
    /// </summary>
    /// <param name="steps">The most products H v to spend, at least 1.</param>
    /// <param name="tolerance">The relative residual at which the eigenvalue counts as found; the error of the eigenvalue is then
    /// smaller.</param>
    /// <returns>The eigenvalue; when the steps were not enough, a lower bound of it.</returns>
    /// <exception cref="ArithmeticException">The curvature is not finite.</exception>
    public double LargestCurvature(int steps = 60, double tolerance = 1e-3) => LargestCurvature(steps, tolerance, null);

    /// <summary>
    /// The same; <paramref name="onProduct"/> is called before each product with the number of products so far, and may end the
    /// search by an exception.
    /// </summary>
    /// <param name="steps">The most products.</param>
    /// <param name="tolerance">The residual.</param>
    /// <param name="onProduct">Called before each product, or null.</param>
    /// <param name="copies">The number of parameters whose sum each number is, or null for 1. The Hessian of those parameters has
    /// the eigenvalues of S H S, where S is the diagonal matrix of the square roots of these numbers.</param>
    internal double LargestCurvature(int steps, double tolerance, Action<int>? onProduct, ReadOnlySpan<int> copies = default) =>
        LargestCurvature(HessianTimes, _shape.ParameterCount, steps, tolerance, onProduct, copies);

    /// <summary>The same from any function that computes products with a Hessian.</summary>
    internal static double LargestCurvature(
        SymmetricProduct hessian, int parameters, int steps, double tolerance, Action<int>? onProduct, ReadOnlySpan<int> copies)
    {
        int products = 0;
        double[]? scale = copies.IsEmpty ? null : [.. copies.ToArray().Select(count => Math.Sqrt(count))];
        double[] scaled = scale is null ? [] : new double[scale.Length];
        return Lanczos.Largest(
            (vector, result) =>
            {
                onProduct?.Invoke(products++);
                if (scale is null)
                {
                    hessian(vector, result);
                    return;
                }

                for (int i = 0; i < scaled.Length; i++) scaled[i] = scale[i] * vector[i];
                hessian(scaled, result);
                for (int i = 0; i < scaled.Length; i++) result[i] *= scale[i];
            },
            parameters, steps, tolerance);
    }

    /// <summary>
    /// dE_t/dtheta . v for t = 1..T, where E_t is the cost of step t alone, averaged over the rows that have this cost: how the
    /// component of the gradient along a direction grows with the steps (section 2.3). With a head at the last step, E_t is the
    /// cost that the sequence would have if it ended at t. It takes one forward pass.
    /// </summary>
    /// <param name="direction">v, in the layout of <see cref="Network{T}.Parameters"/>.</param>
    /// <exception cref="ArgumentException">The length is not the number of parameters.</exception>
    public double[] DirectionalByStep(ReadOnlySpan<double> direction)
    {
        Check(direction.Length);
        direction.CopyTo(_direction.Parameters);
        int steps = _rows.Max(row => row.Length);
        var sums = new double[steps];
        var counts = new int[steps];
        foreach (RowTape row in _rows) row.DirectionalByStep(_network, _direction, sums, counts);
        for (int t = 0; t < steps; t++) sums[t] = counts[t] == 0 ? 0 : sums[t] / counts[t];
        return sums;
    }

    private void Check(int length)
    {
        if (length != _shape.ParameterCount) throw new ArgumentException(
            Invariant($"A direction has {Counted.Of(length, "number")}; the network has ")
                + Invariant($"{Counted.Of(_shape.ParameterCount, "parameter")}."));
    }
}
