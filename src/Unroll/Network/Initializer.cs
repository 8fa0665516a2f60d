using System.Numerics;
using System.Runtime.Intrinsics;
using Unroll.Analysis;

namespace Unroll;

/// <summary>The distributions of initial parameters; N(0, s) has standard deviation s, and biases are zero.</summary>
public enum Initialization
{
    /// <summary>All weights N(0, 0.01): the authors' choice for sigmoid units.</summary>
    Sigmoid,

    /// <summary>All weights N(0, 0.1).</summary>
    BasicTanh,

    /// <summary>All weights N(0, 0.01), W_rec with 15 links a unit kept and rescaled to spectral radius 0.95.</summary>
    SmartTanh,

    /// <summary>W_rec a random orthogonal matrix, the other weights N(0, 0.1).</summary>
    Orthogonal,

    /// <summary>W_rec the identity, the other weights N(0, 0.01).</summary>
    Identity,
}

/// <summary>Which links of a unit <see cref="Initialization.SmartTanh"/> counts to 15.</summary>
public enum SparseLinks
{
    /// <summary>Those that leave it (the authors' code).</summary>
    Outgoing,

    /// <summary>Those that reach it (the paper's text).</summary>
    Incoming,
}

/// <summary>Draws initial parameters.</summary>
public static class Initializer
{
    /// <summary>Links a unit that <see cref="Initialization.SmartTanh"/> keeps; all of them in a network with fewer units.</summary>
    public const int SparseCount = 15;

    /// <summary>The spectral radius of W_rec after <see cref="Initialization.SmartTanh"/>.</summary>
    public const double SparseRadius = 0.95;

    /// <summary>
    /// Sets every parameter of a network: weights as <paramref name="kind"/> says, biases and a learned initial state to zero.
    /// Numbers are drawn and computed in double and then rounded, so networks of either precision start from the same ones. The
    /// draws of W_in, W_rec and W_out do not depend on each other or on each other's size.
    /// </summary>
    /// <remarks>
    /// Should a sparse W_rec have spectral radius 0 (it cannot, but with probability 0), it is left as drawn.
    /// </remarks>
    /// <param name="network">The network to set.</param>
    /// <param name="kind">The distribution.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="links">For <see cref="Initialization.SmartTanh"/>, whether a unit has 15 outgoing or 15 incoming links.</param>
    /// <exception cref="ArgumentException">The kind or the links are not a named value.</exception>
    public static void Initialize<T>(Network<T> network, Initialization kind, ulong seed, SparseLinks links = SparseLinks.Outgoing)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!Enum.IsDefined(kind)) throw new ArgumentException($"The initialization {kind} is not a known value.");
        if (!Enum.IsDefined(links)) throw new ArgumentException($"The kind of links {links} is not a known value.");
        double deviation = kind is Initialization.BasicTanh or Initialization.Orthogonal ? 0.1 : 0.01;
        NetworkShape shape = network.Shape;
        network.Parameters.Clear();
        Round(Gaussian(new RandomKey(seed, RandomStream.Initialization, 0), shape.Hidden, shape.Inputs, deviation), network.InputWeights);
        Round(Gaussian(new RandomKey(seed, RandomStream.Initialization, 2), shape.Outputs, shape.Hidden, deviation), network.OutputWeights);
        var key = new RandomKey(seed, RandomStream.Initialization, 1);
        double[] recurrent = kind switch
        {
            Initialization.SmartTanh => Sparse(key, shape.Hidden, deviation, links),
            Initialization.Orthogonal => Orthogonal(key, shape.Hidden),
            Initialization.Identity => Identity(shape.Hidden),
            _ => Gaussian(key, shape.Hidden, shape.Hidden, deviation),
        };
        Round(recurrent, network.RecurrentWeights);
    }

    private static void Round<T>(double[] source, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < target.Length; i++) target[i] = T.CreateTruncating(source[i]);
    }

    private static double[] Gaussian(RandomKey key, int rows, int columns, double deviation)
    {
        var matrix = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            RandomSource random = key.Row(i);
            for (int j = 0; j < columns; j++) matrix[(i * columns) + j] = deviation * random.NextNormal();
        }

        return matrix;
    }

    private static double[] Identity(int n)
    {
        var matrix = new double[n * n];
        for (int i = 0; i < n; i++) matrix[(i * n) + i] = 1;
        return matrix;
    }

    private static double[] Sparse(RandomKey key, int n, double deviation, SparseLinks links)
    {
        var matrix = new double[n * n];
        var others = new int[n];
        for (int unit = 0; unit < n; unit++)
        {
            RandomSource random = key.Row(unit);
            for (int i = 0; i < n; i++) others[i] = i;
            for (int i = 0; i < Math.Min(SparseCount, n); i++)
            {
                // One step of a shuffle chooses the next of the units not yet linked.
                int chosen = i + random.NextInt(n - i);
                (others[i], others[chosen]) = (others[chosen], others[i]);
                int at = links == SparseLinks.Outgoing ? (others[i] * n) + unit : (unit * n) + others[i];
                matrix[at] = deviation * random.NextNormal();
            }
        }

        double radius = Spectrum.SpectralRadius(matrix, n);
        if (radius > 0)
        {
            for (int i = 0; i < matrix.Length; i++) matrix[i] *= SparseRadius / radius;
        }

        return matrix;
    }

    /// <summary>
    /// The rows of a Gaussian matrix made orthonormal one after the other (Gram and Schmidt, each twice, which loses no
    /// digits). Keeping the sign of each rest makes the result uniform over the orthogonal matrices (Mezzadri, 2007).
    /// </summary>
    private static double[] Orthogonal(RandomKey key, int n)
    {
        double[] matrix = Gaussian(key, n, n, 1);
        for (int i = 0; i < n; i++)
        {
            Span<double> row = matrix.AsSpan(i * n, n);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int k = 0; k < i; k++)
                {
                    ReadOnlySpan<double> earlier = matrix.AsSpan(k * n, n);
                    AddMultiple(row, -Dot(row, earlier), earlier);
                }
            }

            double norm = Math.Sqrt(Dot(row, row));
            for (int j = 0; j < n; j++) row[j] /= norm;
        }

        return matrix;
    }

    /// <summary>Eight sums side by side in a fixed order, without fused operations: the same bits on every machine.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= a.Length; i += 8) sums += Vector512.Create(a[i..]) * Vector512.Create(b[i..]);
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += sums[lane];
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void AddMultiple(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        Vector512<double> factors = Vector512.Create(factor);
        int i = 0;
        for (; i + 8 <= target.Length; i += 8)
            (Vector512.Create<double>(target[i..]) + (factors * Vector512.Create(source[i..]))).CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] += factor * source[i];
    }
}
