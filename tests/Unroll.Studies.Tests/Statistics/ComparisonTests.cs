using System.Numerics;
using Unroll.Studies.Statistics;

namespace Unroll.Studies.Tests.Statistics;

public class ComparisonTests
{
    /// <summary>
    /// Newcombe 1998 (Statistics in Medicine 17:2635), method 10; Altman, Statistics with Confidence (2000), table 6.2; Bentur et
    /// al. (2009) as Fagerland, Lydersen and Laake (2013) have it.
    /// </summary>
    [Theory]
    [InlineData(36, 12, 2, 0, 0.0569, 0.3404, 4)]
    [InlineData(14, 5, 0, 22, 0.011, 0.226, 3)]
    [InlineData(1, 1, 7, 12, -0.507, -0.026, 3)]
    public void Newcombes_paired_interval_is_the_published_one(int both, int first, int second, int neither, double low,
        double high, int digits)
    {
        Interval interval = new PairedComparison(both, first, second, neither).DifferenceInterval();
        Assert.Equal(low, interval.Low, digits);
        Assert.Equal(high, interval.High, digits);
    }

    [Fact]
    public void Newcombes_paired_interval_contains_the_difference_and_is_turned_round_with_the_methods()
    {
        foreach ((int a, int b, int c, int d) in Tables(9))
        {
            var comparison = new PairedComparison(a, b, c, d);
            Interval interval = comparison.DifferenceInterval(), swapped = new PairedComparison(a, c, b, d).DifferenceInterval(),
                failures = new PairedComparison(d, c, b, a).DifferenceInterval();
            Assert.InRange(interval.Low, -1 - 1e-12, comparison.Difference);
            Assert.InRange(interval.High, comparison.Difference, 1 + 1e-12);
            Assert.Equal(-swapped.High, interval.Low, 1e-12);
            Assert.Equal(-swapped.Low, interval.High, 1e-12);

            // Differences of failures are those of successes the other way round.
            Assert.Equal(-failures.High, interval.Low, 1e-12);
            Assert.Equal(-failures.Low, interval.High, 1e-12);
        }
    }

    [Fact]
    public void Newcombes_paired_interval_agrees_with_his_formulas_written_out()
    {
        foreach ((int e, int f, int g, int h) in Tables(8))
        {
            double n = e + f + g + h, z = 1.959963984540054;
            (double L, double U) Bounds(double k)
            {
                double centre = (2 * k) + (z * z), root = z * Math.Sqrt((z * z) + (4 * k * (n - k) / n));
                return ((centre - root) / (2 * (n + (z * z))), (centre + root) / (2 * (n + (z * z))));
            }

            ((double l2, double u2), (double l3, double u3)) = (Bounds(e + f), Bounds(e + g));
            double dl2 = ((e + f) / n) - l2, du2 = u2 - ((e + f) / n), dl3 = ((e + g) / n) - l3, du3 = u3 - ((e + g) / n);
            double margins = (double)(e + f) * (g + h) * (e + g) * (f + h), product = (e * h) - (f * g);
            double phi = margins == 0 ? 0
                : (product > n / 2 ? product - (n / 2) : product >= 0 ? 0 : product) / Math.Sqrt(margins);
            double delta = Math.Sqrt((dl2 * dl2) - (2 * phi * dl2 * du3) + (du3 * du3)),
                epsilon = Math.Sqrt((du2 * du2) - (2 * phi * du2 * dl3) + (dl3 * dl3));
            var comparison = new PairedComparison(e, f, g, h);
            Assert.Equal((f - g) / n, comparison.Difference, 1e-12);
            Assert.Equal(comparison.Difference - delta, comparison.DifferenceInterval().Low, 1e-9);
            Assert.Equal(comparison.Difference + epsilon, comparison.DifferenceInterval().High, 1e-9);
        }
    }

    [Fact]
    public void McNemars_test_is_a_sum_of_coin_tosses()
    {
        for (int first = 0; first <= 12; first++)
        {
            for (int second = 0; second <= 12; second++)
            {
                // All the outcomes of first + second tosses that are at least as one-sided.
                BigInteger extreme = 0;
                for (int k = 0; k <= first + second; k++)
                {
                    if (Math.Abs((2 * k) - first - second) >= Math.Abs(first - second)) extreme += Choose(first + second, k);
                }

                double expected = (double)extreme / Math.Pow(2, first + second);
                Assert.Equal(expected, new PairedComparison(3, first, second, 4).PValue(), 1e-12);
            }
        }
    }

    /// <summary>Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(10, 10, 0, 10, 0.6075, 1)]
    public void Newcombes_unpaired_interval_is_the_published_one(int k1, int n1, int k2, int n2, double low, double high)
    {
        Interval interval = new UnpairedComparison(new(k1, n1), new(k2, n2)).DifferenceInterval();
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Fishers_test_is_a_sum_over_tables_counted_exactly()
    {
        for (int n1 = 1; n1 <= 8; n1++)
        {
            for (int n2 = 1; n2 <= 9; n2++)
            {
                for (int k1 = 0; k1 <= n1; k1++)
                {
                    for (int k2 = 0; k2 <= n2; k2++)
                    {
                        BigInteger own = Choose(n1, k1) * Choose(n2, k2), sum = 0;
                        for (int k = 0; k <= Math.Min(n1, k1 + k2); k++)
                        {
                            BigInteger ways = k1 + k2 - k > n2 ? 0 : Choose(n1, k) * Choose(n2, k1 + k2 - k);
                            if (ways <= own) sum += ways;
                        }

                        double expected = (double)sum / (double)Choose(n1 + n2, k1 + k2);
                        Assert.Equal(expected, new UnpairedComparison(new(k1, n1), new(k2, n2)).PValue(), 1e-9);
                    }
                }
            }
        }
    }

    [Fact]
    public void Without_runs_nothing_is_known()
    {
        Assert.Equal(new Interval(-1, 1), new PairedComparison(0, 0, 0, 0).DifferenceInterval());
        Assert.Equal(1, new PairedComparison(0, 0, 0, 0).PValue());
        Assert.Equal(new Interval(-1, 1), new UnpairedComparison(new(0, 0), new(1, 2)).DifferenceInterval());
        Assert.Equal(1, new UnpairedComparison(new(0, 0), new(0, 0)).PValue());
    }

    [Fact]
    public void The_interval_of_a_ratio_covers_the_median_in_at_least_95_of_100_cases_and_the_next_narrower_one_does_not()
    {
        for (int n = 1; n <= 60; n++)
        {
            (double median, Interval? interval) = SpeedRatio.Of(Enumerable.Range(1, n).Select(i => (double)i).Reverse());
            Assert.Equal((n + 1) / 2.0, median);
            if (n < 6)
            {
                Assert.Null(interval);
                continue;
            }

            // Ratios 1..n in order: the bounds are the order statistics themselves.
            int low = (int)interval!.Value.Low, high = (int)interval.Value.High;
            Assert.Equal(n + 1, low + high);
            Assert.True(Coverage(n, low, high) >= 0.95, $"{n}: {low}..{high} covers {Coverage(n, low, high)}");
            if (low + 1 < high)
                Assert.True(Coverage(n, low + 1, high - 1) < 0.95, $"{n}: {low}..{high} is wider than it needs to be");
        }

        // Between the low-th and the high-th of n numbers lies the median when from low to high - 1 of them are below it.
        static double Coverage(int n, int low, int high) =>
            Enumerable.Range(low, high - low).Sum(below => (double)Choose(n, below)) / Math.Pow(2, n);
    }

    [Fact]
    public void The_median_of_ratios_does_not_depend_on_their_order_and_none_have_none()
    {
        Assert.Equal(2.5, SpeedRatio.Of([4, 1, 3, 2]).Median);
        Assert.Equal(3, SpeedRatio.Of([9, 1, 3]).Median);
        Assert.True(double.IsNaN(SpeedRatio.Of([]).Median));
        Assert.Null(SpeedRatio.Of([]).Interval);
    }

    private static IEnumerable<(int, int, int, int)> Tables(int pairs) =>
        from n in Enumerable.Range(1, pairs)
        from a in Enumerable.Range(0, n + 1)
        from b in Enumerable.Range(0, n + 1 - a)
        from c in Enumerable.Range(0, n + 1 - a - b)
        select (a, b, c, n - a - b - c);

    private static BigInteger Choose(int n, int k)
    {
        BigInteger ways = 1;
        for (int i = 1; i <= k; i++) ways = ways * (n - k + i) / i;
        return ways;
    }
}
