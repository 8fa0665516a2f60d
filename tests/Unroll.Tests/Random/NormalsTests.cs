using Unroll.Kernels;

namespace Unroll.Tests;

/// <summary>
/// Normal numbers drawn many at once, and the noise made from them: their distribution, and that their bits never change.
/// </summary>
public static class NormalsTests
{
    private const int PoolUnits = 50;

    [Fact]
    public static void They_are_normal()
    {
        double[] all = new double[200 * RandomSource.NormalsAtOnce];
        RandomSource random = new RandomKey(11, RandomStream.WeightNoise, 5).Row(2);
        for (int i = 0; i < all.Length; i += RandomSource.NormalsAtOnce)
            random.FillNormals(all.AsSpan(i, RandomSource.NormalsAtOnce));
        AssertNormal(all, 1);
        Assert.InRange(all.Max(Math.Abs), 4, 6.8); // sqrt(-2 ln(2^-33)) is the maximum
    }

    /// <summary>The numbers stay the same when the runtime recompiles the method.</summary>
    [Fact]
    public static void The_first_call_and_the_last_give_the_same_bits()
    {
        double[] first = new double[RandomSource.NumbersInGroup], again = new double[RandomSource.NumbersInGroup];
        var key = new RandomKey(12, RandomStream.WeightNoise, 1);
        key.Row(0).FillNormalGroups(first);
        for (int i = 0; i < 100_000; i++)
        {
            key.Row(0).FillNormalGroups(again);
            if (!again.AsSpan().SequenceEqual(first)) Assert.Fail($"call {i} gave other numbers");
        }
    }

    /// <summary>The numbers as recorded on AVX2; they are the same on every machine.</summary>
    [Fact]
    public static void They_are_those_of_every_machine()
    {
        double[] drawn = new double[RandomSource.NumbersInGroup];
        new RandomKey(1, RandomStream.WeightNoise, 0).Row(0).FillNormalGroups(drawn);
        ulong mixed = 0;
        foreach (double x in drawn) mixed = (mixed * 0x9E3779B97F4A7C15) + BitConverter.DoubleToUInt64Bits(x);
        Assert.Equal(1575585085335595088UL, mixed);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.03)]
    public static void State_noise_is_normal_and_uncorrelated_over_units_steps_rows_gates_and_updates(double deviation)
    {
        const int updates = 400, draws = 8;
        var pool = new NoisePool<double>(PoolUnits);
        var all = new List<double>();
        var sums = new Dictionary<string, double>();
        double[] noise = new double[PoolUnits], other = new double[PoolUnits];
        for (int update = 1; update <= updates; update++)
        {
            pool.Prepare(new RandomKey(5, RandomStream.StateNoise, update), deviation);
            for (int draw = 0; draw < draws; draw++)
            {
                Array.Clear(noise);
                pool.AddTo(noise, 0, 0, draw, 3 * draw);
                all.AddRange(noise);
                Add("the next unit", noise.AsSpan(0, PoolUnits - 1), noise.AsSpan(1));
                Add("eight units on", noise.AsSpan(0, PoolUnits - 8), noise.AsSpan(8));
                With("another step", 0, 0, draw, (3 * draw) + 1);
                With("another row", 0, 0, draw + 1, 3 * draw);
                With("another gate", 0, 1, draw, 3 * draw);
                With("another layer", 1, 0, draw, 3 * draw);
            }

            void With(string what, int layer, int gate, int row, int step)
            {
                Array.Clear(other);
                pool.AddTo(other, layer, gate, row, step);
                Add(what, noise, other);
            }
        }

        AssertNormal([.. all.Select(x => x / deviation)], 3); // 400 pools, each with its own deviation
        foreach ((string what, double sum) in sums)
            Assert.True(Math.Abs(sum / (updates * draws * PoolUnits * deviation * deviation)) < 0.02, $"{what}: {sum}");

        void Add(string what, ReadOnlySpan<double> a, ReadOnlySpan<double> b)
        {
            double sum = 0;
            for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
            sums[what] = sums.GetValueOrDefault(what) + sum;
        }
    }

    [Fact]
    public static void Noise_depends_on_seed_update_stream_and_deviation_and_on_nothing_before()
    {
        double[] expected = Noise(5, 9, 0.2);
        var pool = new NoisePool<double>(PoolUnits);
        pool.Prepare(new RandomKey(6, RandomStream.StateNoise, 1), 3);
        Assert.Equal(expected, Noise(5, 9, 0.2, pool));
        Assert.NotEqual(expected, Noise(5, 10, 0.2, pool));
        Assert.NotEqual(expected, Noise(6, 9, 0.2, pool));
        Assert.NotEqual(expected, Noise(5, 9, 0.2, stream: RandomStream.BiasNoise));
        Assert.Equal(expected, Noise(5, 9, 0.2, pool));
        double[] twice = Noise(5, 9, 0.4, pool);
        for (int i = 0; i < PoolUnits; i++) Assert.Equal(2 * expected[i], twice[i], 1e-12);
    }

    private static double[] Noise(ulong seed, long update, double deviation, NoisePool<double>? pool = null,
        RandomStream stream = RandomStream.StateNoise)
    {
        pool ??= new NoisePool<double>(PoolUnits);
        pool.Prepare(new RandomKey(seed, stream, update), deviation);
        double[] drawn = new double[PoolUnits];
        pool.AddTo(drawn, 2, 3, 17, 40);
        return drawn;
    }

    /// <summary>Moments, and the Kolmogorov-Smirnov distance, which exceeds 2.23 / sqrt(n) once in 10,000.</summary>
    private static void AssertNormal(double[] x, double slack)
    {
        double n = x.Length, root = Math.Sqrt(n);
        Assert.InRange(x.Sum() / n, -4 * slack / root, 4 * slack / root);
        Assert.InRange((x.Sum(v => v * v) / n) - 1, -6 * slack / root, 6 * slack / root);
        Assert.InRange(x.Sum(v => v * v * v) / n, -16 * slack / root, 16 * slack / root);
        Assert.InRange((x.Sum(v => v * v * v * v) / n) - 3, -40 * slack / root, 40 * slack / root);
        double[] sorted = [.. x.Order()];
        double distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double below = Below(sorted[i]);
            distance = Math.Max(distance, Math.Max(below - (i / n), ((i + 1) / n) - below));
        }

        Assert.InRange(distance * root, 0, 2.23 * slack);
    }

    /// <summary>The share of normal numbers below x: the series x + x^3/3 + x^5/15 + ..., accurate to 1e-14 up to 7.</summary>
    private static double Below(double x)
    {
        if (Math.Abs(x) > 7) return x < 0 ? 0 : 1;
        double term = x, sum = x;
        for (int k = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); k += 2) sum += term *= x * x / k;
        return 0.5 + (sum * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI));
    }
}
