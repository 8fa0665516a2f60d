using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The clipping step: fixed until enough norms were seen, then adaptive.</summary>
public static class ClippingStepTests
{
    [Theory]
    [InlineData(ThresholdRule.Mean, 1)]
    [InlineData(ThresholdRule.Percentile, 50)]
    [InlineData(ThresholdRule.ZScore, 2.5)]
    public static void The_fixed_threshold_holds_until_25_norms_were_seen(ThresholdRule rule, double value)
    {
        using var steps = new Steps();
        var clipping = new ClippingStep<double>(new GradientClipping(ClipMode.Norm, 2), new AdaptiveThreshold(rule, value));
        NormStatistics alone = new AdaptiveThreshold(rule, value).Begin();
        RandomSource random = new RandomKey(2, RandomStream.Test, 0).Shared();
        int clippedLater = 0;
        for (int n = 1; n <= 200; n++)
        {
            double scale = Math.Exp(random.NextNormal());
            foreach (ref double g in steps.Update.Gradient) g = scale * random.NextNormal();
            double norm = GradientClipping.Norm<double>(steps.Gradient);
            double threshold = n <= 25 ? 2 : alone.Threshold;
            Assert.Equal(threshold, clipping.Threshold!.Value);
            steps.Apply(clipping, n);
            ClipReport report = steps.Update.Clip;
            Assert.Equal((norm, norm > threshold), (report.NormBefore, report.Clipped));
            double target = norm <= threshold ? norm : n <= 25 ? 2 : alone.Target(norm);
            Assert.Equal(target, report.NormAfter, 1e-12);
            Assert.Equal(target, GradientClipping.Norm<double>(steps.Gradient), 1e-10);
            if (n > 25 && report.Clipped) clippedLater++;
            alone.Add(norm, report.NormAfter);
        }

        Assert.InRange(clippedLater, 1, 174);
    }

    /// <summary>A norm that is not finite does not enter the statistics and changes nothing; the guard handles it.</summary>
    [Fact]
    public static void A_norm_that_is_not_finite_is_not_taken()
    {
        using var steps = new Steps();
        var clipping = new ClippingStep<double>(new GradientClipping(ClipMode.Norm, 2),
            new AdaptiveThreshold(ThresholdRule.Mean, 1));
        steps.Update.Gradient[3] = double.NaN;
        steps.Apply(clipping);
        Assert.False(steps.Update.Clip.Clipped);
        Assert.Equal(0, ((double[])clipping.State[0].Values)[0]);
    }

    [Fact]
    public static void A_fixed_threshold_keeps_nothing()
    {
        var clipping = new ClippingStep<double>(new GradientClipping(ClipMode.Norm, 2), null);
        Assert.Empty(clipping.State);
        Assert.Null(clipping.Threshold);
    }
}
