using System.Runtime.InteropServices;

namespace Unroll.Scores;

/// <summary>
/// Scores predicted numbers that have no horizon: one a sequence, or one a step. Intervals are of a bootstrap over groups,
/// or over the predictions where nothing has a group. Not for several threads at once.
/// </summary>
/// <param name="deviation">
/// The standard deviation of the truth in the training fold, above 0; 1 for scores without a scale.
/// </param>
/// <param name="seed">The seed of the draws behind the intervals.</param>
public sealed class NumberScores(double deviation = 1, ulong seed = 1)
{
    private readonly double _deviation = deviation > 0 && double.IsFinite(deviation) ? deviation
        : throw new ArgumentException(Invariant($"The deviation is {deviation}; it must be above 0 and finite."));

    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);
    private readonly List<double> _blocks = [];
    private ErrorSums _sums;

    /// <summary>The predictions so far.</summary>
    public long Count => _sums.Count;

    /// <summary>Adds a prediction.</summary>
    /// <param name="truth">The true number; NaN, for unknown, is left out.</param>
    /// <param name="prediction">The predicted number.</param>
    /// <param name="group">What it belongs to, such as its sequence or a patient; null for nothing.</param>
    /// <exception cref="ArgumentException">The prediction is not finite.</exception>
    public void Add(double truth, double prediction, string? group = null)
    {
        if (!double.IsFinite(prediction)) throw new ArgumentException(
            Invariant($"A prediction is {prediction}; it must be finite."));
        if (double.IsNaN(truth)) return;
        var one = default(ErrorSums);
        one.Add(truth, prediction, _deviation, 0);
        _sums.Add(one);
        int at = _blocks.Count;
        if (group is null || _groups.TryAdd(group, at)) _blocks.AddRange(new double[ForecastMeasures.Width]);
        else at = _groups[group];
        ForecastMeasures.AddTo(CollectionsMarshal.AsSpan(_blocks)[at..], one);
    }

    /// <summary>Adds a prediction with an interval.</summary>
    /// <param name="truth">The true number; NaN, for unknown, is left out.</param>
    /// <param name="prediction">The predicted number.</param>
    /// <param name="lower">The lower end.</param>
    /// <param name="upper">The upper end.</param>
    /// <param name="group">What it belongs to; null for nothing.</param>
    /// <exception cref="ArgumentException">The prediction or an end is not finite.</exception>
    public void Add(double truth, double prediction, double lower, double upper, string? group = null)
    {
        if (!double.IsFinite(lower) || !double.IsFinite(upper)) throw new ArgumentException(
            Invariant($"An interval goes from {lower} to {upper}; its ends must be finite."));
        Add(truth, prediction, group);
        if (!double.IsNaN(truth)) _sums.AddInterval(truth, lower, upper);
    }

    /// <summary>The scores so far, and the intervals of those that have one.</summary>
    /// <exception cref="InvalidOperationException">Nothing was predicted.</exception>
    public (ForecastScore Score, IReadOnlyDictionary<ForecastMeasure, ScoreInterval> Intervals) Report()
    {
        ForecastScore score = ForecastMeasures.Score([_sums]) ?? throw new InvalidOperationException("No prediction was made.");
        return (score, ForecastMeasures.Intervals([.. _blocks], seed));
    }
}
