namespace Unroll.Studies.Statistics;

/// <summary>A share of successes, with its uncertainty.</summary>
/// <param name="Successes">Successes, 0..Runs.</param>
/// <param name="Runs">Runs.</param>
public readonly record struct SuccessRate(int Successes, int Runs)
{
    /// <summary>The 97.5% quantile of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>The share; not a number without a run.</summary>
    public double Share => (double)Successes / Runs;

    /// <summary>
    /// The Wilson score interval (Wilson, 1927), which stays inside [0, 1] and is honest at 0 and at all: three of three is
    /// 44% to 100%. Without a run it is everything.
    /// </summary>
    public Interval Wilson() => Wilson(Share, Runs);

    /// <summary>Such as <c>5 of 6 solved</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Successes} of {Runs} solved");

    /// <summary>The same of a share of runs that are worth a number of independent ones, which need not be whole.</summary>
    internal static Interval Wilson(double share, double runs)
    {
        if (runs == 0) return new Interval(0, 1);
        double n = runs, p = share, z2 = Z * Z;
        double middle = (p + (z2 / (2 * n))) / (1 + (z2 / n));
        double half = Z / (1 + (z2 / n)) * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
        return new Interval(p == 0 ? 0 : middle - half, p == 1 ? 1 : middle + half);
    }
}
