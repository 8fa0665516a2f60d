using ScottPlot;
using Unroll.Dynamics;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Teacher forcing and Doya's start (section 3.1): networks that learn to generate a sine, from a start whose own run dies out
/// and from one beside the boundary of a cycle, with the true values or with their own outputs as inputs. Along training, the
/// leading eigenvalue of the network that reads its own outputs, which crosses the unit circle where its run turns from dying out
/// to a cycle, and how large its own run is. The paper has no such figure.
/// </summary>
internal sealed class TeacherForcingFigure : IFigure
{
    /// <summary>Cycles after which a run that dies out has died.</summary>
    private const int Cycles = 20;

    private static readonly (string Name, Initialization Start, double Share, Color Color, Stroke Stroke)[] Methods =
    [
        ("true inputs, ordinary start", Initialization.SmartTanh, 1, FigureStyle.Blue, Stroke.Solid),
        ("true inputs, start at the boundary", Initialization.Cycle, 1, FigureStyle.Ink, Stroke.Dashed),
        ("own outputs, ordinary start", Initialization.SmartTanh, 0, FigureStyle.Orange, Stroke.Solid),
        ("own outputs, start at the boundary", Initialization.Cycle, 0, FigureStyle.Red, Stroke.Dashed),
    ];

    public string Id => "teacher-forcing";

    public string Section => "Section 3.1, Doya (1993)";

    public string Summary => "learning to generate a sine and a figure-eight: the boundary crossed (minutes)";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("period", "the period of the sine", 25, 3, 1000) { AtSmoke = 8 },
        new("T", "the length of the sequences", 100, 8, 10_000) { IsWhole = true, AtSmoke = 16 },
        new("hidden", "hidden units", 20, 2, 1000) { IsWhole = true, AtSmoke = 6 },
        new("rate", "the learning rate", 0.1, 1e-9, 1000),
        new("clip", "the clipping threshold", 1, 1e-9, 1e9),
        new("margin", "how far beyond the boundary the second start is", 0.05, -0.9, 10),
        new("updates", "updates of a run", 1000, 20, 10_000_000) { IsWhole = true, AtSmoke = 20 },
        new("every", "updates between measurements", 20, 1, 10_000_000) { IsWhole = true, AtSmoke = 10 },
        new("seeds", "runs of each kind", 5, 1, 1000) { IsWhole = true, AtSmoke = 1 },
        new("seed", "the first seed", 1, 0, 1e8) { IsWhole = true },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        int seeds = settings.Whole("seeds"), updates = settings.Whole("updates");
        var sine = new Sine(settings.Whole("T"), settings["period"]);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        var runs = new List<ForcedRun>();
        Network<double> eight;
        var figureEight = new FigureEight(2 * sine.Length.Maximum, 1.6 * sine.Period);
        using (var notice = new SlowNotice(
            source.Host, "training and measuring", ((long)Methods.Length * seeds * updates) + updates, "updates"))
        {
            for (int i = 0; i < seeds; i++)
            {
                foreach ((string name, Initialization start, double share, _, _) in Methods)
                {
                    TrainingOptions options = Options(sine, settings, start, share, (ulong)(settings.Whole("seed") + i));
                    runs.Add(Train(
                        sine, options, name, update => notice.Report(((long)runs.Count * updates) + update), cancel.Token));
                }
            }

            TrainingOptions both =
                Options(figureEight, settings, Initialization.Cycle, 1, (ulong)settings.Whole("seed")) with
                {
                    Hidden = 2 * settings.Whole("hidden"),
                    Optimizer = OptimizerKind.Adam,
                    LearningRate = 0.001,
                };
            using var trainer = new Trainer(figureEight, both);
            trainer.Run(cancellation: cancel.Token);
            cancel.Token.ThrowIfCancellationRequested();
            eight = trainer.BestNetwork<double>();
        }

        var table = new TextTable(
            "inputs and start", "runs", "|λ| at first", "crosses 1 at", "solved", "at update", "largest gradient",
            "own run at last");
        foreach (IGrouping<string, ForcedRun> own in runs.GroupBy(run => run.Method))
        {
            table.Add(own.Key, $"{own.Count()}", Medians.Text(Medians.Of(own.Select(run => run.Checks[0].Modulus))),
                First(own, check => check.Modulus > 1), $"{own.Count(run => run.Checks.Any(check => check.Error <= 0.01))}",
                First(own, check => check.Error <= 0.01),
                Medians.Text(Medians.Of(own.Select(run => run.Checks.Skip(1).Max(check => check.GradientNorm)))),
                Medians.Text(Medians.Of(own.Select(run => run.Checks[^1].Amplitude))));
        }

        double[][] path = OwnRun(eight, figureEight.WithLength(figureEight.Length.Maximum + (int)(4 * figureEight.Period)));
        string caption = $"A sine of period {FigureStyle.Short(sine.Period)}, T = {sine.Length}, "
            + $"{settings.Whole("hidden")} tanh units, SGD-C at {FigureStyle.Short(settings["rate"])} clipped at "
            + $"{FigureStyle.Short(settings["clip"])}, {seeds} seeds each; medians. "
            + "Left: the leading |λ| at rest of the network that reads its own outputs; beyond 1 (dotted) its run does not die "
            + $"out. Middle: half the range of its own run after {Cycles} cycles (the sine has 1). Right: the own "
            + "figure-eight of a network trained by Adam with true inputs.";
        return new FigureResult(caption, [("", table)],
            [
                "Updates are those of the first check at which it is so, medians over the runs where it was; - where in none.",
                "Own outputs are constants of the gradient: what is left out is how they depend on the weights.",
            ],
            [
                new FigurePanel(430, 420, () => Draw(runs, "leading |λ| at rest", check => check.Modulus, legend: false)),
                new FigurePanel(430, 420, () => Draw(runs, "size of its own run", check => check.Amplitude, legend: true)),
                new FigurePanel(430, 420, () => DrawPath(path)),
            ])
        {
            Record = new TeacherForcingRecord(runs, path),
        };
    }

    private static TrainingOptions Options(
        CycleTask task, FigureSettings settings, Initialization start, double share, ulong seed) =>
        Recipes.Get(task.Name, "best") with
        {
            Hidden = settings.Whole("hidden"),
            Initialization = start,
            Boundary = new BoundaryStart(task.Period, settings["margin"]),
            TeacherForcing = new TeacherForcing(share),
            Optimizer = OptimizerKind.Sgd,
            LearningRate = settings["rate"],
            ClipMode = ClipMode.Norm,
            ClipThreshold = settings["clip"],
            BatchSize = 10,
            MaximumUpdates = settings.Whole("updates"),
            CheckEvery = settings.Whole("every"),
            ValidationSequences = settings.IsSmoke ? 10 : 100,
            Stop = StopRule.Budget,
            Seed = seed,
        };

    private static ForcedRun Train(
        CycleTask task, TrainingOptions options, string method, Action<long> progress, CancellationToken cancellation)
    {
        using var trainer = new Trainer(task, options);
        var checks = new List<ForcedCheck> { Measure(trainer.LastNetwork<double>(), task, 0, 1, double.NaN) };
        trainer.Run(
            check =>
            {
                checks.Add(Measure(
                    trainer.LastNetwork<double>(), task, check.Update, check.Error ?? double.NaN, check.GradientNorm));
                progress(check.Update);
            },
            cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new ForcedRun(method, (int)options.Seed, checks);
    }

    private static ForcedCheck Measure(Network<double> network, CycleTask task, long update, double error, double norm)
    {
        var map = AutonomousNetwork.ClosedLoop(network);
        NetworkFixedPoint? rest =
            FixedPointSearch.Find(map, [new double[map.Hidden]], new FixedPointSearchOptions { SlowSpeed = 0 }).FirstOrDefault();
        double[][] run = OwnRun(network, task.WithLength(task.Length.Maximum + (int)(Cycles * task.Period)));
        double[] last = [.. run.TakeLast(1 + (int)(2 * task.Period)).Select(y => y[0])];
        return new ForcedCheck(
            update, error, rest is null ? double.NaN : rest.Eigenvalues[0].Magnitude, (last.Max() - last.Min()) / 2, norm);
    }

    /// <summary>What a network makes of a sequence by itself, from the first predicted step on.</summary>
    private static double[][] OwnRun(Network<double> network, ILengthTask task)
    {
        var batch = Batch.For(task);
        task.Fill(batch, 1, new RandomKey(1, RandomStream.Test, 0));
        new OutputFeedback<double>(network).Run(batch);
        return [.. Enumerable.Range(1, batch.Steps - 1).Where(t => batch.IsPredicted(t - 1, 0))
            .Select(t => batch.Dense(t, 0).ToArray())];
    }

    private static string First(IEnumerable<ForcedRun> runs, Func<ForcedCheck, bool> holds)
    {
        double[] updates = [.. runs.Select(run => run.Checks.FirstOrDefault(holds)).OfType<ForcedCheck>()
            .Select(check => (double)check.Update)];
        return updates.Length == 0 ? "-" : Medians.Text(Medians.Of(updates));
    }

    private static Plot Draw(IReadOnlyList<ForcedRun> runs, string title, Func<ForcedCheck, double> value, bool legend)
    {
        Plot plot = FigureStyle.NewPlot(title, "update", "");
        double last = runs.Max(run => run.Checks[^1].Update);
        FigureStyle.Dotted(plot, [(0, 1), (last, 1)], FigureStyle.Ink, 1.6f);
        foreach ((string name, _, _, Color color, Stroke stroke) in Methods)
        {
            (double X, double Y)[] line =
            [
                .. runs.Where(run => run.Method == name).SelectMany(run => run.Checks).GroupBy(check => check.Update)
                    .Select(at => (X: (double)at.Key, Y: Medians.Of(at.Select(value)))).Where(point => double.IsFinite(point.Y)),
            ];
            if (stroke == Stroke.Solid) FigureStyle.Line(plot, line, color, 2.5f);
            else FigureStyle.Dashed(plot, line, color, 2.5f);
            if (legend) FigureStyle.Legend(plot, (name, color, stroke));
        }

        plot.Axes.Margins(0.05, 0.1);
        if (legend) plot.ShowLegend(Alignment.MiddleRight);
        return plot;
    }

    private static Plot DrawPath(double[][] path)
    {
        Plot plot = FigureStyle.NewPlot("a figure-eight, made by itself", "first output", "second output");
        FigureStyle.Line(
            plot, path.Select(y => (Math.Clamp(y[0], -1.5, 1.5), Math.Clamp(y[1], -1.5, 1.5))), FigureStyle.Blue, 1.8f);
        plot.Axes.SetLimits(-1.5, 1.5, -1.5, 1.5);
        return plot;
    }
}

/// <summary>The exact values.</summary>
/// <param name="Runs">Every run on the sine.</param>
/// <param name="Path">By step: the two outputs of the network on the figure-eight, by itself.</param>
internal sealed record TeacherForcingRecord(IReadOnlyList<ForcedRun> Runs, IReadOnlyList<double[]> Path);

/// <summary>A run and its checks, the first before any update.</summary>
internal sealed record ForcedRun(string Method, int Seed, IReadOnlyList<ForcedCheck> Checks);

/// <summary>
/// A check: the share of wrong sequences, the leading eigenvalue's size at rest, half the range of the own run in the end, and
/// the mean norm of the gradient since the check before.
/// </summary>
internal sealed record ForcedCheck(long Update, double Error, double Modulus, double Amplitude, double GradientNorm);
