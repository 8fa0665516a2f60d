using MathNet.Numerics.Distributions;
using Unroll.Studies.Statistics;

namespace Unroll.Studies.Tests.Statistics;

/// <summary>Comparisons by cluster against closed forms, all choices of signs, and the comparison without clusters.</summary>
public class ClusteredPairsTests
{
    [Fact]
    public void With_one_pair_a_cluster_all_is_what_independent_pairs_say()
    {
        for (int both = 0; both < 5; both++)
        {
            for (int first = 0; first < 5; first++)
            {
                for (int second = 0; second < 5; second++)
                {
                    for (int neither = 0; neither < 5; neither++)
                    {
                        if (both + first + second + neither < 2) continue;
                        var alone = new PairedComparison(both, first, second, neither);
                        var clustered = new ClusteredPairs(
                            [.. Table(alone).Select((pair, i) => ($"{i}", pair.First, pair.Second))]);
                        Assert.Equal((alone, alone.Pairs), (clustered.Pairs, clustered.Clusters));
                        Assert.Equal(alone.PValue(), clustered.PValue, 1e-12);
                        Assert.Equal(alone.Pairs, clustered.Worth, 1e-9);
                        Assert.Equal(alone.DifferenceInterval().Low, clustered.Interval!.Value.Low, 1e-9);
                        Assert.Equal(alone.DifferenceInterval().High, clustered.Interval.Value.High, 1e-9);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(new[] { 3, 3, 3, 3 }, 2 / 16.0)] // all four on one side: two choices of signs in 2^4
    [InlineData(new[] { 5, 4, 4, 4, 3, 3, 2, 2, 2 }, 2 / 512.0)] // Figure 7: SGD-CR against SGD
    [InlineData(new[] { 3, 1 }, 2 / 4.0)] // 4, 2, -2, -4
    [InlineData(new[] { 3, -1 }, 1)]
    [InlineData(new[] { 2, 1, -1 }, 6 / 8.0)] // sums 4, 2, 2, 0 and their negatives
    [InlineData(new[] { 2, 0, 0 }, 1)]
    [InlineData(new[] { 1, -1 }, 1)]
    [InlineData(new[] { 0, 0 }, 1)]
    public void P_is_the_share_of_signs_that_go_as_far(int[] differences, double p) =>
        Assert.Equal(p, Of(differences).PValue, 1e-12);

    [Fact]
    public void P_agrees_with_all_choices_of_signs_written_out()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 60; trial++)
        {
            int[] d = [.. Enumerable.Range(0, 1 + random.Next(11)).Select(_ => random.Next(-6, 7))];
            int own = Math.Abs(d.Sum());
            int Sum(int signs) => d.Select((v, i) => ((signs >> i) & 1) == 0 ? v : -v).Sum();
            int far = Enumerable.Range(0, 1 << d.Length).Count(signs => Math.Abs(Sum(signs)) >= own);
            Assert.Equal(far / (double)(1 << d.Length), Of(d).PValue, 1e-12);
        }
    }

    [Fact]
    public void Copies_of_every_pair_are_no_more_evidence_than_the_pairs()
    {
        var alone = new PairedComparison(4, 7, 1, 8);
        var copied = new ClusteredPairs(
            [.. Table(alone).SelectMany((pair, i) => Enumerable.Repeat(($"{i}", pair.First, pair.Second), 10))]);
        Assert.Equal((200, 20), (copied.Pairs.Pairs, copied.Clusters));
        Assert.Equal(alone.PValue(), copied.PValue, 1e-12);

        // About twenty pairs: 200 over the design effect, which is 10 but for degrees of freedom, and less by the quantiles of t.
        double quantiles = StudentT.InvCDF(0, 1, 199, 0.975) / StudentT.InvCDF(0, 1, 19, 0.975);
        Assert.Equal(200 / (199 / 19.0) * quantiles * quantiles, copied.Worth, 1e-9);
        Interval narrow = alone.DifferenceInterval(), wide = copied.Interval!.Value;
        Assert.True(wide.Low <= narrow.Low && wide.High >= narrow.High);
        Assert.True(copied.Pairs.PValue() < 1e-6, "pair by pair the copies would seem to settle it");
    }

    [Fact]
    public void The_worth_of_pairs_is_by_the_variance_between_clusters_and_the_quantiles_of_t()
    {
        // Three clusters of two pairs: differences 2, 1, 0 of 6 pairs; mean 1/2. Between: 3/2 (1 + 0 + 1) / 36 = 1/12. Of
        // independent pairs: (1/2 - 1/4) / 5 = 1/20. Design effect 5/3, so 6 pairs count as 3.6, and less as 2 degrees of
        // freedom are fewer than 5.
        const bool Yes = true, No = false;
        var clustered = new ClusteredPairs(
            [("a", Yes, No), ("a", Yes, No), ("b", Yes, No), ("b", Yes, Yes), ("c", No, No), ("c", Yes, Yes)]);
        double quantiles = StudentT.InvCDF(0, 1, 5, 0.975) / StudentT.InvCDF(0, 1, 2, 0.975);
        Assert.Equal(3.6 * quantiles * quantiles, clustered.Worth, 1e-9);

        // Clusters that are more alike than those of independent pairs would be count as these would.
        var alike = new ClusteredPairs(
            [("a", Yes, No), ("a", Yes, Yes), ("b", Yes, No), ("b", Yes, Yes), ("c", Yes, No), ("c", Yes, Yes)]);
        Assert.Equal(6 * quantiles * quantiles, alike.Worth, 1e-9);
        Assert.Equal(4.302653, StudentT.InvCDF(0, 1, 2, 0.975), 1e-5);
    }

    [Fact]
    public void An_interval_by_cluster_contains_the_difference_and_is_turned_round_with_the_methods()
    {
        var random = new Random(9);
        for (int trial = 0; trial < 200; trial++)
        {
            int clusters = 2 + random.Next(6), pairs = 2 + random.Next(30);
            (string Cluster, bool First, bool Second) Draw(int i) =>
                ($"{(i < 2 ? i : random.Next(clusters))}", random.Next(3) > 0, random.Next(2) > 0);
            (string Cluster, bool First, bool Second)[] drawn = [.. Enumerable.Range(0, pairs).Select(Draw)];
            ClusteredPairs one = new(drawn), turned = new([.. drawn.Select(pair => (pair.Cluster, pair.Second, pair.First))]);
            Assert.InRange(one.Interval!.Value.Low, -1 - 1e-9, one.Pairs.Difference + 1e-9);
            Assert.InRange(one.Interval.Value.High, one.Pairs.Difference - 1e-9, 1 + 1e-9);
            Assert.Equal(-turned.Interval!.Value.High, one.Interval.Value.Low, 1e-9);
            Assert.Equal(turned.PValue, one.PValue, 1e-12);
            Assert.InRange(one.PValue, Math.Pow(2, 1 - one.Clusters) - 1e-12, 1);
            Assert.InRange(one.Worth, 1e-6, one.Pairs.Pairs);

            // Fewer independent pairs than there are pairs make no interval narrower.
            Interval apart = one.Pairs.DifferenceInterval();
            Assert.True(one.Interval.Value.High - one.Interval.Value.Low >= apart.High - apart.Low - 1e-9);
        }
    }

    [Fact]
    public void One_cluster_has_no_interval_and_no_evidence_and_no_pairs_are_refused()
    {
        var one = new ClusteredPairs([.. Enumerable.Repeat(("a", true, false), 9)]);
        Assert.Equal((1, null, 1.0, 0.0), (one.Clusters, one.Interval, one.PValue, one.Worth));
        Assert.Throws<ArgumentException>(() => new ClusteredPairs([]));
    }

    [Fact]
    public void Differences_that_do_not_vary_count_a_cluster_once()
    {
        var same = new ClusteredPairs([.. Enumerable.Range(0, 12).Select(i => ($"{i % 3}", true, false))]);
        Assert.Equal(3, same.Worth, 1e-12);
        Assert.Equal(new PairedComparison(0, 3, 0, 0).DifferenceInterval(), same.Interval);
        Assert.Equal(0.25, same.PValue, 1e-12);
    }

    [Fact]
    public void Many_clusters_are_quick_and_end_in_no_noise()
    {
        var many = new ClusteredPairs([.. Enumerable.Range(0, 3_000).Select(i => ($"{i / 2}", i % 2 == 0, i % 4 == 3))]);
        Assert.Equal(1500, many.Clusters);
        Assert.InRange(many.PValue, 0, 1e-200);
    }

    /// <summary>Clusters whose differences are these, each from as many pairs as it is large, and one at least.</summary>
    private static ClusteredPairs Of(int[] differences) => new(
        [.. differences.SelectMany((d, i) => Enumerable.Repeat(($"{i}", d >= 0, d <= 0), Math.Max(1, Math.Abs(d))))]);

    private static IEnumerable<(bool First, bool Second)> Table(PairedComparison pairs) =>
    [
        .. Enumerable.Repeat((true, true), pairs.Both), .. Enumerable.Repeat((true, false), pairs.OnlyFirst),
        .. Enumerable.Repeat((false, true), pairs.OnlySecond), .. Enumerable.Repeat((false, false), pairs.Neither),
    ];
}
