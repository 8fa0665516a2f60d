using System.Numerics;

namespace Unroll.Numerics;

/// <summary>
/// All eigenvalues of a real square matrix: reduced to Hessenberg form by Householder reflections, then by the shifted QR method
/// in double steps (Francis, 1961; as in EISPACK's orthes and hqr).
/// </summary>
internal static class HessenbergQr
{
    private const int MostIterations = 90;

    /// <summary>The eigenvalues by decreasing magnitude; of a conjugate pair the one above the real axis first.</summary>
    /// <param name="matrix">(n, n), row-major, finite.</param>
    /// <param name="n">The number of rows.</param>
    public static Complex[] Eigenvalues(ReadOnlySpan<double> matrix, int n)
    {
        var a = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++) a[i, j] = matrix[(i * n) + j];
        }

        Reduce(a, n);
        return [.. Iterate(a, n).OrderByDescending(Complex.Abs).ThenByDescending(value => value.Imaginary)];
    }

    /// <summary>A becomes Q^T A Q with zeros below the subdiagonal.</summary>
    private static void Reduce(double[,] a, int n)
    {
        var v = new double[n];
        for (int k = 0; k < n - 2; k++)
        {
            double norm = 0;
            for (int i = k + 1; i < n; i++) norm = double.Hypot(norm, a[i, k]);
            if (norm == 0) continue;
            double head = a[k + 1, k] > 0 ? -norm : norm, squared = 0;
            for (int i = k + 1; i < n; i++)
            {
                v[i] = (a[i, k] - (i == k + 1 ? head : 0)) / norm;
                squared += v[i] * v[i];
            }

            for (int j = 0; j < n; j++)
            {
                double dot = 0;
                for (int i = k + 1; i < n; i++) dot += v[i] * a[i, j];
                dot *= 2 / squared;
                for (int i = k + 1; i < n; i++) a[i, j] -= dot * v[i];
            }

            for (int i = 0; i < n; i++)
            {
                double dot = 0;
                for (int j = k + 1; j < n; j++) dot += a[i, j] * v[j];
                dot *= 2 / squared;
                for (int j = k + 1; j < n; j++) a[i, j] -= dot * v[j];
            }

            for (int i = k + 2; i < n; i++) a[i, k] = 0;
        }
    }

    private static List<Complex> Iterate(double[,] a, int n)
    {
        var found = new List<Complex>(n);
        double size = 0, shifted = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = Math.Max(i - 1, 0); j < n; j++) size += Math.Abs(a[i, j]);
        }

        int end = n - 1, iteration = 0;
        while (end >= 0)
        {
            int low = Split(a, end, size);
            double x = a[end, end];
            if (low == end)
            {
                found.Add(x + shifted);
                (end, iteration) = (end - 1, 0);
                continue;
            }

            double y = a[end - 1, end - 1], w = a[end, end - 1] * a[end - 1, end];
            if (low == end - 1)
            {
                AddPair(found, x + shifted, y + shifted, w);
                (end, iteration) = (end - 2, 0);
                continue;
            }

            if (iteration == MostIterations) throw new ArithmeticException(
                Invariant($"The eigenvalues of a matrix of {n} rows did not converge."));
            if (iteration is 10 or 20 or 40)
            {
                // An exceptional shift breaks a cycle.
                shifted += x;
                for (int i = 0; i <= end; i++) a[i, i] -= x;
                double s = Math.Abs(a[end, end - 1]) + Math.Abs(a[end - 1, end - 2]);
                (x, y, w) = (0.75 * s, 0.75 * s, -0.4375 * s * s);
            }

            iteration++;
            DoubleStep(a, low, end, x, y, w);
        }

        return found;
    }

    /// <summary>The first row of the last block that cannot be split.</summary>
    private static int Split(double[,] a, int end, double size)
    {
        for (int l = end; l > 0; l--)
        {
            double s = Math.Abs(a[l - 1, l - 1]) + Math.Abs(a[l, l]);
            if (s == 0) s = size;
            if (Math.Abs(a[l, l - 1]) > 2.2e-16 * s) continue;
            a[l, l - 1] = 0;
            return l;
        }

        return 0;
    }

    /// <summary>The eigenvalues of a block of two with diagonal y, x and product w beside it.</summary>
    private static void AddPair(List<Complex> found, double x, double y, double w)
    {
        double p = (y - x) / 2, q = (p * p) + w, z = Math.Sqrt(Math.Abs(q));
        if (q < 0)
        {
            found.Add(new Complex(x + p, z));
            found.Add(new Complex(x + p, -z));
            return;
        }

        z = p + (p < 0 ? -z : z);
        found.Add(x + z);
        found.Add(z == 0 ? x : x - (w / z));
    }

    /// <summary>Two QR steps, with the eigenvalues of the last two rows as shifts.</summary>
    private static void DoubleStep(double[,] a, int low, int end, double x, double y, double w)
    {
        double p = 0, q = 0, r = 0;
        int m;
        for (m = end - 2; ; m--)
        {
            double z = a[m, m], rr = x - z, ss = y - z;
            p = (((rr * ss) - w) / a[m + 1, m]) + a[m, m + 1];
            q = a[m + 1, m + 1] - z - rr - ss;
            r = a[m + 2, m + 1];
            double scale = Math.Abs(p) + Math.Abs(q) + Math.Abs(r);
            (p, q, r) = (p / scale, q / scale, r / scale);
            if (m == low) break;
            double u = Math.Abs(a[m, m - 1]) * (Math.Abs(q) + Math.Abs(r));
            double v = Math.Abs(p) * (Math.Abs(a[m - 1, m - 1]) + Math.Abs(z) + Math.Abs(a[m + 1, m + 1]));
            if (u <= 2.2e-16 * v) break;
        }

        for (int i = m + 2; i <= end; i++)
        {
            a[i, i - 2] = 0;
            if (i > m + 2) a[i, i - 3] = 0;
        }

        for (int k = m; k < end; k++)
        {
            bool three = k != end - 1;
            double scale = 1;
            if (k > m)
            {
                (p, q, r) = (a[k, k - 1], a[k + 1, k - 1], three ? a[k + 2, k - 1] : 0);
                scale = Math.Abs(p) + Math.Abs(q) + Math.Abs(r);
                if (scale == 0) continue;
                (p, q, r) = (p / scale, q / scale, r / scale);
            }

            double s = double.Hypot(double.Hypot(p, q), r);
            if (p < 0) s = -s;
            if (s == 0) continue;
            if (k > m) a[k, k - 1] = -s * scale;
            else if (low != m) a[k, k - 1] = -a[k, k - 1];
            p += s;
            double hx = p / s, hy = q / s, hz = r / s;
            (q, r) = (q / p, r / p);
            for (int j = k; j <= end; j++)
            {
                double dot = a[k, j] + (q * a[k + 1, j]) + (three ? r * a[k + 2, j] : 0);
                a[k, j] -= dot * hx;
                a[k + 1, j] -= dot * hy;
                if (three) a[k + 2, j] -= dot * hz;
            }

            for (int i = low; i <= Math.Min(end, k + 3); i++)
            {
                double dot = (hx * a[i, k]) + (hy * a[i, k + 1]) + (three ? hz * a[i, k + 2] : 0);
                a[i, k] -= dot;
                a[i, k + 1] -= dot * q;
                if (three) a[i, k + 2] -= dot * r;
            }
        }
    }
}
