using Unroll.Geometry;

namespace Unroll.Tests.Oracles;

/// <summary>The curvature of a small network as a whole matrix.</summary>
internal static class WholeHessian
{
    /// <summary>All eigenvalues, in no order, by Jacobi's rotations.</summary>
    public static double[] Eigenvalues(ErrorGeometry geometry)
    {
        int n = geometry.Gradient.Length;
        var a = new double[n][];
        for (int i = 0; i < n; i++)
        {
            var unit = new double[n];
            unit[i] = 1;
            a[i] = new double[n];
            geometry.HessianTimes(unit, a[i]);
        }

        for (int sweep = 0; sweep < 60; sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    if (a[p][q] == 0) continue;
                    double angle = 0.5 * Math.Atan2(2 * a[p][q], a[q][q] - a[p][p]), c = Math.Cos(angle), s = Math.Sin(angle);
                    for (int k = 0; k < n; k++)
                        (a[k][p], a[k][q]) = ((c * a[k][p]) - (s * a[k][q]), (s * a[k][p]) + (c * a[k][q]));
                    for (int k = 0; k < n; k++)
                        (a[p][k], a[q][k]) = ((c * a[p][k]) - (s * a[q][k]), (s * a[p][k]) + (c * a[q][k]));
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(i => a[i][i])];
    }
}
