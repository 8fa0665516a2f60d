using ScottPlot;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// How the share of updates that are clipped goes with the speed of learning: temporal order at thresholds far apart. The paper
/// says only that training is not very sensitive to the threshold (section 3.2).
/// </summary>
internal sealed class ClippedFigure : IFigure
{
    private static readonly double[] Thresholds = [0.1, 0.3, 1, 3, 10, 30, 100];
    private static readonly double[] FewThresholds = [0.3, 30];

    public string Id => "clipped";

    public string Section => "Section 3.2";

    public string Summary =>
        "the share of clipped updates against the speed of learning, temporal order, by the threshold (minutes)";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("T", "the length of the sequences", 20, 10, 1000) { IsWhole = true, AtSmoke = 10 },
        new("hidden", "hidden units", 50, 1, 1000) { IsWhole = true, AtSmoke = 8 },
        new("rate", "the learning rate", 0.001, 1e-9, 1000) { AtSmoke = 0.1 },
        new("omega", "the weight of Omega", 2, 0, 1e6),
        new("updates", "updates of a run, at most", 60_000, 20, 10_000_000) { IsWhole = true, AtSmoke = 60 },
        new("every", "updates between checks", 1000, 1, 10_000_000) { IsWhole = true, AtSmoke = 20 },
        new("seeds", "runs at each threshold", 5, 1, 1000) { IsWhole = true, AtSmoke = 2 },
        new("seed", "the first seed", 1, 0, 1e8) { IsWhole = true },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        var task = new TemporalOrder(settings.Whole("T"));
        double[] thresholds = settings.IsSmoke ? FewThresholds : Thresholds;
        int seeds = settings.Whole("seeds"), updates = settings.Whole("updates");
        TrainingOptions options = Recipes.Get(task.Name, "paper") with
        {
            Hidden = settings.Whole("hidden"),
            LearningRate = settings["rate"],
            Omega = settings["omega"],
            MaximumUpdates = updates,
            CheckEvery = settings.Whole("every"),
            ValidationSequences = settings.IsSmoke ? 100 : 2000,
        };
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = source.Host.OnInterrupt(cancel.Cancel);
        var runs = new List<ClippedRun>();
        using (var notice = new SlowNotice(source.Host, "training", (long)updates * seeds * thresholds.Length, "updates"))
        {
            foreach (double threshold in thresholds)
            {
                for (int i = 0; i < seeds; i++)
                {
                    TrainingOptions own = options with { ClipThreshold = threshold, Seed = (ulong)(settings.Whole("seed") + i) };
                    runs.Add(Train(task, own, update => notice.Report(((long)runs.Count * updates) + update), cancel.Token));
                }
            }
        }

        ClippedGroup[] groups = [.. runs.GroupBy(run => run.Threshold).Select(Group)];
        ClippedRun[] solved = [.. runs.Where(run => run.SolvedAt is not null)];
        double correlation = solved.Length < 3 ? double.NaN
            : MathNet.Numerics.Statistics.Correlation.Spearman(solved.Select(run => run.ClippedShare),
                solved.Select(run => (double)run.SolvedAt!.Value));
        var table = new TextTable("threshold", "solved", "updates to success", "clipped updates", "mean norm");
        foreach (ClippedGroup group in groups)
        {
            table.Add(Format.Number(group.Threshold), $"{group.Solved} of {group.Runs}", Medians.Text(group.Updates),
                Medians.Percent(group.ClippedShare), Medians.Text(group.Norm));
        }

        string caption = $"Temporal order, T = {task.Length}, {options.Hidden} units, SGD-CR with rate "
            + $"{FigureStyle.Short(options.LearningRate)} and Omega {FigureStyle.Short(options.Omega)}, at most "
            + $"{Format.Count(updates)} updates, {seeds} seeds a threshold. Share of clipped updates up to success, or to the "
            + "end, against the updates to the first check with at most 1% wrong (open: not solved).";
        return new FigureResult(caption, [("", table)],
            [$"Over the {solved.Length} solved runs, share and updates to success have a rank correlation of "
                + $"{Medians.Text(correlation)}."],
            [new FigurePanel(520, 430, () => Draw(runs, updates))])
        {
            Record = new ClippedRecord(runs, groups, correlation),
            Findings = [.. groups.Select(group => new FigureFinding($"threshold-{FigureStyle.Short(group.Threshold)}",
                "at most 1% wrong at some check", group.Solved, group.Runs))],
        };
    }

    private static ClippedRun Train(
        TemporalOrder task, TrainingOptions options, Action<long> progress, CancellationToken cancellation)
    {
        using var trainer = new Trainer(task, options);
        var rates = new List<double>();
        var norms = new List<double>();
        long? solvedAt = null;
        TrainingResult result = trainer.Run(
            check =>
            {
                rates.Add(check.ClipRate);
                norms.Add(check.GradientNorm);
                if (check.Error <= 0.01) solvedAt ??= check.Update;
                progress(check.Update);
            },
            cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new ClippedRun(
            options.ClipThreshold, (int)options.Seed, solvedAt, result.Updates, rates.Average(), norms.Average());
    }

    private static ClippedGroup Group(IGrouping<double, ClippedRun> own)
    {
        ClippedRun[] runs = [.. own];
        return new ClippedGroup(own.Key, runs.Length, runs.Count(run => run.SolvedAt is not null),
            Medians.Of(runs.Select(run => (double?)run.SolvedAt ?? double.NaN)), Medians.Of(runs.Select(run => run.ClippedShare)),
            Medians.Of(runs.Select(run => run.Norm)));
    }

    private static Plot Draw(IReadOnlyList<ClippedRun> runs, int updates)
    {
        Plot plot = FigureStyle.NewPlot("clipping and speed", "clipped updates, %", "updates to success");
        IEnumerable<(double, double)> Points(bool solved) => runs.Where(run => (run.SolvedAt is not null) == solved)
            .Select(run => (100 * run.ClippedShare, (double)(run.SolvedAt ?? updates)));
        FigureStyle.Marks(plot, Points(true), MarkerShape.FilledCircle, 7, FigureStyle.Blue, "solved");
        FigureStyle.Marks(plot, Points(false), MarkerShape.OpenTriangleUp, 8, FigureStyle.Red, "not solved, at the budget");
        plot.Axes.SetLimits(-4, 104, 0, 1.3 * updates);
        plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }
}

/// <summary>The values of the figure of clipped updates.</summary>
internal sealed record ClippedRecord(
    IReadOnlyList<ClippedRun> Runs, IReadOnlyList<ClippedGroup> Groups, double RankCorrelation);

/// <summary>One run: what it clipped up to success or to its end, and the mean norm before clipping.</summary>
internal sealed record ClippedRun(double Threshold, int Seed, long? SolvedAt, long Updates, double ClippedShare, double Norm);

/// <summary>Medians over the runs of a threshold; of updates over those that were solved.</summary>
internal sealed record ClippedGroup(double Threshold, int Runs, int Solved, double Updates, double ClippedShare, double Norm);
