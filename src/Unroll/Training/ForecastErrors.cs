using System.Numerics;
using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The error of a network's forecasts of a fold in units that do not depend on how the data are read, so that networks
/// that read them otherwise (as logarithms, as differences) can be compared.</summary>
public static class ForecastErrors
{
    /// <summary>The mean absolute error of all forecasts of a fold, of each column in standard deviations of the training fold
    /// (<see cref="ForecastMeasure.StandardMae"/>). Of quantiles it is that of the level nearest to the median.</summary>
    /// <typeparam name="T">The precision.</typeparam>
    /// <param name="network">The network.</param>
    /// <param name="task">A forecast, whose shape the network has.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The error; not a number where a forecast is none.</returns>
    /// <exception cref="ArgumentException">The task is no forecast, or the network does not fit it.</exception>
    /// <exception cref="InvalidOperationException">The fold has no window with a known value.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static double StandardMae<T>(
        Network<T> network, SeriesTask task, Fold fold, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        IReadOnlyList<double[]> forecasts = Forecasts(network, task, fold, cancellation);
        return StandardMae(task, fold, forecasts);
    }

    /// <summary>What a network forecasts of a fold, window by window: of each (horizon, targets), of quantiles the level nearest
    /// to the median.</summary>
    internal static IReadOnlyList<double[]> Forecasts<T>(
        Network<T> network, SeriesTask task, Fold fold, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(task);
        SeriesCodec codec = task.Codec;
        if (codec.Kind != SeriesKind.Forecast) throw new ArgumentException($"The task {task.Name} is no forecast.");
        int levels = codec.Levels, numbers = codec.Options.Horizon * codec.Targets.Count;
        var all = new List<double[]>();
        using var predictor = new SeriesPredictor<T>(network, codec.Bind(task.Folds.Data));
        predictor.Run(codec.Windows(task.Folds, fold), (_, forecast) =>
        {
            var point = new double[numbers];
            for (int i = 0; i < point.Length; i++) point[i] = forecast[(i * levels) + (levels == 1 ? 0 : codec.PointLevel)];
            all.Add(point);
        }, cancellation);
        return all;
    }

    /// <summary>The error of forecasts of a fold, in order of its windows.</summary>
    internal static double StandardMae(SeriesTask task, Fold fold, IReadOnlyList<double[]> forecasts)
    {
        SeriesCodec codec = task.Codec;
        if (!forecasts.All(one => one.All(double.IsFinite))) return double.NaN;
        int[] targets = [.. codec.Targets.Select(task.Folds.Data.ColumnOf)];
        var scores = new ForecastScores(
            task.Folds, targets, codec.Options.Horizon, new ForecastScoreOptions { Season = 1 });
        foreach ((SequenceWindow window, double[] forecast) in codec.Windows(task.Folds, fold).Zip(forecasts))
            scores.Add(window, forecast);
        return scores.Report().Overall.StandardMae;
    }

    /// <summary>The mean of two forecasts of a fold, of columns whose logarithm is read the mean of that.</summary>
    internal static IReadOnlyList<double[]> Mean(
        SeriesCodec codec, IReadOnlyList<double[]> first, IReadOnlyList<double[]> second)
    {
        bool[] logarithms = [.. codec.Targets.Select((_, k) => codec.Encoder.ReadsLogarithm(codec.ColumnOf(k)))];
        return [.. first.Zip(second, (a, b) => a.Zip(b).Select((pair, i) => logarithms[i % logarithms.Length]
            ? Math.Sqrt(pair.First) * Math.Sqrt(pair.Second) : (pair.First + pair.Second) / 2).ToArray())];
    }
}
