using System.Numerics;
using System.Runtime.InteropServices;

namespace Unroll.Interop;

/// <summary>
/// Sums of x x^T over vectors x that a matrix is multiplied with, a constant 1 last. Sums of one element have the order of the
/// vectors, so the bits are the same at any width of registers.
/// </summary>
/// <param name="width">The numbers of x, the 1 included.</param>
internal sealed class Moments(int width)
{
    private readonly double[] _sums = new double[width * width]; // the lower half

    /// <summary>The numbers of x, the 1 included.</summary>
    public int Width => width;

    /// <summary>How many vectors there were.</summary>
    public double Count => this[width - 1, width - 1];

    /// <summary>The sum of x_i x_j.</summary>
    public double this[int i, int j] => i >= j ? _sums[(i * width) + j] : _sums[(j * width) + i];

    /// <summary>Adds a vector.</summary>
    /// <param name="x">Its numbers, the 1 included.</param>
    public void Add(ReadOnlySpan<double> x)
    {
        for (int i = 0; i < width; i++)
        {
            if (x[i] != 0) AddScaled(_sums.AsSpan(i * width, i + 1), x[i], x[..(i + 1)]);
        }
    }

    /// <summary>The sums of some neighbours among the numbers, and of the 1.</summary>
    public Moments Part(int first, int count)
    {
        var part = new Moments(count + 1);
        for (int i = 0; i <= count; i++)
        {
            for (int j = 0; j <= i; j++) part._sums[(i * (count + 1)) + j] = this[Place(i), Place(j)];
        }

        return part;

        int Place(int i) => i < count ? first + i : width - 1;
    }

    /// <summary>
    /// U, upper triangular and row-major, with U^T U the inverse of the mean of x x^T: row i says by how much the weights behind
    /// the i-th make up for an error of it.
    /// </summary>
    /// <param name="size">How many of the numbers, from the first one on.</param>
    /// <param name="damping">
    /// What is added to the diagonal, as a share of its mean, so that what was never seen has an inverse too.
    /// </param>
    public double[] InverseFactor(int size, double damping)
    {
        double trace = 0, count = Math.Max(1, Count);
        for (int i = 0; i < size; i++) trace += this[i, i] / count;
        double added = Math.Max(damping * trace / size, 1e-12);

        // A = C^T C, C lower triangular, from the last row to the first.
        var c = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++) c[(i * size) + j] = this[i, j] / count;
            c[(i * size) + i] += added;
        }

        for (int k = size - 1; k >= 0; k--)
        {
            Span<double> row = c.AsSpan(k * size, k + 1);
            double root = Math.Sqrt(Math.Max(row[k], added * 1e-6));
            foreach (ref double one in row) one /= root;
            row[k] = root;
            for (int i = 0; i < k; i++) AddScaled(c.AsSpan(i * size, i + 1), -row[i], row[..(i + 1)]);
        }

        // U is the inverse of C^T.
        var turned = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++) turned[(j * size) + i] = c[(i * size) + j];
        }

        var u = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            Span<double> row = u.AsSpan(i * size, size);
            row[i] = 1;
            for (int k = i; k < size; k++)
            {
                row[k] /= turned[(k * size) + k];
                AddScaled(row[(k + 1)..], -row[k], turned.AsSpan((k * size) + k + 1, size - k - 1));
            }
        }

        return u;
    }

    /// <summary>Adds a multiple of numbers to others; each element by itself, so registers change no bit.</summary>
    public static void AddScaled(Span<double> to, double factor, ReadOnlySpan<double> x)
    {
        Span<Vector<double>> wide = MemoryMarshal.Cast<double, Vector<double>>(to);
        ReadOnlySpan<Vector<double>> from = MemoryMarshal.Cast<double, Vector<double>>(x);
        var factors = new Vector<double>(factor);
        for (int i = 0; i < wide.Length; i++) wide[i] += factors * from[i];
        for (int i = wide.Length * Vector<double>.Count; i < to.Length; i++) to[i] += factor * x[i];
    }
}
