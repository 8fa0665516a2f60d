using System.Numerics;
using ScottPlot;
using Unroll.Dynamics;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Whether Omega moves a network towards bifurcations or away from them: the same seeds trained with it and without, and at each
/// check the fixed points of the network without input with the eigenvalue that is nearest to the unit circle. The paper has no
/// such figure.
/// </summary>
internal sealed class BifurcationsFigure : IFigure
{
    private static readonly (bool HasOmega, string Name, Color Color, Stroke Stroke)[] Methods =
        [(false, "SGD-C", FigureStyle.Red, Stroke.Dashed), (true, "SGD-CR", FigureStyle.Blue, Stroke.Solid)];

    public string Id => "bifurcations";

    public string Section => "Sections 2.2 and 3.3";

    public string Summary =>
        "distance to the nearest bifurcation along training, with Omega and without, temporal order (minutes)";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("T", "the length of the sequences", 50, 10, 1000) { IsWhole = true, AtSmoke = 10 },
        new("hidden", "hidden units", 50, 1, 1000) { IsWhole = true, AtSmoke = 6 },
        new("rate", "the learning rate", 0.01, 1e-9, 1000) { AtSmoke = 0.1 },
        new("clip", "the clipping threshold", 1, 1e-9, 1e9),
        new("omega", "the weight of Omega in the runs that have it", 4, 1e-9, 1e6),
        new("updates", "updates of a run", 20_000, 20, 10_000_000) { IsWhole = true, AtSmoke = 60 },
        new("every", "updates between measurements", 1000, 1, 10_000_000) { IsWhole = true, AtSmoke = 30 },
        new("sequences", "sequences from whose states fixed points are sought", 4, 1, 1000) { IsWhole = true, AtSmoke = 2 },
        new("seeds", "pairs of runs", 5, 1, 1000) { IsWhole = true, AtSmoke = 1 },
        new("seed", "the first seed", 1, 0, 1e8) { IsWhole = true },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        var task = new TemporalOrder(settings.Whole("T"));
        int seeds = settings.Whole("seeds"), updates = settings.Whole("updates"), sequences = settings.Whole("sequences");
        TrainingOptions options = Recipes.Get(task.Name, "paper") with
        {
            Hidden = settings.Whole("hidden"),
            LearningRate = settings["rate"],
            ClipThreshold = settings["clip"],
            MaximumUpdates = updates,
            CheckEvery = settings.Whole("every"),
            ValidationSequences = settings.IsSmoke ? 100 : 2000,
            Stop = StopRule.Budget,
        };
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        var runs = new List<BifurcationRun>();
        using (var notice = new SlowNotice(source.Host, "training and measuring", 2L * updates * seeds, "updates"))
        {
            for (int i = 0; i < seeds; i++)
            {
                foreach ((bool hasOmega, string name, _, _) in Methods)
                {
                    TrainingOptions own = options with
                    {
                        Omega = hasOmega ? settings["omega"] : 0,
                        Seed = (ulong)(settings.Whole("seed") + i),
                    };
                    runs.Add(Train(task, own, name, sequences, update => notice.Report(((long)runs.Count * updates) + update),
                        cancel.Token));
                }
            }
        }

        var table = new TextTable("medians over runs and checks", "runs", "solved", "spectral radius", "fixed points",
            "attracting", "distance to a bifurcation", "at the end");
        foreach (IGrouping<string, BifurcationRun> own in runs.GroupBy(run => run.Method))
        {
            BifurcationCheck[] checks = [.. own.SelectMany(run => run.Checks)];
            table.Add(own.Key, $"{own.Count()}", $"{own.Count(run => run.Checks.Any(check => check.Error <= 0.01))}",
                Medians.Text(Medians.Of(checks.Select(check => check.SpectralRadius))),
                Medians.Text(Medians.Of(checks.Select(check => (double)check.FixedPoints))),
                Medians.Text(Medians.Of(checks.Select(check => (double)check.Attracting))),
                Medians.Text(Medians.Of(checks.Select(check => check.Distance))),
                Medians.Text(Medians.Of(own.Select(run => run.Checks[^1].Distance))));
        }

        (double Without, double With)[] pairs = [.. runs.Chunk(2).Select(pair => (Typical(pair[0]), Typical(pair[1])))];
        int nearer = pairs.Count(pair => pair.With < pair.Without);
        string caption = $"Temporal order, T = {task.Length}, {options.Hidden} units, smart tanh, rate "
            + $"{FigureStyle.Short(options.LearningRate)}, clipped at {FigureStyle.Short(options.ClipThreshold)}; "
            + $"{seeds} seeds each with Omega {FigureStyle.Short(settings["omega"])} and without. The distance is the least "
            + "| |λ| - 1 | over the eigenvalues λ of dF/dh at the fixed points found of the network without input: 0 at a "
            + "bifurcation. Medians.";
        return new FigureResult(caption, [("", table)],
            [$"In {nearer} of {pairs.Length} pairs the run with Omega was nearer to a bifurcation, by the median of its checks."],
            [
                new FigurePanel(
                    430, 420, () => Draw(runs, "spectral radius of W_rec", check => check.SpectralRadius, names: true)),
                new FigurePanel(430, 420, () => Draw(runs, "distance to a bifurcation", check => check.Distance, isLog: true)),
                new FigurePanel(430, 420, () => Draw(runs, "attracting fixed points", check => check.Attracting)),
            ])
        {
            Record = new BifurcationsRecord(runs, pairs.Length, nearer),
            Findings =
            [
                new FigureFinding("nearer", "seeds whose run with Omega is nearer to a bifurcation than the run without, by the "
                    + "medians of their checks", nearer, pairs.Length),
            ],
        };
    }

    private static double Typical(BifurcationRun run) => Medians.Of(run.Checks.Select(check => check.Distance));

    private static BifurcationRun Train(TemporalOrder task, TrainingOptions options, string method, int sequences,
        Action<long> progress, CancellationToken cancellation)
    {
        using var trainer = new Trainer(task, options);
        var checks = new List<BifurcationCheck>();
        trainer.Run(
            check =>
            {
                checks.Add(Measure(trainer.LastNetwork<double>(), task, check, sequences));
                progress(check.Update);
            },
            cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new BifurcationRun(method, (int)options.Seed, checks);
    }

    private static BifurcationCheck Measure(Network<double> network, TemporalOrder task, TrainingProgress check, int sequences)
    {
        var map = new AutonomousNetwork(network);
        Batch batch = Batch.For(task);
        task.Fill(batch, sequences, new RandomKey(1, RandomStream.Test, 0));
        int quarter = Math.Max(1, batch.Steps / 4);
        double[][] starts = [.. Enumerable.Range(0, sequences).SelectMany(row =>
            map.StatesOf(batch, row).Where((_, t) => t % quarter == 0))];
        NetworkFixedPoint[] points =
            [.. FixedPointSearch.Find(map, starts, new FixedPointSearchOptions { SlowSpeed = 0 }).Where(point => point.IsFixed)];
        double distance = points.SelectMany(point => point.Eigenvalues)
            .Select(value => Math.Abs(Complex.Abs(value) - 1)).DefaultIfEmpty(double.NaN).Min();
        return new BifurcationCheck(check.Update, check.Error ?? double.NaN, check.SpectralRadius, points.Length,
            points.Count(point => point.Stability == Stability.Stable), distance);
    }

    private static Plot Draw(
        IReadOnlyList<BifurcationRun> runs, string title, Func<BifurcationCheck, double> value, bool isLog = false,
        bool names = false)
    {
        Plot plot = FigureStyle.NewPlot(title, "update", "");
        var all = new List<double>();
        foreach ((_, string name, Color color, Stroke stroke) in Methods)
        {
            (double X, double Y)[] line =
            [
                .. runs.Where(run => run.Method == name).SelectMany(run => run.Checks).GroupBy(check => check.Update)
                    .Select(at => (X: (double)at.Key, Y: Medians.Of(at.Select(value))))
                    .Where(point => point.Y > 0 || (!isLog && point.Y == 0)),
            ];
            all.AddRange(line.Select(point => point.Y));
            if (isLog) line = [.. line.Select(point => (point.X, Math.Log10(point.Y)))];
            if (stroke == Stroke.Solid) FigureStyle.Line(plot, line, color, 2.5f);
            else FigureStyle.Dashed(plot, line, color, 2.5f);
            if (names) FigureStyle.Legend(plot, (name, color, stroke));
        }

        if (isLog && all.Count > 0) FigureStyle.LogTicks(plot, all.Min(), all.Max());
        plot.Axes.Margins(0.05, 0.25);
        if (names) plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }
}

/// <summary>The values of the figure of bifurcations; runs with Omega and without take turns.</summary>
internal sealed record BifurcationsRecord(IReadOnlyList<BifurcationRun> Runs, int Pairs, int NearerWithOmega);

/// <summary>A run and its checks.</summary>
internal sealed record BifurcationRun(string Method, int Seed, IReadOnlyList<BifurcationCheck> Checks);

/// <summary>
/// A check: the fixed points found, those that attract, and the least distance of an eigenvalue from the unit circle.
/// </summary>
internal sealed record BifurcationCheck(
    long Update, double Error, double SpectralRadius, int FixedPoints, int Attracting, double Distance);
