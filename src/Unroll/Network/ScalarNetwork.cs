using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// The layers of a network in double as one map of the whole state, s_t = F(s_{t-1}, u_t): its value and its Jacobian, at any
/// state and input. The state is each layer's parts in order, h before c.
/// </summary>
internal sealed class ScalarNetwork
{
    private readonly double[] _parameters;
    private readonly ScalarLayer[] _layers;

    /// <summary>Reads the parameters where they are, so a change of them is seen.</summary>
    public ScalarNetwork(Network<double> network)
    {
        _parameters = network.Shared;
        _layers = [.. Enumerable.Range(0, network.Shape.Layers.Count).Select(l => new ScalarLayer(network.Shape, l))];
        StateWidth = network.Shape.StateWidth;
        Inputs = network.Shape.Inputs;
    }

    /// <summary>S.</summary>
    public int StateWidth { get; }

    public int Inputs { get; }

    /// <summary>s_t; an empty input is the zero vector.</summary>
    public void Step(ReadOnlySpan<double> input, ReadOnlySpan<double> state, Span<double> next)
    {
        foreach (ScalarLayer layer in _layers)
        {
            ReadOnlySpan<double> before = state.Slice(layer.StateOffset, layer.StateWidth);
            Span<double> after = next.Slice(layer.StateOffset, layer.StateWidth);
            layer.Step(_parameters, Pre(layer, input, before), before, after);
            input = after[..layer.Units];
        }
    }

    /// <summary>
    /// ds_t/ds_{t-1}, (S, S), row-major: row j, column i is the derivative of number j of s_t with respect to number i of
    /// s_{t-1}.
    /// </summary>
    public double[] Jacobian(ReadOnlySpan<double> input, ReadOnlySpan<double> state)
    {
        int s = StateWidth;
        var jacobian = new double[s * s];
        var next = new double[s];
        ScalarLayer? below = null;
        foreach (ScalarLayer layer in _layers)
        {
            CellLayout layout = layer.Layout;
            ReadOnlySpan<double> before = state.Slice(layer.StateOffset, layer.StateWidth);
            double[] pre = Pre(layer, input, before), derivatives = layer.UnitJacobians(_parameters, pre, before);
            layer.Step(_parameters, pre, before, next.AsSpan(layer.StateOffset, layer.StateWidth));
            int columns = layout.Blocks + layout.Parts;
            double[][] rows = layer.IsNormalized ? PreRows(layer, below, pre, jacobian) : [];
            var row = new double[s]; // of d(pre-activation)/ds_{t-1}
            for (int j = 0; j < layer.Units; j++)
            {
                for (int b = 0; b < layout.Blocks; b++)
                {
                    if (!layer.IsNormalized) PreRow(layer, below, b, j, jacobian, row);
                    ReadOnlySpan<double> moved = layer.IsNormalized ? rows[b].AsSpan(j * s, s) : row;
                    for (int p = 0; p < layout.Parts; p++)
                        Vectors.Add(Row(p, j), derivatives[(((j * layout.Parts) + p) * columns) + b], moved);
                }

                for (int p = 0; p < layout.Parts; p++)
                {
                    for (int q = 0; q < layout.Parts; q++)
                        Row(p, j)[layer.StateOffset + (q * layer.Units) + j] +=
                            derivatives[(((j * layout.Parts) + p) * columns) + layout.Blocks + q];
                }
            }

            input = next.AsSpan(layer.StateOffset, layer.Units);
            below = layer;

            Span<double> Row(int part, int unit) => jacobian.AsSpan((layer.StateOffset + (part * layer.Units) + unit) * s, s);
        }

        return jacobian;
    }

    /// <summary>
    /// Multiplies each of n vectors, (n, S), by ds_t/ds_{t-1}, in place. The Jacobian is not formed, so a vector costs as much as
    /// a step.
    /// </summary>
    public void JacobianTimes(ReadOnlySpan<double> input, ReadOnlySpan<double> state, Span<double> vectors)
    {
        int s = StateWidth, count = vectors.Length / s;
        double[] next = new double[s], moved = new double[vectors.Length];
        ScalarLayer? below = null;
        foreach (ScalarLayer layer in _layers)
        {
            CellLayout layout = layer.Layout;
            ReadOnlySpan<double> before = state.Slice(layer.StateOffset, layer.StateWidth);
            double[] pre = Pre(layer, input, before), derivatives = layer.UnitJacobians(_parameters, pre, before);
            layer.Step(_parameters, pre, before, next.AsSpan(layer.StateOffset, layer.StateWidth));
            var preMoved = new double[layer.PreWidth];
            int columns = layout.Blocks + layout.Parts;
            for (int v = 0; v < count; v++)
            {
                ReadOnlySpan<double> from = vectors.Slice((v * s) + layer.StateOffset, layer.StateWidth);
                Span<double> to = moved.AsSpan((v * s) + layer.StateOffset, layer.StateWidth);
                Array.Clear(preMoved);
                layer.AddRecurrent(_parameters, from[..layer.Units], preMoved);
                if (below is not null)
                    layer.AddInput(_parameters, moved.AsSpan((v * s) + below.StateOffset, below.Units), preMoved);
                for (int b = 0; b < layout.Blocks; b++)
                    layer.PushNormalization(_parameters, pre, b, preMoved.AsSpan(b * layer.Units, layer.Units));
                for (int j = 0; j < layer.Units; j++)
                {
                    for (int p = 0; p < layout.Parts; p++)
                    {
                        ReadOnlySpan<double> row = derivatives.AsSpan(((j * layout.Parts) + p) * columns, columns);
                        double sum = 0;
                        for (int b = 0; b < layout.Blocks; b++) sum += row[b] * preMoved[(b * layer.Units) + j];
                        for (int q = 0; q < layout.Parts; q++) sum += row[layout.Blocks + q] * from[(q * layer.Units) + j];
                        to[(p * layer.Units) + j] = sum;
                    }
                }
            }

            input = next.AsSpan(layer.StateOffset, layer.Units);
            below = layer;
        }

        moved.CopyTo(vectors);
    }

    private double[] Pre(ScalarLayer layer, ReadOnlySpan<double> input, ReadOnlySpan<double> before)
    {
        var pre = new double[layer.PreWidth];
        layer.AddBias(_parameters, pre);
        if (!input.IsEmpty) layer.AddInput(_parameters, input, pre);
        layer.AddRecurrent(_parameters, before[..layer.Units], pre);
        return pre;
    }

    /// <summary>(Blocks), each (H, S): the derivatives of normalized pre-activations, which depend on all units' sums.</summary>
    private double[][] PreRows(ScalarLayer layer, ScalarLayer? below, double[] pre, double[] jacobian)
    {
        var blocks = new double[layer.Layout.Blocks][];
        for (int b = 0; b < blocks.Length; b++)
        {
            blocks[b] = new double[layer.Units * StateWidth];
            for (int j = 0; j < layer.Units; j++)
                PreRow(layer, below, b, j, jacobian, blocks[b].AsSpan(j * StateWidth, StateWidth));
            layer.PushNormalization(_parameters, pre, b, blocks[b]);
        }

        return blocks;
    }

    /// <summary>
    /// The derivatives of one pre-activation with respect to the whole state: through the layer's own h, and through the layer
    /// below.
    /// </summary>
    private void PreRow(ScalarLayer layer, ScalarLayer? below, int block, int j, double[] jacobian, Span<double> row)
    {
        row.Clear();
        for (int g = 0; g < layer.Layout.Gates; g++)
        {
            if (layer.Layout.RecurrentGates > 0 && layer.Layout.RecurrentBlocks[g] == block)
                Vectors.Add(
                    row.Slice(layer.StateOffset, layer.Units), 1,
                    layer.RecurrentWeights(_parameters, g).Slice(j * layer.Units, layer.Units));
            if (below is null || layer.Layout.InputBlocks[g] != block) continue;
            Span<double> weights = layer.InputWeights(_parameters, g).Slice(j * layer.Inputs, layer.Inputs);
            for (int i = 0; i < weights.Length; i++)
                Vectors.Add(row, weights[i], jacobian.AsSpan((below.StateOffset + i) * StateWidth, StateWidth));
        }
    }
}
