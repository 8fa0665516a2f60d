namespace Unroll.Numerics;

/// <summary>Solves symmetric positive definite systems.</summary>
internal static class Cholesky
{
    /// <summary>x with (A + shift 1) x = b, or null when the matrix is not positive definite within rounding.</summary>
    public static double[]? Solve(double[] matrix, int n, double shift, double[] right)
    {
        var l = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[(i * n) + j] + (i == j ? shift : 0) - Vectors.Dot(l.AsSpan(i * n, j), l.AsSpan(j * n, j));
                if (i != j) l[(i * n) + j] = sum / l[(j * n) + j];
                else if (sum > 0 && double.IsFinite(sum)) l[(i * n) + i] = Math.Sqrt(sum);
                else return null;
            }
        }

        double[] x = [.. right];
        for (int i = 0; i < n; i++) x[i] = (x[i] - Vectors.Dot(l.AsSpan(i * n, i), x.AsSpan(0, i))) / l[(i * n) + i];
        for (int i = n - 1; i >= 0; i--)
        {
            x[i] /= l[(i * n) + i];
            Vectors.Add(x.AsSpan(0, i), -x[i], l.AsSpan(i * n, i));
        }

        return x;
    }
}
