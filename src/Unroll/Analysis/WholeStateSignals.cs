using System.Numerics;
using Unroll.Cells;
using Unroll.Inputs;
using Unroll.Kernels;
using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>
/// The norms of temporal components by kind of parameter, and of error signals by layer, one of each for every (cost, step).
/// </summary>
internal sealed class ComponentNorms(long numbers, int layers)
{
    private readonly double[][] _layers = [.. Enumerable.Range(0, layers).Select(_ => new double[numbers])];
    private readonly double[] _recurrent = new double[numbers];
    private readonly double[] _input = new double[numbers];
    private readonly double[] _bias = new double[numbers];

    public double Component(long at, ComponentPart part) => part switch
    {
        ComponentPart.RecurrentLayer =>
            Math.Sqrt((_recurrent[at] * _recurrent[at]) + (_input[at] * _input[at]) + (_bias[at] * _bias[at])),
        ComponentPart.RecurrentWeights => _recurrent[at],
        ComponentPart.InputWeights => _input[at],
        _ => _bias[at],
    };

    public int Layers => _layers.Length;

    /// <summary>||dE_t/ds_k|| of a layer's own state.</summary>
    public ref double Signal(long at, int layer) => ref _layers[layer][at];

    public void Set(long at, double recurrent, double input, double bias) =>
        (_recurrent[at], _input[at], _bias[at]) = (recurrent, input, bias);
}

/// <summary>
/// The error signals of single costs with respect to the whole state of any network, in double: a sequence is copied once for
/// each cost, and the backward pass of each copy has only that cost.
/// </summary>
internal static class WholeStateSignals
{
    private const int RowsAtOnce = 32;

    /// <summary>
    /// The norms ||dE_t/ds_k|| of the sequence's own cost, k = 1..t of each track at offsets[track] + k - 1; returns the norms of
    /// the components, for a model in which a block is the sum of several parameters.
    /// </summary>
    public static ComponentNorms Run<T>(
        UnrolledNetwork<T> unrolled, ReadOnlySpan<SignalTrack> tracks, ReadOnlySpan<long> offsets, double[] norms,
        Func<string, int> copies)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch batch = unrolled.AnalysedBatch;
        var components = new ComponentNorms(norms.Length, unrolled.Tape.Layers.Length);
        int[][] biases = [.. Enumerable.Range(0, unrolled.Tape.Layers.Length)
            .Select(layer => CopiesByGate(unrolled.Network.Shape, layer, copies))];

        // When only the last step has a cost, it is the cost of the sequence, and the signals of the pass that was made can be
        // used.
        if (unrolled is UnrolledNetwork<double> made && !made.Network.Shape.PredictsEveryStep)
        {
            for (int i = 0; i < tracks.Length; i++) Read(made, batch, tracks[i].Row, tracks[i].Step, made.Rows, offsets[i]);
            return components;
        }

        Batch copy = Batch.For(unrolled.Network.Shape);
        CostReduction reduction = unrolled.Tape.Reduction ?? CostReduction.Sum;
        using var pass = new UnrolledNetwork<double>(unrolled.Network.Convert<double>());
        for (int first = 0; first < tracks.Length; first += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, tracks.Length - first);
            int[] rows = new int[count], steps = new int[count];
            for (int i = 0; i < count; i++) (rows[i], steps[i]) = (tracks[first + i].Row, tracks[first + i].Step - 1);
            copy.TakeRows(batch, rows);
            for (int i = 0; i < count; i++)
            {
                copy.Carry[i] = true; // the copy begins from the state in which the sequence began
                Span<double> held = pass.CarriedState(i);
                T[] begin = unrolled.WholeState(0, rows[i]);
                for (int j = 0; j < begin.Length; j++) held[j] = double.CreateTruncating(begin[j]);
            }

            pass.Forward(copy, reduction);
            pass.BackwardOfSteps(steps);
            for (int i = 0; i < count; i++) Read(pass, copy, i, steps[i] + 1, count, offsets[first + i]);
        }

        return components;

        void Read(UnrolledNetwork<double> from, Batch batch, int row, int last, int rows, long offset)
        {
            for (int k = 1; k <= last; k++)
            {
                long at = offset + k - 1;
                norms[at] = rows * from.WholeSignalNorm(k, row);
                for (int layer = 0; layer < biases.Length; layer++)
                    components.Signal(at, layer) = rows * Math.Sqrt(from.SignalSquared(k, row, layer));
                SetComponents(from, batch, row, k, rows, components, at, biases);
            }
        }
    }

    private static void SetComponents(
        UnrolledNetwork<double> pass, Batch batch, int row, int k, double factor, ComponentNorms components, long at,
            int[][] copies)
    {
        double recurrent = 0, input = 0, bias = 0, u = InputVector.Norm(batch, k - 1, row);
        foreach ((int l, LayerTape<double> layer) in pass.Tape.Layers.Index())
        {
            double h = GradientClipping.Norm<double>(layer.StateRow(0, k - 1, row)), into = 0, back = 0;
            for (int g = 0; g < layer.Layout.Gates; g++)
            {
                into += Squared(layer.PreGradientRow(layer.Layout.InputBlocks[g], k - 1, row));
                bias += copies[l][g] * Squared(layer.BiasGradientRow(layer.Layout.InputBlocks[g], k - 1, row));
                if (layer.Layout.RecurrentGates > 0)
                    back += Squared(layer.PreGradientRow(layer.Layout.RecurrentBlocks[g], k - 1, row));
            }

            recurrent += back * h * h;
            input += into * u * u;
            if (layer.Layout.VectorBlock >= 0)
                bias += copies[l][^1] * Squared(layer.BiasGradientRow(layer.Layout.VectorBlock, k - 1, row));
            u = GradientClipping.Norm<double>(layer.StateRow(0, k, row));
        }

        components.Set(at, factor * Math.Sqrt(recurrent), factor * Math.Sqrt(input), factor * Math.Sqrt(bias));
    }

    /// <summary>
    /// The number of parameters whose sum is a layer's bias, for each gate, and then for the cell's own vector where that is a
    /// bias.
    /// </summary>
    private static int[] CopiesByGate(NetworkShape shape, int layer, Func<string, int> copies)
    {
        CellLayout layout = shape.Layers[layer].Definition.Layout;
        int[] none = new int[layout.Gates + 1];
        if (!shape.Biases) return none;
        int of = copies(ParameterBlock.Of("bias", layer));
        int second = layout.VectorBlock < 0 ? 0 : copies(ParameterBlock.Of(layout.VectorNames[0], layer));
        return [.. Enumerable.Range(0, layout.Gates).Select(gate => BiasCopies.OfGate(layout, gate, of)), second];
    }

    private static double Squared(ReadOnlySpan<double> values)
    {
        double norm = GradientClipping.Norm(values);
        return norm * norm;
    }
}
