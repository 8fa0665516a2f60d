using Unroll.Analysis;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Analysis;

public static class JacobianProductsTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.0)]
    [InlineData(40.0)]
    public static void A_scaled_rotation_scales_every_direction_alike(double scale)
    {
        // Two planes rotated by different angles, so no direction is an eigenvector.
        double[] w = new double[16];
        foreach ((int at, double angle) in ((int, double)[])[(0, 0.7), (2, 2.1)])
        {
            (w[(at * 4) + at], w[(at * 4) + at + 1]) = (scale * Math.Cos(angle), -scale * Math.Sin(angle));
            (w[((at + 1) * 4) + at], w[((at + 1) * 4) + at + 1]) = (scale * Math.Sin(angle), scale * Math.Cos(angle));
        }

        using UnrolledNetwork<double> unrolled = Linear(w, 4, 1000);
        double[] logs = JacobianProducts.LogSingularValues(unrolled, 0, 1000, 1);
        Assert.All(logs, log => Assert.Equal(999 * Math.Log(scale), log, 1e-9));
        Assert.All(JacobianProducts.LyapunovExponents(unrolled, 0, 1000),
            exponent => Assert.Equal(Math.Log(scale), exponent, 1e-12));
    }

    [Fact]
    public static void Powers_of_a_diagonal_matrix_and_of_a_shear_are_exact()
    {
        using UnrolledNetwork<double> diagonal = Linear([2, 0, 0, 0, -0.5, 0, 0, 0, 1e-3], 3, 800);
        double[] logs = JacobianProducts.LogSingularValues(diagonal, 0, 800, 1);
        foreach ((double log, double value) in logs.Zip([2.0, 0.5, 1e-3]))
            Compare.Close(log, 799 * Math.Log(value), 1e-12, "diagonal");

        // [[1, 1], [0, 1]]^n = [[1, n], [0, 1]]: singular values s and 1/s with s + 1/s = sqrt(n^2 + 4).
        using UnrolledNetwork<double> shear = Linear([1, 1, 0, 1], 2, 1001);
        logs = JacobianProducts.LogSingularValues(shear, 0, 1001, 1);
        double s = Math.Log((1000 + Math.Sqrt(1_000_004)) / 2);
        Compare.Close(logs, [s, -s], 1e-10, "shear");
        Assert.Equal([0.0, 0.0], JacobianProducts.LogSingularValues(shear, 0, 5, 5));
    }

    [Fact]
    public static void Lost_directions_are_minus_infinity()
    {
        using UnrolledNetwork<double> singular = Linear([1, 2, 2, 4], 2, 10);
        Assert.Equal(double.NegativeInfinity, JacobianProducts.LyapunovExponents(singular, 0, 10)[1]);
        // The first column is sqrt(5) long.
        Assert.Equal(8.5 * Math.Log(5) / 9, JacobianProducts.LyapunovExponents(singular, 0, 10)[0], 12);
        double[] logs = JacobianProducts.LogSingularValues(singular, 0, 10, 1);
        Assert.Equal(9 * Math.Log(5), logs[0], 1e-10);
        Assert.True(logs[1] < -30);
        using UnrolledNetwork<double> zero = Linear([0, 0, 0, 0], 2, 10);
        Assert.All(JacobianProducts.LogSingularValues(zero, 0, 10, 1), log => Assert.Equal(double.NegativeInfinity, log));
    }

    [Fact]
    public static void A_few_directions_find_the_largest_exponents()
    {
        // Symmetric: eigenvalues 1.2, 0.7 and 0.3 in a rotated basis, so that no unit is an eigenvector.
        double[] q = [2 / 3.0, -1 / 3.0, 2 / 3.0, 2 / 3.0, 2 / 3.0, -1 / 3.0, -1 / 3.0, 2 / 3.0, 2 / 3.0],
            values = [1.2, 0.7, 0.3], w = new double[9];
        for (int i = 0; i < 9; i++) w[i] = Enumerable.Range(0, 3).Sum(l => q[(i / 3 * 3) + l] * values[l] * q[(i % 3 * 3) + l]);
        using UnrolledNetwork<double> symmetric = Linear(w, 3, 400);
        double[] all = JacobianProducts.LyapunovExponents(symmetric, 0, 400);
        Assert.Equal(all, JacobianProducts.LyapunovExponents(symmetric, 0, 400, 1, 3));
        Assert.Equal(all[0], Assert.Single(JacobianProducts.LyapunovExponents(symmetric, 0, 400, 1, 1)));
        Assert.Equal(Math.Log(1.2), all[0], 0.002);
        Assert.Equal(all[..2], JacobianProducts.LyapunovExponents(symmetric, 0, 400, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => JacobianProducts.LyapunovExponents(symmetric, 0, 400, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => JacobianProducts.LyapunovExponents(symmetric, 0, 400, 1, 4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(50)]
    public static void Trained_shapes_agree_with_the_product_multiplied_out(int hidden)
    {
        var shape = new NetworkShape(3, hidden, 2) { Activation = Activation.Tanh };
        Batch batch = Specimen.Batch(shape, 2, 12, 4);
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 5, gain: 1.4));
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        double[,] product = new BruteForce(unrolled, batch).Product(12, 3, 1);
        double[] flat = [.. product.Cast<double>()];
        double[] logs = JacobianProducts.LogSingularValues(unrolled, 1, 12, 3);
        Compare.Close(Math.Exp(logs[0]), Spectrum.LargestSingularValue(flat, hidden, hidden), 1e-10, "largest");

        // The squares of all singular values sum to the squares of all elements, and their product is |det|, the product of the
        // determinants of the factors.
        Compare.Close(logs.Sum(log => Math.Exp(2 * log)), flat.Sum(x => x * x), 1e-10, "Frobenius");
        double determinants = Enumerable.Range(4, 9).Sum(i => JacobianProducts.LogSingularValues(unrolled, 1, i, i - 1).Sum());
        Compare.Close(logs.Sum(), determinants, 1e-9, "determinant");
        Compare.Close(JacobianProducts.LyapunovExponents(unrolled, 1, 12, 3).Sum() * 9, determinants, 1e-9, "exponents");
    }

    [Fact]
    public static void Steps_beyond_a_sequences_own_end_are_refused()
    {
        var shape = new NetworkShape(3, 4, 2);
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 5));
        unrolled.Forward(Specimen.Batch(shape, 2, 9, 3), CostReduction.Sum); // leaves states beyond the ends of the next batch
        unrolled.Forward(Specimen.Batch(shape, 2, 9, 4, [9, 3]), CostReduction.Sum);
        unrolled.Backward();
        Assert.Equal(4, JacobianProducts.LogSingularValues(unrolled, 1, 3, 1).Length);
        Assert.Contains("row 1, which has 3", Assert.Throws<ArgumentOutOfRangeException>(
            () => JacobianProducts.LogSingularValues(unrolled, 1, 4, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => JacobianProducts.LyapunovExponents(unrolled, 1, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => JacobianProducts.Jacobian(unrolled, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => OmegaAnalysis.Direction(unrolled, 1, 3));
    }

    private static UnrolledNetwork<double> Linear(double[] weights, int hidden, int steps)
    {
        var shape = new NetworkShape(1, hidden, 1) { Activation = Activation.Identity };
        var network = new Network<double>(shape);
        weights.CopyTo(network.RecurrentWeights);
        var batch = Batch.For(shape);
        batch.Resize(1, steps);
        batch.SetClass(0, 0, 0);
        var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        return unrolled;
    }
}
