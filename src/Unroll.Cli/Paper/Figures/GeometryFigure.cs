using ScottPlot;
using Unroll.Analysis;
using Unroll.Geometry;
using Unroll.Tasks;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The hypothesis of section 2.3 put to the test along a run of plain gradient descent on temporal order: when gradients explode,
/// does the curvature explode too, and does the gradient point along its leading direction? The paper has no such figure.
/// </summary>
internal sealed class GeometryFigure : IFigure
{
    public string Id => "geometry";

    public string Section => "Section 2.3";

    public string Summary =>
        "gradient norm, leading curvature and the angle between them along unclipped training on temporal order (minutes)";

    public bool HasSigma => false;

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("T", "the length of the sequences", 50, 10, 1000) { IsWhole = true, AtSmoke = 12 },
        new("hidden", "hidden units", 50, 1, 1000) { IsWhole = true, AtSmoke = 8 },
        new("rate", "the learning rate", 0.01, 1e-9, 1000),
        new("updates", "the number of updates", 10_000, 1, 10_000_000) { IsWhole = true, AtSmoke = 120 },
        new("every", "updates between measurements", 250, 1, 10_000_000) { IsWhole = true, AtSmoke = 20 },
        new("explodes", "a gradient explodes at so many times the running median norm", 10, 1.01, 1e9) { AtSmoke = 2 },
        new("most", "exploding gradients that are measured", 200, 0, 100_000) { IsWhole = true, AtSmoke = 3 },
        new("products", "Hessian-vector products to a measurement, at most", 60, 2, 10_000) { IsWhole = true, AtSmoke = 30 },
        new("seed", "the seed", 1, 0, 1e9) { IsWhole = true },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        var task = new TemporalOrder(settings.Whole("T"));
        var network = new Network<double>(new NetworkShape(task.Inputs, settings.Whole("hidden"), task.Outputs));
        var seed = (ulong)settings["seed"];
        Initializer.Initialize(network, Initialization.SmartTanh, seed);
        var options = new GeometryRunOptions
        {
            Updates = settings.Whole("updates"),
            LearningRate = settings["rate"],
            Every = settings.Whole("every"),
            ExplodesAt = settings["explodes"],
            MostExplosions = settings.Whole("most"),
            Products = settings.Whole("products"),
            Seed = seed,
        };
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        GeometryRun run;
        using (var notice = new SlowNotice(source.Host, "training and measuring", options.Updates, "updates"))
            run = GeometryRun.Measure(network, task, options, done => notice.Report(done), cancel.Token);
        cancel.Token.ThrowIfCancellationRequested();

        GeometryMeasurement[] calm = [.. run.Measurements.Where(one => !one.IsExplosion)],
            wild = [.. run.Measurements.Where(one => one.IsExplosion)];
        GeometryMeasurement[] strongest = [.. run.Measurements.OrderByDescending(one => one.Point.GradientNorm)
            .Take((run.Measurements.Count + 9) / 10)];
        var record = new GeometryRecord(run, network.Parameters.Length, RandomAngle(network.Parameters.Length), Group(calm),
            Group(wild), Group(strongest), LogSlope(run.Measurements), RankCorrelation(run.Measurements));
        var table = new TextTable("median over", "measured", "gradient norm", "|leading curvature|", "below 0",
            "curvature along g / leading", "angle, degrees", "alpha along v");
        foreach ((string name, GeometryGroup? group) in ((string, GeometryGroup?)[])[("regular updates", record.Regular),
            ("exploding gradients", record.Exploding), ("the strongest tenth", record.Strongest)])
        {
            if (group is null) table.Add(name, "0", "", "", "", "", "", "");
            else table.Add(name, $"{group.Count}", Format.Number(group.GradientNorm), Format.Number(group.LeadingCurvature),
                Format.Percent(group.NegativeShare), Format.Number(group.CurvatureRatio), Format.Number(group.Angle),
                Format.Number(group.Alpha));
        }

        string[] notes =
        [
            $"{Format.Count(run.Explosions)} of {Format.Count(run.Norms.Count)} gradients exploded (above "
                + $"{FigureStyle.Short(options.ExplodesAt)} times the running median norm).",
            .. run.StoppedAt is { } at
                ? [$"At update {Format.Count(at)} error, gradient or curvature were no longer finite, and the run ended."]
                : Array.Empty<string>(),
            $"log |leading curvature| against log norm, all measurements: slope {Format.Number(record.LogSlope)}, rank "
                + $"correlation {Format.Number(record.RankCorrelation)}.",
            $"Two directions without relation in {Format.Count(network.Parameters.Length)} dimensions are "
                + $"{Format.Number(record.RandomAngle)} degrees apart on average.",
        ];
        string caption = $"Temporal order, T = {task.Length}, {network.Shape.Hidden} tanh units (smart tanh), plain gradient "
            + $"descent, rate {FigureStyle.Short(options.LearningRate)}, seed {seed}. "
            + "‖g‖: norm of the gradient; |λ|: the leading eigenvalue of the Hessian on the same batch; the angle is that "
                + "between g and its eigenvector (dashed: two unrelated directions). Exploding: ‖g‖ above "
                    + $"{FigureStyle.Short(options.ExplodesAt)} times the running median.";
        return new FigureResult(caption, [("", table)], notes,
        [
            new FigurePanel(430, 420, () => DrawRun(run)),
            new FigurePanel(400, 420, () => DrawCurvature(calm, wild)),
            new FigurePanel(400, 420, () => DrawAngle(calm, wild, record.RandomAngle)),
        ])
        {
            Record = record,
        };
    }

    /// <summary>
    /// The mean angle between a fixed and a random direction: the cosine is about normal with deviation 1/sqrt(n).
    /// </summary>
    private static double RandomAngle(int n) => 90 - (Math.Sqrt(2 / (Math.PI * n)) * 180 / Math.PI);

    private static GeometryGroup? Group(GeometryMeasurement[] all)
    {
        if (all.Length == 0) return null;
        double Of(Func<GeometryPoint, double> f) => Median([.. all.Select(one => f(one.Point)).Where(double.IsFinite)]);
        return new GeometryGroup(
            all.Length, Of(point => point.GradientNorm), Of(point => Math.Abs(point.LeadingCurvature)),
            (double)all.Count(one => one.Point.LeadingCurvature < 0) / all.Length,
            Of(point => point.CurvatureAlongGradient / point.LeadingCurvature), Of(point => point.Angle),
            Of(point => point.Growth?.Alpha ?? double.NaN), Of(point => point.GrowthAlongGradient?.Alpha ?? double.NaN));
    }

    private static double Median(double[] values)
    {
        if (values.Length == 0) return double.NaN;
        Array.Sort(values);
        return Quantiles.At(values, 0.5);
    }

    private static double LogSlope(IReadOnlyList<GeometryMeasurement> all)
    {
        (double[] x, double[] y) = Logs(all);
        if (x.Length < 3) return double.NaN;
        double mx = x.Average(), my = y.Average();
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / x.Sum(a => (a - mx) * (a - mx));
    }

    private static double RankCorrelation(IReadOnlyList<GeometryMeasurement> all)
    {
        (double[] x, double[] y) = Logs(all);
        return x.Length < 3 ? double.NaN : MathNet.Numerics.Statistics.Correlation.Spearman(x, y);
    }

    private static (double[] Norms, double[] Curvatures) Logs(IReadOnlyList<GeometryMeasurement> all)
    {
        GeometryPoint[] points = [.. all.Select(one => one.Point)
            .Where(point => point.GradientNorm > 0 && point.LeadingCurvature != 0)];
        return ([.. points.Select(point => Math.Log(point.GradientNorm))],
            [.. points.Select(point => Math.Log(Math.Abs(point.LeadingCurvature)))]);
    }

    private static Plot DrawRun(GeometryRun run)
    {
        Plot plot = FigureStyle.NewPlot("along training", "update", "");
        const int Columns = 400;
        int width = Math.Max(1, run.Norms.Count / Columns);
        IEnumerable<(double, double)> norms = run.Norms.Chunk(width)
            .Select((chunk, i) => ((double)i * width, Math.Log10(Math.Max(1e-300, chunk.Max()))));
        FigureStyle.Line(plot, norms, FigureStyle.Blue.WithAlpha(0.75), 1.2f);
        IEnumerable<(double, double)> Curvatures(bool explosions) =>
            run.Measurements.Where(one => one.IsExplosion == explosions && one.Point.LeadingCurvature != 0)
            .Select(one => ((double)one.Update, Math.Log10(Math.Abs(one.Point.LeadingCurvature))));
        FigureStyle.Marks(plot, Curvatures(false), MarkerShape.FilledCircle, 5, FigureStyle.Green, "|λ|");
        FigureStyle.Marks(plot, Curvatures(true), MarkerShape.FilledTriangleUp, 7, FigureStyle.Red, "|λ| when g explodes");
        FigureStyle.Legend(plot, ("‖g‖, the largest nearby", FigureStyle.Blue, Stroke.Solid));
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.Margins(0.05, 0.3); // room for the legend
        double[] all = [.. run.Norms.Where(norm => norm > 0),
            .. run.Measurements.Select(one => Math.Abs(one.Point.LeadingCurvature)).Where(value => value > 0)];
        FigureStyle.LogTicks(plot, all.Min(), all.Max());
        return plot;
    }

    private static Plot DrawCurvature(GeometryMeasurement[] calm, GeometryMeasurement[] wild)
    {
        Plot plot = FigureStyle.NewPlot("curvature against gradient", "‖g‖", "|λ|");
        IEnumerable<(double, double)> Points(GeometryMeasurement[] some) =>
            some.Where(one => one.Point.LeadingCurvature != 0 && one.Point.GradientNorm > 0)
            .Select(one => (Math.Log10(one.Point.GradientNorm), Math.Log10(Math.Abs(one.Point.LeadingCurvature))));
        Groups(plot, Points(calm), Points(wild));
        plot.ShowLegend(Alignment.UpperLeft);
        double[] values = [.. calm.Concat(wild).Select(one => Math.Abs(one.Point.LeadingCurvature)).Where(value => value > 0)];
        if (values.Length > 0) FigureStyle.LogTicks(plot, values.Min(), values.Max());
        NormTicks(plot, calm, wild);
        return plot;
    }

    private static Plot DrawAngle(GeometryMeasurement[] calm, GeometryMeasurement[] wild, double random)
    {
        Plot plot = FigureStyle.NewPlot("angle of gradient and leading direction", "‖g‖", "degrees");
        IEnumerable<(double X, double Y)> Points(GeometryMeasurement[] some) =>
            some.Where(one => one.Point.GradientNorm > 0).Select(one => (Math.Log10(one.Point.GradientNorm), one.Point.Angle));
        Groups(plot, Points(calm), Points(wild));
        (double X, double Y)[] all = [.. Points(calm), .. Points(wild)];
        if (all.Length > 1)
            FigureStyle.Dashed(plot, [(all.Min(point => point.X), random), (all.Max(point => point.X), random)],
                FigureStyle.Faint, 1.6f);
        NormTicks(plot, calm, wild);
        plot.Axes.SetLimitsY(-3, 95);
        return plot;
    }

    private static void Groups(Plot plot, IEnumerable<(double, double)> calm, IEnumerable<(double, double)> wild)
    {
        FigureStyle.Marks(plot, calm, MarkerShape.FilledCircle, 6, FigureStyle.Green.WithAlpha(0.8), "regular");
        FigureStyle.Marks(plot, wild, MarkerShape.FilledTriangleUp, 8, FigureStyle.Red.WithAlpha(0.8), "exploding");
    }

    private static void NormTicks(Plot plot, GeometryMeasurement[] calm, GeometryMeasurement[] wild)
    {
        double[] norms = [.. calm.Concat(wild).Select(one => one.Point.GradientNorm).Where(norm => norm > 0)];
        if (norms.Length > 0) FigureStyle.LogTicks(plot, norms.Min(), norms.Max(), horizontal: true);
    }
}

/// <summary>The values of the geometry figure.</summary>
internal sealed record GeometryRecord(GeometryRun Run, int ParameterCount, double RandomAngle, GeometryGroup? Regular,
    GeometryGroup? Exploding, GeometryGroup? Strongest, double LogSlope, double RankCorrelation);

/// <summary>Medians over measurements of one kind, and the share of them whose leading curvature is negative.</summary>
internal sealed record GeometryGroup(int Count, double GradientNorm, double LeadingCurvature, double NegativeShare,
    double CurvatureRatio, double Angle, double Alpha, double AlphaAlongGradient);
