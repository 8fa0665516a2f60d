namespace Unroll.Studies.Statistics;

/// <summary>A 95% interval.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The ends with four significant digits, such as <c>[0.4385, 1]</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"[{Low:G4}, {High:G4}]");
}
