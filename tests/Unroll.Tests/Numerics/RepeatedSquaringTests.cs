using System.Runtime.Intrinsics.X86;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public static class RepeatedSquaringTests
{
    /// <summary>
    /// The bits of the algorithm as it is written down, with a norm in order at every squaring: that most norms are left out, and
    /// that memory is used again, changes none.
    /// </summary>
    [Fact]
    public static void Has_the_bits_of_every_norm_in_order()
    {
        Assert.SkipUnless(Fma.IsSupported, "The reference multiplies and adds in one, as the kernels do here.");
        foreach (int n in (int[])[1, 2, 7, 17, 40])
        {
            var used = new RepeatedSquaring(n);
            for (int seed = 0; seed < 12; seed++)
            {
                double[] matrix = Matrix(n, seed);
                foreach (int exponent in (int[])[0, 3, -5])
                {
                    double expected = Reference(matrix, n, exponent, RepeatedSquaring.Tolerance);
                    used.Load(matrix, exponent);
                    Assert.Equal(expected, used.Radius());
                    used.Load(matrix, exponent);
                    Assert.Equal(Reference(matrix, n, exponent, 1e-6), used.Radius(1e-6));
                }
            }
        }
    }

    [Fact]
    public static void Entries_far_from_one_are_rounded_once()
    {
        var power = new RepeatedSquaring(1);
        foreach (double x in (double[])[double.MaxValue, 1e300, 3e-310, 1e-308, double.Epsilon])
        {
            power.Load([x], Math.ILogB(x));
            double scaled = Math.ScaleB(x, -Math.ILogB(x)), radius = power.Radius();
            Assert.InRange(radius, scaled * (1 - 1e-12), scaled * (1 + 1e-12));
        }
    }

    [Fact]
    public static void Numbers_that_are_not_finite_leave_nothing_behind()
    {
        var power = new RepeatedSquaring(3);
        double[] matrix = Matrix(3, 1);
        power.Load(matrix, 0);
        double radius = power.Radius();
        power.Load([double.NaN, 1, 2, 3, double.PositiveInfinity, 5, 6, 7, 8], 0);
        power.Radius();
        power.Load(matrix, 0);
        Assert.Equal(radius, power.Radius());
    }

    private static double[] Matrix(int n, int seed)
    {
        var random = new Random(seed);
        return seed switch
        {
            0 => [.. Enumerable.Range(0, n * n).Select(i => i % n == (i / n) + 1 ? 1.0 : 0)], // nilpotent
            1 => [.. Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 0.9 : i % n == (i / n) + 1 ? 1 : 0)], // defective
            2 => [.. Enumerable.Range(0, n * n).Select(i => i % n == ((i / n) + 1) % n ? 1.0 : 0)], // a permutation
            _ => [.. Enumerable.Range(0, n * n).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(4, seed % 5))],
        };
    }

    private static double Reference(double[] matrix, int n, int exponent, double tolerance)
    {
        double[] m = [.. matrix.Select(x => Math.ScaleB(x, -exponent))];
        if (m.All(x => x == 0)) return 0;
        double power = 1, log2 = 0, last = double.NaN;
        for (int k = 0; k < 60; k++)
        {
            double sum = 0;
            foreach (double x in m) sum += x * x;
            double estimate = log2 + (Math.Log2(Math.Sqrt(sum)) / power);
            if (Math.Abs(estimate - last) <= tolerance) return Math.Pow(2, estimate);
            last = estimate;
            var square = new double[n * n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    for (int l = 0; l < n; l++)
                        square[(i * n) + j] = Math.FusedMultiplyAdd(m[(i * n) + l], m[(l * n) + j], square[(i * n) + j]);
                }
            }

            double largest = square.Max(Math.Abs);
            if (largest == 0) return 0;
            int scaling = Math.Max(Math.ILogB(largest), -1000);
            for (int i = 0; i < square.Length; i++) square[i] *= Math.ScaleB(1, -scaling);
            power *= 2;
            log2 += scaling / power;
            m = square;
        }

        return Math.Pow(2, last);
    }
}
