using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// A column as differences of each value from that a season before (seasonal differencing; Box and Jenkins, 1970, chapter 9):
/// what is left of a series that repeats itself is how much it grows. With season m, a step t of a window, and x the column (or
/// its logarithm):
/// <code>
///   d_t = x_t - x_{t-m}                 read where t-m is in the window; 0, once scaled, before
///   x_{T+h} = b_h + k c + d_h           forecast, where b_h is the value of the window's last season at the same place,
///                                       k the whole seasons that lie between, and c the center of the differences' scale
/// </code>
/// A forecast of 0, once scaled, is thus the last season with the drift that the scale's center has.
/// </summary>
internal static class SeasonalDifference
{
    /// <summary>The scale of a column's differences in some parts of sequences.</summary>
    /// <exception cref="ArgumentException">No part is longer than a season, or all differences are equal.</exception>
    public static ColumnScale Fit(SequenceData data, IReadOnlyList<FoldPart> parts, int column, EncoderOptions options)
    {
        string name = data.Columns[column].Name;
        if (Differences(data, parts, column, options, name) is { } differences)
            return ColumnScale.Fit(SequenceFolds.OfWhole(differences, new Fold[differences.Count]), 0, options.Scale);
        throw new ArgumentException(Files.Printable.Sentence(
            Invariant($"The training fold has no more than {Counted.Of(options.Season, "step")} of column '{name}' in a ")
                + "sequence, and "
                + "differences over so many are to be read; take a shorter season, or leave it out."));
    }

    /// <summary>As <see cref="Fit"/>; null where there is no spread to scale by.</summary>
    public static ColumnScale? OfParts(SequenceData data, IReadOnlyList<FoldPart> parts, int column, EncoderOptions options) =>
        Differences(data, parts, column, options, data.Columns[column].Name) is not { } found ? null
            : ColumnScale.OfParts(found, [.. found.Sequences.Select((one, i) => new FoldPart(i, 0, one.Steps))], 0, options.Scale,
                logarithm: false);

    /// <summary>Makes differences of the scaled values of a window, in their place.</summary>
    /// <param name="values">(T): the values, of scale <paramref name="scale"/> though they are no differences; receives the
    /// differences in that scale.</param>
    /// <param name="season">m, below T.</param>
    /// <param name="scale">The scale.</param>
    public static void Apply(Span<double> values, int season, ColumnScale scale)
    {
        // (x - c)/s - (y - c)/s is (x - y)/s, which lacks the center of the differences.
        double center = scale.Center / scale.Scale;
        for (int t = values.Length - 1; t >= season; t--) values[t] -= values[t - season] + center;
        values[..season].Clear();
    }

    /// <summary>The step whose value a forecast is made of, and how many whole seasons lie between it and the one before
    /// that which is forecast.</summary>
    /// <param name="end">The step behind the window.</param>
    /// <param name="ahead">How many steps behind that is forecast, 0 for the first.</param>
    /// <param name="season">m.</param>
    public static (int Step, int Seasons) Base(int end, int ahead, int season) =>
        (end - season + (ahead % season), ahead / season);

    private static SequenceData? Differences(
        SequenceData data, IReadOnlyList<FoldPart> parts, int column, EncoderOptions options, string name)
    {
        bool logarithm = options.Logarithm.Contains(name);
        var builder = new SequenceBuilder(name);
        bool any = false;
        foreach (FoldPart part in parts.Where(part => part.Steps > options.Season))
        {
            ColumnValues values = data.Sequences[part.Sequence].Values(column);
            var differences = new float[part.Steps - options.Season];
            for (int i = 0; i < differences.Length; i++)
                differences[i] = (float)(Read(values[part.Start + options.Season + i]) - Read(values[part.Start + i]));
            builder.Add(differences);
            any = true;
        }

        return any ? builder.Build() : null;

        double Read(float value) => logarithm ? Math.Log(value) : value;
    }
}
