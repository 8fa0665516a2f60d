// A figure of your own in one file: how much of an error signal is left at earlier steps, and the bound that the weights set. To
// add `unroll reproduce bound`, put the file into src/Unroll.Cli/Paper/Figures and name it: a line in FigureList.
using ScottPlot;
using Unroll.Analysis;
using Unroll.Tasks;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// ||dE_T/dx_{T-lag}|| of temporal order's cost, relative to lag 0, below eta^lag with eta = gamma sigma_max (section 2.1).
/// </summary>
internal sealed class BoundFigure : IFigure
{
    private const int Sequences = 20;

    public string Id => "bound";

    public string Section => "Equations 6 and 7, section 2.1";

    public string Summary => "what is left of error signals on their way back in time, and the bound that the weights set";

    public bool HasSigma => true;

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("smax", "sigma_max: W_rec is orthogonal times this", 3.9, 0.01, 10) { WithTanh = 0.98 },
        new("hidden", "the number of units", 50, 1, 500) { IsWhole = true },
        new("T", "the length of the sequences", 100, 10, 1000) { IsWhole = true, AtSmoke = 20 },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        var task = new TemporalOrder(settings.Whole("T"));
        var network = new Network<double>(new NetworkShape(task.Inputs, settings.Whole("hidden"), task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
            Activation = settings.Activation,
        });
        Initializer.Initialize(network, Initialization.Orthogonal, seed: 1);
        foreach (ref double weight in network.RecurrentWeights) weight *= settings["smax"];
        var batch = Batch.For(task);
        task.Fill(batch, Sequences, new RandomKey(1, RandomStream.Test, 0));
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, task.Reduction);
        unrolled.Backward();

        TemporalComponents components = TemporalComponents.Measure(unrolled, CostSteps.Spread(1));
        double eta = GradientBounds.Of(network).Eta;
        int lags = Enumerable.Range(0, components.Count).Min(cost => components.Cost(cost).Step);
        double[] left = [.. Enumerable.Range(0, lags).Select(lag => Quantiles.Of(
            [.. Enumerable.Range(0, components.Count).Select(cost => Left(components, cost, lag))]).Median)];
        double[] bound = [.. Enumerable.Range(0, lags).Select(lag => Math.Pow(eta, lag))];
        DecayRate rate = DecayRate.Fit(left);

        var table = new TextTable("quantity", "value");
        table.Add("eta = gamma sigma_max, at most a step", Format.Exact(eta));
        table.Add("measured, a step", Format.Number(rate.Rate));
        string caption = $"What is left of ‖∂Eₜ/∂xₜ‖ at earlier steps (blue, the median of {Sequences} sequences of temporal "
            + "order) and η to the "
            + $"lag (dashed), {settings.Whole("hidden")} {FigureStyle.Name(settings.Activation)} units, σ_max "
                + $"{FigureStyle.Short(settings["smax"])}.";
        return new FigureResult(caption, [("", table)], [], [new FigurePanel(620, 430, () => Draw(left, bound))])
        {
            Record = new BoundRecord(eta, rate.Rate, left, bound),
        };
    }

    private static double Left(TemporalComponents components, int cost, int lag)
    {
        int t = components.Cost(cost).Step;
        return components.Signal(cost, t - lag) / components.Signal(cost, t);
    }

    private static Plot Draw(double[] left, double[] bound)
    {
        Plot plot = FigureStyle.NewPlot("error signals and their bound", "lag", "share left");
        (double X, double Y)[] line = Logarithms(left), limit = Logarithms(bound);
        FigureStyle.Dashed(plot, limit, FigureStyle.Ink, 1.6f);
        FigureStyle.Line(plot, line, FigureStyle.Blue, 2.4f);
        double[] exponents = [.. line.Concat(limit).Select(point => point.Y)];
        FigureStyle.LogTicks(plot, Math.Pow(10, exponents.Min()), Math.Pow(10, exponents.Max()));
        return plot;
    }

    /// <summary>Logarithms against the lag. Zeros have no logarithm and are left out.</summary>
    private static (double X, double Y)[] Logarithms(double[] values) =>
        [.. values.Select((value, lag) => ((double)lag, Math.Log10(value))).Where(point => double.IsFinite(point.Item2))];
}

/// <summary>The exact values.</summary>
/// <param name="Eta">eta.</param>
/// <param name="Measured">The measured rate a step.</param>
/// <param name="Left">At lag 0, 1, ...: the share of the signal that is left, median over the sequences.</param>
/// <param name="Bound">eta^lag.</param>
internal sealed record BoundRecord(double Eta, double Measured, IReadOnlyList<double> Left, IReadOnlyList<double> Bound);
