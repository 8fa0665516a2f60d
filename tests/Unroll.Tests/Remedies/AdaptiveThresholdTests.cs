using Unroll.Remedies;

namespace Unroll.Tests.Remedies;

/// <summary>Thresholds that adapt, compared with their rules applied to a whole list of norms.</summary>
public static class AdaptiveThresholdTests
{
    /// <summary>The plain mean of the norms seen, times the factor, until there are a thousand.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    public static void Mean_is_the_factor_times_the_mean(double factor)
    {
        double[] norms = [.. Norms(900).Select(norm => 1 + (norm % 3))]; // no norm reaches ten times the mean
        NormStatistics statistics = new AdaptiveThreshold(ThresholdRule.Mean, factor).Begin();
        for (int n = 1; n <= norms.Length; n++)
        {
            statistics.Add(norms[n - 1], 0);
            Assert.Equal(factor * norms[..n].Average(), statistics.Threshold, 1e-10);
            Assert.Equal(n >= AdaptiveThreshold.WarmUp, statistics.IsReady);
            Assert.Equal(statistics.Threshold, statistics.Target(1e9));
        }
    }

    /// <summary>From the thousandth on a new norm has a share of a thousandth.</summary>
    [Fact]
    public static void Mean_forgets_at_a_thousandth_a_norm()
    {
        var mean = new NormMean(1);
        for (int n = 0; n < 1_000; n++) mean.Add(2, 2);
        for (int n = 1; n <= 3_000; n++)
        {
            mean.Add(5, 5);
            Assert.Equal(5 - (3 * Math.Pow(0.999, n)), mean.Threshold, 1e-9);
        }
    }

    /// <summary>An explosion counts as ten means; so the threshold grows by a little.</summary>
    [Fact]
    public static void One_norm_counts_at_most_as_ten_means()
    {
        var mean = new NormMean(1);
        for (int n = 0; n < 100; n++) mean.Add(3, 3);
        mean.Add(1e30, 3);
        Assert.Equal(3 + (27 / 101.0), mean.Threshold, 1e-12);

        // Gradients of 0 at the beginning do not keep the threshold at 0.
        var zeros = new NormMean(1);
        zeros.Add(0, 0);
        zeros.Add(4, 4);
        Assert.Equal(2, zeros.Threshold);
    }

    /// <summary>Linear interpolation between order statistics of the last thousand, as in numpy.percentile.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(0.5)]
    [InlineData(97.3)]
    public static void Percentile_is_that_of_the_last_thousand(double percent)
    {
        double[] norms = Norms(2_600);
        for (int i = 0; i < norms.Length; i += 3) norms[i] = Math.Round(norms[i]); // with equal norms
        var statistics = new NormPercentile(percent);
        for (int n = 1; n <= norms.Length; n++)
        {
            statistics.Add(norms[n - 1], 0);
            double[] last = [.. norms[Math.Max(0, n - 1_000)..n].Order()];
            double at = percent / 100 * (last.Length - 1);
            int below = (int)Math.Floor(at), above = (int)Math.Ceiling(at);
            Assert.Equal(last[below] + ((at - below) * (last[above] - last[below])), statistics.Threshold, 1e-9);
        }
    }

    /// <summary>The rule as published, its formulas written out over a list with spikes.</summary>
    [Fact]
    public static void Deviations_are_those_of_the_published_rule()
    {
        double[] norms = Norms(400);
        for (int i = 30; i < norms.Length; i += 37) norms[i] *= 50;
        var statistics = new NormDeviation(2.5);
        double mean = 0, variance = 0;
        int clipped = 0;
        for (int n = 0; n < norms.Length; n++)
        {
            double norm = norms[n], after = norm;
            if (n >= 25)
            {
                double z = (norm - mean) / Math.Sqrt(variance);
                Assert.Equal(mean + (2.5 * Math.Sqrt(variance)), statistics.Threshold, 1e-9);
                Assert.Equal(z > 2.5, norm > statistics.Threshold);
                if (z > 2.5)
                {
                    after = mean + (2.5 * Math.Sqrt(variance) / (z / 2.5));
                    Assert.Equal(after, statistics.Target(norm), 1e-9);
                    clipped++;
                }

                mean = (0.97 * mean) + (0.03 * after);
                variance = (0.97 * variance) + (0.03 * (after - mean) * (after - mean));
            }

            statistics.Add(norm, after);
            if (n != 24) continue;
            mean = norms[..25].Average();
            variance = norms[..25].Average(x => (x - mean) * (x - mean));
        }

        Assert.InRange(clipped, 10, 40);
    }

    [Fact]
    public static void Equal_norms_clip_nothing()
    {
        var statistics = new NormDeviation(2.5);
        for (int n = 0; n < 400; n++) statistics.Add(3.3, 3.3);
        Assert.Equal((true, 0.0), (statistics.IsReady, statistics.Threshold));
    }

    /// <summary>The saved state, written into a new instance, gives the same thresholds from then on.</summary>
    [Theory]
    [InlineData(ThresholdRule.Mean, 2)]
    [InlineData(ThresholdRule.Percentile, 40)]
    [InlineData(ThresholdRule.ZScore, 2.5)]
    public static void State_is_all_there_is(ThresholdRule rule, double value)
    {
        double[] norms = Norms(3_000);
        foreach (int cut in (int[])[0, 1, 24, 25, 26, 999, 1_000, 1_001, 2_345])
        {
            NormStatistics whole = new AdaptiveThreshold(rule, value).Begin(), later = new AdaptiveThreshold(rule, value).Begin();
            for (int n = 0; n < cut; n++) whole.Add(norms[n], norms[n]);
            whole.State.CopyTo(later.State, 0);
            later.Restored();
            for (int n = cut; n < Math.Min(cut + 600, norms.Length); n++)
            {
                Assert.Equal(whole.Threshold, later.Threshold);
                whole.Add(norms[n], norms[n]);
                later.Add(norms[n], norms[n]);
            }

            Assert.Equal(whole.State, later.State);
        }
    }

    [Theory]
    [InlineData(ThresholdRule.Mean, 0)]
    [InlineData(ThresholdRule.Mean, double.PositiveInfinity)]
    [InlineData(ThresholdRule.Percentile, 0)]
    [InlineData(ThresholdRule.Percentile, 100.5)]
    [InlineData(ThresholdRule.Percentile, double.NaN)]
    [InlineData(ThresholdRule.ZScore, -1)]
    [InlineData((ThresholdRule)9, 1)]
    public static void Values_out_of_range(ThresholdRule rule, double value) =>
        Unroll.Tests.Training.Runs.AssertSentence(Assert.Throws<ArgumentException>(new AdaptiveThreshold(rule,
            value).Validate).Message, "must");

    private static double[] Norms(int count)
    {
        RandomSource random = new RandomKey(3, RandomStream.Test, 0).Shared();
        var norms = new double[count];
        for (int i = 0; i < count; i++) norms[i] = Math.Exp(random.NextNormal()) * 4;
        return norms;
    }
}
