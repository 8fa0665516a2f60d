using Unroll.Studies.Statistics;

namespace Unroll.Studies.Tests.Statistics;

public class SuccessRateTests
{
    /// <summary>
    /// Published values: Newcombe's table of intervals for a single proportion (Statistics in Medicine 17, 1998), method 3.
    /// </summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(3, 3, 0.4385, 1)]
    public void Wilsons_interval_is_the_published_one(int successes, int runs, double low, double high)
    {
        Interval interval = new SuccessRate(successes, runs).Wilson();
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Wilsons_interval_lies_in_0_to_1_contains_the_share_and_is_symmetric()
    {
        for (int n = 1; n <= 30; n++)
        {
            for (int k = 0; k <= n; k++)
            {
                Interval interval = new SuccessRate(k, n).Wilson(), mirrored = new SuccessRate(n - k, n).Wilson();
                double share = new SuccessRate(k, n).Share;
                Assert.InRange(interval.Low, 0, share);
                Assert.InRange(interval.High, share, 1);
                Assert.True(k is 0 ? interval.Low == 0 : interval.Low > 0, $"{k} of {n}");
                Assert.True(k == n ? interval.High == 1 : interval.High < 1, $"{k} of {n}");
                Assert.Equal(1 - mirrored.High, interval.Low, 1e-12);
                Assert.Equal(1 - mirrored.Low, interval.High, 1e-12);
            }
        }
    }

    [Fact]
    public void Wilsons_bounds_are_the_shares_that_the_score_test_just_does_not_reject()
    {
        for (int k = 1; k < 12; k++)
        {
            Interval interval = new SuccessRate(k, 12).Wilson();
            foreach (double bound in (double[])[interval.Low, interval.High])
                Assert.Equal(1.959964, Math.Abs((k / 12.0) - bound) / Math.Sqrt(bound * (1 - bound) / 12), 1e-5);
        }
    }

    [Fact]
    public void Without_a_run_everything_is_possible()
    {
        Assert.Equal(new Interval(0, 1), new SuccessRate(0, 0).Wilson());
        Assert.True(double.IsNaN(new SuccessRate(0, 0).Share));
    }
}
