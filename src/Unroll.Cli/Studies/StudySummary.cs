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
    /// Two values of an option compared over the trials that are otherwise the same: same options, same seed. The trials of
    /// each pair are those for which <paramref name="other"/> gives the same text.
    /// </summary>
    public static (PairedComparison Success, double Ratio, Interval? RatioInterval) Compare(
        IReadOnlyList<StoredTrial> first, IReadOnlyList<StoredTrial> second, Func<StoredTrial, string> other)
    {
        Dictionary<string, TrialResult> partners = second.Where(trial => trial.Result is not null).ToDictionary(other, trial => trial.Result!);
        int both = 0, onlyFirst = 0, onlySecond = 0, neither = 0;
        var ratios = new List<double>();
        foreach (StoredTrial trial in first.Where(trial => trial.Result is not null))
        {
            if (!partners.TryGetValue(other(trial), out TrialResult? partner)) continue;
            switch (trial.Result!.Solved, partner.Solved)
            {
                case (true, true):
                    both++;
                    ratios.Add((double)trial.Result.FirstHit!.Value / partner.FirstHit!.Value);
                    break;
                case (true, false):
                    onlyFirst++;
                    break;
                case (false, true):
                    onlySecond++;
                    break;
                default:
                    neither++;
                    break;
            }
        }

        (double median, Interval? interval) = SpeedRatio.Of(ratios);
        return (new PairedComparison(both, onlyFirst, onlySecond, neither), median, interval);
    }
}
