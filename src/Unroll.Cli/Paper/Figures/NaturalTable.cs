using System.Globalization;
using Unroll.Data;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// What the paper says of a cell: the costs of the two folds, in arXiv v2, and of the test fold in the ICML version where that
/// differs.
/// </summary>
internal sealed record PublishedCosts(string Row, string Method, double? Train, double? Test, double? Icml = null);

/// <summary>
/// Table 1 or 2: costs of natural tasks by SGD, SGD-C and SGD-CR beside the paper's, and what another recipe makes of the same
/// data.
/// </summary>
/// <param name="Id">Its name.</param>
/// <param name="Section">Where the paper has it.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Unit">The unit of the costs.</param>
/// <param name="RowOption">The option whose values are the table's rows.</param>
/// <param name="RowNames">What its values are called.</param>
/// <param name="Published">The paper's values.</param>
/// <param name="BestKnown">The best published test costs of plain networks.</param>
internal sealed record NaturalTable(
    string Id, string Section, string Summary, string Unit, string RowOption, IReadOnlyDictionary<string, string> RowNames,
    IReadOnlyList<PublishedCosts> Published,
    IReadOnlyDictionary<string, double> BestKnown) : IFigure
{
    /// <summary>Polyphonic music.</summary>
    public static NaturalTable Music { get; } = new(
        "table1", "Table 1", "next step of polyphonic music", "nats a step", "data",
        new Dictionary<string, string>
        {
            ["piano-midi"] = "Piano-midi.de",
            ["nottingham"] = "Nottingham",
            ["musedata"] = "MuseData"
        },
        [
            new("piano-midi", "sgd", 6.87, 7.56), new("piano-midi", "sgd-c", 6.81, 7.53),
            new("piano-midi", "sgd-cr", 7.01, 7.46, 7.46),
            new("nottingham", "sgd", 3.67, 3.80), new("nottingham", "sgd-c", 3.21, 3.48),
            new("nottingham", "sgd-cr", 3.24, 3.46, 3.36),
            new("musedata", "sgd", 8.25, 7.11), new("musedata", "sgd-c", 6.54, 7.00), new("musedata", "sgd-cr", 6.51, 6.99, 6.97),
        ],
        new Dictionary<string, double> { ["piano-midi"] = 7.39, ["nottingham"] = 3.09, ["musedata"] = 6.75 });

    /// <summary>Characters of Penn Treebank.</summary>
    public static NaturalTable Characters { get; } = new(
        "table2", "Table 2", "next and fifth character of Penn Treebank", "bits a character", "ahead",
        new Dictionary<string, string> { ["1"] = "next", ["5"] = "fifth" },
        [
            new("1", "sgd", 1.46, 1.50), new("1", "sgd-c", 1.34, 1.42), new("1", "sgd-cr", 1.36, 1.41),
            new("5", "sgd", null, null), new("5", "sgd-c", 3.76, 3.89), new("5", "sgd-cr", 3.70, 3.74),
        ],
        new Dictionary<string, double> { ["1"] = 1.40 });

    private const string MeansHeading =
        "Cost of the test fold, mean over the seeds with its 95% interval (Student's t), beside the paper's (of best, its least)";

    private const int LeastRuns = 3; // from which a statistic over runs is one

    public string Study => Id;

    public bool NeedsCurves => true;

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        List<CellSummary> cells = StudySummary.Cells(trials);
        var table = new TextTable(RowOption, "recipe", "method", "train", "paper", "test", "paper", "ICML 2013", "best known",
            "validation", "runs", "epochs", "updates", "time", "ended");
        foreach (CellSummary cell in cells) AddRow(table, cell);
        List<(string, TextTable)> tables = [($"{Section}: {Summary}", table)];
        TextTable means = Means(cells);
        if (means.Rows.Count > 0) tables.Add((MeansHeading, means));
        var notes = new List<string>
        {
            $"Costs in {Unit}: the total over every predicted step of a fold divided by their number, the state carried through; "
                + "of the model with the least validation cost; medians where there are several runs.",
            "The paper's values are those of arXiv v2; ICML 2013 where that version differs. Best known: of single plain "
                + "networks, published elsewhere.",
        };
        List<string> pairs =
        [
            .. trials.GroupBy(trial => (Row: trial.Options[RowOption], Recipe: trial.Options["recipe"]))
                .Where(_ => BuiltInStudies.CannotShow(study.Name) is null)
                .SelectMany(group => FoldCosts.Compare([.. group], "method")
                    .Select(comparison => $"- {group.Key.Row}, {group.Key.Recipe}: {comparison.Line()}")),
        ];
        if (MethodLabel.Note(cells) is { } note) notes.Add(note);
        if (cells.Any(Averages))
        {
            notes.Add("Averaged: checks and saved models use a moving average of the parameters, which the paper does not; "
                + "its recipe with averaging is the paper's values and this addition.");
        }

        if (pairs.Count > 0 && cells.Any(cell => cell.Finished.Count < LeastRuns))
        {
            notes.Add("Some methods have fewer than three runs, so no p says anything of another seed: each is over the pieces "
                + "of the test fold alone.");
        }

        if (pairs.Count > 0)
            notes.AddRange([$"Methods compared over {CostComparison.Legend[0]}", .. CostComparison.Legend.Skip(1), .. pairs]);
        int done = trials.Count(trial => trial.Result is not null);
        string[] averaged = [.. cells.Where(Averages).Select(cell => cell.Options["recipe"]).Distinct()];
        string how = averaged.Length == 0 ? ""
            : $" Averaged parameters: {string.Join(" and ", averaged)} {(averaged.Length == 1 ? "recipe" : "recipes")}.";
        string caption = $"{study.Description}. {Format.Count(done)} of {Format.Counted(trials.Count, "run")}.{how}";
        return new FigureResult(caption, tables, notes, ChartPainter.Panels(Charts(cells)));
    }

    private void AddRow(TextTable table, CellSummary cell)
    {
        string row = cell.Options[RowOption], method = cell.Options["method"];
        bool paper = cell.Options["recipe"] == "paper";
        PublishedCosts? published = Published.FirstOrDefault(one => paper && one.Row == row && one.Method == method);
        TrialResult[] finished = [.. cell.Finished.Select(trial => trial.Result!)];
        table.Add(
            RowNames.GetValueOrDefault(row, row), Recipe(cell), MethodLabel.Of(cell),
            Cost(Cost(cell, Fold.Train)), Cost(published?.Train), Cost(Cost(cell, Fold.Test)), Cost(published?.Test),
            Cost(published?.Icml), BestKnown.TryGetValue(row, out double best) ? Cost(best) : "",
            Cost(Cost(cell, Fold.Validation)), $"{finished.Length}/{cell.Trials}", cell.Options["epochs"],
            Median(finished.Select(result => (double)result.Updates)) is var updates && double.IsNaN(updates) ? ""
            : Format.Count(updates),
            finished.Length == 0 ? "" : Format.Time(Median(finished.Select(result => result.Seconds))),
            string.Join(", ", finished.GroupBy(result => result.Outcome)
                .Select(group => group.Key == Training.TrainingOutcome.NonFinite ? "diverged" : "finished").Distinct()));
    }

    /// <summary>The cells of more than one run, and on which side of their intervals the paper's values are.</summary>
    private TextTable Means(List<CellSummary> cells)
    {
        var table = new TextTable(RowOption, "recipe", "method", "runs", "mean", "95% interval", "paper", "here it is");
        foreach (CellSummary cell in cells)
        {
            double[] costs = [.. cell.Finished.Select(trial => FoldCosts.Of(trial.Result!, Fold.Test)).OfType<double>()];
            if (FoldCosts.Mean(costs) is not (double mean, Interval interval)) continue;
            string row = cell.Options[RowOption], method = cell.Options["method"];
            bool paper = cell.Options["recipe"] == "paper";
            double? published = Published.Where(one => one.Row == row && (!paper || one.Method == method))
                .SelectMany(one => paper ? [one.Test] : (double?[])[one.Test, one.Icml]).Min();
            table.Add(
                RowNames.GetValueOrDefault(row, row), Recipe(cell), MethodLabel.Of(cell), Format.Count(costs.Length),
                Format.Fixed(mean, 3), Format.Fixed(interval, 3), Cost(published),
                published is not { } value ? ""
                : interval.High < value ? "lower"
                : interval.Low > value ? "higher"
                : "not told apart");
        }

        return table;
    }

    /// <summary>The recipe as it is: with averaged parameters it is not the paper's.</summary>
    private static string Recipe(CellSummary cell) => $"{cell.Options["recipe"]}{(Averages(cell) ? ", averaged" : "")}";

    private static bool Averages(CellSummary cell) => cell.Options.GetValueOrDefault("averaging", "0") != "0";

    /// <summary>The median cost of a fold; null without a run.</summary>
    private static double? Cost(CellSummary cell, Fold fold) =>
        FoldCosts.Median(cell, fold) is var median && double.IsNaN(median) ? null : median;

    private static double Median(IEnumerable<double> values) => SpeedRatio.Median([.. values.Order()]);

    private static string Cost(double? value) =>
        value is { } v ? Format.Fixed(v, 3) is var text && text[^1] == '0' ? text[..^1] : text : "";

    /// <summary>The validation cost along training, a panel a row.</summary>
    private List<Chart> Charts(List<CellSummary> cells)
    {
        var charts = new List<Chart>();
        foreach (IGrouping<string, CellSummary> row in cells.GroupBy(cell => cell.Options[RowOption]))
        {
            var series = new List<ChartSeries>();
            foreach (CellSummary cell in row)
            {
                CurvePoint[] checks = [.. cell.Finished.Take(1).SelectMany(trial => trial.Result!.Checks)
                    .Where(check => double.IsFinite(check.ValidationLoss))];
                if (checks.Length == 0) continue;
                double least = checks.Min(check => check.ValidationLoss);
                bool paper = cell.Options["recipe"] == "paper";
                string name = paper ? MethodLabel.Of(cell) : $"{cell.Options["recipe"]} ({MethodLabel.Of(cell)})";

                // Where training begins the cost is far above all that matters later.
                series.Add(new ChartSeries(name,
                    [.. checks.Where(check => check.ValidationLoss < least * 1.5)
                        .Select(check => new ChartPoint(check.Update / 1000.0, check.ValidationLoss, check.ValidationLoss,
                            check.ValidationLoss, ""))]));
            }

            if (series.Count == 0) continue;
            double last = series.SelectMany(one => one.Points).Max(point => point.X),
                step = Math.Pow(10, Math.Floor(Math.Log10(last)));
            if (last / step < 3) step /= 2;
            (double, string)[] ticks = [.. Enumerable.Range(0, (int)Math.Ceiling(last / step) + 1)
                .Select(i => (i * step, (i * step).ToString("G3", CultureInfo.InvariantCulture)))];
            charts.Add(new Chart(
                RowNames.GetValueOrDefault(row.Key, row.Key), "thousand updates", $"validation cost, {Unit}", ticks, series)
            {
                IsRate = false,
                NamesSeries = true,
            });
        }

        return charts;
    }
}
