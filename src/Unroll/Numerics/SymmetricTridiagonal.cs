namespace Unroll.Numerics;

/// <summary>
/// Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by the implicit QL method (Bowdler, Martin, Reinsch and
/// Wilkinson, 1968).
/// </summary>
internal static class SymmetricTridiagonal
{
    private const int MostSweeps = 60;

    /// <summary>The eigenvalues in no particular order, each with its eigenvector of length 1.</summary>
    /// <param name="diagonal">(m); it is overwritten.</param>
    /// <param name="off">(m - 1), the entries beside the diagonal.</param>
    public static (double[] Values, double[][] Vectors) Decompose(double[] diagonal, double[] off)
    {
        int m = diagonal.Length;
        double[] d = diagonal, e = [.. off.Take(m - 1), 0];
        var z = new double[m][]; // rows become the eigenvectors
        for (int i = 0; i < m; i++)
        {
            z[i] = new double[m];
            z[i][i] = 1;
        }

        for (int l = 0; l < m; l++)
        {
            for (int sweep = 0; sweep < MostSweeps; sweep++)
            {
                int end = l;
                while (end < m - 1 && Math.Abs(e[end]) > 2.3e-16 * (Math.Abs(d[end]) + Math.Abs(d[end + 1]))) end++;
                if (end == l) break;
                Sweep(d, e, z, l, end);
            }
        }

        return (d, z);
    }

    private static void Sweep(double[] d, double[] e, double[][] z, int l, int end)
    {
        double g = (d[l + 1] - d[l]) / (2 * e[l]), r = double.Hypot(g, 1);
        g = d[end] - d[l] + (e[l] / (g + (g < 0 ? -r : r)));
        double s = 1, c = 1, p = 0;
        for (int i = end - 1; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i];
            r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[end] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            for (int k = 0; k < z.Length; k++)
                (z[i + 1][k], z[i][k]) = ((s * z[i][k]) + (c * z[i + 1][k]), (c * z[i][k]) - (s * z[i + 1][k]));
        }

        d[l] -= p;
        e[l] = g;
        e[end] = 0;
    }
}
