using System.Numerics.Tensors;
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
/// triangular part makes the entries of the powers drift apart, until they leave the range of numbers. One object may load one
/// matrix after another of its size.
/// </remarks>
internal sealed unsafe class RepeatedSquaring
{
    private const int MostSquarings = 60;
    private const int MostExact = 1000; // a power of two with an exponent of at most this size is a normal number

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

    /// <summary>n.</summary>
    public int Size => _n;

    /// <summary>Loads an (n, n) matrix divided by 2^exponent.</summary>
    public void Load(ReadOnlySpan<double> matrix, int exponent)
    {
        _first.Clear(); // the padding too: an earlier matrix may have left numbers there that are not finite
        for (int i = 0; i < _n; i++)
            Scale(matrix.Slice(i * _n, _n), -exponent, _first.Span.Slice(i * _stride, _n));
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
        double power = 1, log2 = 0, log2Before = 0, roughBefore = double.NaN;
        for (int k = 0; k < MostSquarings; k++)
        {
            // A sum in order is slow. It is taken only where a sum in any order leaves open whether the estimate has converged:
            // each is wrong by at most as many ulps as it has terms, which the margin has several times.
            double rough = log2 + (Math.Log2(TensorPrimitives.Norm<double>(Whole(m))) / power);
            double margin = (_n * _stride * 1e-15 / power) + (1e-14 * (1 + Math.Abs(rough)));
            if (!(Math.Abs(rough - roughBefore) > tolerance + margin) && k > 0)
            {
                double estimate = Estimate(m, log2, power), before = Estimate(square, log2Before, power / 2);
                if (Math.Abs(estimate - before) <= tolerance) return Math.Pow(2, estimate);
            }

            (roughBefore, log2Before) = (rough, log2);
            Whole(square).Clear();
            Product(m, _stride, 1, m, _n, square);
            double next = Largest(square);
            if (next == 0) return 0;

            // The bound keeps the factor finite; if it leaves the matrix too small, the next squaring rescales again.
            int exponent = Math.Max(Math.ILogB(next), -1000);
            TensorPrimitives.Multiply(Whole(square), Math.ScaleB(1, -exponent), Whole(square));
            power *= 2;
            log2 += exponent / power;
            double* old = m;
            m = square;
            square = old; // the power before, until the next squaring
        }

        return Math.Pow(2, Estimate(square, log2Before, power / 2));
    }

    /// <summary>The logarithm of the spectral radius from A^power = M 2^(power log2).</summary>
    private double Estimate(double* m, double log2, double power) => log2 + (Math.Log2(Norm(m)) / power);

    private Span<double> Whole(double* m) => new(m, _n * _stride);

    private double Largest(double* m) => Math.Abs(TensorPrimitives.MaxMagnitude<double>(Whole(m)));

    /// <summary>to = x 2^exponent, rounded once.</summary>
    private static void Scale(ReadOnlySpan<double> x, int exponent, Span<double> to)
    {
        if (Math.Abs(exponent) <= MostExact)
        {
            TensorPrimitives.Multiply(x, Math.ScaleB(1, exponent), to);
            return;
        }

        for (int i = 0; i < x.Length; i++) to[i] = Math.ScaleB(x[i], exponent);
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
