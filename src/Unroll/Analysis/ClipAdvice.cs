namespace Unroll.Analysis;

/// <summary>
/// A clipping threshold from the norms of many updates. Section 3.2 takes their average, and says that half to ten times of it work. Measured on temporal
/// order of 50 steps with SGD-CR, three seeds each: 1 to 100 times solve 3 of 3, but 1 takes more than twice the updates of 3 or 10, and 0.3 times
/// solves 1 of 3. So it is <see cref="Factor"/> times the average here.
/// </summary>
/// <param name="Threshold"><see cref="Factor"/> times the mean of the norms that did not explode, to two digits; NaN when there is none above 0.</param>
/// <param name="ClipRate">The share of these updates, exploded ones included, that it would have clipped, 0..1.</param>
/// <param name="Used">The norms that the mean is of.</param>
public readonly record struct ClipAdvice(double Threshold, double ClipRate, int Used)
{
    /// <summary>The threshold is this many times the mean norm.</summary>
    public const double Factor = 3;

    /// <summary>The mean of the norms that did not explode; NaN when there is none above 0.</summary>
    public double Mean { get; init; } = double.NaN;

    /// <summary>A norm this many times the median does not take part in the mean, which it would decide alone.</summary>
    public const double Outlier = 100;

    /// <summary>From the norms of updates; those that are not finite count as exploded, and zeros, which nothing has to clip, do not count in the mean.</summary>
    public static ClipAdvice Of(IReadOnlyCollection<double> norms)
    {
        ArgumentNullException.ThrowIfNull(norms);
        double[] finite = [.. norms.Where(norm => norm > 0 && double.IsFinite(norm)).Order()];
        if (finite.Length == 0) return new ClipAdvice(double.NaN, double.NaN, 0);
        double limit = Outlier * Quantiles.At(finite, 0.5);
        double[] usual = [.. finite.Where(norm => norm <= limit)];
        double mean = usual.Average(), threshold = TwoDigits(Factor * mean);
        return new ClipAdvice(threshold, (double)norms.Count(norm => !(norm < threshold)) / norms.Count, usual.Length) { Mean = mean };
    }

    /// <summary>More would only look exact.</summary>
    internal static double TwoDigits(double value)
    {
        if (!(value > 0 && double.IsFinite(value))) return value;
        return double.Parse(value.ToString("E1", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
    }
}
