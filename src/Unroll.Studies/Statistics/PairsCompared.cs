using MathNet.Numerics.Distributions;

namespace Unroll.Studies.Statistics;

/// <summary>
/// Two methods compared by a number that each pair of runs has: the mean of the differences within pairs, its 95% interval by
/// Student's t, and the paired t test of no difference. One pair has a difference and no interval.
/// </summary>
public sealed record PairsCompared
{
    /// <param name="differences">The first one's number minus the second one's, for each pair; all finite, at least one.</param>
    /// <exception cref="ArgumentException">There is no pair.</exception>
    public PairsCompared(IReadOnlyList<double> differences)
    {
        if (differences.Count == 0) throw new ArgumentException("Two methods are compared over at least one pair.");
        Pairs = differences.Count;
        Difference = differences.Average();
        if (Pairs < 2) return;
        double error = Math.Sqrt(differences.Sum(d => (d - Difference) * (d - Difference)) / (Pairs - 1) / Pairs);
        double reach = StudentT.InvCDF(0, 1, Pairs - 1, 0.975) * error;
        Interval = new Interval(Difference - reach, Difference + reach);
        PValue = error > 0 ? 2 * StudentT.CDF(0, 1, Pairs - 1, -Math.Abs(Difference) / error) : Difference == 0 ? 1 : 0;
    }

    /// <summary>How many pairs.</summary>
    public int Pairs { get; }

    /// <summary>The mean of the differences.</summary>
    public double Difference { get; }

    /// <summary>Its 95% interval; null for one pair.</summary>
    public Interval? Interval { get; }

    /// <summary>Of no difference; null for one pair.</summary>
    public double? PValue { get; }
}
