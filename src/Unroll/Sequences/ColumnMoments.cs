namespace Unroll.Data;

/// <summary>What a column of numbers is like, in some steps of it.</summary>
/// <param name="Count">Its values, without missing ones.</param>
/// <param name="Missing">Its missing values.</param>
/// <param name="Minimum">The least; NaN for none.</param>
/// <param name="Maximum">The greatest; NaN for none.</param>
/// <param name="Mean">The mean; NaN for none.</param>
/// <param name="Deviation">The population deviation; NaN for none.</param>
public readonly record struct ColumnMoments(long Count, long Missing, double Minimum, double Maximum, double Mean,
    double Deviation)
{
    /// <summary>Of the training fold.</summary>
    /// <exception cref="ArgumentException">A value is infinite.</exception>
    public static ColumnMoments Of(SequenceFolds folds, int column)
    {
        ArgumentNullException.ThrowIfNull(folds);
        return Of(folds.Data, column, folds.Of(Fold.Train), logarithm: false);
    }

    /// <summary>Of all data.</summary>
    /// <exception cref="ArgumentException">A value is infinite.</exception>
    public static ColumnMoments Of(SequenceData data, int column)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Of(data, column, [.. data.Sequences.Select((one, i) => new FoldPart(i, 0, one.Steps))], logarithm: false);
    }

    /// <summary>The values of some parts in ascending order, without missing ones.</summary>
    internal static float[] Sorted(SequenceData data, int column, IReadOnlyList<FoldPart> parts, long count)
    {
        var values = new float[count];
        int kept = 0;
        Each(data, column, parts, some =>
        {
            foreach (float value in some)
            {
                if (!float.IsNaN(value)) values[kept++] = value;
            }
        });
        Array.Sort(values);
        return values;
    }

    /// <summary>Of some parts of sequences, or of their logarithms.</summary>
    internal static ColumnMoments Of(SequenceData data, int column, IReadOnlyList<FoldPart> parts, bool logarithm)
    {
        long count = 0, missing = 0;
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity, sum = 0, squares = 0;
        Each(data, column, parts, some =>
        {
            foreach (float value in some)
            {
                if (float.IsNaN(value))
                {
                    missing++;
                    continue;
                }

                double read = logarithm ? Math.Log(value) : value;
                count++;
                sum += read;
                if (read < least) least = read;
                if (read > greatest) greatest = read;
            }
        });
        if (count == 0) return new ColumnMoments(0, missing, double.NaN, double.NaN, double.NaN, double.NaN);
        if (double.IsInfinity(least) || double.IsInfinity(greatest)) throw Infinite(data, column, parts);

        // In two passes: the difference of two large sums of squares has no digits left.
        double mean = sum / count;
        Each(data, column, parts, some =>
        {
            foreach (float value in some)
            {
                if (float.IsNaN(value)) continue;
                double read = logarithm ? Math.Log(value) : value;
                squares += (read - mean) * (read - mean);
            }
        });
        return new ColumnMoments(count, missing, least, greatest, mean, Math.Sqrt(squares / count));
    }

    private static ArgumentException Infinite(SequenceData data, int column, IReadOnlyList<FoldPart> parts)
    {
        foreach (FoldPart part in parts)
        {
            ColumnValues values = data.Sequences[part.Sequence].Values(column);
            for (int t = part.Start; t < part.End; t++)
            {
                if (float.IsInfinity(values[t])) return new ArgumentException(Files.Printable.Sentence(
                    Invariant($"Column '{data.Columns[column].Name}' is infinite at step {t + 1} of sequence ")
                        + Invariant($"'{data.Sequences[part.Sequence].Name}'; give NaN for a missing value.")));
            }
        }

        throw new InvalidOperationException("No value is infinite.");
    }

    private static void Each(SequenceData data, int column, IReadOnlyList<FoldPart> parts, Action<ReadOnlySpan<float>> action)
    {
        float[] buffer = [];
        foreach (FoldPart part in parts)
        {
            ColumnValues values = data.Sequences[part.Sequence].Values(column).Slice(part.Start, part.Steps);
            if (values.IsContiguous)
            {
                action(values.Span);
                continue;
            }

            if (buffer.Length == 0) buffer = new float[1024];
            for (int t = 0; t < values.Count; t += buffer.Length)
            {
                Span<float> some = buffer.AsSpan(0, Math.Min(buffer.Length, values.Count - t));
                values.CopyTo(t, some);
                action(some);
            }
        }
    }
}
