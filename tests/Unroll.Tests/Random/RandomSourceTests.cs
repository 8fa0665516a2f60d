namespace Unroll.Tests;

public sealed class RandomSourceTests
{
    private static readonly RandomKey Key = new(42, RandomStream.Training, 7);

    /// <summary>The known answers that come with Random123 (kat_vectors, philox4x32 with 10 rounds).</summary>
    [Theory]
    [InlineData(
        new[] { 0u, 0u, 0u, 0u }, new[] { 0u, 0u },
        new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [InlineData(
        new[] { ~0u, ~0u, ~0u, ~0u }, new[] { ~0u, ~0u },
        new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [InlineData(
        new[] { 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u }, new[] { 0xa4093822u, 0x299f31d0u },
        new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Philox_gives_the_published_answers(uint[] counter, uint[] key, uint[] expected)
    {
        var output = new uint[4];
        RandomSource.Philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1], output);
        Assert.Equal(expected, output);
    }

    [Fact]
    public void A_source_is_the_blocks_of_its_key_in_order()
    {
        RandomSource random = new RandomKey(0xa409382200000001, RandomStream.Validation, 0x1234_5678_9ABC).Row(5);
        var block = new uint[4];
        for (uint number = 0; number < 3; number++)
        {
            RandomSource.Philox(number, 5, 0x56789ABC, 0x0003_1234, 1, 0xa4093822, block);
            foreach (uint expected in block) Assert.Equal(expected, random.NextUInt32());
        }
    }

    [Fact]
    public void The_same_key_gives_the_same_numbers()
    {
        RandomSource a = Key.Row(3), b = Key.Row(3);
        for (int i = 0; i < 100; i++) Assert.Equal(a.NextUInt32(), b.NextUInt32());
    }

    [Fact]
    public void Seeds_streams_indices_and_rows_give_unrelated_numbers()
    {
        RandomSource[] sources =
        [
            Key.Row(0), Key.Row(1), Key.Shared(), (Key with { Seed = 43 }).Row(0),
            (Key with { Seed = 42UL | (1UL << 32) }).Row(0),
            (Key with { Index = 8 }).Row(0), (Key with { Index = 7 | (1L << 32) }).Row(0),
            (Key with { Stream = RandomStream.Test }).Row(0),
        ];
        const int Count = 20_000;
        double[][] draws = new double[sources.Length][];
        for (int s = 0; s < sources.Length; s++)
        {
            draws[s] = new double[Count];
            for (int i = 0; i < Count; i++) draws[s][i] = sources[s].NextDouble() - 0.5;
        }

        for (int a = 0; a < sources.Length; a++)
        {
            for (int b = 0; b < a; b++)
            {
                double correlation = 0;
                for (int i = 0; i < Count; i++) correlation += draws[a][i] * draws[b][i];
                Assert.InRange(correlation * 12 / Count, -0.04, 0.04); // over five standard deviations of 1 / sqrt(20,000)
            }
        }
    }

    [Fact]
    public void NextDouble_is_uniform_on_0_to_1()
    {
        RandomSource random = Key.Row(0);
        const int Count = 200_000;
        var bins = new int[20];
        double sum = 0, squares = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = random.NextDouble();
            Assert.InRange(x, 0, 1 - (1.0 / (1L << 53)));
            bins[(int)(x * 20)]++;
            sum += x;
            squares += x * x;
        }

        Assert.InRange(sum / Count, 0.4975, 0.5025);
        Assert.InRange(squares / Count, 1 / 3.0 - 0.0025, 1 / 3.0 + 0.0025);
        Assert.InRange(ChiSquare(bins, Count), 0, 50); // 19 degrees of freedom: above 50 once in 10,000
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(98)]
    public void NextInt_is_uniform_below_its_bound(int bound)
    {
        RandomSource random = Key.Row(bound);
        const int Count = 100_000;
        var bins = new int[bound];
        for (int i = 0; i < Count; i++) bins[random.NextInt(bound)]++;
        Assert.InRange(ChiSquare(bins, Count), 0, bound + 5 * Math.Sqrt(2.0 * bound));
    }

    [Fact]
    public void NextInt_has_no_bias_at_bounds_near_its_range()
    {
        // Of 2^32 numbers, 3 * 2^29 leave 2^30 over: without rejection the first half would occur more often.
        RandomSource random = Key.Row(1);
        const int Bound = 3 << 29, Count = 60_000;
        int low = 0;
        for (int i = 0; i < Count; i++) low += random.NextInt(Bound) % 3 == 0 ? 1 : 0;
        Assert.InRange(low / (double)Count, 1 / 3.0 - 0.01, 1 / 3.0 + 0.01);
        Assert.Throws<ArgumentOutOfRangeException>(() => Key.Row(0).NextInt(0));
    }

    [Fact]
    public void NextNormal_has_the_moments_and_tails_of_a_normal_number()
    {
        RandomSource random = Key.Row(0);
        const int Count = 400_000;
        double m1 = 0, m2 = 0, m3 = 0, m4 = 0, beyond = 0;
        for (int i = 0; i < Count; i++)
        {
            double x = random.NextNormal();
            m1 += x;
            m2 += x * x;
            m3 += x * x * x;
            m4 += x * x * x * x;
            beyond += Math.Abs(x) > 1.959964 ? 1 : 0;
        }

        Assert.InRange(m1 / Count, -0.008, 0.008);
        Assert.InRange(m2 / Count, 0.989, 1.011);
        Assert.InRange(m3 / Count, -0.031, 0.031);
        Assert.InRange(m4 / Count, 2.92, 3.08);
        Assert.InRange(beyond / Count, 0.0482, 0.0518);
    }

    /// <summary>Numbers drawn many at once equal their definition one by one, over two calls, and after single draws.</summary>
    [Fact]
    public void FillNormals_is_Box_and_Mullers_of_the_blocks_words()
    {
        var key = new RandomKey(0xFEDC_BA98_7654_3210, RandomStream.WeightNoise, 0x1234_5678_9ABC);
        RandomSource many = key.Row(7), words = key.Row(7);
        for (int i = 0; i < 3; i++) many.NextUInt32(); // of block 0, whose last word is left out
        for (int i = 0; i < 4; i++) words.NextUInt32();
        var normals = new double[RandomSource.NormalsAtOnce];
        double sum = 0, squares = 0, fourth = 0;
        for (int call = 0; call < 2; call++)
        {
            many.FillNormals(normals);
            var expected = new double[normals.Length];
            for (int b = 0; b < 256; b++)
            {
                for (int pair = 0; pair < 2; pair++)
                {
                    double radius = Math.Sqrt(-2 * Math.Log((words.NextUInt32() + 0.5) / (1L << 32))),
                        angle = 2 * Math.PI * ((words.NextUInt32() + 0.5) / (1L << 32));
                    (expected[(256 * pair) + b], expected[512 + (256 * pair) + b]) = (
                        radius * Math.Cos(angle), radius * Math.Sin(angle));
                }
            }

            for (int i = 0; i < normals.Length; i++) Assert.Equal(expected[i], normals[i], 1e-12);
            sum += normals.Sum();
            squares += normals.Sum(x => x * x);
            fourth += normals.Sum(x => x * x * x * x);
        }

        Assert.InRange(sum / 2048, -0.09, 0.09);
        Assert.InRange(squares / 2048, 0.87, 1.13);
        Assert.InRange(fourth / 2048, 2.2, 3.8);
    }

    [Fact]
    public void A_negative_row_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Key.Row(-1));

    private static double ChiSquare(int[] bins, int count)
    {
        double expected = count / (double)bins.Length;
        return bins.Sum(bin => (bin - expected) * (bin - expected) / expected);
    }
}
