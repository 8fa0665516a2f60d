using System.Numerics;
using Unroll.Analysis;
using Unroll.Dynamics;
using Unroll.Numerics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Dynamics;

public sealed class HessenbergQrTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(50)]
    public void A_turned_matrix_of_known_blocks_has_their_eigenvalues(int n)
    {
        // Q blocks Q^T with pairs r e^(±i phi) and single numbers on the diagonal, and other numbers above the diagonal.
        RandomSource random = new RandomKey(4, RandomStream.Test, n).Shared();
        var matrix = new double[n, n];
        var expected = new List<Complex>();
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++) matrix[i, j] = 0.3 * random.NextNormal() / n;
        }

        for (int i = 0; i < n;)
        {
            if (i + 1 < n && i % 3 == 0)
            {
                double r = 0.2 + random.NextDouble(), phi = Math.PI * random.NextDouble();
                (matrix[i, i], matrix[i, i + 1], matrix[i + 1, i], matrix[i + 1, i + 1]) = (
                    r * Math.Cos(phi), -r * Math.Sin(phi), r * Math.Sin(phi), r * Math.Cos(phi));
                expected.AddRange([Complex.FromPolarCoordinates(r, phi), Complex.FromPolarCoordinates(r, -phi)]);
                i += 2;
                continue;
            }

            matrix[i, i] = (2 * random.NextDouble()) - 1;
            expected.Add(matrix[i, i]);
            i++;
        }

        Complex[] actual = HessenbergQr.Eigenvalues(Turned(matrix, n, ref random), n);
        Assert.Equal(n, actual.Length);
        foreach (Complex value in expected) Assert.True(actual.Min(one => Complex.Abs(one - value)) < 1e-8, $"{value}");
        foreach (Complex value in actual) Assert.True(expected.Min(one => Complex.Abs(one - value)) < 1e-8, $"{value}");
        Assert.Equal(actual.Select(Complex.Abs).OrderDescending(), actual.Select(Complex.Abs));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(50)]
    public void Random_matrices_have_the_spectral_radius_and_the_trace_that_they_have(int n)
    {
        RandomSource random = new RandomKey(5, RandomStream.Test, n).Shared();
        var matrix = new double[n * n];
        foreach (ref double entry in matrix.AsSpan()) entry = random.NextNormal();
        Complex[] values = HessenbergQr.Eigenvalues(matrix, n);
        Compare.Close(Complex.Abs(values[0]), Spectrum.SpectralRadius(matrix, n), 1e-10, "spectral radius");
        double trace = 0, squares = 0;
        for (int i = 0; i < n; i++)
        {
            trace += matrix[(i * n) + i];
            for (int j = 0; j < n; j++) squares += matrix[(i * n) + j] * matrix[(j * n) + i];
        }

        Assert.Equal(trace, values.Aggregate(Complex.Zero, (a, b) => a + b).Real, 1e-10 * n);
        Assert.Equal(squares, values.Aggregate(Complex.Zero, (a, b) => a + (b * b)).Real, 1e-9 * n * n);
        Assert.Equal(0, values.Aggregate(Complex.Zero, (a, b) => a + b).Imaginary, 1e-10 * n);
    }

    [Fact]
    public void Special_matrices_are_no_trap()
    {
        Assert.All(HessenbergQr.Eigenvalues(new double[49], 7), value => Assert.Equal(Complex.Zero, value));

        // A cyclic shift: QR without an exceptional shift never converges. Its eigenvalues are the roots of unity.
        var shift = new double[36];
        for (int i = 0; i < 6; i++) shift[(i * 6) + ((i + 1) % 6)] = 1;
        Complex[] roots = HessenbergQr.Eigenvalues(shift, 6);
        for (int k = 0; k < 6; k++)
            Assert.True(roots.Min(one => Complex.Abs(one - Complex.FromPolarCoordinates(1, k * Math.PI / 3))) < 1e-12);
        // Defective: known to the cube root.
        Assert.All(HessenbergQr.Eigenvalues([2, 1, 0, 0, 2, 1, 0, 0, 2], 3), value => Assert.Equal(2, Complex.Abs(value), 1e-4));
    }

    private static double[] Turned(double[,] matrix, int n, ref RandomSource random)
    {
        // Reflections from both sides.
        for (int pass = 0; pass < 3; pass++)
        {
            var v = new double[n];
            double squared = 0;
            for (int i = 0; i < n; i++)
            {
                v[i] = random.NextNormal();
                squared += v[i] * v[i];
            }

            for (int side = 0; side < 2; side++)
            {
                for (int j = 0; j < n; j++)
                {
                    double dot = 0;
                    for (int i = 0; i < n; i++) dot += v[i] * (side == 0 ? matrix[i, j] : matrix[j, i]);
                    for (int i = 0; i < n; i++)
                    {
                        if (side == 0) matrix[i, j] -= 2 * dot * v[i] / squared;
                        else matrix[j, i] -= 2 * dot * v[i] / squared;
                    }
                }
            }
        }

        return [.. matrix.Cast<double>()];
    }
}
