using Unroll.Cells;

namespace Unroll.Interop;

/// <summary>What the matrices of a network read on some sequences, and weights of 8 bits that are rounded by it.</summary>
internal sealed class Calibration
{
    /// <summary>Numbers that a row of weights may have; rows of more are rounded each weight to its nearest.</summary>
    public const int MostColumns = 2048;

    // Every machine has it, and its bits are those of every other one with it.
    private const string Kernel = "vector128";

    private readonly Network<float> _network;
    private readonly NetworkShape _shape;
    private readonly Moments?[] _layers;
    private readonly Moments? _head;

    private Calibration(Network<float> network)
    {
        (_network, _shape) = (network, network.Shape);
        _layers = [.. Enumerable.Range(0, _shape.Layers.Count)
            .Select(k => New(_shape.InputsOf(k) + _shape.Layers[k].Hidden))];
        _head = New(_shape.Hidden);

        static Moments? New(int columns) => columns <= MostColumns ? new Moments(columns + 1) : null;
    }

    /// <summary>A network with weights of 8 bits.</summary>
    /// <param name="network">The network.</param>
    /// <param name="nearest">The network with each weight at its nearest of 8 bits, which is rounded anew and returned.</param>
    /// <param name="batches">Sequences that it reads. Targets say only where the head's outputs count.</param>
    public static Network<float> Quantized(Network<float> network, Network<float> nearest, IEnumerable<Batch> batches)
    {
        var calibration = new Calibration(network);
        using (var unrolled = new UnrolledNetwork<float>(network, 1, Kernel))
        {
            foreach (Batch batch in batches)
            {
                unrolled.Forward(batch, CostReduction.Sum);
                calibration.Add(unrolled, batch);
            }
        }

        return calibration.Rounded(nearest);
    }

    private void Add(UnrolledNetwork<float> unrolled, Batch batch)
    {
        for (int k = 0; k < _layers.Length; k++)
        {
            if (_layers[k] is not { } moments) continue;
            int inputs = _shape.InputsOf(k);
            var x = new double[moments.Width];
            x[^1] = 1;
            for (int row = 0; row < batch.Rows; row++)
            {
                for (int t = 0; t < batch.Lengths[row]; t++)
                {
                    if (k == 0) Input(batch, t, row, x.AsSpan(0, inputs));
                    else Widen(unrolled.State(t + 1, row, k - 1), x);
                    Widen(unrolled.State(t, row, k), x.AsSpan(inputs));
                    if (IsFinite(x)) moments.Add(x);
                }
            }
        }

        if (_head is null) return;
        var read = new double[_head.Width];
        read[^1] = 1;
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int t = _shape.PredictsEveryStep ? 0 : batch.Lengths[row] - 1; t < batch.Lengths[row]; t++)
            {
                Widen(unrolled.HeadInput(t + 1, row), read);
                if (IsFinite(read)) _head.Add(read);
            }
        }
    }

    // Where nothing was read, each weight stays its nearest.
    private Network<float> Rounded(Network<float> copy)
    {
        for (int k = 0; k < _layers.Length; k++)
        {
            if (_layers[k] is { Count: > 0 } moments) Layer(copy, k, moments);
        }

        if (_head is not { Count: > 0 }) return copy;
        _network.OutputWeights.CopyTo(copy.OutputWeights);
        var feedback = new ErrorFeedback(_head, _shape.Biases);
        for (int row = 0; row < _shape.Outputs; row++)
            feedback.Round(Row(copy.OutputWeights, row, _shape.Hidden), [], Row(copy.OutputBias, row, 1));
        return copy;
    }

    private void Layer(Network<float> copy, int k, Moments moments)
    {
        int inputs = _shape.InputsOf(k), h = _shape.Layers[k].Hidden;
        CellLayout layout = _shape.Layers[k].Definition.Layout;
        Span<float> ih = Original("weight_ih"), hh = Original("weight_hh"), bias = Original("bias");
        var joint = new ErrorFeedback(moments, _shape.Biases);
        ErrorFeedback? input = null, state = null;
        for (int row = 0; row < layout.Gates * h; row++)
        {
            int gate = row / h;
            Span<float> ofInput = Row(ih, row, inputs), ofState = Row(hh, row, h), own = Row(bias, row, 1);
            if (layout.InputBlocks[gate] == layout.RecurrentBlocks[gate])
            {
                joint.Round(ofInput, ofState, own);
                continue;
            }

            // The two products are not added: a GRU's n.
            input ??= new ErrorFeedback(moments.Part(0, inputs), _shape.Biases);
            state ??= new ErrorFeedback(moments.Part(inputs, h), _shape.Biases);
            input.Round(ofInput, [], own);
            state.Round(ofState, [], Row(Original("bias_hn"), row % h, 1));
        }

        // A vector that several gates had would be set back; only the one gate of a GRU has one.
        Span<float> Original(string name)
        {
            Span<float> values = copy.Parameter(ParameterBlock.Of(name, k));
            if (name != "bias_hn") _network.Parameter(ParameterBlock.Of(name, k)).CopyTo(values);
            return values;
        }
    }

    private static Span<float> Row(Span<float> values, int row, int columns) =>
        values.IsEmpty ? values : values.Slice(row * columns, columns);

    private static void Input(Batch batch, int t, int row, Span<double> x)
    {
        switch (batch.Encoding)
        {
            case InputEncoding.OneHot:
                x.Clear();
                if (batch.Symbol(t, row) is >= 0 and var symbol) x[symbol] = 1;
                break;
            case InputEncoding.MultiHot:
                ReadOnlySpan<ulong> bits = batch.Bits(t, row);
                for (int i = 0; i < x.Length; i++) x[i] = (bits[i >> 6] >> (i & 63)) & 1;
                break;
            default:
                batch.Dense(t, row).CopyTo(x);
                break;
        }
    }

    private static void Widen(ReadOnlySpan<float> from, Span<double> to)
    {
        for (int i = 0; i < from.Length; i++) to[i] = from[i];
    }

    private static bool IsFinite(ReadOnlySpan<double> x)
    {
        foreach (double one in x)
        {
            if (!double.IsFinite(one)) return false;
        }

        return true;
    }
}
