namespace Unroll.Cli.Torch;

/// <summary>
/// How <c>torch.nn.utils.parametrizations.orthogonal</c> makes an orthogonal matrix of any: the file does not say.
/// </summary>
internal enum OrthogonalMap
{
    /// <summary>The exponential of a skew-symmetric matrix: the default for a square one.</summary>
    MatrixExp,

    /// <summary>Cayley's map of a skew-symmetric matrix.</summary>
    Cayley,

    /// <summary>A product of reflections: the default for a matrix that is not square.</summary>
    Householder,
}

/// <summary>The weight that orthogonal() yields, as in its forward pass.</summary>
internal static class OrthogonalWeight
{
    /// <summary>The weight of (rows, columns).</summary>
    /// <param name="original">The trained parameter, of the weight's shape.</param>
    /// <param name="from">The square matrix that the map is relative to (<c>base</c>), or null.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="map">Which map.</param>
    public static double[] Of(double[] original, double[]? from, int rows, int columns, OrthogonalMap map)
    {
        bool wide = rows < columns;
        (int n, int k) = wide ? (columns, rows) : (rows, columns);
        double[] x = wide ? Matrices.Transpose(original, rows, columns) : original;
        double[] q = map == OrthogonalMap.Householder ? Reflections(x, n, k) : Rotation(x, n, k, map);
        if (from is not null) q = Matrices.Product(from, q, n, n, k);
        return wide ? Matrices.Transpose(q, n, k) : q;
    }

    private static double[] Rotation(double[] x, int n, int k, OrthogonalMap map)
    {
        var skew = new double[n * n]; // the lower triangle less its transpose
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < Math.Min(i, k); j++) (skew[(i * n) + j], skew[(j * n) + i]) = (x[(i * k) + j], -x[(i * k) + j]);
        }

        double[] q;
        if (map == OrthogonalMap.MatrixExp)
        {
            q = Matrices.Exponential(skew, n);
        }
        else
        {
            double[] above = [.. skew.Select(value => value / 2)], below = [.. skew.Select(value => -value / 2)];
            for (int i = 0; i < n; i++) (above[(i * n) + i], below[(i * n) + i]) = (1, 1);
            q = Matrices.Solve(below, above, n);
        }

        return n == k ? q : Matrices.Product(q, Matrices.Identity(n, k), n, n, k);
    }

    /// <summary>
    /// The first k columns of H_1 H_2 ... H_k, each 1 - tau v v^T with v from a column below its diagonal, times the diagonal's
    /// signs.
    /// </summary>
    private static double[] Reflections(double[] x, int n, int k)
    {
        double[] q = Matrices.Identity(n, k);
        for (int c = k - 1; c >= 0; c--)
        {
            double squares = 1;
            for (int i = c + 1; i < n; i++) squares += x[(i * k) + c] * x[(i * k) + c];
            for (int j = 0; j < k; j++)
            {
                double dot = q[(c * k) + j];
                for (int i = c + 1; i < n; i++) dot += x[(i * k) + c] * q[(i * k) + j];
                dot *= 2 / squares;
                q[(c * k) + j] -= dot;
                for (int i = c + 1; i < n; i++) q[(i * k) + j] -= dot * x[(i * k) + c];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < k; j++) q[(i * k) + j] *= Math.Truncate(x[(j * k) + j]);
        }

        return q;
    }
}
