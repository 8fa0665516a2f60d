using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>How right a quantile is.</summary>
/// <param name="Level">Its level, inside 0..1.</param>
/// <param name="Below">The share of truths at or below it; of right quantiles the level.</param>
/// <param name="Pinball">Its mean pinball cost, in the units of the data.</param>
public readonly record struct QuantileScore(double Level, double Below, double Pinball);

/// <summary>How right quantiles are.</summary>
public sealed record QuantileReport
{
    /// <summary>The numbers that were predicted and are known.</summary>
    public required long Count { get; init; }

    /// <summary>The mean pinball cost over numbers and levels, in the units of the data: half of the mean absolute error where
    /// the median is the only level.</summary>
    public required double Pinball { get; init; }

    /// <summary>The share of truths from the lowest quantile to the highest, ends included; null for one level.</summary>
    public required double? Coverage { get; init; }

    /// <summary>What <see cref="Coverage"/> would be of right quantiles; null for one level.</summary>
    public required double? Nominal { get; init; }

    /// <summary>The mean distance from the lowest quantile to the highest, in the units of the data; null for one
    /// level.</summary>
    public required double? Width { get; init; }

    /// <summary>Of each level, the lowest first.</summary>
    public required IReadOnlyList<QuantileScore> ByLevel { get; init; }
}

/// <summary>Scores quantiles of numbers against what came. Not for several threads at once.</summary>
public sealed class QuantileScores
{
    private readonly QuantileLevels _levels;
    private readonly long[] _below;
    private readonly double[] _pinball;
    private long _count, _covered;
    private double _width;

    /// <summary>Prepares to score quantiles.</summary>
    /// <param name="levels">Their levels.</param>
    /// <exception cref="ArgumentException">As of <see cref="QuantileLevels.Validate"/>.</exception>
    public QuantileScores(QuantileLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        levels.Validate();
        _levels = levels;
        (_below, _pinball) = (new long[levels.Count], new double[levels.Count]);
    }

    /// <summary>The numbers so far.</summary>
    public long Count => _count;

    /// <summary>Adds the quantiles of a number.</summary>
    /// <param name="truth">What came; NaN, for unknown, is left out.</param>
    /// <param name="quantiles">Its quantiles, one a level, ascending.</param>
    /// <exception cref="ArgumentException">There are more or fewer than levels, or one is not finite.</exception>
    public void Add(double truth, ReadOnlySpan<double> quantiles)
    {
        if (quantiles.Length != _levels.Count)
            throw new ArgumentException(Invariant($"{Counted.There(quantiles.Length, "quantile")} for ")
                + Invariant($"{Counted.Of(_levels.Count, "level")}."));
        foreach (double one in quantiles)
        {
            if (!double.IsFinite(one)) throw new ArgumentException(Invariant($"A quantile is {one}; it must be finite."));
        }

        if (double.IsNaN(truth)) return;
        _count++;
        for (int q = 0; q < quantiles.Length; q++)
        {
            double e = truth - quantiles[q];
            _pinball[q] += e > 0 ? _levels[q] * e : (_levels[q] - 1) * e;
            if (e <= 0) _below[q]++;
        }

        _width += quantiles[^1] - quantiles[0];
        if (truth >= quantiles[0] && truth <= quantiles[^1]) _covered++;
    }

    /// <summary>The scores so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing could be scored.</exception>
    public QuantileReport Report()
    {
        if (_count == 0) throw new InvalidOperationException("No quantile could be scored.");
        bool ranged = _levels.Count > 1;
        return new QuantileReport
        {
            Count = _count,
            Pinball = _pinball.Sum() / _count / _levels.Count,
            Coverage = ranged ? (double)_covered / _count : null,
            Nominal = ranged ? _levels[^1] - _levels[0] : null,
            Width = ranged ? _width / _count : null,
            ByLevel = [.. _levels.Select((level, q) =>
                new QuantileScore(level, (double)_below[q] / _count, _pinball[q] / _count))],
        };
    }
}
