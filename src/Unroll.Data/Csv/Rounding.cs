namespace Unroll.Data.Csv;

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
        foreach (float value in values)
        {
            if (value < least) least = value;
            if (value > most) most = value;
        }

        if (!(least <= most)) return null;
        float size = Math.Max(Math.Abs(least), Math.Abs(most));
        double spacing = (double)float.BitIncrement(size) - size, range = (double)most - least;
        return !(range > 0 ? spacing > range / Enough : size >= LastWhole) ? null
            : Invariant($"Column '{column}' has numbers up to {(double)size}, which 32 bits keep to the nearest ")
                + Invariant($"{spacing:G3}, and they differ by no more than {range:G3}; subtract what they have in common.");
    }
}
