namespace Unroll.Remedies;

/// <summary>
/// Running mean and variance of the norms. A norm z > limit deviations above the mean is scaled to mean + limit^2 / z
/// deviations, and that is what the statistics take of it; equal norms have no deviation, and clip nothing. They begin with
/// mean and variance of the first 25 norms; from then on mean = .97 mean + .03 n, variance = .97 variance + .03 (n - mean)^2
/// with the new mean.
/// </summary>
/// <param name="limit">The deviations above the mean, positive.</param>
internal sealed class NormDeviation(double limit) : NormStatistics(3 + AdaptiveThreshold.WarmUp)
{
    // Rounding gives equal norms a variance; below this share of the mean a deviation is none.
    private const double Kept = 0.97, LeastDeviation = 1e-9;

    public override double Threshold => Deviation > LeastDeviation * Mean ? Mean + (limit * Deviation) : 0;

    private double Mean => State[1];

    private double Deviation => Math.Sqrt(State[2]);

    public override double Target(double norm) => Mean + (limit * limit * Deviation * Deviation / (norm - Mean));

    protected override void Take(double norm, double clipped)
    {
        if (IsReady)
        {
            State[1] = (Kept * State[1]) + ((1 - Kept) * clipped);
            State[2] = (Kept * State[2]) + ((1 - Kept) * (clipped - State[1]) * (clipped - State[1]));
            return;
        }

        int seen = (int)Count;
        Span<double> first = State.AsSpan(3);
        first[seen] = norm;
        if (seen + 1 < AdaptiveThreshold.WarmUp) return;
        double mean = 0, variance = 0;
        foreach (double n in first) mean += n / AdaptiveThreshold.WarmUp;
        foreach (double n in first) variance += (n - mean) * (n - mean) / AdaptiveThreshold.WarmUp;
        (State[1], State[2]) = (mean, variance);
    }
}
