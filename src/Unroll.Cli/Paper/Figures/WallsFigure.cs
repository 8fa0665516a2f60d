using ScottPlot;
using Unroll.Tasks;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The hypothesis of section 2.3 at walls that training meets, for plain units, LSTM and GRU: does the gradient point along the
/// direction of greatest curvature, and does the part of it that comes from long ago? The paper has no such figure.
/// </summary>
internal sealed class WallsFigure : IFigure
{
    private static readonly CellKind[] Cells = [CellKind.Plain, CellKind.Lstm, CellKind.Gru];
    private static readonly int[] AllLags = [1, 2, 5, 10, 20, 50, 100, 200, 500];

    private static readonly (string Cell, Color Color, MarkerShape Mark, Stroke Stroke)[] Looks =
    [
        ("plain", FigureStyle.Red, MarkerShape.FilledTriangleUp, Stroke.Solid),
        ("lstm", FigureStyle.Blue, MarkerShape.FilledCircle, Stroke.Dashed),
        ("gru", FigureStyle.Orange, MarkerShape.OpenSquare, Stroke.Dotted),
    ];

    public string Id => "walls";

    public string Section => "Section 2.3";

    public string Summary =>
        "angle of the gradient and the direction of greatest curvature at walls met in training, plain, LSTM and GRU (minutes)";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("T", "the length of the sequences", 50, 10, 1000) { IsWhole = true, AtSmoke = 12 },
        new("hidden", "hidden units", 50, 1, 1000) { IsWhole = true, AtSmoke = 8 },
        new("rate", "the learning rate of plain units", 0.01, 1e-9, 1000) { AtSmoke = 0.1 },
        new("gatedrate", "the learning rate of LSTM and GRU", 0.5, 1e-9, 1000),
        new("updates", "updates of a run", 10_000, 60, 10_000_000) { IsWhole = true, AtSmoke = 150 },
        new("seeds", "runs of each cell", 7, 1, 1000) { IsWhole = true, AtSmoke = 1 },
        new("seed", "the first seed", 1, 0, 1e8) { IsWhole = true },
        new("explodes", "a gradient explodes at so many times the running median norm", 10, 1.01, 1e9) { AtSmoke = 1.5 },
        new("apart", "updates without an exploding gradient before another wall", 25, 1, 1e6) { IsWhole = true, AtSmoke = 3 },
        new("most", "walls of a run that are measured", 10, 1, 100_000) { IsWhole = true, AtSmoke = 2 },
        new("every", "updates between regular measurements", 1000, 1, 10_000_000) { IsWhole = true, AtSmoke = 70 },
        new("products", "Hessian-vector products to a measurement, at most", 60, 2, 10_000) { IsWhole = true, AtSmoke = 20 },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        var task = new TemporalOrder(settings.Whole("T"));
        int[] lags = [.. AllLags.Where(lag => lag < task.Length.Maximum)];
        var options = new WallRunOptions(settings.Whole("hidden"), settings["rate"], settings["gatedrate"],
            settings.Whole("updates"), settings["explodes"], settings.Whole("apart"), settings.Whole("most"),
            settings.Whole("every"), settings.Whole("products"), lags);
        (int first, int seeds) = (settings.Whole("seed"), settings.Whole("seeds"));
        long total = (long)options.Updates * seeds * Cells.Length, done = 0;
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        var runs = new List<WallRun>();
        using (var notice = new SlowNotice(source.Host, "training and measuring", total, "updates"))
        {
            foreach (CellKind cell in Cells)
            {
                for (int i = 0; i < seeds; i++)
                    runs.Add(WallRun.Measure(task, cell, first + i, options, () => notice.Report(++done), cancel.Token));
            }
        }

        WallGroup[] groups = [.. runs.GroupBy(run => run.Cell).SelectMany(own => (WallGroup[])[
            Group(own, isWall: true, lags), Group(own, isWall: false, lags)])];
        var table = new TextTable("median over", "runs", "measured", "of", "norm / median", "|leading curvature|", "below 0",
            "angle, degrees", "angle of lags from " + lags[^1], "error after / before");
        foreach (WallGroup group in groups)
        {
            table.Add($"{group.Cell}, {(group.IsWall ? "walls" : "regular updates")}", $"{group.Runs}", $"{group.Count}",
                group.IsWall ? $"{group.Met}" : "", Medians.Text(group.NormRatio), Medians.Text(group.Curvature),
                Medians.Percent(group.NegativeShare), Medians.Text(group.Angle), Medians.Text(group.AngleByLag[^1]),
                Medians.Text(group.ErrorRatio));
        }

        string[] notes =
        [
            .. runs.GroupBy(run => run.Cell).Select(own =>
                $"{own.Key}: two directions without relation in {Format.Count(own.First().Parameters)} dimensions are "
                    + $"{Format.Number(Unrelated(own.First().Parameters))} degrees apart; least mean cost of the runs "
                    + $"{Medians.Text(own.Min(run => run.LeastError))} to {Medians.Text(own.Max(run => run.LeastError))}."),
        ];
        string caption = $"Temporal order, T = {task.Length}, {options.Hidden} units, plain gradient descent (rate "
            + $"{FigureStyle.Short(options.Rate)}, LSTM and GRU {FigureStyle.Short(options.GatedRate)}), {seeds} seeds a cell. A "
            + $"wall: ‖g‖ above {FigureStyle.Short(options.ExplodesAt)} times the running median, {options.Apart} updates "
            + "after the last such. Angle to the eigenvector of the largest |eigenvalue| of the Hessian on the same "
                + "batch; right, "
            + "of the part of g that comes from at least so many steps ago, medians.";
        return new FigureResult(caption, [("", table)], notes,
        [
            new FigurePanel(470, 420, () => DrawAngles(runs)),
            new FigurePanel(430, 420, () => DrawLags(groups, lags)),
        ])
        {
            Record = new WallsRecord(runs, groups, lags),
            Findings = [.. runs.GroupBy(run => run.Cell).Select(Nearer)],
        };
    }

    /// <summary>Runs, not walls, because the walls of a run are not independent.</summary>
    private static FigureFinding Nearer(IGrouping<string, WallRun> runs)
    {
        double Angle(WallRun run, bool isWall) => Medians.Of(run.Points.Where(point => point.IsWall == isWall)
            .Select(point => point.Angle));
        WallRun[] met = [.. runs.Where(run => double.IsFinite(Angle(run, true)) && double.IsFinite(Angle(run, false)))];
        return new FigureFinding(runs.Key, "runs that met walls in which the median angle to the direction of greatest curvature "
            + "is smaller at walls than at regular updates", met.Count(run => Angle(run, true) < Angle(run, false)), met.Length);
    }

    private static double Unrelated(int n) => 90 - (Math.Sqrt(2 / (Math.PI * n)) * 180 / Math.PI);

    private static WallGroup Group(IEnumerable<WallRun> runs, bool isWall, int[] lags)
    {
        WallRun[] all = [.. runs];
        MeasuredWall[] points = [.. all.SelectMany(run => run.Points).Where(point => point.IsWall == isWall)];
        double Of(Func<MeasuredWall, double> value) => Medians.Of(points.Select(value));
        double Decile(double share) => Medians.At(points.Select(point => point.Angle), share);
        return new WallGroup(
            all[0].Cell, isWall, all.Length, points.Length, all.Sum(run => run.Walls), Of(point => point.Norm / point.MedianNorm),
            Of(point => Math.Abs(point.Curvature)),
            points.Length == 0 ? double.NaN : (double)points.Count(point => point.Curvature < 0) / points.Length,
            Of(point => point.Angle), Decile(0.1), Decile(0.9), Of(point => point.ErrorAfter / point.Error),
            [.. lags.Select((_, k) => Of(point => point.AngleByLag[k]))],
            [.. lags.Select((_, k) => Of(point => point.ShareByLag[k]))]);
    }

    private static Plot DrawAngles(IReadOnlyList<WallRun> runs)
    {
        Plot plot = FigureStyle.NewPlot("at walls", "‖g‖ / running median", "degrees between g and v");
        MeasuredWall[] walls = [.. runs.SelectMany(run => run.Points)
            .Where(point => point.IsWall && double.IsFinite(point.Angle))];
        foreach ((string cell, Color color, MarkerShape mark, _) in Looks)
        {
            FigureStyle.Marks(plot, walls.Where(point => point.Cell == cell)
                .Select(point => (Math.Log10(point.Norm / point.MedianNorm), point.Angle)), mark, 7, color, cell);
        }

        double[] ratios = [.. walls.Select(point => point.Norm / point.MedianNorm)];
        if (ratios.Length > 0) FigureStyle.LogTicks(plot, ratios.Min(), ratios.Max(), horizontal: true);
        plot.Axes.SetLimitsY(-3, 95);
        plot.ShowLegend(Alignment.UpperRight); // large walls have small angles
        return plot;
    }

    private static Plot DrawLags(IReadOnlyList<WallGroup> groups, int[] lags)
    {
        Plot plot = FigureStyle.NewPlot("by lag, at walls", "lags of at least", "degrees, median");
        foreach ((string cell, Color color, _, Stroke stroke) in Looks)
        {
            WallGroup group = groups.First(one => one.IsWall && one.Cell == cell);
            (double X, double Y)[] line = [.. lags.Select((lag, k) => (Math.Log10(lag), group.AngleByLag[k]))
                .Where(point => double.IsFinite(point.Item2))];
            if (line.Length < 2) continue;
            if (stroke == Stroke.Solid) FigureStyle.Line(plot, line, color, 2.5f);
            else if (stroke == Stroke.Dashed) FigureStyle.Dashed(plot, line, color, 2.5f);
            else FigureStyle.Dotted(plot, line, color, 2.5f);
            FigureStyle.Legend(plot, (cell, color, stroke));
        }

        FigureStyle.LogTicks(plot, lags[0], lags[^1], horizontal: true);
        plot.Axes.SetLimitsX(-0.05, Math.Log10(lags[^1]) + 0.05);
        plot.Axes.SetLimitsY(-3, 95);
        plot.ShowLegend(Alignment.LowerLeft);
        return plot;
    }
}

/// <summary>The values of the figure of walls.</summary>
internal sealed record WallsRecord(IReadOnlyList<WallRun> Runs, IReadOnlyList<WallGroup> Groups, IReadOnlyList<int> Lags);

/// <summary>Medians over the measured updates of a cell, and deciles of the angle.</summary>
internal sealed record WallGroup(string Cell, bool IsWall, int Runs, int Count, int Met, double NormRatio, double Curvature,
    double NegativeShare, double Angle, double AngleLower, double AngleUpper, double ErrorRatio, IReadOnlyList<double> AngleByLag,
    IReadOnlyList<double> ShareByLag);
