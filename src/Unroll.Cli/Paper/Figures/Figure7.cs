using System.Globalization;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Figure 7 (section 4.1.1; three panels in the ICML version): the rate of success on temporal order against the logarithm of
/// the length, for the four methods.
/// </summary>
internal sealed class Figure7 : IFigure
{
    private static readonly string[] Methods = ["sgd", "sgd-c", "sgd-r", "sgd-cr"];

    public string Id => "fig7";

    public string Section => "Figure 7, section 4.1.1";

    public string Summary => "success rate on temporal order against length, by method and initialization";

    public string Study => "fig7";

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        List<CellSummary> cells = StudySummary.Cells(trials);
        string[] starts = [.. cells.Select(cell => cell.Options["init"]).Distinct()];
        int[] lengths = [.. cells.Select(Length).Distinct().Order()];
        (double, string)[] ticks = [.. lengths.Select(length =>
            (Math.Log(length), string.Create(CultureInfo.InvariantCulture, $"{length}\n{Math.Log(length):F1}")))];
        var table = new TextTable(["init", "method", .. lengths.Select(length => $"T = {length}")]);
        var charts = new List<Chart>();
        foreach (string start in starts)
        {
            var series = new List<ChartSeries>();
            foreach (string method in Methods)
            {
                CellSummary[] own = [.. cells.Where(cell => cell.Options["init"] == start && cell.Options["method"] == method)];
                if (own.GroupBy(Length).FirstOrDefault(length => length.Count() > 1) is { } several)
                    throw new UserError(
                        $"The study {study.Name} has {several.Count()} cells of {start}, {method} at length {several.Key}, where "
                            + "the figure has one point; unroll study show and report tell them apart.");
                Dictionary<int, CellSummary> line = own.ToDictionary(Length);
                table.Add([start, method,
                    .. lengths.Select(length => line.TryGetValue(length, out CellSummary? cell) ? Cell(cell) : "")]);
                series.Add(new ChartSeries(method.ToUpperInvariant(),
                    [.. lengths.Where(length => line.TryGetValue(length, out CellSummary? cell) && cell.Success.Runs > 0)
                        .Select(length => Point(line[length], length))]));
            }

            charts.Add(new Chart(start, "sequence length T, and log T", "rate of success", ticks, series));
        }

        return new FigureResult(
            Caption(study, trials),
            [("Solved runs of runs made, Wilson 95% interval (median updates to the first check with at most 1% wrong)", table)],
            [.. ValueComparison.Lines("Methods", StudySummary.Compare(trials, "method")), .. ByActivation(trials)],
            ChartPainter.Panels(charts));
    }

    /// <summary>The comparisons of each kind of unit by itself, where there are several.</summary>
    private static IEnumerable<string> ByActivation(IReadOnlyList<StoredTrial> trials)
    {
        IGrouping<string, StoredTrial>[] kinds = [.. trials.GroupBy(trial => trial.Options["activation"])];
        return kinds.Length < 2 ? []
            : kinds.SelectMany(kind => StudySummary.Compare([.. kind], "method")
                .Select(compared => $"- {compared.Line()}").Prepend($"With {kind.Key} units alone:"));
    }

    private static int Length(CellSummary cell) =>
        int.Parse(cell.Options["length"].Split("..")[^1], CultureInfo.InvariantCulture);

    private static string Cell(CellSummary cell) =>
        cell.Success.Runs == 0 ? "-"
            : $"{cell.Success.Successes}/{cell.Success.Runs} {Format.Percent(cell.Success.Wilson())}"
                + (cell.Success.Successes > 0 ? $" ({Format.Count(cell.FirstHit)})" : "");

    private static ChartPoint Point(CellSummary cell, int length)
    {
        Interval interval = cell.Success.Wilson();
        return new ChartPoint(Math.Log(length), cell.Success.Share, interval.Low, interval.High,
            $"{cell.Success.Successes}/{cell.Success.Runs}");
    }

    private static string Caption(StudyDefinition study, IReadOnlyList<StoredTrial> trials)
    {
        string Values(string option) => string.Join(", ", trials.Select(trial => trial.Options[option]).Distinct());
        int done = trials.Count(trial => trial.Result is not null);
        IEnumerable<long> budgets =
            trials.Select(trial => long.Parse(trial.Options["updates"], CultureInfo.InvariantCulture));
        IEnumerable<string> weights = trials.Select(trial => trial.Options["omega"]);
        string early = study.DecideAfter is { } decide ? $", a point ends when its first {decide} seeds agree" : "";
        return $"Success (at most 1% of {Values("validation")} fresh sequences wrong at some check, every "
            + $"{Values("check-every")} updates) on temporal order, {Values("hidden")} units, "
            + $"at most {string.Join(" or ", budgets.Distinct().Select(n => Format.Count(n)))} updates, rate {Values("lr")}, "
            + $"threshold {Values("clip")}, Omega {string.Join(", ", weights.Where(omega => omega != "0").Distinct())}. "
            + $"Points with Wilson 95% intervals; below, solved/runs{early}. {Format.Counted(done, "run")}.";
    }
}
