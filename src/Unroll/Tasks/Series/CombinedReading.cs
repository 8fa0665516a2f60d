using System.Numerics;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// A network that reads values, or differences over a season, as one that reads both (<see cref="EncoderOptions.Combined"/>), so
/// that networks of both readings can be joined as one whose forecast is the mean of theirs (Bates and Granger, 1969).
/// </summary>
/// <remarks>
/// With x_T the window's last value, s_v the values' scale, b_h the last season with its growth, s_d the differences' scale and o
/// what networks say:
/// <code>
///   values:       x_{T+h} = x_T + s_v o_v                    reads (x_t - x_T) / s_v
///   differences:  x_{T+h} = b_h + s_d o_d                    reads differences in their scale
///   both:         x_{T+h} = (x_T + b_h)/2 + s_d o            reads differences in their scale, and (x_t - x_T) / s_d
/// </code>
/// The mean of the first two is the third with o = (s_v/s_d o_v + o_d) / 2. So the output weights of a network of values are
/// multiplied by s_v/s_d, its weights from x by s_d/s_v, and the half is what joining does.
/// </remarks>
internal static class CombinedReading
{
    /// <summary>The same network with the inputs, and in the unit, of the combined reading.</summary>
    /// <typeparam name="T">The precision.</typeparam>
    /// <param name="network">A network of one of the two readings.</param>
    /// <param name="from">Its codec: values relative to the window's last, or differences.</param>
    /// <param name="to">The codec of both, with one target and the same scales.</param>
    /// <exception cref="ArgumentException">The codecs are not of such readings.</exception>
    public static Network<T> Express<T>(Network<T> network, SeriesCodec from, SeriesCodec to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        EncoderOptions own = from.Encoder.Options, both = to.Encoder.Options;
        bool readsValues = own.Differenced.Count == 0;
        if (!both.Combined || to.Targets.Count != 1 || to.Options.SharedChannels || from.Options.SharedChannels)
            throw new ArgumentException("A reading of values and differences combined has one target.");
        if (own.Window != (readsValues ? WindowScaling.Last : both.Window))
            throw new ArgumentException("Values that are combined are relative to the last of their window.");
        string target = to.Targets[0];
        double ratio = readsValues ? from.Encoder.ScaleOf(target).Scale / to.Encoder.ScaleOf(target).Scale : 1;
        int[] places = [.. from.Encoder.InputNames.Select(name =>
            PlaceOf(to.Encoder.InputNames, readsValues && name == target ? SequenceEncoder.LevelOf(name) : name))];
        int level = from.Encoder.InputNames.ToList().IndexOf(target);
        var wide = new Network<T>(network.Shape with { Inputs = to.Inputs });
        foreach ((ParameterBlock source, ParameterBlock block) in network.Blocks.Zip(wide.Blocks))
        {
            Span<T> read = network.Parameters.Slice(source.Offset, source.Length);
            Span<T> written = wide.Parameters.Slice(block.Offset, block.Length);
            if (source.Role == ParameterRole.InputWeights && source.Layer == 0)
            {
                for (int row = 0; row < source.Rows; row++)
                    Row(read.Slice(row * source.Columns, source.Columns), written.Slice(row * block.Columns, block.Columns));
                continue;
            }

            read.CopyTo(written);
            if (source.Role is not (ParameterRole.OutputWeights or ParameterRole.OutputBias)) continue;
            foreach (ref T weight in written) weight *= T.CreateTruncating(ratio);
        }

        return wide;

        void Row(ReadOnlySpan<T> read, Span<T> written)
        {
            for (int s = 0; s < from.Options.Segment; s++)
            {
                for (int i = 0; i < places.Length; i++)
                {
                    T weight = read[(s * from.StepInputs) + i];
                    written[(s * to.StepInputs) + places[i]] = i == level ? weight / T.CreateTruncating(ratio) : weight;
                }
            }

            // Those that say which part of the horizon is forecast.
            read[(from.Options.Segment * from.StepInputs)..].CopyTo(written[(to.Options.Segment * to.StepInputs)..]);
        }
    }

    private static int PlaceOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name) return i;
        }

        throw new ArgumentException($"The combined reading has no input '{name}'.");
    }
}
