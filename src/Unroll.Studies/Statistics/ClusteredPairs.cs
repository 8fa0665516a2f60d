using MathNet.Numerics.Distributions;

namespace Unroll.Studies.Statistics;

/// <summary>
/// Two methods compared on the same runs when the pairs are not independent: pairs of one cluster resemble each other,
/// because their runs began with the same weights; clusters are independent. With one pair in each cluster all of it is what
/// <see cref="PairedComparison"/> says.
/// </summary>
public sealed record ClusteredPairs
{
    /// <param name="pairs">Each pair: its cluster, whether the first method solved, whether the second did.</param>
    /// <exception cref="ArgumentException">There is no pair.</exception>
    public ClusteredPairs(IReadOnlyCollection<(string Cluster, bool First, bool Second)> pairs)
    {
        if (pairs.Count == 0) throw new ArgumentException("Two methods are compared over at least one pair.");
        int Count(bool first, bool second) => pairs.Count(pair => pair.First == first && pair.Second == second);
        Pairs = new PairedComparison(Count(true, true), Count(true, false), Count(false, true), Count(false, false));
        (int Difference, int Pairs)[] clusters =
        [
            .. from pair in pairs group pair by pair.Cluster into own
               select (own.Count(pair => pair.First) - own.Count(pair => pair.Second), own.Count()),
        ];
        Clusters = clusters.Length;
        int sum = clusters.Sum(cluster => cluster.Difference);
        PValue = FlippedSigns([.. clusters.Select(cluster => Math.Abs(cluster.Difference))], Math.Abs(sum));
        if (Clusters < 2) return;
        Worth = EffectivePairs(clusters);
        Interval = Pairs.DifferenceInterval(Worth);
    }

    /// <summary>The pairs, as if they were independent.</summary>
    public PairedComparison Pairs { get; }

    /// <summary>How many clusters there are.</summary>
    public int Clusters { get; }

    /// <summary>How many independent pairs they are worth, at most their number; 0 for one cluster: nobody can say.</summary>
    public double Worth { get; }

    /// <summary>
    /// The 95% interval of the first share minus the second: Newcombe's for so many pairs as they are worth. Null for one
    /// cluster.
    /// </summary>
    public Interval? Interval { get; }

    /// <summary>
    /// Two-sided, exact: were the methods equal, each cluster's difference would as soon have the other sign. The share of
    /// all choices of signs whose sum is at least as far from 0. With one pair a cluster this is McNemar's exact test; K
    /// clusters give at least 2 / 2^K.
    /// </summary>
    public double PValue { get; }

    /// <summary>The distribution of a sum of differences with random signs, difference by difference; its two tails.</summary>
    /// <param name="sizes">The differences' sizes.</param>
    /// <param name="reach">How far from 0 the tails begin.</param>
    private static double FlippedSigns(int[] sizes, int reach)
    {
        if (reach == 0) return 1;
        int most = sizes.Sum();
        double[] chance = [.. Enumerable.Repeat(0.0, (2 * most) + 1)], next = [.. chance];
        chance[most] = 1; // the sum 0; sum s is at most + s
        int reached = 0;
        foreach (int size in sizes.Where(size => size > 0))
        {
            Array.Clear(next);
            for (int i = most - reached; i <= most + reached; i++)
            {
                next[i - size] += chance[i] / 2;
                next[i + size] += chance[i] / 2;
            }

            reached += size;
            (chance, next) = (next, chance);
        }

        double tails = 0;
        for (int s = most; s >= reach; s--) tails += chance[most - s] + chance[most + s];
        return Math.Min(1, tails);
    }

    /// <summary>
    /// The number of pairs over the design effect: by how much the variance of the difference between clusters is above that
    /// of independent pairs; and a few clusters know their variance less well than many pairs, which the quantiles of
    /// Student's t weigh (Korn and Graubard, Survey Methodology 24, 1998). Clusters that vary less than independent pairs
    /// would are taken to vary as much: a few can be alike by chance. Differences that do not vary at all say nothing of how
    /// alike a cluster's pairs are; then a cluster counts once.
    /// </summary>
    private double EffectivePairs((int Difference, int Pairs)[] clusters)
    {
        double n = Pairs.Pairs, k = clusters.Length, mean = Pairs.Difference;
        double independent = (((Pairs.OnlyFirst + Pairs.OnlySecond) / n) - (mean * mean)) / (n - 1);
        if (Math.Abs(independent) < 1e-12) return k;
        double between = k / (k - 1) * clusters.Sum(cluster => Square(cluster.Difference - (mean * cluster.Pairs))) / (n * n);
        double quantiles = StudentT.InvCDF(0, 1, n - 1, 0.975) / StudentT.InvCDF(0, 1, k - 1, 0.975);
        return n / Math.Max(1, between / independent) * quantiles * quantiles;

        static double Square(double x) => x * x;
    }
}
