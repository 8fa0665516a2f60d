namespace Unroll.Cli.Watch;

/// <summary>
/// Which points of a curve a drawing needs: of as many equal parts as fit, each with its least and its greatest value, and the
/// first and the last point. A drawing of these looks as one of all points does.
/// </summary>
internal static class Thinning
{
    /// <summary>The places of the points that are kept, in order.</summary>
    /// <param name="from">The first place.</param>
    /// <param name="end">The place after the last one.</param>
    /// <param name="value">The value at a place; NaN where there is none.</param>
    /// <param name="most">The most points, at least 4.</param>
    public static List<int> Keep(int from, int end, Func<int, float> value, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        var finite = new List<int>();
        for (int i = from; i < end; i++)
        {
            if (float.IsFinite(value(i))) finite.Add(i);
        }

        if (finite.Count <= most) return finite;
        int parts = (most - 2) / 2;
        var kept = new List<int>(most) { finite[0] };
        for (int part = 0; part < parts; part++)
        {
            // Without the first and the last point, which are kept in any case.
            int start = 1 + (int)((long)(finite.Count - 2) * part / parts);
            int stop = 1 + (int)((long)(finite.Count - 2) * (part + 1) / parts);
            int least = start, greatest = start;
            for (int i = start + 1; i < stop; i++)
            {
                if (value(finite[i]) < value(finite[least])) least = i;
                if (value(finite[i]) > value(finite[greatest])) greatest = i;
            }

            kept.Add(finite[Math.Min(least, greatest)]);
            if (least != greatest) kept.Add(finite[Math.Max(least, greatest)]);
        }

        kept.Add(finite[^1]);
        return kept;
    }

    /// <summary>So many places of a list at most, evenly spread, the first and the last among them.</summary>
    public static IEnumerable<int> Spread(int count, int most) =>
        count <= most ? Enumerable.Range(0, count)
        : most == 1 ? [count - 1]
        : Enumerable.Range(0, most).Select(i => (int)((long)i * (count - 1) / (most - 1)));
}
