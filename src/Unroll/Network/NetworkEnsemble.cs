using System.Numerics;

namespace Unroll;

/// <summary>
/// Several networks of one shape as one that does the same: their units lie side by side in each layer, no weight leads from one
/// to another, and the head's outputs are the means of theirs. Of classes these are outputs before the softmax, so that the
/// probabilities are the normalized geometric means of theirs.
/// </summary>
/// <remarks>
/// With K networks and H units in a layer, unit j of network k is unit k H + j; W_rec is block-diagonal; W_out and b_out are
/// divided by K. The result is a network like any other, K times as wide: it can be evaluated, exported and streamed.
/// </remarks>
public static class NetworkEnsemble
{
    /// <summary>Joins networks.</summary>
    /// <typeparam name="T">The precision.</typeparam>
    /// <param name="networks">At least one, all of the same shape.</param>
    /// <exception cref="ArgumentException">There is none, shapes differ, a layer is normalized, or the result would be too
    /// wide.</exception>
    public static Network<T> Join<T>(IReadOnlyList<Network<T>> networks)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(networks);
        if (networks.Count == 0) throw new ArgumentException("There is no network to join.");
        NetworkShape shape = networks[0].Shape;
        if (networks.Any(network => network.Shape != shape))
            throw new ArgumentException("Networks of different shapes cannot be joined; train all with the same options.");
        Require(shape);
        var joined = new Network<T>(Wider(shape, networks.Count));
        for (int b = 0; b < joined.Blocks.Length; b++)
        {
            Span<T> to = joined.Parameters.Slice(joined.Blocks[b].Offset, joined.Blocks[b].Length);
            for (int k = 0; k < networks.Count; k++)
            {
                ParameterBlock block = networks[k].Blocks[b];
                Put(to, networks[k].Parameters.Slice(block.Offset, block.Length), block, k, networks.Count, shape);
            }
        }

        return joined;
    }

    /// <summary>Refuses networks that cannot be parts of another.</summary>
    /// <exception cref="ArgumentException">A layer is normalized.</exception>
    internal static void Require(NetworkShape shape)
    {
        if (shape.Layers.Any(layer => layer.LayerNorm))
            throw new ArgumentException(
                "Networks with layer normalization cannot be joined, because a joined layer would be normalized over the units "
                    + "of all networks; train one network, or leave the normalization out.");
    }

    /// <summary>The shape of so many networks side by side.</summary>
    /// <param name="shape">The shape of one.</param>
    /// <param name="count">K.</param>
    internal static NetworkShape Wider(NetworkShape shape, int count) => shape with
    {
        Layers = shape.Layers.Select(layer => layer with { Hidden = checked(layer.Hidden * count) }),
    };

    private static void Put<T>(Span<T> to, ReadOnlySpan<T> from, ParameterBlock block, int k, int count, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (block.Role)
        {
            case ParameterRole.InputWeights when block.Layer == 0:
                Rows(to, from, block, shape.Layers[0].Hidden, k, count, shared: true);
                break;
            case ParameterRole.InputWeights or ParameterRole.RecurrentWeights:
                Rows(to, from, block, shape.Layers[block.Layer].Hidden, k, count, shared: false);
                break;
            case ParameterRole.OutputWeights:
                for (int o = 0; o < block.Rows; o++)
                {
                    for (int j = 0; j < block.Columns; j++)
                        to[(((o * count) + k) * block.Columns) + j] = from[(o * block.Columns) + j] / T.CreateTruncating(count);
                }

                break;
            case ParameterRole.OutputBias:
                for (int o = 0; o < from.Length; o++) to[o] += from[o] / T.CreateTruncating(count);
                break;
            case ParameterRole.InitialState:
                int at = 0;
                foreach (LayerShape layer in shape.Layers)
                {
                    Parts(to[(at * count)..], from.Slice(at, layer.StateWidth), layer.Hidden, k, count);
                    at += layer.StateWidth;
                }

                break;
            default:
                Parts(to, from, shape.Layers[block.Layer].Hidden, k, count); // gates, or one vector
                break;
        }
    }

    /// <summary>A matrix whose rows are gates of units; its columns are a network's own, or the inputs of all.</summary>
    private static void Rows<T>(
        Span<T> to, ReadOnlySpan<T> from, ParameterBlock block, int hidden, int k, int count, bool shared)
    {
        int width = block.Columns * (shared ? 1 : count), first = shared ? 0 : k * block.Columns;
        for (int row = 0; row < block.Rows; row++)
        {
            (int gate, int j) = Math.DivRem(row, hidden);
            int joined = (((gate * count) + k) * hidden) + j;
            from.Slice(row * block.Columns, block.Columns).CopyTo(to.Slice((joined * width) + first, block.Columns));
        }
    }

    /// <summary>Vectors of a layer's units, one behind the other.</summary>
    private static void Parts<T>(Span<T> to, ReadOnlySpan<T> from, int hidden, int k, int count)
    {
        for (int part = 0; part * hidden < from.Length; part++)
            from.Slice(part * hidden, hidden).CopyTo(to[(((part * count) + k) * hidden)..]);
    }
}
