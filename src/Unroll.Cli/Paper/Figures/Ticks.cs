namespace Unroll.Cli.Paper.Figures;

/// <summary>Round numbers on an axis that a figure draws itself.</summary>
internal static class Ticks
{
    private const int Most = 6;

    /// <summary>
    /// At most six multiples of 1, 2 or 5 times a power of ten within a range, its ends included where they are such.
    /// </summary>
    /// <param name="from">The lower end.</param>
    /// <param name="to">The upper end.</param>
    public static IReadOnlyList<double> Between(double from, double to)
    {
        if (!(to > from) || !double.IsFinite(to - from)) return [];
        double power = Math.Pow(10, Math.Floor(Math.Log10((to - from) / Most)));
        foreach (int factor in (int[])[1, 2, 5, 10, 20])
        {
            double step = factor * power, slack = 1e-9;
            long first = (long)Math.Ceiling((from / step) - slack), last = (long)Math.Floor((to / step) + slack);
            if (last - first < Most) return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => (first + i) * step)];
        }

        return [];
    }
}
