using MathNet.Numerics.Distributions;

namespace Unroll.Studies.Statistics;

/// <summary>
/// Two methods compared on the same runs: pairs that differ in the method alone, so that both had the same task, the same seed,
/// and with it the same sequences and first weights.
/// </summary>
/// <param name="Both">Pairs that both solved.</param>
/// <param name="OnlyFirst">Pairs that only the first solved.</param>
/// <param name="OnlySecond">Pairs that only the second solved.</param>
/// <param name="Neither">Pairs that neither solved.</param>
public sealed record PairedComparison(int Both, int OnlyFirst, int OnlySecond, int Neither)
{
    /// <summary>Pairs.</summary>
    public int Pairs => Both + OnlyFirst + OnlySecond + Neither;

    /// <summary>The first one's success.</summary>
    public SuccessRate First => new(Both + OnlyFirst, Pairs);

    /// <summary>The second one's success.</summary>
    public SuccessRate Second => new(Both + OnlySecond, Pairs);

    /// <summary>The first share minus the second.</summary>
    public double Difference => First.Share - Second.Share;

    /// <summary>
    /// The two-sided exact McNemar test: were the methods equal, each pair that only one solved would be either's with
    /// probability one half.
    /// </summary>
    public double PValue()
    {
        int discordant = OnlyFirst + OnlySecond;
        if (discordant == 0) return 1;
        return Math.Min(1, 2 * Binomial.CDF(0.5, discordant, Math.Min(OnlyFirst, OnlySecond)));
    }

    /// <summary>
    /// The 95% interval of the difference of paired shares from their Wilson intervals (Newcombe, 1998, method 10).
    /// </summary>
    public Interval DifferenceInterval() => DifferenceInterval(Pairs);

    /// <summary>The same when the pairs are worth fewer independent ones, as pairs that resemble each other are.</summary>
    /// <param name="worth">How many independent ones, above 0, at most <see cref="Pairs"/>; not always whole.</param>
    internal Interval DifferenceInterval(double worth)
    {
        if (Pairs == 0) return new Interval(-1, 1);
        double p1 = First.Share, p2 = Second.Share, phi = Correlation(worth / Pairs);
        Interval first = SuccessRate.Wilson(p1, worth), second = SuccessRate.Wilson(p2, worth);
        return new Interval(
            Difference - Distance(p1 - first.Low, second.High - p2, phi),
            Difference + Distance(first.High - p1, p2 - second.Low, phi));

        static double Distance(double a, double b, double phi) => Math.Sqrt(Math.Max(0, (a * a) - (2 * phi * a * b) + (b * b)));
    }

    /// <summary>The correlation within pairs with Newcombe's correction for continuity; each count is a part of itself.</summary>
    private double Correlation(double part)
    {
        double margins = (double)First.Successes * (Pairs - First.Successes) * Second.Successes * (Pairs - Second.Successes);
        if (margins == 0) return 0;
        double product = ((double)Both * Neither) - ((double)OnlyFirst * OnlySecond);
        double corrected = product > 0 ? Math.Max(0, product - (Pairs / 2.0 / part)) : product;
        return corrected / Math.Sqrt(margins);
    }
}

/// <summary>Two independent groups of runs compared.</summary>
internal sealed record UnpairedComparison(SuccessRate First, SuccessRate Second)
{
    /// <summary>The first share minus the second.</summary>
    public double Difference => First.Share - Second.Share;

    /// <summary>Fisher's exact test, two-sided: the tables with these margins that are at most as likely as this one.</summary>
    public double PValue()
    {
        int runs = First.Runs + Second.Runs, successes = First.Successes + Second.Successes;
        if (runs == 0 || successes == 0 || successes == runs) return 1;
        double own = Hypergeometric.PMF(runs, successes, First.Runs, First.Successes), sum = 0;
        for (int k = Math.Max(0, successes - Second.Runs); k <= Math.Min(successes, First.Runs); k++)
        {
            double likely = Hypergeometric.PMF(runs, successes, First.Runs, k);
            if (likely <= own * (1 + 1e-7)) sum += likely;
        }

        return Math.Min(1, sum);
    }

    /// <summary>The 95% interval of the difference of independent shares from their Wilson intervals (Newcombe, 1998).</summary>
    public Interval DifferenceInterval()
    {
        if (First.Runs == 0 || Second.Runs == 0) return new Interval(-1, 1);
        Interval first = First.Wilson(), second = Second.Wilson();
        double p1 = First.Share, p2 = Second.Share;
        return new Interval(
            Difference - double.Hypot(p1 - first.Low, second.High - p2),
            Difference + double.Hypot(first.High - p1, p2 - second.Low));
    }
}

/// <summary>How many times as many updates one method needed as another, over pairs that both solved.</summary>
internal static class SpeedRatio
{
    /// <summary>
    /// The median of ratios and its distribution-free 95% interval by order statistics; null below six pairs, which have none.
    /// </summary>
    public static (double Median, Interval? Interval) Of(IEnumerable<double> ratios)
    {
        double[] sorted = [.. ratios.Order()];
        if (sorted.Length == 0) return (double.NaN, null);
        int n = sorted.Length;

        // The k-th smallest and k-th largest bracket the median unless fewer than k coin tosses of n fall on one side.
        int k = 0;
        while (k < n / 2 && Binomial.CDF(0.5, n, k) <= 0.025) k++;
        return (Median(sorted), k == 0 ? null : new Interval(sorted[k - 1], sorted[n - k]));
    }

    /// <summary>The median of sorted numbers.</summary>
    public static double Median(IReadOnlyList<double> sorted) =>
        sorted.Count == 0 ? double.NaN : sorted.Count % 2 == 1 ? sorted[sorted.Count / 2]
        : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
}
