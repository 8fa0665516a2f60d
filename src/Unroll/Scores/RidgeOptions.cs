using Unroll.Data;

namespace Unroll.Scores;

/// <summary>How a ridge regression on the window is fitted.</summary>
public sealed record RidgeOptions
{
    /// <summary>
    /// How a window and what comes after it are scaled, as for the network. Default: the last value is subtracted.
    /// </summary>
    public WindowScaling Window { get; init; } = WindowScaling.Last;

    /// <summary>
    /// Whether all columns have one set of weights, each column being a series of its own; otherwise each has its own set.
    /// Default: true.
    /// </summary>
    public bool Shared { get; init; } = true;

    /// <summary>The penalty by window, above 0; null, the default, to choose it on the validation fold.</summary>
    public double? Penalty { get; init; }
}
