using ScottPlot;
using Unroll.Analysis;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// What echo state networks reach on the tasks that they are measured by: one step ahead and free running on Mackey-Glass, the
/// memory curve, NARMA. Each network is the task's recipe for a reservoir with another seed.
/// </summary>
internal sealed class EchoStateFigure : IFigure
{
    private const int Warm = 500, Shown = 300, Delays = 50, Horizon = 84, Runs = 20;

    public string Id => "esn";

    public string Section => "Section 3.1, Jaeger and Haas (2004), Lukosevicius and Jaeger (2009)";

    public string Summary => "echo state networks on Mackey-Glass, linear memory and NARMA";

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("seeds", "networks of each task", 20, 1, 200) { IsWhole = true, AtSmoke = 2 },
    ];

    public FigureResult Compute(FigureSource source)
    {
        int seeds = source.Settings.Whole("seeds");
        ulong[] all = [.. Enumerable.Range(1, seeds).Select(seed => (ulong)seed)];
        (Network<double> Network, double Loss)[] series = [.. all.Select(seed => Fit("mackey-glass", seed))];
        (Network<double> Network, double Loss)[] memory = [.. all.Select(seed => Fit("memory-capacity", seed))];
        (Network<double> Network, double Loss)[] narma = [.. all.Select(seed => Fit("narma", seed))];

        double[] ahead = [.. series.Select(one => Math.Sqrt(one.Loss))];
        double[] later = [.. series.Select(one => FreeError(one.Network))];
        double[][] curves = [.. memory.Select(one => Curve(one.Network))];
        double[] capacities = [.. curves.Select(curve => curve.Sum())];
        double[] errors = [.. narma.Select(one => Math.Sqrt(one.Loss / Narma.Variance))];
        double[] median =
            [.. Enumerable.Range(0, Delays).Select(k => Quantiles.Of([.. curves.Select(curve => curve[k])]).Median)];
        (double[] truth, double[] free) = FreeRun(series[0].Network);

        var table = new TextTable("task", "measure", "median", "deciles", "published");
        Row(table, "mackey-glass", "RMSE one step ahead", ahead, "0.0020");
        Row(table, "mackey-glass", $"RMSE / deviation, {Horizon} steps free", later, "6E-05 of 1,000 units");
        Row(table, "memory-capacity", "capacity of 100 units", capacities, "15 to 25");
        Row(table, "narma", "RMSE / deviation", errors, "about 0.4");
        string caption = $"Echo state networks, {seeds} a task. Left: Mackey-Glass (black) and a network (orange, dashed) that "
            + $"reads its own forecasts after {Warm} steps of the series. Right: the share of the variance of the input k steps "
            + "before that is remembered, the median of the networks.";
        return new FigureResult(
            caption, [("", table)], [
                "Published: ReservoirPy 0.4 with the same sizes, under a protocol of its own; the free run of Jaeger and Haas "
                + "(2004).",
            ],
            [new FigurePanel(620, 400, () => DrawRun(truth, free)), new FigurePanel(480, 400, () => DrawCurve(median))])
        {
            Record = new EchoStateRecord(ahead, later, capacities, errors, median, truth, free),
        };
    }

    private static void Row(TextTable table, string task, string measure, double[] values, string published)
    {
        Quantiles q = Quantiles.Of(values);
        table.Add(task, measure, Format.Number(q.Median), $"{Format.Number(q.Lower)} to {Format.Number(q.Upper)}", published);
    }

    private static (Network<double> Network, double Loss) Fit(string task, ulong seed)
    {
        TrainingOptions options = ReservoirRecipe.Of(Recipes.Get(task, "best"), task) with { Seed = seed };
        using var trainer = new Trainer(SyntheticTasks.Create(task, Recipes.DefaultLength(task)), options);
        TrainingResult result = trainer.Run();
        return (trainer.BestNetwork<double>(), result.Last!.ValidationLoss);
    }

    private static double[] Curve(Network<double> network)
    {
        var task = new MemoryCapacity(2_000);
        var batch = Batch.For(task);
        var predictions = new Predictions();
        task.Fill(batch, 1, new RandomKey(1, RandomStream.Test, 0));
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Predict(batch, predictions);
        return MemoryCapacity.Capacities(batch, predictions);
    }

    /// <summary>The error of own runs over some sequences, at one step behind the last true input.</summary>
    private static double FreeError(Network<double> network)
    {
        const int Last = Warm + Horizon - 1;
        var task = new MackeyGlass(Last + 1);
        Batch own = Batch.For(task), truth = Batch.For(task);
        foreach (Batch batch in (Batch[])[own, truth]) task.Fill(batch, Runs, new RandomKey(1, RandomStream.Test, 1));
        for (int r = 0; r < Runs; r++)
        {
            for (int t = 0; t < Warm - 1; t++) own.SkipTarget(t, r);
        }

        new OutputFeedback<double>(network).Run(own);
        double[] series = [.. from t in Enumerable.Range(0, Last + 1) from r in Enumerable.Range(0, Runs)
                              select truth.Dense(t, r)[0]];
        double mean = series.Average(), variance = series.Average(x => (x - mean) * (x - mean)), sum = 0;
        for (int r = 0; r < Runs; r++)
        {
            double error = own.Dense(Last, r)[0] - truth.Dense(Last, r)[0];
            sum += error * error;
        }

        return Math.Sqrt(sum / Runs / variance);
    }

    /// <summary>The series behind the warm-up, and what a network makes of it that reads its own forecasts there.</summary>
    private static (double[] Truth, double[] Free) FreeRun(Network<double> network)
    {
        var batch = Batch.For(new MackeyGlass(Warm + Shown));
        new MackeyGlass(Warm + Shown).Fill(batch, 1, new RandomKey(1, RandomStream.Test, 0));
        var stream = new StreamingNetwork<double>(network);
        double[] state = stream.Start(), output = new double[1], truth = new double[Shown], free = new double[Shown];
        for (int t = 0; t < Warm + Shown; t++)
        {
            double input = t < Warm ? batch.Dense(t, 0)[0] : output[0];
            if (t >= Warm) (truth[t - Warm], free[t - Warm]) = (batch.Dense(t, 0)[0], input);
            stream.Step([input], state, output);
        }

        return (truth, free);
    }

    private static Plot DrawRun(double[] truth, double[] free)
    {
        Plot plot = FigureStyle.NewPlot("Mackey-Glass, running free", "steps after the last value that was read", "x");
        FigureStyle.Line(plot, truth.Select((x, t) => ((double)t, x)), FigureStyle.Ink, 1.6f);
        FigureStyle.Dashed(plot, free.Select((x, t) => ((double)t, Math.Clamp(x, -1.5, 1.5))), FigureStyle.Red, 2f);
        return plot;
    }

    private static Plot DrawCurve(double[] curve)
    {
        Plot plot = FigureStyle.NewPlot("linear memory", "delay k", "squared correlation");
        FigureStyle.Line(plot, curve.Select((r, k) => (k + 1.0, r)), FigureStyle.Blue, 2.4f);
        plot.Axes.SetLimitsY(0, 1.05);
        return plot;
    }
}

/// <summary>The exact values.</summary>
/// <param name="Ahead">By network: the root mean squared error one step ahead on Mackey-Glass, in units of the inputs.</param>
/// <param name="Later">By network: the error of its own run <c>84</c> steps behind the last true input, root mean square over
/// the deviation of the series.</param>
/// <param name="Capacities">By network: the memory capacity.</param>
/// <param name="Narma">By network: the root mean squared error on NARMA over the deviation of the series.</param>
/// <param name="Curve">By delay 1..50: the squared correlation, median over the networks.</param>
/// <param name="Truth">Mackey-Glass behind the warm-up.</param>
/// <param name="Free">The first network's own run there.</param>
internal sealed record EchoStateRecord(
    IReadOnlyList<double> Ahead, IReadOnlyList<double> Later, IReadOnlyList<double> Capacities, IReadOnlyList<double> Narma,
    IReadOnlyList<double> Curve,
    IReadOnlyList<double> Truth, IReadOnlyList<double> Free);
