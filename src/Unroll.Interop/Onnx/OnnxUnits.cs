namespace Unroll.Interop;

/// <summary>Nodes that several cells share.</summary>
internal static class OnnxUnits
{
    /// <summary>The operator that is an activation; Identity for the identity.</summary>
    public static string Operator(Activation activation) => activation switch
    {
        Activation.Tanh => "Tanh",
        Activation.Sigmoid => "Sigmoid",
        Activation.Relu => "Relu",
        _ => "Identity",
    };

    /// <summary>One of RNN, LSTM and GRU, with state in and out.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="run">What it reads.</param>
    /// <param name="type">The operator.</param>
    /// <param name="order">Which of our gates stands at each place of the operator's.</param>
    /// <param name="recurrentBias">The second half of its biases; null for zeros.</param>
    /// <param name="attributes">What else it needs.</param>
    public static OnnxRun Recurrent(
        OnnxGraph graph, LayerView layer, OnnxRun run, string type, int[] order, float[]? recurrentBias,
        params ReadOnlySpan<ProtoMessage> attributes)
    {
        int rows = layer.Gates * layer.Hidden;
        string At(string name) => Invariant($"{name}_l{layer.Index}");
        string w = graph.Constant(At("W"), layer.Reordered(layer.InputWeights, layer.Inputs, order), 1, rows, layer.Inputs);
        string r = graph.Constant(At("R"), layer.Reordered(layer.RecurrentWeights, layer.Hidden, order), 1, rows, layer.Hidden);
        string b = "";
        if (layer.HasBias)
        {
            float[] first = layer.Reordered(layer.Bias, 1, order);
            b = graph.Constant(At("B"), [.. first, .. recurrentBias ?? new float[rows]], 1, 2 * rows);
        }

        string y = graph.Unique(At("Y")), h = graph.Unique(At("Y_h"));
        string? c = run.C is null ? null : graph.Unique(At("Y_c"));
        string[] inputs = [run.Sequence, w, r, b, graph.Lengths, run.H];
        graph.Node(
            type, run.C is null ? inputs : [.. inputs, run.C], c is null ? [y, h] : [y, h, c],
            [OnnxAttribute.Of("hidden_size", layer.Hidden), .. attributes]);
        return new OnnxRun(graph.Node("Squeeze", At("h"), [y, graph.Axes(At("direction"), 1)]), h, c);
    }

    /// <summary>
    /// h_t of units that the operators do not have: a Scan over W_ih u + b, which is one product for all steps.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer, of one gate.</param>
    /// <param name="run">What it reads.</param>
    /// <param name="unit">Adds, to the graph of a step, h_t of x_t and h_{t-1}, both (B, H).</param>
    public static OnnxRun Scan(OnnxGraph graph, LayerView layer, OnnxRun run, Func<OnnxGraph, string, string, string> unit)
    {
        int hidden = layer.Hidden;
        string At(string name) => Invariant($"{name}_l{layer.Index}");
        string w = graph.Constant(At("W"), LayerView.Transposed(layer.InputWeights, layer.Inputs), layer.Inputs, hidden);
        string r = graph.Constant(At("R"), LayerView.Transposed(layer.RecurrentWeights, hidden), hidden, hidden);
        string zero = graph.Constant(At("zero"), [0f]);
        string inputs = graph.Node("MatMul", At("inputs"), [run.Sequence, w]);
        if (layer.HasBias) inputs = graph.Node("Add", At("inputs_b"), [inputs, graph.Constant(At("b"), layer.Bias, hidden)]);
        string before = graph.Node("Squeeze", At("h_start"), [run.H, graph.Axes(At("direction"), 0)]);

        OnnxGraph step = graph.Inside(At("step") + "_");
        string h = step.Input("h_before", OnnxType.Float, "", "B", hidden);
        string u = step.Input("input", OnnxType.Float, "", "B", hidden);
        string within = step.Input("within", OnnxType.Bool, "", "B", 1);
        string x = step.Node("Add", "x", [u, step.Node("MatMul", "recurrent", [h, r])]);
        string after = unit(step, x, h);

        // A row that has ended keeps its state and gives zeros, as the operators do.
        string kept = step.Node("Where", "h_after", [within, after, h]);
        string given = step.Node("Where", "output", [within, after, zero]);
        step.Output(kept, OnnxType.Float, "", "B", hidden);
        step.Output(given, OnnxType.Float, "", "B", hidden);

        string last = graph.Unique(At("h_end")), all = graph.Unique(At("h"));
        graph.Node(
            "Scan", [before, inputs, graph.Mask(run.Sequence)], [last, all],
            OnnxAttribute.Of("num_scan_inputs", 2), OnnxAttribute.Of("body", step.ToMessage(At("step"))));
        return new OnnxRun(all, graph.Node("Unsqueeze", At("h_end_row"), [last, graph.Axes(At("front"), 0)]), null);
    }
}
