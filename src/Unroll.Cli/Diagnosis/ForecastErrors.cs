using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>The squared error of each forecast, in variances of the columns, the mean over columns and steps ahead.</summary>
internal sealed class ForecastErrors(SequenceFolds folds, int[] targets, int horizon, SequenceWindow[] ends)
{
    private const int Blocks = 10, MostRead = 512_000, LeastEnds = 200, MostEnds = 2_000;

    private readonly TargetHistory _history = new(folds, targets);
    private readonly double[] _said = new double[horizon * targets.Length];

    /// <summary>Of a linear forecast from so many steps.</summary>
    public double[] Of(IForecaster forecaster, int steps) => [.. ends.Select(end =>
    {
        forecaster.Forecast(Shorter(end, steps), _said);
        return Error(end, _said, 1, 0);
    })];

    /// <summary>Of the mean of the training fold.</summary>
    public double[] OfMean() => [.. ends.Select(end =>
    {
        for (int i = 0; i < _said.Length; i++) _said[i] = _history.Moments[i % targets.Length].Mean;
        return Error(end, _said, 1, 0);
    })];

    /// <summary>Of the network, from so many steps.</summary>
    public double[] OfNetwork(Network<double> network, SeriesTask task, int steps)
    {
        var errors = new List<double>(ends.Length);
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(ends.Select(end => Shorter(end, steps)),
            (window, values) => errors.Add(Error(window, values, task.Codec.Levels, task.Codec.PointLevel)));
        return [.. errors];
    }

    private SequenceWindow Shorter(SequenceWindow end, int steps) => new(end.Sequence, end.End - steps, steps, horizon);

    private double Error(SequenceWindow window, ReadOnlySpan<double> said, int levels, int level)
    {
        double sum = 0;
        int count = 0;
        for (int h = 0; h < horizon; h++)
        {
            for (int k = 0; k < targets.Length; k++)
            {
                double truth = _history.Values(k, window.Sequence)[window.End + h];
                double error = (said[(((h * targets.Length) + k) * levels) + level] - truth) / _history.Moments[k].Deviation;
                if (double.IsFinite(error)) (sum, count) = (sum + (error * error), count + 1);
            }
        }

        return count > 0 ? sum / count : 0;
    }

    /// <summary>Windows of the greatest length whose forecasts are in the validation fold, evenly chosen: 2,000, and fewer of
    /// long ones, which a network takes more time to read.</summary>
    public static IEnumerable<SequenceWindow> Ends(SeriesTask task, int longest)
    {
        int most = Math.Clamp(MostRead / longest, LeastEnds, MostEnds);
        var windows = new WindowSet(task.Folds, Fold.Validation, longest, task.Codec.Options.Horizon, looksBack: true);
        long every = Math.Max(1, (windows.Count + most - 1) / most);
        for (long i = 0; i < windows.Count; i += every) yield return windows[i];
    }

    /// <summary>Whether the differences of two errors, by blocks of time, are far above 0: by so many of their standard
    /// errors.</summary>
    public static bool StandsOut(double[] without, double[] with, double outstanding)
    {
        var means = new double[Blocks];
        for (int b = 0; b < Blocks; b++)
        {
            int from = (int)((long)with.Length * b / Blocks), to = (int)((long)with.Length * (b + 1) / Blocks);
            for (int i = from; i < to; i++) means[b] += (without[i] - with[i]) / (to - from);
        }

        double mean = means.Average(), square = means.Sum(value => (value - mean) * (value - mean)) / (Blocks - 1);
        return mean > outstanding * Math.Sqrt(square / Blocks);
    }
}
