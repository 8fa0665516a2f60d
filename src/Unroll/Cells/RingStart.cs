namespace Unroll;

/// <summary>
/// Where the poles lambda of an LRU start: uniformly by area on the ring from <paramref name="Least"/> to
/// <paramref name="Greatest"/>, at angles uniform in (0, <paramref name="Angle"/>]. A pole of size r remembers about 1 / (1 - r)
/// steps (Orvieto et al., 2023, section 3.2).
/// </summary>
/// <param name="Least">The least size of a pole, at least 0.</param>
/// <param name="Greatest">The greatest size of a pole, above the least and below 1.</param>
/// <param name="Angle">The greatest angle, above 0 and at most 6.29 (2 pi).</param>
public sealed record RingStart(double Least = 0.9, double Greatest = 0.999, double Angle = 6.283)
{
    /// <summary>Whether every number is in its range.</summary>
    internal bool IsValid => Least >= 0 && Least < Greatest && Greatest < 1 && Angle > 0 && Angle <= LargestAngle;

    /// <summary>2 pi, rounded up.</summary>
    private const double LargestAngle = 6.29;

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Validate()
    {
        if (!(Least >= 0 && Least < Greatest && Greatest < 1))
            throw new ArgumentException(
                Invariant($"The poles of an LRU start between {Least} and {Greatest}; the least must be at least 0, below the ")
                    + "greatest, and that below 1.");
        if (!(Angle > 0 && Angle <= LargestAngle))
            throw new ArgumentException(
                Invariant($"The poles of an LRU start at angles up to {Angle}; it must be above 0 and at most 6.29 (2 pi)."));
    }
}
