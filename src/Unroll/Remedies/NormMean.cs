namespace Unroll.Remedies;

/// <summary>
/// A factor times the running mean of the norms: the plain mean of the first thousand, from then on with a share of .001 for
/// each new one. One norm counts at most as ten means, so that a single explosion does not put the threshold out of reach.
/// </summary>
/// <param name="factor">The factor, positive.</param>
internal sealed class NormMean(double factor) : NormStatistics(2)
{
    private const double Window = 1_000, MostOfOne = 10;

    public override double Threshold => factor * State[1];

    protected override void Take(double norm, double clipped)
    {
        double counted = State[1] > 0 ? Math.Min(norm, MostOfOne * State[1]) : norm;
        State[1] += (counted - State[1]) / Math.Min(Count + 1, Window);
    }
}
