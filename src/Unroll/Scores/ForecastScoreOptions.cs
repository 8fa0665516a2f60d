namespace Unroll.Scores;

/// <summary>How forecasts are scored.</summary>
public sealed record ForecastScoreOptions
{
    /// <summary>
    /// The steps of a season for <see cref="ForecastScore.Mase"/>; null, the default, to find it (<see cref="Season"/>).
    /// </summary>
    public int? Season { get; init; }

    /// <summary>
    /// The standard deviations that <see cref="ForecastScore.StandardMae"/> and <see cref="ForecastScore.StandardMse"/> divide
    /// by, one a target, each above 0; null, the default, for those of the training fold. Give them where the data scored are
    /// other than those of training.
    /// </summary>
    public IReadOnlyList<double>? Deviations { get; init; }

    /// <summary>The seed of the draws behind the intervals. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;
}
