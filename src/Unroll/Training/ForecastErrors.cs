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
        ArgumentNullException.ThrowIfNull(task);
        SeriesCodec codec = task.Codec;
        if (codec.Kind != SeriesKind.Forecast) throw new ArgumentException($"The task {task.Name} is no forecast.");
        int[] targets = [.. codec.Targets.Select(task.Folds.Data.ColumnOf)];
        var scores = new ForecastScores(
            task.Folds, targets, codec.Options.Horizon, new ForecastScoreOptions { Season = 1 });
        int levels = codec.Levels;
        var point = new double[codec.Options.Horizon * targets.Length];
        bool isFinite = true;
        using var predictor = new SeriesPredictor<T>(network, codec.Bind(task.Folds.Data));
        predictor.Run(codec.Windows(task.Folds, fold), (window, forecast) =>
        {
            for (int i = 0; i < point.Length; i++) point[i] = forecast[(i * levels) + (levels == 1 ? 0 : codec.PointLevel)];
            if (!point.All(double.IsFinite)) isFinite = false;
            else scores.Add(window, point);
        }, cancellation);
        return isFinite ? scores.Report().Overall.StandardMae : double.NaN;
    }
}
