using Unroll.Data;
using Unroll.Numerics;
using Unroll.Scores;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// A linear forecast from a window of any length by a few hundred numbers: the last 256 steps one by one, means of stretches
/// before them, sixteen for each doubling of the lag, and the steps around a season ago one by one. Those of a shorter window
/// are among those of a longer one.
/// </summary>
internal sealed class LagForecaster : IForecaster
{
    /// <summary>So many steps are read one by one.</summary>
    public const int Single = 256;

    private const int PerOctave = 16, MostSeasonal = 64, Around = 4;
    private const double MostProducts = 4e9, MostReads = 4e8;

    private readonly TargetHistory _history;
    private readonly RidgeOptions _options;
    private readonly (int From, int To)[] _lags; // steps before the window's end: [From, To), From at least 1
    private readonly double[] _values, _features;
    private RidgeSolution[] _solutions = [];

    private LagForecaster(TargetHistory history, RidgeOptions options, int window, int horizon, int season)
    {
        (_history, _options, Window, Horizon) = (history, options, window, horizon);
        _lags = [.. Lags(window, horizon, season)];
        (_values, _features) = (new double[window + horizon], new double[_lags.Length]);
    }

    public string Name => "a linear forecast";

    public int Window { get; }

    public int Horizon { get; }

    /// <summary>How many numbers are made of a window.</summary>
    public int Features => _lags.Length;

    /// <summary>Fits a forecast from a window; from one that needs no stretches it is the usual one.</summary>
    /// <param name="folds">The folds: weights are fitted to the training fold, the penalty to the validation fold.</param>
    /// <param name="targets">The places of the columns.</param>
    /// <param name="window">W, at least 1.</param>
    /// <param name="horizon">H, at least 1.</param>
    /// <param name="season">The steps of a season; 1 where there is none.</param>
    /// <param name="options">How the window is brought to one level, and whether columns share weights.</param>
    /// <exception cref="ArgumentException">A fold has no room for the window.</exception>
    public static IForecaster Fit(
        SequenceFolds folds, int[] targets, int window, int horizon, int season, RidgeOptions options)
    {
        if (window <= Single) return RidgeForecaster.Fit(folds, targets, window, horizon, options);
        var made = new LagForecaster(new TargetHistory(folds, targets), options, window, horizon, season);
        RidgeSums[] fit = made.Sums(new WindowSet(folds, Fold.Train, window, horizon));
        RidgeSums[] check = made.Sums(new WindowSet(folds, Fold.Validation, window, horizon, looksBack: true));
        made._solutions = [.. fit.Zip(check, (a, b) => RidgeSolution.Solve(a, b, null, made.Features, horizon))];
        return made;
    }

    public void Forecast(SequenceWindow window, Span<double> forecast)
    {
        _history.Check(window, forecast);
        for (int k = 0; k < _history.Count; k++)
        {
            ColumnScale scale = Read(window, k, Window);
            RidgeSolution solution = _solutions[_options.Shared ? 0 : k];
            for (int i = 0; i < _features.Length; i++) _features[i] -= solution.InputMean[i];
            for (int h = 0; h < Horizon; h++)
            {
                double y = solution.TargetMean[h] + Vectors.Dot(_features, solution.Weights.AsSpan(h * Features, Features));
                forecast[(h * _history.Count) + k] = _history.Scales[k].Undo(scale.Undo(y));
            }
        }
    }

    private RidgeSums[] Sums(WindowSet windows)
    {
        RidgeSums[] sums = [.. Enumerable.Range(0, _options.Shared ? 1 : _history.Count)
            .Select(_ => new RidgeSums(Features, Horizon))];
        double each = (double)_history.Count * Features * ((Features / 2.0) + Horizon);
        double most = Math.Min(MostProducts / each, MostReads / ((double)_history.Count * Window));
        long every = Math.Max(1, (long)Math.Ceiling(windows.Count / most));
        for (long i = 0; i < windows.Count; i += every)
        {
            for (int k = 0; k < _history.Count; k++)
            {
                Read(windows[i], k, Window + Horizon);
                sums[_options.Shared ? 0 : k].Add(_features, _values.AsSpan(Window, Horizon));
            }
        }

        return sums;
    }

    /// <summary>Reads so many steps of a column, brings them to the level of the window's last steps, and makes the
    /// numbers.</summary>
    private ColumnScale Read(SequenceWindow window, int column, int steps)
    {
        Span<double> values = _values.AsSpan(0, steps);
        _history.Read(column, window.Sequence, window.Start, values);
        foreach (ref double value in values) value = _history.Scales[column].Apply(value);
        ColumnScale scale = WindowScales.Fit(_options.Window, values.Slice(Window - Single, Single));
        foreach (ref double value in values) value = scale.Apply(value);
        for (int i = 0; i < _lags.Length; i++)
        {
            (int from, int to) = _lags[i];
            double sum = 0;
            foreach (double value in values.Slice(Window - to + 1, to - from)) sum += value;
            _features[i] = sum / (to - from);
        }

        return scale;
    }

    private static IEnumerable<(int From, int To)> Lags(int window, int horizon, int season)
    {
        for (int lag = 1; lag <= Single; lag++) yield return (lag, lag + 1);
        for (int octave = Single; octave < window; octave *= 2)
        {
            int width = octave / PerOctave;
            for (int from = octave + 1; from <= Math.Min(2 * octave, window); from += width)
                yield return (from, Math.Min(from + width, window + 1));
            if (octave > int.MaxValue / 4) yield break;
        }

        int first = Math.Max(Single + 1, season - horizon + 1 - Around), last = Math.Min(window, season + Around);
        int step = Math.Max(1, (last - first + MostSeasonal) / MostSeasonal);
        for (int from = first; from <= last; from += step) yield return (from, Math.Min(from + step, last + 1));
    }
}
