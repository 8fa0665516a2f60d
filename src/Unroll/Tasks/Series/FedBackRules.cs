using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>What must hold where forecasts are fed back (<see cref="SeriesDecoder.FedBack"/>): that every input of a step to come
/// is a forecast, a part of its date, or known ahead.</summary>
internal static class FedBackRules
{
    /// <exception cref="ArgumentException">Something that is read would not be known.</exception>
    public static void Check(SeriesCodec codec)
    {
        SeriesOptions options = codec.Options;
        EncoderOptions reading = codec.Encoder.Options;
        if (options.Horizon % options.Segment != 0) throw new ArgumentException(
            Invariant($"The horizon is {Counted.Of(options.Horizon, "step")} and the segment {options.Segment}, and whole ")
                + "segments are fed back; take a segment that divides the horizon, 1 for example.");
        if (reading.Missing == MissingPolicy.Mask) throw new ArgumentException(
            "The policy mask reads at every step whether a value is missing, and forecasts are fed back, of which none is; take "
                + "forward or zero for missing values, or the direct decoder.");
        if (reading.Differenced.Count > 0 && options.Horizon > reading.Season) throw new ArgumentException(
            Invariant($"The horizon is {Counted.Of(options.Horizon, "step")} and the season of the differences {reading.Season}")
                + "; where forecasts are fed back the horizon must be a season at most, so take a shorter one, no differences, "
                + "or the direct decoder.");
        for (int c = 0; c < codec.Encoder.Columns.Count; c++)
        {
            SequenceColumn column = codec.Encoder.Columns[c];
            if (codec.Encoder.IsKnown(c) || codec.Targets.Contains(column.Name)) continue;
            if (column.Kind == ColumnKind.Category) throw new ArgumentException(Printable.Sentence(
                $"Column '{column.Name}' has categories, and where forecasts are fed back, which are numbers, it would be read "
                    + "of steps to come; say that it is known ahead, leave it out, or take the direct decoder."));
            throw new ArgumentException(Printable.Sentence(
                $"Column '{column.Name}' is read and not forecast, and where forecasts are fed back it would be read of steps to "
                    + "come; make it a target too, say that it is known ahead, leave it out, or take the direct decoder."));
        }
    }

    /// <summary>Refuses data that do not say of the steps to come what is known of them.</summary>
    /// <exception cref="ArgumentException">Columns that are known ahead are not read from the rows of those steps.</exception>
    public static void CheckData(SeriesCodec codec, EncodedSequences sequences)
    {
        if (!codec.FeedsBack || codec.Encoder.Options.Known.Count == 0 || sequences.ReadsAhead) return;
        throw new ArgumentException(Printable.Sentence(
            $"Where forecasts are fed back, '{codec.Encoder.Options.Known[0]}' is read of the rows of the steps to come, which "
                + $"{sequences.Data.Name} does not have; predict from a table with those rows, or train with the direct "
                + "decoder."));
    }
}
