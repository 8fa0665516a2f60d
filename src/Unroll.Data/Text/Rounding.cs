namespace Unroll.Data.Text;

/// <summary>Numbers are kept in 32 bits: seven digits. Where a column goes up and down in the last of these alone, that is
/// said.</summary>
internal static class Rounding
{
    /// <summary>So many different numbers between the least and the greatest are enough to learn from.</summary>
    private const double Enough = 200;

    private const float LastWhole = 1 << 24;

    /// <summary>The sentence; null where rounding does not matter.</summary>
    /// <param name="column">The name of the column.</param>
    /// <param name="values">Its values, NaN for a missing one.</param>
    public static string? Notice(string column, ReadOnlySpan<float> values)
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        foreach (float value in values) Widen(value, ref least, ref most);
        return Notice(column, least, most);
    }

    /// <summary>The sentences about columns of sequences.</summary>
    /// <param name="columns">The columns, all of numbers.</param>
    /// <param name="sequences">The sequences.</param>
    public static IEnumerable<string> Notices(IReadOnlyList<SequenceColumn> columns, IReadOnlyList<Sequence> sequences)
    {
        for (int c = 0; c < columns.Count; c++)
        {
            float least = float.PositiveInfinity, most = float.NegativeInfinity;
            foreach (Sequence sequence in sequences)
            {
                ColumnValues values = sequence.Values(c);
                for (int t = 0; t < values.Count; t++) Widen(values[t], ref least, ref most);
            }

            if (Notice(columns[c].Name, least, most) is { } notice) yield return notice;
        }
    }

    private static void Widen(float value, ref float least, ref float most)
    {
        if (value < least) least = value;
        if (value > most) most = value;
    }

    private static string? Notice(string column, float least, float most)
    {
        if (!(least <= most)) return null;
        float size = Math.Max(Math.Abs(least), Math.Abs(most));
        double spacing = (double)float.BitIncrement(size) - size, range = (double)most - least;
        return !(range > 0 ? spacing > range / Enough : size >= LastWhole) ? null
            : Invariant($"Column '{column}' has numbers up to {(double)size}, which 32 bits keep to the nearest ")
                + Invariant($"{spacing:G3}, and they differ by no more than {range:G3}; subtract what they have in common.");
    }
}
