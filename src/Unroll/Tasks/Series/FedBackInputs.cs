using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Steps of the horizon as a network reads them where forecasts are fed back. Of what is forecast the input at a step is the
/// output for it, because both have the units of the column's and the window's scale. (Of differences over a season, which are
/// what the outputs are too as long as the horizon is a season at most.) What is known ahead and the parts of dates are those of
/// the step.
/// </summary>
internal sealed class FedBackInputs(SeriesCodec codec, EncodedSequences sequences, int[] columns)
{
    // Where the inputs of a column begin: of all columns that are read, or behind a channel's own.
    private readonly int[] _inputs = Places(codec, sequences);

    /// <inheritdoc cref="SeriesRows.FillFedBack"/>
    public void Fill(
        Batch batch, int step, int row, SequenceWindow window, int channel, ReadOnlySpan<double> outputs, int part)
    {
        bool shared = codec.Options.SharedChannels;
        int inputs = codec.StepInputs, steps = codec.PartSteps, start = window.End + (part * steps);
        int targets = shared ? 1 : columns.Length, levels = codec.Levels, point = codec.PointLevel;
        SequenceEncoder encoder = codec.Encoder;
        Span<double> to = batch.Dense(step, row);
        for (int h = 0; h < steps; h++)
        {
            for (int k = 0; k < targets; k++)
                to[(h * inputs) + (shared ? 0 : _inputs[columns[k]])] = outputs[(((h * targets) + k) * levels) + point];
        }

        for (int c = 0; c < encoder.Columns.Count; c++)
        {
            if (encoder.IsKnown(c)) sequences.EncodeColumn(c, window.Sequence, start, steps, to[_inputs[c]..], inputs);
        }

        if (encoder.Options.Calendar.Count == 0) return;
        int input = inputs - (2 * encoder.Options.Calendar.Count);
        sequences.EncodeCalendar(DatesOf(window, start, steps), to[input..], inputs);
    }

    private static int[] Places(SeriesCodec codec, EncodedSequences sequences)
    {
        bool shared = codec.Options.SharedChannels;
        var places = new int[codec.Encoder.Columns.Count];
        for (int c = 0, input = shared ? 1 : 0; c < places.Length; c++)
        {
            places[c] = input;
            if (!shared || codec.Encoder.IsKnown(c)) input += sequences.WidthOf(c);
        }

        return places;
    }

    /// <summary>The dates of steps behind a window: those of their rows, and where there are none, so many of the window's usual
    /// steps behind it.</summary>
    private ReadOnlySpan<DateTime> DatesOf(SequenceWindow window, int start, int steps)
    {
        ReadOnlyMemory<DateTime> known = sequences.Data.Sequences[window.Sequence].Times.Dates;
        if (start + steps <= known.Length) return known.Span.Slice(start, steps);
        int first = Math.Max(0, Math.Min(window.Start, window.End - 2));
        ReadOnlyMemory<DateTime> before = known[first..window.End];
        var facts = TimeFacts.Of(before);
        if (double.IsNaN(facts.Step)) throw new ArgumentException(
            "The dates of the steps to come are not known: the rows of the window are of one date, or there is one row only; "
                + "take a longer window, or read no calendar.");
        var dates = new DateTime[steps];
        for (int t = 0; t < steps; t++)
        {
            int at = start + t;
            dates[t] = at < known.Length ? known.Span[at] : facts.After(before.Span[^1], at - window.End + 1);
        }

        return dates;
    }
}
