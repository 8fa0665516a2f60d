namespace Unroll.Scores;

/// <summary>How forecasts are scored.</summary>
public sealed record ForecastScoreOptions
{
    /// <summary>
    /// The steps of a season for <see cref="ForecastScore.Mase"/>; null, the default, to find it (<see cref="Season"/>).
    /// </summary>
    public int? Season { get; init; }

    /// <summary>The seed of the draws behind the intervals. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;
}
