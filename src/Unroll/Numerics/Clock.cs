using System.Diagnostics;

namespace Unroll.Numerics;

/// <summary>
/// The only clock of the libraries (src/BannedSymbols.txt forbids every other use of time). Times are reported, and decide when
/// to save and how many threads are worth waking. No number of a model or of a trial's result depends on them.
/// </summary>
internal static class Clock
{
#pragma warning disable RS0030 // this is the one place
    /// <summary>Ticks a second.</summary>
    public static long Frequency => Stopwatch.Frequency;

    /// <summary>The ticks since some fixed moment; they never go back.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>The seconds since <paramref name="ticks"/>, a value of <see cref="Now"/>.</summary>
    public static double SecondsSince(long ticks) => Stopwatch.GetElapsedTime(ticks).TotalSeconds;
#pragma warning restore RS0030
}
