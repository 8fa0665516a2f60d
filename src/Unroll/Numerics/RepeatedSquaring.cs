using System.Runtime.Intrinsics;
using Unroll.Kernels;

namespace Unroll.Numerics;

/// <summary>
/// The spectral radius by Gelfand's formula, rho = lim ||A^m||^(1/m) with m = 1, 2, 4, ...: unlike power iteration it needs no
/// single dominant eigenvalue, unlike a QR iteration it is accurate for defective matrices, and it consists of matrix products
/// only. Every power is rescaled by a power of two, which is exact.
/// </summary>
/// <remarks>
/// The formula's error halves with each squaring, so it takes about 50. The matrix should be irreducible or symmetric: a
/// triangular part makes the entries of the powers drift apart, until they leave the range of numbers.
/// </remarks>
internal sealed unsafe class RepeatedSquaring
{
    private const int MostSquarings = 60;

    /// <summary>The relative change below which an estimate counts as converged.</summary>
    public const double Tolerance = 1e-14;

    private readonly int _n;
    private readonly int _stride;
    private readonly AlignedBuffer<double> _first = new();
    private readonly AlignedBuffer<double> _second = new();
    private readonly AlignedBuffer<double> _packed = new();

    public RepeatedSquaring(int n)
    {
        _n = n;
        _stride = (n + 7) / 8 * 8;
        _first.Ensure((long)n * _stride);
        _second.Ensure((long)n * _stride);
        _packed.Ensure((long)n * _stride);
    }

    /// <summary>Loads an (n, n) matrix divided by 2^exponent.</summary>
    public void Load(ReadOnlySpan<double> matrix, int exponent)
    {
        for (int i = 0; i < _n; i++)
        {
            for (int j = 0; j < _n; j++) _first.Pointer[(i * _stride) + j] = Math.ScaleB(matrix[(i * _n) + j], -exponent);
        }
    }

    /// <summary>
    /// Loads the products of the columns of a matrix (or of its rows, if those are fewer) after division by 2^exponent.
    /// </summary>
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

    /// <summary>The spectral radius of the loaded matrix; the computation overwrites it.</summary>
    public double Radius(double tolerance = Tolerance)
    {
        double* m = _first.Pointer, square = _second.Pointer;
        if (Largest(m) == 0) return 0;

        // A^power = M 2^(power * log2): log2 is the sum of the scalings, each divided by its power.
        double power = 1, log2 = 0, last = double.NaN;
        for (int k = 0; k < MostSquarings; k++)
        {
            double estimate = log2 + (Math.Log2(Norm(m)) / power);
            if (Math.Abs(estimate - last) <= tolerance) return Math.Pow(2, estimate);
            last = estimate;
            new Span<double>(square, _n * _stride).Clear();
            Product(m, _stride, 1, m, _n, square);
            double next = Largest(square);
            if (next == 0) return 0;

            // The bound keeps the factor finite; if it leaves the matrix too small, the next squaring rescales again.
            int exponent = Math.Max(Math.ILogB(next), -1000);
            double factor = Math.ScaleB(1, -exponent);
            for (int i = 0; i < _n * _stride; i++) square[i] *= factor;
            power *= 2;
            log2 += exponent / power;
            double* old = m;
            m = square;
            square = old;
        }

        return Math.Pow(2, last);
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
        // The rows of B are far apart in memory; a packed panel is read in memory order.
        double* packed = _packed.Ensure((long)count * _stride).Pointer, to = packed;
        for (int column = 0, width; column < _stride; column += width)
        {
            width = TilePanels.Registers((_stride - column) / TSimd.Lanes, TSimd.TileColumns) * TSimd.Lanes;
            for (int row = 0; row < count; row++, to += width)
                new ReadOnlySpan<double>(b + ((nint)row * _stride) + column, width).CopyTo(new Span<double>(to, width));
        }

        Tile<TSimd, TVector, double>.MultiplyPanels(a, aRow, aStep, _n, packed, _stride / TSimd.Lanes, count, c, _stride);
    }
}
