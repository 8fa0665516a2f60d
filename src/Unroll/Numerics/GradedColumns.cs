using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Unroll.Numerics;

/// <summary>
/// A square matrix stored by columns, each with its own exponent, for a growing product J_n ... J_1 of Jacobians. Factors are
/// multiplied from the left. One-sided Jacobi rotations (Hestenes, 1958) from the right make the columns orthogonal and keep the
/// singular values. The lengths of the columns are then the singular values, each to high relative accuracy (Demmel and Veselic,
/// 1992), however far apart they are.
/// </summary>
internal sealed class GradedColumns
{
    private const int MostSweeps = 40;

    private readonly int _n;
    private readonly double[][] _columns;
    private readonly long[] _exponents;
    private readonly double[] _product;

    /// <summary>The identity.</summary>
    public GradedColumns(int n)
    {
        _n = n;
        _columns = new double[n][];
        _exponents = new long[n];
        _product = new double[n];
        for (int j = 0; j < n; j++)
        {
            _columns[j] = new double[n];
            _columns[j][j] = 1;
        }
    }

    /// <summary>Multiplies the matrix by J from the left and makes its columns orthogonal again.</summary>
    /// <param name="jacobian">J, (n, n), row-major.</param>
    public void MultiplyLeft(ReadOnlySpan<double> jacobian)
    {
        for (int j = 0; j < _n; j++)
        {
            for (int i = 0; i < _n; i++) _product[i] = Vectors.Dot(jacobian.Slice(i * _n, _n), _columns[j]);
            _product.CopyTo(_columns[j], 0);
            Normalise(j);
        }

        Orthogonalise();
    }

    /// <summary>The natural logarithms of the singular values, descending; minus infinity for zero.</summary>
    public double[] LogSingularValues()
    {
        var logs = new double[_n];
        for (int j = 0; j < _n; j++)
            logs[j] = (0.5 * Math.Log(Vectors.Dot(_columns[j], _columns[j]))) + (_exponents[j] * Math.Log(2));
        Array.Sort(logs);
        Array.Reverse(logs);
        return logs;
    }

    private void Orthogonalise()
    {
        double tolerance = _n * 1e-16;
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            bool turned = false;
            for (int p = 0; p < _n - 1; p++)
            {
                for (int q = p + 1; q < _n; q++) turned |= Rotate(p, q, tolerance);
            }

            if (!turned) return;
        }
    }

    /// <summary>
    /// Turns two columns in their plane until they are orthogonal. The shorter column is r g with r = 2^(difference of the
    /// exponents). The formulas are divided by r where r would underflow: for r = 0 the shorter column loses its part along the
    /// longer one.
    /// </summary>
    private bool Rotate(int p, int q, double tolerance)
    {
        if (_exponents[q] > _exponents[p]) (p, q) = (q, p);
        double[] f = _columns[p], g = _columns[q];
        double alpha = Vectors.Dot(f, f), beta = Vectors.Dot(g, g), gamma = Vectors.Dot(f, g);
        if (!(Math.Abs(gamma) > tolerance * Math.Sqrt(alpha * beta))) return false; // also where a column is zero or NaN
        double r = Math.ScaleB(1, (int)Math.Max(_exponents[q] - _exponents[p], -2000));
        double w = ((r * r * beta) - alpha) / (2 * gamma);
        double tau = (w < 0 ? -1 : 1) / (Math.Abs(w) + Math.Sqrt((r * r) + (w * w))), t = r * tau;
        double c = 1 / Math.Sqrt(1 + (t * t));
        Turn(f, g, c, t * r, tau);

        Normalise(p);
        Normalise(q);
        return true;
    }

    /// <summary>f = c (f - tr g) and g = c (tau f + g), both from the old f and g.</summary>
    private static void Turn(double[] f, double[] g, double c, double tr, double tau)
    {
        int i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 4 <= f.Length; i += 4)
        {
            Vector256<double> x = Vector256.LoadUnsafe(ref f[i]), y = Vector256.LoadUnsafe(ref g[i]);
            (c * (x - (tr * y))).StoreUnsafe(ref f[i]);
            (c * ((tau * x) + y)).StoreUnsafe(ref g[i]);
        }

        for (; i < f.Length; i++)
        {
            double x = f[i], y = g[i];
            f[i] = c * (x - (tr * y));
            g[i] = c * ((tau * x) + y);
        }
    }

    private void Normalise(int j)
    {
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(_columns[j]));
        if (!(largest > 0 && double.IsFinite(largest))) return;
        int exponent = Math.ILogB(largest);
        if (exponent == 0) return;
        for (int i = 0; i < _n; i++) _columns[j][i] = Math.ScaleB(_columns[j][i], -exponent);
        _exponents[j] += exponent;
    }
}
