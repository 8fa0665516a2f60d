using System.Diagnostics;
using System.Text.Json;
using Unroll.Analysis;

namespace Unroll.Tests.Analysis;

public sealed class SpectrumTests
{
    public static TheoryData<string> Golden =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.json")
            .Select(file => Path.GetFileName(file)!)];

    /// <summary>
    /// PyTorch's eigenvalues and singular values. W is [from][to] there, the transpose of W here, with the same spectrum.
    /// </summary>
    [Theory]
    [MemberData(nameof(Golden))]
    public void Agrees_with_the_golden_file(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", file)));
        JsonElement root = document.RootElement;
        int n = root.GetProperty("H").GetInt32();
        double[] w = [.. root.GetProperty("params").GetProperty("W").EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(x => x.GetDouble())];
        Near(root.GetProperty("spectral_radius").GetDouble(), Spectrum.SpectralRadius(w, n), 1e-9);
        Near(root.GetProperty("largest_singular_value").GetDouble(), Spectrum.LargestSingularValue(w, n, n), 1e-9);
        double[] transposed = Transpose(w, n, n);
        Near(root.GetProperty("spectral_radius").GetDouble(), Spectrum.SpectralRadius(transposed, n), 1e-9);
        Near(root.GetProperty("largest_singular_value").GetDouble(), Spectrum.LargestSingularValue(transposed, n, n), 1e-9);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(-1.5, 1.5)]
    [InlineData(1e-310, 1e-310)]
    [InlineData(1e308, 1e308)]
    public void A_single_entry_is_its_own_magnitude(double entry, double expected)
    {
        Assert.Equal(expected, Spectrum.SpectralRadius([entry], 1));
        Near(expected, Spectrum.LargestSingularValue([entry], 1, 1), 1e-15);
    }

    [Theory]
    [InlineData(2, 2, -2, -2)]
    [InlineData(0.1, 0.1, -0.1, -0.1)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 0, 1e300, 0)]
    [InlineData(0, 0, 0, 0)]
    public void A_nilpotent_matrix_has_radius_exactly_0(double a, double b, double c, double d) =>
        Assert.Equal(0.0, Spectrum.SpectralRadius([a, b, c, d], 2));

    [Fact]
    public void Long_nilpotent_matrices_have_radius_exactly_0()
    {
        // Strictly triangular matrices, and u v' with v orthogonal to u.
        foreach (int n in new[] { 3, 8, 17, 60 })
        {
            var shift = new double[n * n];
            RandomSource random = new RandomKey(1, RandomStream.Test, n).Row(0);
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++) shift[(i * n) + j] = random.NextNormal();
            }

            Assert.Equal(0.0, Spectrum.SpectralRadius(shift, n));
        }

        Assert.Equal(0.0, Spectrum.SpectralRadius([5, -3, 2, 15, -9, 6, 10, -6, 4], 3));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20)]
    public void Sums_that_cancel_leave_0(int n)
    {
        // ((X, X), (-X, -X)) squared is 0 for any X; fused products leave some last digits, whose squares cancel exactly.
        double[] x = Gaussian(n, 8), m = new double[4 * n * n];
        for (int i = 0; i < 2 * n; i++)
        {
            for (int j = 0; j < 2 * n; j++) m[(i * 2 * n) + j] = (i < n ? 1 : -1) * x[(i % n * n) + (j % n)];
        }

        Assert.Equal(0.0, Spectrum.SpectralRadius(m, 2 * n));
    }

    [Theory]
    [InlineData(0.9, 1, 0, 0.9, 0.9)] // defective: a Jordan block
    [InlineData(0.9, 1e6, 0, 0.9, 0.9)]
    [InlineData(0.5, 7, 0, -2, 2)] // triangular
    [InlineData(1, 0, 0, -1, 1)] // a pair of opposite sign
    [InlineData(0, -1, 1, 0, 1)] // a quarter turn
    [InlineData(0, 1, 1e-300, 0, 1e-150)] // small because of its terms, not by cancellation
    [InlineData(3, 4, -4, 3, 5)] // 3 +- 4i
    [InlineData(1, 2, 2, 4, 5)] // rank one
    [InlineData(1e200, 0, 0, 1e-200, 1e200)]
    [InlineData(3e-200, 0, 0, 4e-200, 4e-200)]
    [InlineData(1, 1, 0, 1.0000001, 1.0000001)] // almost defective
    public void Two_by_two_matrices_have_their_closed_form(double a, double b, double c, double d, double expected) =>
        Near(expected, Spectrum.SpectralRadius([a, b, c, d], 2), 1e-11);

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.3)]
    [InlineData(1.5707963267948966)]
    [InlineData(3.1)]
    public void A_scaled_rotation_has_its_scale(double angle)
    {
        double c = 0.7 * Math.Cos(angle), s = 0.7 * Math.Sin(angle);
        Near(0.7, Spectrum.SpectralRadius([c, -s, s, c], 2), 1e-12);
        Near(0.7, Spectrum.LargestSingularValue([c, -s, s, c], 2, 2), 1e-12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(300)]
    public void A_jordan_block_has_its_eigenvalue(int n)
    {
        var block = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            block[(i * n) + i] = -0.9;
            if (i + 1 < n) block[(i * n) + i + 1] = 1;
        }

        Near(0.9, Spectrum.SpectralRadius(block, n), 1e-10);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(33)]
    public void A_permutation_and_its_multiples_have_one_modulus(int n)
    {
        var cycle = new double[n * n];
        for (int i = 0; i < n; i++) cycle[(i * n) + ((i + 1) % n)] = 1.25;
        Near(1.25, Spectrum.SpectralRadius(cycle, n), 1e-12);
        Near(1.25, Spectrum.LargestSingularValue(cycle, n, n), 1e-12);

        // With weights of product p around the cycle, every eigenvalue has the modulus p^(1/n).
        double logs = 0;
        for (int i = 0; i < n; i++)
        {
            cycle[(i * n) + ((i + 1) % n)] = 1 + i;
            logs += Math.Log(1 + i);
        }

        Near(Math.Exp(logs / n), Spectrum.SpectralRadius(cycle, n), 1e-12);
        Near(n, Spectrum.LargestSingularValue(cycle, n, n), 1e-12);
    }

    [Fact]
    public void Block_diagonals_have_the_largest_of_their_blocks()
    {
        // Radii .3 to .8: a complex pair, a defective block and a real one, permuted out of order.
        double[] m =
        [
            0, 0, 0, 0, -0.8,
            0, 0.5, 0, 1, 0,
            0, 0, 0.3, 0, 0,
            0, 0, 0, 0.5, 0,
            0.8, 0, 0, 0, 0,
        ];
        Near(0.8, Spectrum.SpectralRadius(m, 5), 1e-12);
        m[4] = m[20] = 0.1; // now the defective block has the largest
        Near(0.5, Spectrum.SpectralRadius(m, 5), 1e-12);
    }

    [Theory]
    [InlineData(7, 1)]
    [InlineData(40, 2)]
    [InlineData(65, 3)]
    public void A_change_of_basis_keeps_the_radius_and_a_rotation_the_singular_value(int n, ulong seed)
    {
        // Q D R with Q and R orthogonal has the singular values D; Q (D with a rotation in front) Q' the eigenvalues.
        double[] q = Orthogonal(n, seed), r = Orthogonal(n, seed + 100);
        var d = new double[n * n];
        for (int i = 0; i < n; i++) d[(i * n) + i] = 1.0 / (i + 1);
        Near(1, Spectrum.LargestSingularValue(Product(Product(q, d, n), r, n), n, n), 1e-12);

        (double c, double s) = (1.1 * Math.Cos(0.4), 1.1 * Math.Sin(0.4));
        (d[0], d[1], d[n], d[n + 1]) = (c, -s, s, c);
        d[n - 1] = 3; // no longer normal
        Near(1.1, Spectrum.SpectralRadius(Product(Product(q, d, n), Transpose(q, n, n), n), n), 1e-11);
    }

    [Fact]
    public void Rectangular_matrices_have_the_singular_value_of_their_transpose()
    {
        double[] m = [3, 0, 0, 0, 4, 0];
        Near(4, Spectrum.LargestSingularValue(m, 2, 3), 1e-14);
        Near(5, Spectrum.LargestSingularValue(m, 3, 2), 1e-14); // the same numbers as columns (3, 0, 4) and 0
        Near(Math.Sqrt(55), Spectrum.LargestSingularValue([1, 2, 3, 4, 5], 1, 5), 1e-14);
        Near(Math.Sqrt(55), Spectrum.LargestSingularValue([1, 2, 3, 4, 5], 5, 1), 1e-14);

        // (1 2; 3 4): (15 + sqrt(221)) is half the larger eigenvalue of the Gram matrix, whose trace is 30 and determinant 4.
        Near(Math.Sqrt(15 + Math.Sqrt(221)), Spectrum.LargestSingularValue([1, 2, 3, 4], 2, 2), 1e-14);
        Near(1e160 * Math.Sqrt(15 + Math.Sqrt(221)), Spectrum.LargestSingularValue([1e160, 2e160, 3e160, 4e160], 2, 2), 1e-14);
    }

    [Fact]
    public void A_saturated_network_can_explode_with_radius_0()
    {
        // The example of section 2.1: W = [[2, 2], [-2, -2]] has radius 0 and singular value 4.
        var network = new Network<float>(new NetworkShape(1, 2, 1));
        new float[] { 2, 2, -2, -2 }.CopyTo(network.RecurrentWeights);
        Assert.Equal(0.0, Spectrum.SpectralRadius(network));
        Near(4, Spectrum.LargestSingularValue(network), 1e-14);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Entries_that_are_not_finite_give_NaN(double entry)
    {
        Assert.True(double.IsNaN(Spectrum.SpectralRadius([entry], 1)));
        Assert.True(double.IsNaN(Spectrum.SpectralRadius([1, 2, entry, 3], 2)));
        Assert.True(double.IsNaN(Spectrum.LargestSingularValue([1, entry], 1, 2)));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Spectrum.SpectralRadius([1, 2, 3], 2));
        Assert.Throws<ArgumentException>(() => Spectrum.SpectralRadius([], 0));
        Assert.Throws<ArgumentException>(() => Spectrum.LargestSingularValue([1, 2, 3], 2, 2));
    }

    [Fact]
    public void Five_hundred_units_are_cheap_and_give_the_same_bits_again()
    {
        const int N = 500;
        double[] m = Gaussian(N, 5);
        double radius = Spectrum.SpectralRadius(m, N), singular = Spectrum.LargestSingularValue(m, N, N);

        // Circular law and Marchenko-Pastur: sqrt(n) and 2 sqrt(n) to a few percent.
        Assert.InRange(radius / Math.Sqrt(N), 0.95, 1.12);
        Assert.InRange(singular / Math.Sqrt(N), 1.94, 2.03);
        var watch = Stopwatch.StartNew();
        Assert.Equal(radius, Spectrum.SpectralRadius(m, N));
        Assert.Equal(singular, Spectrum.LargestSingularValue(m, N, N));
        TestContext.Current.SendDiagnosticMessage("radius and singular value at n = 500: {0} ms", watch.ElapsedMilliseconds);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"took {watch.Elapsed}");
    }

    private static void Near(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"expected {expected:R}, got {actual:R}");

    private static double[] Gaussian(int n, ulong seed)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Test, 0).Row(0);
        var m = new double[n * n];
        for (int i = 0; i < m.Length; i++) m[i] = random.NextNormal();
        return m;
    }

    private static double[] Orthogonal(int n, ulong seed)
    {
        var network = new Network<double>(new NetworkShape(1, n, 1));
        Initializer.Initialize(network, Initialization.Orthogonal, seed);
        return network.RecurrentWeights.ToArray();
    }

    private static double[] Transpose(double[] m, int rows, int columns)
    {
        var t = new double[m.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) t[(j * rows) + i] = m[(i * columns) + j];
        }

        return t;
    }

    private static double[] Product(double[] a, double[] b, int n)
    {
        var c = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                for (int j = 0; j < n; j++) c[(i * n) + j] += a[(i * n) + k] * b[(k * n) + j];
            }
        }

        return c;
    }
}
