using System.Numerics;

namespace Unroll.Analysis;

/// <summary>Order statistics of a set of numbers, such as the sequences of a batch.</summary>
/// <param name="Count">The number of values.</param>
/// <param name="Minimum">The smallest value.</param>
/// <param name="Lower">The first decile.</param>
/// <param name="Median">The median.</param>
/// <param name="Upper">The ninth decile.</param>
/// <param name="Maximum">The largest value.</param>
/// <param name="Mean">The mean.</param>
public readonly record struct Quantiles(
    int Count, double Minimum, double Lower, double Median, double Upper, double Maximum, double Mean)
{
    /// <summary>The quantiles of these numbers; all are NaN when there is no number or one is NaN.</summary>
    public static Quantiles Of(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        Array.Sort(sorted); // puts NaN first
        if (sorted.Length == 0 || double.IsNaN(sorted[0]))
            return new Quantiles(sorted.Length, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        double sum = 0;
        foreach (double value in sorted) sum += value;
        return new Quantiles(
            sorted.Length, sorted[0], At(sorted, 0.1), At(sorted, 0.5), At(sorted, 0.9), sorted[^1], sum / sorted.Length);
    }

    /// <summary>
    /// The quantile of sorted numbers at a share, with linear interpolation between neighbours (type 7 of Hyndman and Fan).
    /// </summary>
    /// <param name="sorted">The numbers, ascending, at least one.</param>
    /// <param name="share">From 0 for the smallest to 1 for the largest.</param>
    /// <exception cref="ArgumentException">There is no number, or the share is outside 0..1.</exception>
    public static double At(ReadOnlySpan<double> sorted, double share) => At<double>(sorted, share);

    /// <summary>The same of sorted numbers of any precision, computed in double.</summary>
    internal static double At<T>(ReadOnlySpan<T> sorted, double share)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (sorted.IsEmpty) throw new ArgumentException("There are no numbers to take a quantile of.", nameof(sorted));
        if (!(share is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share),
            Invariant($"The share is {share}; it must lie in 0..1."));
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        double rest = place - below, low = double.CreateTruncating(sorted[below]);
        if (rest == 0 || sorted[below] == sorted[below + 1]) return low;
        return low + (rest * (double.CreateTruncating(sorted[below + 1]) - low));
    }
}
