using System.Collections.Immutable;
using System.Numerics;
using Unroll.Cells;
using Unroll.Kernels;

namespace Unroll.Analysis;

/// <summary>How far one nonlinearity of a layer is saturated, over the steps and sequences of a batch and the layer's
/// units.</summary>
/// <param name="Layer">The layer, 0 next to the input.</param>
/// <param name="Gate">The cell's name for the nonlinearity: h of plain units; s = sigma(x) of leaky ones; i, f, g, o and tanh(c)
/// of an LSTM; n, r, z of a GRU.</param>
/// <param name="Low">The share, 0..1, with a slope below <see cref="ActivationSlopes.SaturatedBelow"/> of what it can be, at the
/// lower end: a closed gate, a tanh near -1, a rectified unit that is off.</param>
/// <param name="High">The share, 0..1, at the upper end: an open gate, a tanh near 1.</param>
/// <param name="Mean">The mean activation.</param>
public readonly record struct GateSaturation(int Layer, string Gate, double Low, double High, double Mean)
{
    /// <summary>The share that is saturated at either end, 0..1.</summary>
    public double Share => Low + High;

    /// <summary>
    /// Whether this is a gate, a factor between 0 and 1. A fully open gate is saturated and still passes its signal, so
    /// saturation of a gate is not a fault by itself.
    /// </summary>
    public bool IsGate { get; init; }

    /// <summary>Measures every nonlinearity of every layer, from the input to the head, over the last forward pass.</summary>
    /// <param name="unrolled">The network after a forward pass.</param>
    public static ImmutableArray<GateSaturation> Of<T>(UnrolledNetwork<T> unrolled)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        var gates = ImmutableArray.CreateBuilder<GateSaturation>();
        foreach ((int index, LayerTape<T> layer) in unrolled.Tape.Layers.Index())
        {
            for (int kept = 0; kept < layer.Layout.Kept; kept++)
            {
                if (Measure(unrolled, index, layer, kept) is { } gate) gates.Add(gate);
            }
        }

        return gates.DrainToImmutable();
    }

    /// <summary>Null for a kept number that is not the value of a nonlinearity.</summary>
    private static GateSaturation? Measure<T>(UnrolledNetwork<T> unrolled, int index, LayerTape<T> layer, int kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ICell cell = layer.Shape.Definition;
        Activation activation = cell.ActivationOf(layer.Shape, kept);
        if (activation == Activation.Identity && !cell.HasActivation) return null;
        double bound = ActivationSlopes.SaturatedBelow * activation.Gamma(), sum = 0;
        long low = 0, high = 0, all = 0;
        for (int row = 0; row < unrolled.Rows; row++)
        {
            int length = unrolled.LengthOf(row);
            for (int t = 1; t <= length; t++)
            {
                (long below, long above, double values) = ActivationSlopes.Count(activation, layer.KeptRow(kept, t, row), bound);
                (low, high, sum) = (low + below, high + above, sum + values);
                all += layer.Shape.Hidden;
            }
        }

        double entries = Math.Max(1, all);
        return new GateSaturation(index, cell.NameOf(kept), low / entries, high / entries, sum / entries)
        {
            IsGate = activation == Activation.Sigmoid && !cell.HasActivation,
        };
    }
}
