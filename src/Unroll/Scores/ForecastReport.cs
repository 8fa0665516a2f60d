namespace Unroll.Scores;

/// <summary>Which error of forecasts.</summary>
public enum ForecastMeasure
{
    /// <summary>Mean absolute error, in the units of the data.</summary>
    Mae,

    /// <summary>Root of the mean squared error, in the units of the data.</summary>
    Rmse,

    /// <summary>Mean squared error in standard deviations of the training fold, by column.</summary>
    StandardMse,

    /// <summary>Mean absolute error in standard deviations of the training fold, by column.</summary>
    StandardMae,

    /// <summary>Mean absolute error in steps of the (seasonal) naive forecast inside the training fold.</summary>
    Mase,
}

/// <summary>How good some forecasts are.</summary>
public sealed record ForecastScore
{
    /// <summary>The numbers that were forecast and are known.</summary>
    public required long Count { get; init; }

    /// <summary>Mean absolute error in the units of the data. Over columns of several units it means little.</summary>
    public required double Mae { get; init; }

    /// <summary>Root of the mean squared error in the units of the data. Over columns of several units it means little.</summary>
    public required double Rmse { get; init; }

    /// <summary>Mean squared error after division by each column's standard deviation in the training fold.</summary>
    public required double StandardMse { get; init; }

    /// <summary>Mean absolute error after division by each column's standard deviation in the training fold.</summary>
    public required double StandardMae { get; init; }

    /// <summary>
    /// Mean absolute scaled error (Hyndman and Koehler, 2006): the error in units of what the seasonal naive forecast of one
    /// season ahead is wrong by in the training fold, by column and sequence. Null where that is 0 or unknown everywhere.
    /// </summary>
    public required double? Mase { get; init; }

    /// <summary>Mean of 200 |e| / (|truth| + |forecast|), 0..200 percent; a right forecast of 0 counts as 0.</summary>
    public required double Smape { get; init; }

    /// <summary>
    /// 1 - (sum of squared errors) / (sum of squared distances of the truth from its mean), of several columns the mean over
    /// them. Null where the truth is one value.
    /// </summary>
    public required double? RSquared { get; init; }

    /// <summary>The share of truths inside their intervals, ends included; null without intervals.</summary>
    public required double? Coverage { get; init; }

    /// <summary>The mean width of the intervals in the units of the data; null without intervals.</summary>
    public required double? Width { get; init; }

    /// <summary>One of the errors; null where it is not defined.</summary>
    /// <param name="measure">Which.</param>
    public double? this[ForecastMeasure measure] => measure switch
    {
        ForecastMeasure.Mae => Mae,
        ForecastMeasure.Rmse => Rmse,
        ForecastMeasure.StandardMse => StandardMse,
        ForecastMeasure.StandardMae => StandardMae,
        ForecastMeasure.Mase => Mase,
        _ => throw new ArgumentException($"The measure {measure} is not a known value."),
    };
}

/// <summary>A score of a part of the forecasts.</summary>
/// <param name="Name">The column or the group.</param>
/// <param name="Score">Its score.</param>
public sealed record NamedForecastScore(string Name, ForecastScore Score);

/// <summary>The scores of one forecaster.</summary>
public sealed record ForecastReport
{
    /// <summary>Of everything.</summary>
    public required ForecastScore Overall { get; init; }

    /// <summary>(H): of each step ahead; null where nothing is known at that step.</summary>
    public required IReadOnlyList<ForecastScore?> BySteps { get; init; }

    /// <summary>Of each column that has a known value.</summary>
    public required IReadOnlyList<NamedForecastScore> ByColumn { get; init; }

    /// <summary>Of each group, or of each sequence without groups; empty where there is only one.</summary>
    public required IReadOnlyList<NamedForecastScore> ByGroup { get; init; }

    /// <summary>95% intervals of the overall errors; without those that cannot be said.</summary>
    public required IReadOnlyDictionary<ForecastMeasure, ScoreInterval> Intervals { get; init; }

    /// <summary>The steps of the season that <see cref="ForecastScore.Mase"/> is scaled by; 1 for the last value.</summary>
    public required int Season { get; init; }

    /// <summary>The windows that were forecast.</summary>
    public required long Windows { get; init; }

    /// <summary>Numbers that were forecast and are missing in the data.</summary>
    public required long Missing { get; init; }

    /// <summary>What should be known about these scores, a sentence each.</summary>
    public required IReadOnlyList<string> Notices { get; init; }
}

/// <summary>The error of a forecaster relative to that of another on the same windows.</summary>
/// <param name="Ratio">Its error divided by the other's; below 1 it is better.</param>
/// <param name="Interval">
/// The 95% interval of the ratio, both errors taken on the same drawn blocks; null for too few blocks.
/// </param>
public sealed record ForecastComparison(double Ratio, ScoreInterval? Interval)
{
    /// <summary>Whether it is better than the other, beyond chance where that is known.</summary>
    public bool IsBetter => Interval is { } interval ? interval.High < 1 : Ratio < 1;
}
