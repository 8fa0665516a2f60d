namespace Unroll.Dynamics;

/// <summary>What happens to a small distance from a fixed point.</summary>
public enum Stability
{
    /// <summary>It shrinks: the point is an attractor.</summary>
    Stable,

    /// <summary>It grows, at least in one direction.</summary>
    Unstable,

    /// <summary>Neither, to first order: a bifurcation.</summary>
    Neutral,
}

/// <summary>A state that a one-unit map leaves where it is.</summary>
/// <param name="X">The state (a pre-activation).</param>
/// <param name="Multiplier">F'(x), by which a small distance from it is multiplied at each step.</param>
public sealed record FixedPoint(double X, double Multiplier)
{
    /// <summary>Stable when |F'(x)| is below 1.</summary>
    public Stability Stability =>
        Math.Abs(Multiplier) switch { < 1 => Stability.Stable, > 1 => Stability.Unstable, _ => Stability.Neutral };
}

/// <summary>Two states that a one-unit map exchanges.</summary>
/// <param name="Low">The lower one.</param>
/// <param name="High">The higher one, F(Low).</param>
/// <param name="Multiplier">F'(Low) F'(High), by which a small distance is multiplied in two steps.</param>
public sealed record PeriodTwoCycle(double Low, double High, double Multiplier);
