using Unroll.Data;

namespace Unroll.Scores;

/// <summary>
/// The forecasts that cost nothing, and that a network must beat: the last value, or that of one season before, each also
/// with drift.
/// </summary>
/// <remarks>
/// With a season of m steps the forecast of step h behind the window is the value m ceil(h / m) - h steps before its end
/// (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2). It reads what the sequence has before the window
/// where the window is shorter than a season; where the sequence has less than a season, the last value is the forecast.
/// Drift of the last value is the mean change a step over the window, (y_T - y_1) / (T - 1); drift of a season is the mean
/// change a season between the last two seasons, once for each season ahead, and none where the sequence has not two.
/// </remarks>
public sealed class NaiveForecaster : IForecaster
{
    private readonly TargetHistory _history;
    private readonly int _season;
    private readonly bool _drift;
    private double[] _values = [];

    /// <summary>A naive forecast.</summary>
    /// <param name="folds">
    /// The data and their folds; of the training fold only the mean is used, where nothing else is known.
    /// </param>
    /// <param name="targets">The places of the columns that are forecast.</param>
    /// <param name="season">The steps of a season, 1 for the last value; see <see cref="Season"/>.</param>
    /// <param name="drift">Whether the change so far goes on.</param>
    /// <exception cref="ArgumentException">There is no target, one is not of numbers, or the season is below 1.</exception>
    public NaiveForecaster(SequenceFolds folds, IReadOnlyList<int> targets, int season = 1, bool drift = false)
    {
        if (season < 1) throw new ArgumentException(Invariant($"The season has {season} steps; it must have at least 1."));
        (_history, _season, _drift) = (new TargetHistory(folds, targets), season, drift);
    }

    /// <inheritdoc/>
    public string Name => (_season == 1 ? "naive" : Invariant($"seasonal naive ({_season})")) + (_drift ? " with drift" : "");

    /// <inheritdoc/>
    public void Forecast(SequenceWindow window, Span<double> forecast)
    {
        _history.Check(window, forecast);
        int reach = Math.Min(window.End, _season == 1 ? window.Steps : 2 * _season);
        if (_values.Length < reach) _values = new double[reach];
        Span<double> values = _values.AsSpan(0, reach);
        for (int k = 0; k < _history.Count; k++)
        {
            _history.Read(k, window.Sequence, window.End - reach, values);
            int season = reach < _season ? 1 : _season;
            double drift = !_drift ? 0 : Drift(values, season);
            for (int h = 1; h <= window.Horizon; h++)
            {
                int ahead = (h + season - 1) / season; // seasons
                forecast[((h - 1) * _history.Count) + k] = values[^((season * ahead) - h + 1)] + (drift * ahead);
            }
        }
    }

    private double Drift(ReadOnlySpan<double> values, int season)
    {
        if (_season == 1) return values.Length > 1 ? (values[^1] - values[0]) / (values.Length - 1) : 0;
        if (values.Length < 2 * _season || season != _season) return 0;
        double sum = 0;
        for (int t = 0; t < season; t++) sum += values[season + t] - values[t];
        return sum / season;
    }
}
