using Unroll.Numerics;
using Unroll.Studies.Statistics;

namespace Unroll.Studies;

/// <summary>What a cell's finished trials amount to.</summary>
public sealed record CellSummary(string Cell, IReadOnlyDictionary<string, string> Options, int Trials,
    IReadOnlyList<StoredTrial> Finished)
{
    /// <summary>Runs that met the paper's criterion at some check.</summary>
    public SuccessRate Success { get; } = new(Finished.Count(trial => trial.Result!.Solved), Finished.Count);

    /// <summary>Runs that met it at three checks in a row.</summary>
    public int SustainedRuns { get; } = Finished.Count(trial => trial.Result!.Sustained is not null);

    /// <summary>The median update of the first hit, of the runs that had one.</summary>
    public double FirstHit => MedianOf(result => result.FirstHit);

    /// <summary>The median update of the third hit in a row, of the runs that had one.</summary>
    public double Sustained => MedianOf(result => result.Sustained);

    /// <summary>The median seconds to the first hit, of the runs that had one.</summary>
    public double FirstHitSeconds => MedianOf(result => result.FirstHitSeconds);

    /// <summary>The median least error of all runs.</summary>
    public double BestError => MedianOf(result => result.BestError);

    /// <summary>Runs that ended by a gradient that was not finite.</summary>
    public int NonFinite => Finished.Count(trial => trial.Result!.Outcome == Training.TrainingOutcome.NonFinite);

    /// <summary>The errors of the solved runs at a tested length.</summary>
    internal double[] TestErrors(string length) =>
        [.. Finished.SelectMany(trial => trial.Result!.Tests).Where(test => test.Length == length && test.Error is not null)
            .Select(test => test.Error!.Value).Order()];

    private double MedianOf(Func<TrialResult, double?> value) =>
        SpeedRatio.Median([.. Finished.Select(trial => value(trial.Result!)).OfType<double>().Order()]);
}

/// <summary>Tables of a study's results.</summary>
internal static class StudySummary
{
    /// <summary>So many values make 276 comparisons.</summary>
    private const int MostCompared = 24;

    private static readonly string[] ClusterOptions = ["task", "init", TrialOptions.Seed];

    /// <summary>The cells in the grid's order.</summary>
    public static List<CellSummary> Cells(IEnumerable<StoredTrial> trials) =>
        [.. trials.GroupBy(trial => trial.Cell).Select(cell =>
            new CellSummary(cell.Key, cell.First().Options, cell.Count(), [.. cell.Where(trial => trial.Result is not null)]))];

    /// <summary>
    /// The finished trials, the best by validation first: solved before unsolved, then by updates to success, error, loss.
    /// </summary>
    public static List<StoredTrial> Best(IEnumerable<StoredTrial> trials) =>
    [
        .. trials.Where(trial => trial.Result is not null)
            .OrderByDescending(trial => trial.Result!.Solved)
            .ThenBy(trial => trial.Result!.FirstHit ?? long.MaxValue)
            .ThenBy(trial => trial.Result!.BestError ?? double.PositiveInfinity)
            .ThenBy(trial => trial.Result!.BestLoss ?? double.PositiveInfinity)
            .ThenBy(trial => trial.Position),
    ];

    /// <summary>
    /// Every two values of an option compared over pairs of finished trials that are otherwise the same: same options, same
    /// seed, so the same sequences and first weights. Where no seed is shared, over the cells that are otherwise the same.
    /// </summary>
    /// <param name="trials">The trials.</param>
    /// <param name="option">The option.</param>
    /// <param name="solvedAt">
    /// The update at which a trial counts as solved, null for never; without it the first check that met the criterion.
    /// </param>
    public static List<ValueComparison> Compare(
        IReadOnlyList<StoredTrial> trials, string option, Func<TrialResult, long?>? solvedAt = null)
    {
        solvedAt ??= result => result.FirstHit;
        string[] values = ValuesToCompare(trials, option);
        var comparisons = new List<ValueComparison>();
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = i + 1; j < values.Length; j++)
            {
                if (Compare(trials, option, values[i], values[j], solvedAt) is { } comparison) comparisons.Add(comparison);
            }
        }

        return comparisons;
    }

    /// <summary>The values of an option that the trials have.</summary>
    /// <exception cref="UserError">They are too many to compare each with each.</exception>
    public static string[] ValuesToCompare(IEnumerable<StoredTrial> trials, string option)
    {
        string[] values = [.. trials.Select(trial => Choice(trial, option)).OfType<string>().Distinct()];
        return values.Length <= MostCompared ? values
            : throw new UserError(
                $"'{option}' has {Format.Count(values.Length)} values here, too many to compare each with each; at most "
                    + $"{MostCompared} can be. The best trials are listed without --compare.");
    }

    /// <summary>The value of an option that varies, from the trial's name; null when it has none.</summary>
    public static string? Choice(StoredTrial trial, string option) => Choices(trial.Name).GetValueOrDefault(option);

    /// <summary>The parts of a name or a cell, such as <c>method=sgd-c seed=1</c>; no value has a space in it.</summary>
    public static Dictionary<string, string> Choices(string name) =>
        name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).DistinctBy(part => part[0])
        .ToDictionary(part => part[0], part => part[^1]);

    /// <summary>The options that tell the trials apart.</summary>
    public static IEnumerable<string> Varied(IEnumerable<StoredTrial> trials) =>
        trials.SelectMany(trial => Choices(trial.Name).Keys).Distinct();

    private static ValueComparison? Compare(
        IReadOnlyList<StoredTrial> trials, string option, string first, string second, Func<TrialResult, long?> solvedAt)
    {
        string Without(string name) =>
            string.Join(' ', name.Split(' ').Where(part => !part.StartsWith($"{option}=", StringComparison.Ordinal)));
        string Other(StoredTrial trial) => Without(trial.Name);
        StoredTrial[] finished = [.. trials.Where(trial => trial.Result is not null)];
        Dictionary<string, TrialResult> partners = finished.Where(trial => Choice(trial, option) == second)
            .ToDictionary(Other, trial => trial.Result!);
        var pairs = new List<(string Cluster, bool First, bool Second)>();
        var ratios = new List<(string Cluster, double Ratio)>();
        foreach (StoredTrial trial in finished.Where(trial => Choice(trial, option) == first))
        {
            if (!partners.TryGetValue(Other(trial), out TrialResult? partner)) continue;
            string cluster = Cluster(trial, option);
            (long? one, long? other) = (solvedAt(trial.Result!), solvedAt(partner));
            pairs.Add((cluster, one is not null, other is not null));
            if (one is { } updates && other is { } others) ratios.Add((cluster, (double)updates / others));
        }

        if (pairs.Count > 0)
        {
            var compared = new ClusteredPairs(pairs);
            PairedComparison apart = compared.Pairs;
            (double median, Interval? interval) = SpeedRatio.Of(ratios.Select(ratio => ratio.Ratio));
            IEnumerable<IEnumerable<double>> clusters = ratios.GroupBy(ratio => ratio.Cluster, ratio => ratio.Ratio);
            Interval difference = apart.DifferenceInterval();
            return new ValueComparison(first, second, apart.First, apart.Second, difference, apart.PValue(), Paired: true)
            {
                Ratio = median,
                RatioInterval = interval,
                RatioPairs = ratios.Count,
                ByCluster = compared,
                RatioIntervalByCluster = SpeedRatio.Of(clusters.Select(own => SpeedRatio.Of(own).Median)).Interval,
            };
        }

        StoredTrial[] Group(string value) => [.. finished.Where(trial => Choice(trial, option) == value)];
        HashSet<string> shared = [.. Group(first).Select(trial => Without(trial.Cell))
            .Intersect(Group(second).Select(trial => Without(trial.Cell)))];
        SuccessRate Rate(string value)
        {
            StoredTrial[] group = [.. Group(value).Where(trial => shared.Contains(Without(trial.Cell)))];
            return new SuccessRate(group.Count(trial => solvedAt(trial.Result!) is not null), group.Length);
        }

        var groups = new UnpairedComparison(Rate(first), Rate(second));
        if (shared.Count == 0) return null;
        Interval between = groups.DifferenceInterval();
        return new ValueComparison(first, second, groups.First, groups.Second, between, groups.PValue(), Paired: false);
    }

    /// <summary>
    /// What pairs that are not independent share: the task, the start and the seed, and with these the first weights and the
    /// draws. A longer sequence or another weight of Omega is the same beginning tried once more; only another seed, start or
    /// task is a new one.
    /// </summary>
    private static string Cluster(StoredTrial trial, string compared)
    {
        string Value(string option) => Choice(trial, option) ?? trial.Options.GetValueOrDefault(option, "");
        return string.Join(' ', ClusterOptions.Where(option => option != compared).Select(Value));
    }
}

/// <summary>Two values of an option compared.</summary>
/// <param name="First">One value.</param>
/// <param name="Second">The other.</param>
/// <param name="FirstRate">Its successes over the runs compared.</param>
/// <param name="SecondRate">The other's.</param>
/// <param name="Interval">The 95% interval of the first share minus the second, each pair or run counting as independent.</param>
/// <param name="PValue">Of the test that they are equal, likewise.</param>
/// <param name="Paired">Whether the runs are pairs that differ in nothing else; otherwise they share cells but no seed.</param>
public sealed record ValueComparison(string First, string Second, SuccessRate FirstRate, SuccessRate SecondRate,
    Interval Interval, double PValue, bool Paired)
{
    /// <summary>
    /// The median of the first one's updates to success by the second one's, over pairs that both solved; not a number for none.
    /// </summary>
    public double Ratio { get; init; } = double.NaN;

    /// <summary>Its 95% interval pair by pair; null below six such pairs.</summary>
    public Interval? RatioInterval { get; init; }

    /// <summary>How many such pairs there are.</summary>
    public int RatioPairs { get; init; }

    /// <summary>The same by clusters of pairs, which alone are independent; null for runs that are not pairs.</summary>
    public ClusteredPairs? ByCluster { get; init; }

    /// <summary>The interval of the ratio by the medians of clusters; null below six clusters that have one.</summary>
    public Interval? RatioIntervalByCluster { get; init; }

    /// <summary>What the numbers of <see cref="Line"/> are.</summary>
    internal static IReadOnlyList<string> Legend { get; } =
    [
        "pairs of trials that differ in nothing else (same seed, same sequences): difference in success with 95% interval",
        "and p of no difference; ratio of updates to success where both succeed, with 95% interval from 6 pairs or clusters on.",
        "Pairs of one task, start and seed begin with the same weights and are no independent evidence; they make a cluster.",
        "By cluster, p is that of flipped signs of clusters (exact; K clusters give at least 2/2^K), the interval Newcombe's for",
        "as many pairs as they are worth; where each pair is its own cluster, McNemar's exact test and Newcombe's interval.",
    ];

    /// <summary>Comparisons below what their numbers are; no lines for none.</summary>
    /// <param name="what">What is compared.</param>
    /// <param name="comparisons">The comparisons.</param>
    /// <param name="before">What every comparison's line begins with.</param>
    /// <param name="isBroken">Whether what the numbers are is broken into lines; else it is one, for what breaks lines
    /// itself.</param>
    internal static string[] Lines(
        string what, IReadOnlyCollection<ValueComparison> comparisons, string before = "- ", bool isBroken = true)
    {
        if (comparisons.Count == 0) return [];
        string legend = $"{what} compared over {string.Join(isBroken ? "\n" : " ", Legend)}";
        return [.. legend.Split('\n'), .. comparisons.Select(comparison => before + comparison.Line())];
    }

    /// <summary>The comparison on lines for a terminal: the shares, and below the test and the speed, indented.</summary>
    /// <param name="columns">How long a line may be, at least 20; a word that is longer has a line of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 20 columns.</exception>
    public string ToText(int columns = 80)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 20);
        (string shares, string comma, string test) = Parts();
        return string.Join("\n  ", [.. Format.Wrap(shares + comma, columns - 2), .. Format.Wrap(test, columns - 2)]);
    }

    /// <summary>The comparison on one line.</summary>
    public string Line()
    {
        (string shares, string comma, string test) = Parts();
        return $"{shares}{comma} {test}";
    }

    private (string Shares, string Comma, string Test) Parts()
    {
        ClusteredPairs? clustered = ByCluster is { } all && all.Clusters < all.Pairs.Pairs ? all : null;
        Interval? speedInterval = clustered is null ? RatioInterval : RatioIntervalByCluster;
        string bounds = speedInterval is { } r ? $" [{Format.Number(r.Low)}, {Format.Number(r.High)}]" : "";
        string speed = double.IsNaN(Ratio) ? ""
            : Invariant($"; updates x{Format.Number(Ratio)}{bounds} ({Counted.Of(RatioPairs, "pair")})");
        string other = Paired ? "" : " (no seed is shared: Fisher's exact test)";
        (string interval, string test) = clustered switch
        {
            null => (Format.Percent(Interval), $"p {P(PValue)}{other}"),
            { Interval: { } own } => (Format.Percent(own), Invariant($"p {P(clustered.PValue)} ")
                + Invariant($"by {Counted.Of(clustered.Clusters, "cluster")} (pair by pair p {P(PValue)})")),
            _ => ("", $"(all pairs are one cluster, which has no interval; pair by pair p {P(PValue)})"),
        };
        string points = Invariant($"{100 * (FirstRate.Share - SecondRate.Share):+0;-0;0} points");
        string shares = Invariant($"{First} {FirstRate.Successes}/{FirstRate.Runs} against ")
            + Invariant($"{Second} {SecondRate.Successes}/{SecondRate.Runs}: {points}");
        return (interval.Length > 0 ? $"{shares} {interval}" : shares, interval.Length > 0 ? "," : "", test + speed);

        static string P(double value) => value < 0.0001 ? "< 0.0001" : FormattableString.Invariant($"= {value:G2}");
    }
}
