namespace Unroll.Scores;

/// <summary>A 95% interval of a score.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct ScoreInterval(double Low, double High)
{
    /// <summary>The 97.5% quantile of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>
    /// The Wilson score interval (Wilson, 1927) of a share: it stays inside 0..1, and its width is not 0 where no case
    /// or every case is a hit. Without a case it is 0..1.
    /// </summary>
    /// <param name="hits">The cases that count, 0..<paramref name="cases"/>.</param>
    /// <param name="cases">The cases.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static ScoreInterval Wilson(long hits, long cases)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, cases);
        if (cases == 0) return new ScoreInterval(0, 1);
        double n = cases, p = hits / n, z2 = Z * Z;
        double middle = (p + (z2 / (2 * n))) / (1 + (z2 / n));
        double half = Z / (1 + (z2 / n)) * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
        return new ScoreInterval(hits == 0 ? 0 : middle - half, hits == cases ? 1 : middle + half);
    }

    /// <summary>The ends with four significant digits, such as <c>[0.4385, 1]</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"[{Low:G4}, {High:G4}]");
}
