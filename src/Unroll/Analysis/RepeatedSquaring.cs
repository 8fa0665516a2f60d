using System.Runtime.Intrinsics;
using Unroll.Kernels;

namespace Unroll.Analysis;

/// <summary>
/// The spectral radius by Gelfand's formula, rho = lim ||A^m||^(1/m) with m = 1, 2, 4, ...: unlike power iteration it needs no
/// single dominant eigenvalue, unlike a QR iteration it is right for defective matrices, and it is all matrix products.
/// Every power is rescaled by a power of two, which is exact.
/// </summary>
/// <remarks>
/// The formula's error halves with each squaring, so it takes about 50. Two shapes of the power M = A^m end it sooner, most
/// often after 10 to 20, and give the radius to full precision because the m-th root divides the error by m:
/// M M = c M, when the eigenvalues that have not died out are all equal; and M^3 - t M^2 + e M = 0 with t the trace and e the
/// second elementary symmetric function of the eigenvalues, when just two are left: a complex pair, or two real ones.
/// A shape counts when two powers in a row have it.
/// </remarks>
internal sealed unsafe class RepeatedSquaring
{
    private const int MostSquarings = 60;

    /// <summary>The least power from which a shape is looked for: the m-th root divides what it tolerates by at least this.</summary>
    private const double LeastPower = 16;

    private const double ShapeTolerance = 1e-11;
    private const double Tolerance = 1e-14;
    private const double Epsilon = 1.0 / (1L << 52);

    private readonly int _n;
    private readonly int _stride;
    private readonly AlignedBuffer<double> _first = new();
    private readonly AlignedBuffer<double> _second = new();
    private readonly AlignedBuffer<double> _packed = new();
    private readonly double[] _vectors;

    public RepeatedSquaring(int n)
    {
        _n = n;
        _stride = (n + 7) / 8 * 8;
        _first.Ensure((long)n * _stride);
        _second.Ensure((long)n * _stride);
        _packed.Ensure((long)n * _stride);
        _vectors = new double[4 * n];
    }

    /// <summary>Loads an (n, n) matrix divided by 2^exponent.</summary>
    public void Load(ReadOnlySpan<double> matrix, int exponent)
    {
        for (int i = 0; i < _n; i++)
        {
            for (int j = 0; j < _n; j++) _first.Pointer[(i * _stride) + j] = Math.ScaleB(matrix[(i * _n) + j], -exponent);
        }
    }

    /// <summary>Loads the products of the columns of a matrix (or of its rows, if those are fewer) after division by 2^exponent.</summary>
    public void LoadGram(ReadOnlySpan<double> matrix, int rows, int columns, int exponent)
    {
        int count = Math.Max(rows, columns);
        var tall = new AlignedBuffer<double>().Ensure((long)count * _stride);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                int at = columns <= rows ? (i * _stride) + j : (j * _stride) + i;
                tall.Pointer[at] = Math.ScaleB(matrix[(i * columns) + j], -exponent);
            }
        }

        Product(tall.Pointer, 1, _stride, tall.Pointer, count, _first.Pointer);
        GC.KeepAlive(tall);
    }

    /// <summary>The spectral radius of the loaded matrix, which is used up.</summary>
    public double Radius()
    {
        double* m = _first.Pointer, square = _second.Pointer;
        double largest = Largest(m);
        if (largest == 0) return 0;

        // A^power = M 2^(power * log2): log2 collects the scalings, each divided by its power.
        double power = 1, log2 = 0, last = double.NaN;
        bool shapely = false;
        for (int k = 0; k < MostSquarings; k++)
        {
            double estimate = log2 + (Math.Log2(Norm(m)) / power);
            if (Math.Abs(estimate - last) <= Tolerance) return Math.Pow(2, estimate);
            last = estimate;
            new Span<double>(square, _n * _stride).Clear();
            Product(m, _stride, 1, m, _n, square);
            double next = Largest(square);
            if (next == 0 || (next <= _n * Epsilon * largest * largest && IsRounding(m, square))) return 0;
            if (power >= LeastPower || _n <= 2)
            {
                bool found = TryEqual(m, square, next, out double eigenvalue) || TryTwo(m, square, out eigenvalue);
                if (found && shapely) return Math.Pow(2, log2 + (Math.Log2(eigenvalue) / power));
                shapely = found;
            }

            // The bound keeps the factor finite; what it leaves undone, the next squaring does.
            int exponent = Math.Max(Math.ILogB(next), -1000);
            double factor = Math.ScaleB(1, -exponent);
            for (int i = 0; i < _n * _stride; i++) square[i] *= factor;
            power *= 2;
            log2 += exponent / power;
            largest = next * factor;
            double* old = m;
            m = square;
            square = old;
        }

        return Math.Pow(2, last);
    }

    private double Trace(double* m)
    {
        double sum = 0;
        for (int i = 0; i < _n; i++) sum += m[(i * _stride) + i];
        return sum;
    }

    private double Largest(double* m)
    {
        double largest = 0;
        for (int i = 0; i < _n * _stride; i++) largest = Math.Max(largest, Math.Abs(m[i]));
        return largest;
    }

    private double Norm(double* m)
    {
        double sum = 0;
        for (int i = 0; i < _n * _stride; i++) sum += m[i] * m[i];
        return Math.Sqrt(sum);
    }

    /// <summary>Whether M M = c M to within rounding, so that every eigenvalue of M is c or 0.</summary>
    private bool TryEqual(double* m, double* square, double largest, out double eigenvalue)
    {
        double c = Trace(square) / Trace(m);
        eigenvalue = Math.Abs(c);
        if (!double.IsNormal(c)) return false;
        double bound = ShapeTolerance * largest;
        for (int i = 0; i < _n * _stride; i++)
        {
            if (!(Math.Abs(square[i] - (c * m[i])) <= bound)) return false;
        }

        return true;
    }

    /// <summary>Whether M has at most two eigenvalues that are not 0 to within rounding, and the larger |eigenvalue|.</summary>
    private bool TryTwo(double* m, double* square, out double eigenvalue)
    {
        double t = Trace(m), e = ((t * t) - Trace(square)) / 2, quarter = t * t / 4, discriminant = quarter - e;
        eigenvalue = discriminant >= 0 ? Math.Abs(t / 2) + Math.Sqrt(discriminant) : Math.Sqrt(e);

        // Near a double eigenvalue the root loses half its digits; the next power may have it apart.
        if (!double.IsNormal(eigenvalue) || Math.Abs(discriminant) < 1e-3 * (quarter + Math.Abs(e))) return false;

        // The relation is tried on one vector without any symmetry of its own, for three products by M instead of n.
        Span<double> x = _vectors.AsSpan(0, _n), y = _vectors.AsSpan(_n, _n);
        Span<double> z = _vectors.AsSpan(2 * _n, _n), w = _vectors.AsSpan(3 * _n, _n);
        for (int i = 0; i < _n; i++) x[i] = 1 + (i * 0.6180339887498949 % 1);
        Apply(m, x, y);
        Apply(m, y, z);
        Apply(m, z, w);
        double rest = 0, scale = 0;
        for (int i = 0; i < _n; i++)
        {
            rest = Math.Max(rest, Math.Abs(w[i] - (t * z[i]) + (e * y[i])));
            scale = Math.Max(scale, Math.Abs(w[i]) + Math.Abs(t * z[i]) + Math.Abs(e * y[i]));
        }

        return scale > 0 && rest <= ShapeTolerance * scale;
    }

    private void Apply(double* m, ReadOnlySpan<double> x, Span<double> result)
    {
        for (int i = 0; i < _n; i++)
        {
            double sum = 0;
            for (int j = 0; j < _n; j++) sum += m[(i * _stride) + j] * x[j];
            result[i] = sum;
        }
    }

    /// <summary>
    /// Whether the square is nothing but what rounding left of sums that cancel, as for a nilpotent matrix with entries such
    /// as 0.1; a square that is small because its terms are is not.
    /// </summary>
    private bool IsRounding(double* m, double* square)
    {
        for (int i = 0; i < _n; i++)
        {
            for (int j = 0; j < _n; j++)
            {
                double terms = 0;
                for (int k = 0; k < _n; k++) terms += Math.Abs(m[(i * _stride) + k] * m[(k * _stride) + j]);
                if (Math.Abs(square[(i * _stride) + j]) > _n * Epsilon * terms) return false;
            }
        }

        return true;
    }

    /// <summary>C += A B with the kernels' tile; B has <paramref name="count"/> rows and, like C, n columns.</summary>
    private void Product(double* a, nint aRow, nint aStep, double* b, int count, double* c)
    {
        if (Vector512.IsHardwareAccelerated) Product<Simd512<double>, Vector512<double>>(a, aRow, aStep, b, count, c);
        else if (Vector256.IsHardwareAccelerated) Product<Simd256<double>, Vector256<double>>(a, aRow, aStep, b, count, c);
        else Product<Simd128<double>, Vector128<double>>(a, aRow, aStep, b, count, c);
    }

    private void Product<TSimd, TVector>(double* a, nint aRow, nint aStep, double* b, int count, double* c)
        where TSimd : ISimd<TVector, double>
        where TVector : struct
    {
        // The rows of B lie far apart; packed, a panel of them streams.
        double* packed = _packed.Ensure((long)count * _stride).Pointer, to = packed;
        for (int column = 0; column < _stride; column += TSimd.TileColumns * TSimd.Lanes)
        {
            int width = Math.Min(TSimd.TileColumns * TSimd.Lanes, _stride - column);
            for (int row = 0; row < count; row++, to += width)
                new ReadOnlySpan<double>(b + ((nint)row * _stride) + column, width).CopyTo(new Span<double>(to, width));
        }

        Tile<TSimd, TVector, double>.MultiplyPanels(a, aRow, aStep, _n, packed, _stride / TSimd.Lanes, count, c, _stride);
    }
}
