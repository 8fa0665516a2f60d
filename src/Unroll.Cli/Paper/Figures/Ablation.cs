using System.Globalization;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// One choice of the paper varied, all else kept: success and speed against the values of an option, a line for each value of a
/// second one.
/// </summary>
/// <param name="Id">Its name.</param>
/// <param name="Section">Where the paper makes the choice.</param>
/// <param name="Summary">The question.</param>
/// <param name="Along">The option along the horizontal axis.</param>
/// <param name="XLabel">What it is called there.</param>
/// <param name="Lines">The option that gives a line for each of its values, and of each length where there are several.</param>
/// <param name="Unit">What the horizontal values are divided by, such as the mean norm; 1 for none.</param>
internal sealed record Ablation(string Id, string Section, string Summary, string Along, string XLabel, string Lines,
    double Unit = 1) : IFigure
{
    private const string Length = "length";

    public string Study => Id;

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        List<CellSummary> cells = StudySummary.Cells(trials);
        double[] values = [.. cells.Select(Value).Distinct().Order()];
        bool logarithmic = values.Where(v => v > 0).ToArray() is { Length: > 1 } positive && positive[^1] / positive[0] >= 4;

        // Zero has no logarithm; it stands one step before the least.
        double least = values.FirstOrDefault(v => v > 0, 1);
        double X(double v) => !logarithmic ? v : v > 0 ? Math.Log10(v) : Math.Log10(least) - 0.5;
        (double, string)[] ticks = [.. values.Select(v => (X(v), (v / Unit).ToString("G3", CultureInfo.InvariantCulture)))];
        var table = new TextTable(Lines, XLabel, "solved", "95% interval", "updates to success", "least error");
        var rates = new List<ChartSeries>();
        var speeds = new List<ChartSeries>();
        bool lengths = Lines != Length && cells.Select(cell => cell.Options[Length]).Distinct().Count() > 1;
        string Line(CellSummary cell) =>
            lengths ? $"{cell.Options[Lines]}, {cell.Options[Length]} steps" : cell.Options[Lines];
        bool several = cells.Select(Line).Distinct().Count() > 1;
        foreach (IGrouping<string, CellSummary> line in cells.GroupBy(Line))
        {
            CellSummary[] points = [.. line.Where(cell => cell.Success.Runs > 0).OrderBy(Value)];
            if (points.Length == 0) continue;
            foreach (CellSummary cell in points)
            {
                table.Add(
                    line.Key, (Value(cell) / Unit).ToString("G3", CultureInfo.InvariantCulture),
                    $"{cell.Success.Successes}/{cell.Success.Runs}", Format.Percent(cell.Success.Wilson()),
                    double.IsNaN(cell.FirstHit) ? "" : Format.Count(cell.FirstHit), Format.Percent(cell.BestError));
            }

            string name = several ? line.Key : $"{Lines} {line.Key}";
            rates.Add(new ChartSeries(name, [.. points.Select(cell => Rate(cell, X(Value(cell))))]));
            speeds.Add(new ChartSeries(name,
                [.. points.Where(cell => cell.Success.Successes > 0).Select(cell => Speed(cell, X(Value(cell))))]));
        }

        string[] notes = ValueComparison.Lines(Lines, StudySummary.Compare(trials, Lines));
        int done = trials.Count(trial => trial.Result is not null);
        return new FigureResult(
            $"{study.Description}. Points with Wilson 95% intervals, below solved/runs; right, the median updates to success of "
                + $"the solved runs and their range. {Format.Counted(done, "run")}.", [(Summary, table)], notes,
            ChartPainter.Panels([
                new Chart(Summary, XLabel, "rate of success", ticks, rates),
                new Chart("updates to success", XLabel, "thousand updates", ticks, speeds) { IsRate = false },
            ]));
    }

    private double Value(CellSummary cell) => double.Parse(cell.Options[Along], CultureInfo.InvariantCulture);

    private static ChartPoint Rate(CellSummary cell, double x)
    {
        Interval interval = cell.Success.Wilson();
        return new ChartPoint(x, cell.Success.Share, interval.Low, interval.High,
            $"{cell.Success.Successes}/{cell.Success.Runs}");
    }

    private static ChartPoint Speed(CellSummary cell, double x)
    {
        double[] hits = [.. cell.Finished.Select(trial => trial.Result!.FirstHit).OfType<long>().Select(hit => hit / 1000.0)];
        return new ChartPoint(x, cell.FirstHit / 1000, hits.Min(), hits.Max(), "");
    }
}
