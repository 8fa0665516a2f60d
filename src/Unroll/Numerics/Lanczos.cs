namespace Unroll.Numerics;

/// <summary>An eigenvalue of the curvature with its direction.</summary>
/// <param name="Value">lambda.</param>
/// <param name="Direction">v of length 1, in the layout of the parameters; its first large element is positive.</param>
/// <param name="Residual">||H v - lambda v||; there is an eigenvalue within this distance of lambda.</param>
public sealed record CurvaturePair(double Value, double[] Direction, double Residual);

/// <summary>A symmetric matrix, given by its products with vectors.</summary>
internal delegate void SymmetricProduct(ReadOnlySpan<double> vector, Span<double> result);

/// <summary>
/// The method of Lanczos: the eigenvalues of largest magnitude, from products with a symmetric matrix alone. Every new vector is
/// made orthogonal to all earlier ones, twice, which prevents copies of eigenvectors already found; the start is always the same.
/// </summary>
internal static class Lanczos
{
    private const int CheckEvery = 4;

    /// <summary>The pairs by decreasing |eigenvalue|.</summary>
    public static IReadOnlyList<CurvaturePair> Leading(SymmetricProduct product, int n, int count, int steps, double tolerance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, n);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, count);
        var basis = new List<double[]>();
        return [.. Search(product, n, count, steps, tolerance, Math.Abs, basis)
            .Select(found => Pair(product, found.Value, found.Weights, basis, n))];
    }

    /// <summary>
    /// The largest eigenvalue in the signed order, even when negative ones are larger in magnitude; without its eigenvector.
    /// </summary>
    public static double Largest(SymmetricProduct product, int n, int steps, double tolerance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return Search(product, n, 1, steps, tolerance, value => value, [])[0].Value;
    }

    /// <summary>The highest-ranking eigenvalues, each with the weights of its eigenvector in the basis that was built.</summary>
    private static (double Value, double[] Weights)[] Search(
        SymmetricProduct product, int n, int count, int steps, double tolerance, Func<double, double> rank, List<double[]> basis)
    {
        int most = Math.Min(steps, n);
        var diagonal = new List<double>();
        var off = new List<double>();
        RandomSource random = new RandomKey(1, RandomStream.Study, 0).Shared();
        double[] next = Fresh(basis, n, ref random)!;
        double size = 0; // the size of the matrix, which decides what counts as zero
        while (true)
        {
            basis.Add(next);
            var residual = new double[n];
            product(next, residual);
            double alpha = Vectors.Dot(next, residual);
            if (!double.IsFinite(alpha))
                throw new ArithmeticException("The curvature is not finite: the error or its derivatives overflow here.");
            diagonal.Add(alpha);
            Orthogonalise(residual, basis);
            double beta = Vectors.Norm(residual);
            size = Math.Max(size, Math.Max(Math.Abs(alpha), beta));
            bool last = basis.Count == most;
            bool closed = beta <= 1e-13 * size; // the vectors so far span an invariant space
            if (last || closed || basis.Count % CheckEvery == 0)
            {
                (double[] values, double[][] vectors) = SymmetricTridiagonal.Decompose([.. diagonal], [.. off]);
                int[] order = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => rank(values[i]))];
                double Residual(int i) => closed ? 0 : beta * Math.Abs(vectors[i][^1]);
                bool found = order.Length >= count && order.Take(count).All(i => Residual(i) <= tolerance * Math.Abs(values[i]));
                if (last || (found && !closed)) return [.. order.Take(count).Select(i => (values[i], vectors[i]))];
            }

            if (!closed)
            {
                for (int i = 0; i < n; i++) residual[i] /= beta;
                next = residual;
                off.Add(beta);
                continue;
            }

            // The rest of the space is orthogonal to all vectors so far: continue from a new start, so that eigenvalues of equal
            // size are also found.
            next = Fresh(basis, n, ref random)!;
            off.Add(0);
        }
    }

    private static CurvaturePair Pair(SymmetricProduct product, double value, double[] weights, List<double[]> basis, int n)
    {
        var direction = new double[n];
        for (int i = 0; i < weights.Length; i++) Vectors.Add(direction, weights[i], basis[i]);
        double norm = Vectors.Norm(direction), largest = 0;
        foreach (double one in direction) largest = Math.Max(largest, Math.Abs(one));
        double sign = direction.First(one => Math.Abs(one) >= 0.5 * largest) < 0 ? -1 : 1;
        for (int i = 0; i < n; i++) direction[i] *= sign / norm;
        var residual = new double[n];
        product(direction, residual);
        Vectors.Add(residual, -value, direction);
        return new CurvaturePair(value, direction, Vectors.Norm(residual));
    }

    private static double[]? Fresh(List<double[]> basis, int n, ref RandomSource random)
    {
        var vector = new double[n];
        for (int i = 0; i < n; i++) vector[i] = random.NextNormal();
        Orthogonalise(vector, basis);
        double norm = Vectors.Norm(vector);
        for (int i = 0; i < n; i++) vector[i] /= norm;
        return vector;
    }

    private static void Orthogonalise(double[] vector, List<double[]> basis)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (double[] one in basis) Vectors.Add(vector, -Vectors.Dot(vector, one), one);
        }
    }
}
