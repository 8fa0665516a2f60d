using Unroll.Analysis;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// The fixed weights of an echo state network (Jaeger, 2001), for <see cref="Initialization.Reservoir"/>: sparse recurrent
/// weights of a given spectral radius, and inputs and biases of a given size.
/// </summary>
public sealed record ReservoirOptions
{
    /// <summary>The spectral radius of W_rec, above 0: how slowly the states forget.</summary>
    public double SpectralRadius { get; init; } = 0.9;

    /// <summary>The share of recurrent links that there are, above 0 and at most 1.</summary>
    public double Density { get; init; } = 0.1;

    /// <summary>
    /// The size of the input weights, at least 0: one for all inputs, or one for each. Each weight is plus or minus the size.
    /// </summary>
    public IReadOnlyList<double> InputScales { get; init; } = [1];

    /// <summary>The share of input links that there are, above 0 and at most 1; every input has one at least.</summary>
    public double InputDensity { get; init; } = 1;

    /// <summary>The size of the biases, at least 0: each is plus or minus it.</summary>
    public double BiasScale { get; init; }

    /// <summary>Throws for the first value that is out of its range.</summary>
    /// <exception cref="ArgumentException">One is.</exception>
    public void Validate()
    {
        if (!(SpectralRadius > 0 && double.IsFinite(SpectralRadius)))
            throw new ArgumentException(
                Invariant($"The spectral radius of the reservoir is {SpectralRadius}; it must be above 0 and finite."));
        if (!(Density is > 0 and <= 1))
            throw new ArgumentException(Invariant($"The density of the reservoir is {Density}; it must lie in (0, 1]."));
        if (!(InputDensity is > 0 and <= 1))
            throw new ArgumentException(
                Invariant($"The density of the reservoir's inputs is {InputDensity}; it must lie in (0, 1]."));
        if (InputScales.Count == 0)
            throw new ArgumentException("The reservoir has no input scale; give one, or one for each input.");
        foreach (double scale in InputScales)
        {
            if (!(scale >= 0 && double.IsFinite(scale)))
                throw new ArgumentException(
                    Invariant($"An input scale of the reservoir is {scale}; it must be finite and at least 0."));
        }

        if (!(BiasScale >= 0 && double.IsFinite(BiasScale)))
            throw new ArgumentException(
                Invariant($"The bias scale of the reservoir is {BiasScale}; it must be finite and at least 0."));
    }

    /// <summary>
    /// (H, H): normal weights on some links, rescaled. Few links of few units make no cycle, and no factor gives such weights
    /// a radius; then there are twice as many.
    /// </summary>
    internal double[] Recurrent(RandomKey key, int n)
    {
        double radius = 0;
        double[] matrix = [];
        for (double density = Density; radius == 0; density *= 2)
        {
            matrix = Sparse(key, n, density);
            radius = Spectrum.SpectralRadius(matrix, n);
        }

        for (int i = 0; i < matrix.Length; i++) matrix[i] *= SpectralRadius / radius;
        return matrix;
    }

    private static double[] Sparse(RandomKey key, int n, double density)
    {
        var matrix = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            RandomSource random = key.Row(i);
            for (int j = 0; j < n; j++)
            {
                bool linked = random.NextDouble() < density;
                double weight = random.NextNormal();
                if (linked) matrix[(i * n) + j] = weight;
            }
        }

        return matrix;
    }

    /// <summary>(rows, columns): plus or minus the scale of each column on some links, one a column at least.</summary>
    internal double[] Inputs(RandomKey key, int rows, int columns)
    {
        if (InputScales.Count != 1 && InputScales.Count != columns)
            throw new ArgumentException(
                Invariant($"There are {InputScales.Count} input scales for {Counted.Of(columns, "input")}; give one, or ")
                    + "one for each.");
        var matrix = new double[rows * columns];
        RandomSource shared = key.Shared();
        int[] sure = [.. Enumerable.Range(0, columns).Select(_ => shared.NextInt(rows))];
        for (int i = 0; i < rows; i++)
        {
            RandomSource random = key.Row(i);
            for (int j = 0; j < columns; j++)
            {
                bool linked = random.NextDouble() < InputDensity || sure[j] == i;
                double sign = random.NextInt(2) == 0 ? -1 : 1;
                if (linked) matrix[(i * columns) + j] = sign * InputScales[InputScales.Count == 1 ? 0 : j];
            }
        }

        return matrix;
    }

    /// <summary>(1, units): plus or minus the bias scale.</summary>
    internal double[] Biases(RandomKey key, int units)
    {
        var biases = new double[units];
        RandomSource random = key.Row(0);
        for (int i = 0; i < units; i++) biases[i] = BiasScale * (random.NextInt(2) == 0 ? -1 : 1);
        return biases;
    }

    /// <inheritdoc/>
    public bool Equals(ReservoirOptions? other) => other is not null
        && (SpectralRadius, Density, InputDensity, BiasScale)
            == (other.SpectralRadius, other.Density, other.InputDensity, other.BiasScale)
        && InputScales.SequenceEqual(other.InputScales);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(SpectralRadius, Density, InputDensity, BiasScale, InputScales.Count, InputScales.FirstOrDefault());
}
