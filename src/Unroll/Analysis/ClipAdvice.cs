namespace Unroll.Analysis;

/// <summary>A clipping threshold from the norms of many updates (section 3.2: their average; half to ten times of it work alike).</summary>
/// <param name="Threshold">The mean of the norms that did not explode, to two digits; NaN when there is none above 0.</param>
/// <param name="ClipRate">The share of these updates, exploded ones included, that it would have clipped, 0..1.</param>
/// <param name="Used">The norms that the mean is of.</param>
public readonly record struct ClipAdvice(double Threshold, double ClipRate, int Used)
{
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
        double threshold = TwoDigits(usual.Average());
        return new ClipAdvice(threshold, (double)norms.Count(norm => !(norm < threshold)) / norms.Count, usual.Length);
    }

    /// <summary>More would only look exact.</summary>
    internal static double TwoDigits(double value)
    {
        if (!(value > 0 && double.IsFinite(value))) return value;
        return double.Parse(value.ToString("E1", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
    }
}
