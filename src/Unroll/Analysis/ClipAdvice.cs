namespace Unroll.Analysis;

/// <summary>
/// A clipping threshold from the norms of many updates. Section 3.2 takes the average norm, and says that thresholds of half to
/// ten times the average work. Measured on temporal order of 50 steps with SGD-CR, ten seeds each: 3 to 100 times solve 10 of 10,
/// in about half the updates of 1, which solves 9; 0.5 times solves 6, 0.3 times 4. The threshold here is therefore
/// <see cref="Factor"/> times the average.
/// </summary>
/// <param name="Threshold"><see cref="Factor"/> times the mean of the norms that did not explode, to two digits; NaN when no norm
/// is above 0.</param>
/// <param name="ClipRate">The share of these updates, exploded ones included, that the threshold would have clipped,
/// 0..1.</param>
/// <param name="Used">The number of norms in the mean.</param>
public readonly record struct ClipAdvice(double Threshold, double ClipRate, int Used)
{
    /// <summary>The threshold is this many times the mean norm.</summary>
    public const double Factor = 3;

    /// <summary>The mean of the norms that did not explode; NaN when no norm is above 0.</summary>
    public double Mean { get; init; } = double.NaN;

    /// <summary>A norm of this many times the median is left out of the mean, because it would dominate the mean.</summary>
    public const double Outlier = 100;

    /// <summary>
    /// Computes the advice from the norms of updates. Norms that are not finite count as exploded. Zeros are left out of the
    /// mean, because they need no clipping.
    /// </summary>
    public static ClipAdvice Of(IReadOnlyCollection<double> norms)
    {
        ArgumentNullException.ThrowIfNull(norms);
        double[] finite = [.. norms.Where(norm => norm > 0 && double.IsFinite(norm)).Order()];
        if (finite.Length == 0) return new ClipAdvice(double.NaN, double.NaN, 0);
        double limit = Outlier * Quantiles.At(finite, 0.5);
        double[] usual = [.. finite.Where(norm => norm <= limit)];
        double mean = usual.Average(), threshold = TwoDigits(Factor * mean);
        double rate = (double)norms.Count(norm => !(norm < threshold)) / norms.Count;
        return new ClipAdvice(threshold, rate, usual.Length) { Mean = mean };
    }

    /// <summary>Rounds to two digits. More digits would suggest a precision that the value does not have.</summary>
    internal static double TwoDigits(double value)
    {
        if (!(value > 0 && double.IsFinite(value))) return value;
        return double.Parse(value.ToString("E1", System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.CultureInfo.InvariantCulture);
    }
}
