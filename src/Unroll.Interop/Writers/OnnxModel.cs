namespace Unroll.Interop;

/// <summary>Makes the graph of a network: inputs, layers, head.</summary>
internal sealed class OnnxModel(Network<float> network)
{
    private readonly OnnxGraph _graph = new();
    private readonly NetworkShape _shape = network.Shape;

    // Layers of one width share an input of states, as in PyTorch.
    private bool Stacked => _shape.Layers.All(layer => layer.Hidden == _shape.Hidden);

    public OnnxGraph Graph()
    {
        string sequence = Inputs();
        LayerView[] layers = [.. Enumerable.Range(0, _shape.Layers.Count).Select(k => new LayerView(network, k))];
        LayerView[] withC = [.. layers.Where(layer => layer.Parts > 1)];
        string[] h = StatesIn("h0", layers), c = StatesIn("c0", withC);
        var last = new List<string>();
        var lastC = new List<string>();
        foreach (LayerView layer in layers)
        {
            var run = new OnnxRun(sequence, h[layer.Index], layer.Parts > 1 ? c[Array.IndexOf(withC, layer)] : null);
            run = CellForms.Of(layer.Shape).Onnx(_graph, layer, run);
            sequence = run.Sequence;
            last.Add(run.H);
            if (run.C is not null) lastC.Add(run.C);
        }

        Head(_shape.PredictsEveryStep ? sequence : _graph.Node("Squeeze", "h_last", [last[^1], _graph.Axes("rows", 0)]));
        StatesOut("hn", "h after each row's last step", layers, last);
        StatesOut("cn", "c after each row's last step", withC, lastC);
        return _graph;
    }

    private string Inputs()
    {
        string sequence = "";
        switch (_shape.Encoding)
        {
            case InputEncoding.OneHot:
                sequence = _graph.Input(
                    "symbols", OnnxType.Int64, Invariant($"an index in 0..{_shape.Inputs - 1} a step; -1 for none"), "T", "B");
                break;
            case InputEncoding.MultiHot:
                sequence = _graph.Input(
                    "x", OnnxType.Float, "1 where an input is active and else 0", "T", "B", _shape.Inputs);
                break;
            default:
                sequence = _graph.Input("x", OnnxType.Float, "the inputs of each step", "T", "B", _shape.Inputs);
                break;
        }

        _graph.Input(OnnxGraph.Lengths, OnnxType.Int32, "steps of each row, 1..T", "B");
        if (_shape.Encoding != InputEncoding.OneHot) return sequence;

        // OneHot counts -1 from the end; an index behind the last one is a row of zeros.
        string depth = _graph.Constant("depth", [(long)_shape.Inputs]);
        string none = _graph.Node("Less", "none", [sequence, _graph.Constant("first_symbol", [0L])]);
        string index = _graph.Node("Where", "index", [none, depth, sequence]);
        string values = _graph.Constant("off_on", [0f, 1f], 2);
        return _graph.Node("OneHot", "x", [index, depth, values]);
    }

    /// <summary>The name of each layer's (1, B, H).</summary>
    private string[] StatesIn(string name, LayerView[] layers)
    {
        const string What = "state to start from: zeros, or what the last call gave";
        if (layers.Length == 0) return [];
        if (!Stacked)
            return [.. layers.Select(layer =>
                _graph.Input(Invariant($"{name}_l{layer.Index}"), OnnxType.Float, What, 1, "B", layer.Hidden))];
        string all = _graph.Input(name, OnnxType.Float, What, layers.Length, "B", _shape.Hidden);
        if (layers.Length == 1) return [all];
        string[] each = [.. layers.Select(layer => _graph.Unique(Invariant($"{name}_of_l{layer.Index}")))];
        long[] ones = new long[layers.Length];
        Array.Fill(ones, 1);
        _graph.Node("Split", [all, _graph.Axes($"{name}_sizes", ones)], each, OnnxAttribute.Of("axis", 0));
        return each;
    }

    private void StatesOut(string name, string what, LayerView[] layers, List<string> states)
    {
        if (layers.Length == 0) return;
        if (Stacked)
        {
            string all = _graph.Node("Concat", name, [.. states], OnnxAttribute.Of("axis", 0));
            _graph.Output(all, OnnxType.Float, what, layers.Length, "B", _shape.Hidden);
            return;
        }

        for (int i = 0; i < layers.Length; i++)
        {
            string own = _graph.Node("Identity", Invariant($"{name}_l{layers[i].Index}"), [states[i]]);
            _graph.Output(own, OnnxType.Float, what, 1, "B", layers[i].Hidden);
        }
    }

    private void Head(string h)
    {
        object[] sizes = _shape.PredictsEveryStep ? ["T", "B", _shape.Outputs] : ["B", _shape.Outputs];
        float[] weights = LayerView.Transposed(network.OutputWeights, _shape.Hidden);
        string w = _graph.Constant("head_weight", weights, _shape.Hidden, _shape.Outputs);
        string y;
        if (_shape.Biases)
        {
            string product = _graph.Node("MatMul", "head_product", [h, w]);
            y = _graph.Node("Add", "y", [product, _graph.Constant("head_bias", network.OutputBias, _shape.Outputs)]);
        }
        else
        {
            y = _graph.Node("MatMul", "y", [h, w]);
        }

        HeadCost cost = _shape.Head.Cost();
        _graph.Output(y, OnnxType.Float, cost.HasValues() ? "the outputs" : "before softmax or sigmoid", sizes);
        if (cost.HasValues()) return;
        string p = cost == HeadCost.Softmax ? _graph.Node("Softmax", "probabilities", [y], OnnxAttribute.Of("axis", -1))
            : _graph.Node("Sigmoid", "probabilities", [y]);
        _graph.Output(p, OnnxType.Float, cost == HeadCost.Softmax ? "of the classes" : "of each bit", sizes);
    }
}
