using Unroll.Analysis;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Whether what a forecast needs lies before its window: linear forecasts from longer windows, fitted to the training fold, are
/// compared with one from the window itself and with the network, on the same steps of the validation fold.
/// </summary>
internal static class WindowAdvice
{
    public const int LeastForecasts = 40;

    /// <summary>The squared error must be smaller by this share, in blocks of time by so many of their standard errors.</summary>
    private const double LeastGain = 0.2, Outstanding = 3;

    /// <summary>Of the greatest gain, the share with which a shorter window is good enough.</summary>
    private const double NearlyAll = 0.8;

    /// <summary>The advice, which asks for nothing where the window is long enough; null where nothing can be said.</summary>
    /// <param name="task">The task.</param>
    /// <param name="network">The network that is diagnosed.</param>
    /// <param name="diagnosis">Its gradients, of which the part that is left at the first step is said; null for none.</param>
    public static Advice? Of(SeriesTask task, Network<double> network, GradientDiagnosis? diagnosis)
    {
        SeriesCodec codec = task.Codec;
        int window = codec.Options.Window;
        if (codec.Kind != SeriesKind.Forecast || task.Folds.Of(Fold.Validation).Count == 0) return null;
        int[] targets = [.. codec.Targets.Select(task.Folds.Data.ColumnOf)];
        try
        {
            int season = Season.Find(task.Folds, targets);
            int[] longer = [.. Longer(task.Folds, season, window, codec.Options.Horizon)];
            if (longer.Length == 0) return null;
            SequenceWindow[] ends = [.. ForecastErrors.Ends(task, longer.Max())];
            if (ends.Length < LeastForecasts) return null;
            ForecastErrors errors = new(task.Folds, targets, codec.Options.Horizon, ends);
            double[] own = errors.Of(Fitted(window, season), window);
            (int Window, double[] Errors)[] tried = [.. longer.Select(w => (w, errors.Of(Fitted(w, season), w)))];
            double gain = tried.Max(one => 1 - (one.Errors.Average() / own.Average()));
            if (!(gain >= LeastGain)) return LongEnough(window, longer);
            (int best, double[] with) = tried.First(one => 1 - (one.Errors.Average() / own.Average()) >= NearlyAll * gain);
            double ofNetwork = errors.OfNetwork(network, task, window).Average(), now = own.Average(), then = with.Average();
            if (!ForecastErrors.StandsOut(own, with, Outstanding) || ofNetwork * (1 - LeastGain) < then) return null;
            string edge = diagnosis is { ByLag: { IsEmpty: false } curve } && curve[0].Median > 0
                ? $"; at the window's first step {Format.Percent(curve[^1].Median / curve[0].Median)} of the gradient is left"
                : "";
            return new Advice(
                "window", FormattableString.Invariant($"--window {best}"),
                $"on {Counted.Of(ends.Length, "validation window")} a linear forecast from {Counted.Of(best, "step")} "
                    + "has a squared error of "
                    + $"{Format.Number(then)} deviations, from the window of {Counted.Of(window, "step")} "
                    + $"{Format.Number(now)}, the network "
                    + $"{Format.Number(ofNetwork)}{edge}", "the data", best);
        }
        catch (ArgumentException)
        {
            return null; // a fold has no room for a longer window, or a column has no deviation
        }

        IForecaster Fitted(int steps, int season)
        {
            var options = new RidgeOptions { Window = codec.Encoder.Options.Window, Shared = codec.Options.SharedChannels };
            return LagForecaster.Fit(task.Folds, targets, steps, codec.Options.Horizon, season, options);
        }
    }

    private static Advice LongEnough(int window, int[] longer) => new(
        "window", "long enough for a linear forecast", $"from {string.Join(", ", longer.Take(longer.Length - 1))}"
            + $"{(longer.Length > 1 ? " or " : "")}{Counted.Of(longer[^1], "step")} it is less than a fifth better on the "
            + $"validation fold than from {window}", "the data");

    /// <summary>Twice and four times the window, and a season that is longer than it, as far as the training fold has
    /// room.</summary>
    private static IEnumerable<int> Longer(SequenceFolds folds, int season, int window, int horizon)
    {
        long room = folds.Of(Fold.Train).Max(part => part.Steps) / 3;
        return ((long[])[2L * window, 4L * window, season > window ? season + (window / 2) : 0])
            .Where(steps => steps > window && steps + horizon <= room).Select(steps => (int)steps).Distinct().Order();
    }
}
