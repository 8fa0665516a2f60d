using System.Numerics;
using Unroll.Numerics;

namespace Unroll.Analysis;

/// <summary>
/// The two numbers that say whether gradients can vanish or explode (section 2.1). The largest singular value bounds how much one
/// step can stretch a gradient: below 1 / gamma it must vanish. The spectral radius decides for a linear network only. Both
/// numbers are the same for a matrix and its transpose.
/// </summary>
/// <remarks>
/// A relative error of 1e-12 is usual; an ill-conditioned eigenvalue is only as accurate as its condition allows. Cost: about 50
/// products of n x n matrices, in the order of 0.1 s at n = 500 on one core. The result depends only on the matrix and the
/// instruction set.
/// </remarks>
public static class Spectrum
{
    /// <summary>The eigenvalue is far more accurate than this residual of its eigenvector.</summary>
    private const double LanczosTolerance = 1e-6;

    private const int LanczosSteps = 200;

    /// <summary>The largest |eigenvalue| of a square matrix; 0 for a nilpotent one, NaN when an entry is not finite.</summary>
    /// <param name="matrix">(n, n), row-major.</param>
    /// <param name="n">The number of rows, at least 1.</param>
    /// <exception cref="ArgumentException">The matrix does not have n x n entries.</exception>
    public static double SpectralRadius(ReadOnlySpan<double> matrix, int n) =>
        SpectralRadius(matrix, n, RepeatedSquaring.Tolerance);

    /// <summary>The same, to a relative tolerance; a larger one takes fewer products.</summary>
    internal static double SpectralRadius(ReadOnlySpan<double> matrix, int n, double tolerance)
    {
        RepeatedSquaring? power = null;
        return SpectralRadius(matrix, n, tolerance, ref power);
    }

    /// <summary>The same with the memory of an earlier matrix, which is replaced where the size is another.</summary>
    internal static double SpectralRadius(ReadOnlySpan<double> matrix, int n, double tolerance, ref RepeatedSquaring? power)
    {
        Check(matrix, n, n);
        foreach (double x in matrix)
        {
            if (!double.IsFinite(x)) return double.NaN;
        }

        double radius = 0;
        foreach (int[] block in IrreducibleBlocks.Of(matrix, n))
            radius = Math.Max(radius, OfBlock(matrix, n, block, tolerance, ref power));
        return radius;
    }

    /// <summary>The largest singular value (the 2-norm) of a matrix; NaN when an entry is not finite.</summary>
    /// <param name="matrix">(rows, columns), row-major.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="columns">The number of columns, at least 1.</param>
    /// <exception cref="ArgumentException">The matrix does not have rows x columns entries.</exception>
    public static double LargestSingularValue(ReadOnlySpan<double> matrix, int rows, int columns)
    {
        Check(matrix, rows, columns);
        if (!TryExponent(matrix, out int exponent, out double trivial)) return trivial;
        var power = new RepeatedSquaring(Math.Min(rows, columns));
        power.LoadGram(matrix, rows, columns, exponent);
        return Math.ScaleB(Math.Sqrt(power.Radius()), exponent);
    }

    /// <summary>
    /// The spectral radius of W_rec; of a network that is not one plain layer, that of the Jacobian ds_t/ds_{t-1} of its whole
    /// state at zero state and input.
    /// </summary>
    public static double SpectralRadius<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SpectralRadius(new SpectrumMeter<T>(network).Matrix(), Size(network.Shape));

    /// <summary>
    /// The largest singular value of the same matrix; of a Jacobian, which may be thousands of numbers wide, to about 1e-8.
    /// </summary>
    public static double LargestSingularValue<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        LargestSingularValue(network.Shape, new SpectrumMeter<T>(network).Matrix());

    internal static double LargestSingularValue(NetworkShape shape, double[] matrix)
    {
        int n = Size(shape);
        return shape.IsOnPreActivations ? LargestSingularValue(matrix, n, n) : LargestSingularValueByLanczos(matrix, n);
    }

    /// <summary>The largest singular value of a square matrix to about 1e-8, by products with vectors alone.</summary>
    internal static double LargestSingularValueByLanczos(double[] matrix, int n)
    {
        if (!TryExponent(matrix, out int exponent, out double trivial)) return trivial;
        double[] scaled = [.. matrix.Select(x => Math.ScaleB(x, -exponent))], image = new double[n];
        double squared = Lanczos.Largest(
            (vector, result) =>
            {
                Array.Clear(image);
                result.Clear();
                Vectors.AddProduct(image, scaled, vector);
                Vectors.AddTransposed(result, scaled, image);
            },
            n, LanczosSteps, LanczosTolerance);
        return Math.ScaleB(Math.Sqrt(Math.Max(0, squared)), exponent);
    }

    private static double OfBlock(
        ReadOnlySpan<double> matrix, int n, int[] block, double tolerance, ref RepeatedSquaring? power)
    {
        int size = block.Length;
        if (size == 1) return Math.Abs(matrix[(block[0] * n) + block[0]]);
        var part = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++) part[(i * size) + j] = matrix[(block[i] * n) + block[j]];
        }

        if (!TryExponent(part, out int exponent, out double trivial)) return trivial;
        if (power?.Size != size) power = new RepeatedSquaring(size);
        power.Load(part, exponent);
        return Math.ScaleB(power.Radius(tolerance), exponent);
    }

    internal static int Size(NetworkShape shape) => shape.IsOnPreActivations ? shape.Hidden : shape.StateWidth;

    private static void Check(ReadOnlySpan<double> matrix, int rows, int columns)
    {
        if (rows < 1 || columns < 1 || matrix.Length != (long)rows * columns)
            throw new ArgumentException(
                Invariant($"A matrix of {rows} x {columns} cannot have {matrix.Length} entries."), nameof(matrix));
    }

    /// <summary>The binary exponent of the largest entry; false when the answer needs no arithmetic (0 or NaN).</summary>
    private static bool TryExponent(ReadOnlySpan<double> matrix, out int exponent, out double trivial)
    {
        double largest = 0;
        (exponent, trivial) = (0, double.NaN);
        foreach (double x in matrix)
        {
            if (!double.IsFinite(x)) return false;
            largest = Math.Max(largest, Math.Abs(x));
        }

        trivial = 0;
        if (largest == 0) return false;
        exponent = Math.ILogB(largest);
        return true;
    }
}
