using System.Numerics.Tensors;

namespace Unroll.Cli.Torch;

/// <summary>
/// A few operations on dense matrices, row-major, in a fixed order of sums: those that parametrizations of weights are made of.
/// </summary>
internal static class Matrices
{
    /// <summary>A of (rows, inner) times B of (inner, columns).</summary>
    public static double[] Product(double[] a, double[] b, int rows, int inner, int columns)
    {
        var product = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            Span<double> row = product.AsSpan(i * columns, columns);
            for (int k = 0; k < inner; k++)
            {
                double factor = a[(i * inner) + k];
                if (factor != 0) TensorPrimitives.MultiplyAdd(b.AsSpan(k * columns, columns), factor, row, row);
            }
        }

        return product;
    }

    /// <summary>The transpose of (rows, columns).</summary>
    public static double[] Transpose(double[] a, int rows, int columns)
    {
        var transposed = new double[a.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) transposed[(j * rows) + i] = a[(i * columns) + j];
        }

        return transposed;
    }

    /// <summary>The first columns of the identity.</summary>
    public static double[] Identity(int rows, int columns)
    {
        var identity = new double[rows * columns];
        for (int i = 0; i < Math.Min(rows, columns); i++) identity[(i * columns) + i] = 1;
        return identity;
    }

    /// <summary>e to the power of a square matrix: its power series at a 2^-s-th of it, squared s times.</summary>
    public static double[] Exponential(double[] a, int n)
    {
        const double Small = 1.0 / 16; // its tenth power over 10! is below rounding
        const int Terms = 9, MostSquarings = 1100;
        double norm = 0;
        for (int i = 0; i < n; i++)
        {
            double sum = 0;
            for (int j = 0; j < n; j++) sum += Math.Abs(a[(i * n) + j]);
            norm = Math.Max(norm, sum);
        }

        int squarings = double.IsFinite(norm) && norm > Small
            ? Math.Min(MostSquarings, (int)Math.Ceiling(Math.Log2(norm / Small))) : 0;
        double[] small = [.. a.Select(x => Math.ScaleB(x, -squarings))], power = Identity(n, n);
        for (int term = Terms; term >= 1; term--)
        {
            power = Product(small, power, n, n, n);
            for (int i = 0; i < power.Length; i++) power[i] /= term;
            for (int i = 0; i < n; i++) power[(i * n) + i]++;
        }

        for (int i = 0; i < squarings; i++) power = Product(power, power, n, n, n);
        return power;
    }

    /// <summary>X of A X = B, all n x n, by elimination with the largest pivot of a column.</summary>
    public static double[] Solve(double[] a, double[] b, int n)
    {
        (a, b) = ([.. a], [.. b]);
        for (int k = 0; k < n; k++)
        {
            int pivot = k;
            for (int i = k + 1; i < n; i++)
            {
                if (Math.Abs(a[(i * n) + k]) > Math.Abs(a[(pivot * n) + k])) pivot = i;
            }

            Swap(a, k, pivot, n);
            Swap(b, k, pivot, n);
            for (int i = k + 1; i < n; i++)
            {
                double factor = -a[(i * n) + k] / a[(k * n) + k];
                TensorPrimitives.MultiplyAdd(a.AsSpan(k * n, n), factor, a.AsSpan(i * n, n), a.AsSpan(i * n, n));
                TensorPrimitives.MultiplyAdd(b.AsSpan(k * n, n), factor, b.AsSpan(i * n, n), b.AsSpan(i * n, n));
            }
        }

        for (int k = n - 1; k >= 0; k--)
        {
            Span<double> row = b.AsSpan(k * n, n);
            for (int j = k + 1; j < n; j++) TensorPrimitives.MultiplyAdd(b.AsSpan(j * n, n), -a[(k * n) + j], row, row);
            TensorPrimitives.Divide(row, a[(k * n) + k], row);
        }

        return b;
    }

    private static void Swap(double[] a, int one, int other, int n)
    {
        if (one == other) return;
        for (int j = 0; j < n; j++) (a[(one * n) + j], a[(other * n) + j]) = (a[(other * n) + j], a[(one * n) + j]);
    }
}
