namespace Unroll.Numerics;

/// <summary>
/// All eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to a tridiagonal one (Golub and Van Loan,
/// 8.3.1), then <see cref="SymmetricTridiagonal"/>.
/// </summary>
internal static class SymmetricEigen
{
    /// <summary>The eigenvalues in no particular order, and (n, n) with the eigenvector of each as a row of length 1.</summary>
    /// <param name="matrix">(n, n), row-major, symmetric; it is overwritten.</param>
    /// <param name="n">The size, at least 1.</param>
    public static (double[] Values, double[][] Vectors) Decompose(double[] matrix, int n)
    {
        var reflections = new List<(int From, double[] Vector)>();
        for (int k = 0; k + 2 < n; k++)
        {
            // The reflection 1 - 2 v v' that makes column k zero below the entry beside the diagonal.
            int from = k + 1;
            var v = new double[n - from];
            for (int i = 0; i < v.Length; i++) v[i] = matrix[((from + i) * n) + k];
            double norm = Vectors.Norm(v), sign = v[0] < 0 ? -1 : 1;
            if (Vectors.Norm(v.AsSpan(1)) == 0) continue;
            v[0] += sign * norm;
            double length = Vectors.Norm(v);
            for (int i = 0; i < v.Length; i++) v[i] /= length;
            reflections.Add((from, v));
            for (int i = from; i < n; i++) matrix[(i * n) + k] = matrix[(k * n) + i] = 0;
            matrix[(from * n) + k] = matrix[(k * n) + from] = -sign * norm;

            // A - v w' - w v' of the rest, with p = 2 A v and w = p - (p . v) v.
            var w = new double[v.Length];
            for (int i = 0; i < w.Length; i++) w[i] = 2 * Vectors.Dot(v, matrix.AsSpan(((from + i) * n) + from, v.Length));
            Vectors.Add(w, -Vectors.Dot(w, v), v);
            for (int i = 0; i < v.Length; i++)
            {
                Span<double> row = matrix.AsSpan(((from + i) * n) + from, v.Length);
                Vectors.Add(row, -v[i], w);
                Vectors.Add(row, -w[i], v);
            }
        }

        double[] diagonal = new double[n], off = new double[Math.Max(0, n - 1)];
        for (int i = 0; i < n; i++) diagonal[i] = matrix[(i * n) + i];
        for (int i = 0; i < off.Length; i++) off[i] = matrix[(i * n) + i + 1];
        (double[] values, double[][] vectors) = SymmetricTridiagonal.Decompose(diagonal, off);
        foreach (double[] vector in vectors)
        {
            for (int r = reflections.Count - 1; r >= 0; r--)
            {
                (int from, double[] v) = reflections[r];
                Span<double> part = vector.AsSpan(from);
                Vectors.Add(part, -2 * Vectors.Dot(v, part), v);
            }
        }

        return (values, vectors);
    }
}
