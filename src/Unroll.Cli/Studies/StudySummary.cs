using Unroll.Cli.Statistics;

namespace Unroll.Cli.Studies;

/// <summary>What a cell's finished trials amount to.</summary>
internal sealed record CellSummary(string Cell, IReadOnlyDictionary<string, string> Options, int Trials, IReadOnlyList<StoredTrial> Finished)
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
    public double[] TestErrors(string length) =>
        [.. Finished.SelectMany(trial => trial.Result!.Tests).Where(test => test.Length == length && test.Error is not null).Select(test => test.Error!.Value).Order()];

    private double MedianOf(Func<TrialResult, double?> value) => SpeedRatio.Median([.. Finished.Select(trial => value(trial.Result!)).OfType<double>().Order()]);
}

/// <summary>Tables of a study's results.</summary>
internal static class StudySummary
{
    /// <summary>So many values make 276 comparisons.</summary>
    private const int MostCompared = 24;

    /// <summary>The cells in the grid's order.</summary>
    public static List<CellSummary> Cells(IEnumerable<StoredTrial> trials) =>
        [.. trials.GroupBy(trial => trial.Cell).Select(cell => new CellSummary(cell.Key, cell.First().Options, cell.Count(), [.. cell.Where(trial => trial.Result is not null)]))];

    /// <summary>The finished trials, the best by validation first: solved before unsolved, then by updates to success, error, loss.</summary>
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
    public static List<ValueComparison> Compare(IReadOnlyList<StoredTrial> trials, string option)
    {
        string[] values = ValuesToCompare(trials, option);
        var comparisons = new List<ValueComparison>();
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = i + 1; j < values.Length; j++)
            {
                if (Compare(trials, option, values[i], values[j]) is { } comparison) comparisons.Add(comparison);
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
            : throw new UserError($"'{option}' has {Format.Count(values.Length)} values here, too many to compare each with each; at most {MostCompared} can be. The best trials are listed without --compare.");
    }

    /// <summary>The value of an option that varies, from the trial's name; null when it has none.</summary>
    public static string? Choice(StoredTrial trial, string option) => Choices(trial.Name).GetValueOrDefault(option);

    /// <summary>The parts of a name or a cell, such as <c>method=sgd-c seed=1</c>; no value has a space in it.</summary>
    public static Dictionary<string, string> Choices(string name) =>
        name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).DistinctBy(part => part[0]).ToDictionary(part => part[0], part => part[^1]);

    /// <summary>The options that tell the trials apart.</summary>
    public static IEnumerable<string> Varied(IEnumerable<StoredTrial> trials) => trials.SelectMany(trial => Choices(trial.Name).Keys).Distinct();

    private static ValueComparison? Compare(IReadOnlyList<StoredTrial> trials, string option, string first, string second)
    {
        string Without(string name) => string.Join(' ', name.Split(' ').Where(part => !part.StartsWith($"{option}=", StringComparison.Ordinal)));
        string Other(StoredTrial trial) => Without(trial.Name);
        StoredTrial[] finished = [.. trials.Where(trial => trial.Result is not null)];
        Dictionary<string, TrialResult> partners = finished.Where(trial => Choice(trial, option) == second).ToDictionary(Other, trial => trial.Result!);
        int both = 0, onlyFirst = 0, onlySecond = 0, neither = 0;
        var ratios = new List<double>();
        foreach (StoredTrial trial in finished.Where(trial => Choice(trial, option) == first))
        {
            if (!partners.TryGetValue(Other(trial), out TrialResult? partner)) continue;
            switch (trial.Result!.FirstHit, partner.FirstHit)
            {
                case ({ } one, { } other):
                    both++;
                    ratios.Add((double)one / other);
                    break;
                case ({ }, null):
                    onlyFirst++;
                    break;
                case (null, { }):
                    onlySecond++;
                    break;
                default:
                    neither++;
                    break;
            }
        }

        var pairs = new PairedComparison(both, onlyFirst, onlySecond, neither);
        if (pairs.Pairs > 0)
        {
            (double median, Interval? interval) = SpeedRatio.Of(ratios);
            return new ValueComparison(first, second, pairs.First, pairs.Second, pairs.DifferenceInterval(), pairs.PValue(), Paired: true) { Ratio = median, RatioInterval = interval, RatioPairs = both };
        }

        StoredTrial[] Group(string value) => [.. finished.Where(trial => Choice(trial, option) == value)];
        HashSet<string> shared = [.. Group(first).Select(trial => Without(trial.Cell)).Intersect(Group(second).Select(trial => Without(trial.Cell)))];
        SuccessRate Rate(string value)
        {
            StoredTrial[] group = [.. Group(value).Where(trial => shared.Contains(Without(trial.Cell)))];
            return new SuccessRate(group.Count(trial => trial.Result!.Solved), group.Length);
        }

        var apart = new UnpairedComparison(Rate(first), Rate(second));
        return shared.Count == 0 ? null : new ValueComparison(first, second, apart.First, apart.Second, apart.DifferenceInterval(), apart.PValue(), Paired: false);
    }
}

/// <summary>Two values of an option compared.</summary>
/// <param name="First">One value.</param>
/// <param name="Second">The other.</param>
/// <param name="FirstRate">Its successes over the runs compared.</param>
/// <param name="SecondRate">The other's.</param>
/// <param name="Interval">The 95% interval of the first share minus the second.</param>
/// <param name="PValue">Of the test that they are equal.</param>
/// <param name="Paired">Whether the runs are pairs that differ in nothing else; otherwise they share cells but no seed.</param>
internal sealed record ValueComparison(string First, string Second, SuccessRate FirstRate, SuccessRate SecondRate, Interval Interval, double PValue, bool Paired)
{
    /// <summary>The median of the first one's updates to success by the second one's, over pairs that both solved; not a number for none.</summary>
    public double Ratio { get; init; } = double.NaN;

    /// <summary>Its 95% interval; null below six such pairs.</summary>
    public Interval? RatioInterval { get; init; }

    /// <summary>How many such pairs there are.</summary>
    public int RatioPairs { get; init; }

    /// <summary>What the numbers of <see cref="Line"/> are.</summary>
    public static IReadOnlyList<string> Legend { get; } =
    [
        "pairs of trials that differ in nothing else (same seed, same sequences): difference in success with",
        "95% interval (Newcombe), exact McNemar test; ratio of updates to success where both succeed, with 95% interval from 6 pairs on.",
    ];

    /// <summary>Comparisons below what their numbers are; no lines for none.</summary>
    /// <param name="what">What is compared.</param>
    /// <param name="comparisons">The comparisons.</param>
    /// <param name="before">What every comparison's line begins with.</param>
    public static string[] Lines(string what, IReadOnlyCollection<ValueComparison> comparisons, string before = "- ") =>
        comparisons.Count == 0 ? [] : [$"{what} compared over {Legend[0]}", .. Legend.Skip(1), .. comparisons.Select(comparison => before + comparison.Line())];

    /// <summary>The comparison on one line.</summary>
    public string Line()
    {
        string speed = double.IsNaN(Ratio) ? "" : $"; updates x{Format.Number(Ratio)}{(RatioInterval is { } r ? $" [{Format.Number(r.Low)}, {Format.Number(r.High)}]" : "")} ({RatioPairs} {(RatioPairs == 1 ? "pair" : "pairs")})";
        string other = Paired ? "" : " (no seed is shared: Fisher's exact test)";
        string points = FormattableString.Invariant($"{100 * (FirstRate.Share - SecondRate.Share):+0;-0;0}"), p = PValue < 0.0001 ? "< 0.0001" : FormattableString.Invariant($"= {PValue:G2}");
        return $"{First} {FirstRate.Successes}/{FirstRate.Runs} against {Second} {SecondRate.Successes}/{SecondRate.Runs}: {points} points "
            + $"{Format.Percent(Interval)}, p {p}{other}{speed}";
    }
}
