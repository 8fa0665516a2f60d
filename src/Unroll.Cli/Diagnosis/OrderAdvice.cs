using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Whether anything that a forecast reads tells what follows. Rows in another order than that of time leave nothing to forecast
/// but the mean. Two measurements must both find no more than that: the network, and a linear forecast from its window. A linear
/// forecast reads the columns that are forecast, so nothing is said where the network reads others too.
/// </summary>
internal static class OrderAdvice
{
    private const double Outstanding = 3; // standard errors, by blocks of time; of ten blocks chance has 2 in one case of 26

    /// <summary>The advice; null where something is foretold, or nothing can be said.</summary>
    /// <param name="task">The task.</param>
    /// <param name="network">The network that is diagnosed.</param>
    public static Advice? Of(SeriesTask task, Network<double> network)
    {
        SeriesCodec codec = task.Codec;
        int window = codec.Options.Window, horizon = codec.Options.Horizon;
        if (codec.Kind != SeriesKind.Forecast || task.Folds.Of(Fold.Validation).Count == 0
            || codec.Encoder.Columns.Count > codec.Targets.Count || codec.Encoder.Options.Calendar.Count > 0) return null;
        int[] targets = [.. codec.Targets.Select(task.Folds.Data.ColumnOf)];
        try
        {
            SequenceWindow[] ends = [.. ForecastErrors.Ends(task, window)];
            if (ends.Length < WindowAdvice.LeastForecasts) return null;
            var errors = new ForecastErrors(task.Folds, targets, horizon, ends);
            var options = new RidgeOptions { Window = codec.Encoder.Options.Window, Shared = codec.Options.SharedChannels };
            double[] mean = errors.OfMean();
            double[] linear = errors.Of(LagForecaster.Fit(task.Folds, targets, window, horizon, 1, options), window);
            if (ForecastErrors.StandsOut(mean, linear, Outstanding)) return null;
            double[] own = errors.OfNetwork(network, task, window);
            if (ForecastErrors.StandsOut(mean, own, Outstanding)) return null;
            return new Advice(
                "order", "check that rows are in the order of time (a sort by another column, a shuffle); if they are, nothing "
                    + "in the window tells what follows",
                $"on {Format.Counted(ends.Length, "validation window")} the mean of the training fold has a squared error of "
                    + $"{Format.Number(mean.Average())} deviations, the network {Format.Number(own.Average())}, a linear "
                    + $"forecast from the window {Format.Number(linear.Average())}", "the data");
        }
        catch (ArgumentException)
        {
            return null; // a fold has no room for the window, or a column has no deviation
        }
    }
}
