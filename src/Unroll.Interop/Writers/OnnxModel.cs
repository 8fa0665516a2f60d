namespace Unroll.Interop;

/// <summary>Makes the graph of a network: inputs, layers, head; and of somebody's own data what is around it.</summary>
/// <param name="network">The network.</param>
/// <param name="plan">How sequences in their own units are read; null for a network alone.</param>
internal sealed class OnnxModel(Network<float> network, SeriesPlan? plan = null)
{
    private readonly OnnxGraph _graph = new();
    private OnnxEncoder? _encoder;
    private readonly NetworkShape _shape = network.Shape;

    // Layers of one width share an input of states, as in PyTorch.
    private bool Stacked => _shape.Layers.All(layer => layer.Hidden == _shape.Hidden);

    public OnnxGraph Graph()
    {
        string sequence = plan is null ? Inputs() : (_encoder = new OnnxEncoder(_graph, plan)).Encode();
        LayerView[] layers = [.. Enumerable.Range(0, _shape.Layers.Count).Select(k => new LayerView(network, k))];
        LayerView[] withC = [.. layers.Where(layer => layer.Parts > 1)];
        string rows = plan is null ? "" : _graph.Node("Shape", "row_lengths_shape", [_graph.Lengths]);
        string[] h = StatesIn("h0", rows, layers), c = StatesIn("c0", rows, withC);
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

        string readAfter = "";
        string read = _shape.PredictsEveryStep ? sequence
            : _shape.Read == StateReading.Last ? _graph.Node("Squeeze", "h_last", [last[^1], _graph.Axes("rows", 0)])
            : new OnnxPool(_graph, _shape).Read(sequence, RowsName, out readAfter);
        Head(read);
        StatesOut("hn", "h after each row's last step", layers, last);
        StatesOut("cn", "c after each row's last step", withC, lastC);
        if (readAfter.Length > 0)
            _graph.Output(readAfter, OnnxType.Float, "what the head reads so far, and of how many steps", RowsName,
                _shape.Hidden + 1);
        if (_encoder?.Held is { } held)
            _graph.Output(held, OnnxType.Float, "scaled numbers after each row's last step", "B", plan!.Numbers.Length);
        return _graph;
    }

    // Channels that share their weights are rows of their own.
    private string RowsName => plan is { Shares: true } ? "R" : "B";

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

        _graph.Input(_graph.Lengths, OnnxType.Int32, "steps of each row, 1..T", "B");
        if (_shape.Encoding != InputEncoding.OneHot) return sequence;

        // OneHot counts -1 from the end; an index behind the last one is a row of zeros.
        string depth = _graph.Constant("depth", [(long)_shape.Inputs]);
        string none = _graph.Node("Less", "none", [sequence, _graph.Constant("first_symbol", [0L])]);
        string index = _graph.Node("Where", "index", [none, depth, sequence]);
        string values = _graph.Constant("off_on", [0f, 1f], 2);
        return _graph.Node("OneHot", "x", [index, depth, values]);
    }

    /// <summary>The name of each layer's (1, B, H).</summary>
    private string[] StatesIn(string name, string rows, LayerView[] layers)
    {
        if (layers.Length == 0) return [];
        if (!Stacked) return [.. layers.Select(layer => StateIn(Invariant($"{name}_l{layer.Index}"), rows, [layer]))];
        string all = StateIn(name, rows, layers);
        if (layers.Length == 1) return [all];
        string[] each = [.. layers.Select(layer => _graph.Unique(Invariant($"{name}_of_l{layer.Index}")))];
        long[] ones = new long[layers.Length];
        Array.Fill(ones, 1);
        _graph.Node("Split", [all, _graph.Axes($"{name}_sizes", ones)], each, OnnxAttribute.Of("axis", 0));
        return each;
    }

    /// <summary>(layers, B, H): an input; of somebody's own data it is what a sequence begins with where none is given.</summary>
    private string StateIn(string name, string rows, LayerView[] layers)
    {
        int hidden = layers[0].Hidden;
        if (rows.Length == 0)
            return _graph.Input(name, OnnxType.Float, "state to start from: zeros, or what the last call gave", layers.Length,
                "B", hidden);
        string given = _graph.Input(name, "state to start from, where it is not a sequence's own: what the last call gave",
            Start(name[0] == 'c', layers), 1, layers.Length, RowsName, hidden);
        string sizes = _graph.Node("Concat", $"{name}_all",
            [_graph.Axes($"{name}_layers", layers.Length), rows, _graph.Axes($"{name}_units", hidden)], OnnxAttribute.Of("axis",
                0));
        return _graph.Node("Expand", $"{name}_rows", [given, sizes]);
    }

    /// <summary>What a sequence begins with: h, or an LSTM's c, of layers.</summary>
    private float[] Start(bool c, LayerView[] layers)
    {
        var start = new List<float>();
        foreach (LayerView layer in layers)
        {
            int offset = _shape.Layers.Take(layer.Index).Sum(one => one.StateWidth) + (c ? layer.Hidden : 0);
            start.AddRange(_shape.LearnedInitialState ? network.InitialState.Slice(offset, layer.Hidden).ToArray()
                : new float[layer.Hidden]);
        }

        return [.. start];
    }

    private void StatesOut(string name, string what, LayerView[] layers, List<string> states)
    {
        if (layers.Length == 0) return;
        if (Stacked)
        {
            string all = _graph.Node("Concat", name, [.. states], OnnxAttribute.Of("axis", 0));
            _graph.Output(all, OnnxType.Float, what, layers.Length, RowsName, _shape.Hidden);
            return;
        }

        for (int i = 0; i < layers.Length; i++)
        {
            string own = _graph.Node("Identity", Invariant($"{name}_l{layers[i].Index}"), [states[i]]);
            _graph.Output(own, OnnxType.Float, what, 1, RowsName, layers[i].Hidden);
        }
    }

    private void Head(string h)
    {
        object[] sizes = _shape.PredictsEveryStep ? ["T", RowsName, _shape.Outputs] : [RowsName, _shape.Outputs];
        HeadCost cost = _shape.Head.Cost();
        bool sorts = cost == HeadCost.Quantile && _shape.Quantiles.Count > 1;
        float[] weights = LayerView.Transposed(network.OutputWeights, _shape.Hidden);
        string w = _graph.Constant("head_weight", weights, _shape.Hidden, _shape.Outputs), last = sorts ? "crossing" : "y", y;
        if (_shape.Biases)
        {
            string product = _graph.Node("MatMul", "head_product", [h, w]);
            y = _graph.Node("Add", last, [product, _graph.Constant("head_bias", network.OutputBias, _shape.Outputs)]);
        }
        else
        {
            y = _graph.Node("MatMul", last, [h, w]);
        }

        if (sorts) y = Sorted(y);
        _graph.Output(y, OnnxType.Float, cost.HasValues() ? "the outputs" : "before softmax or sigmoid", sizes);
        if (cost.HasValues())
        {
            if (plan is not null) new OnnxDecoder(_graph, plan).Numbers(y, _encoder!.Window);
            return;
        }

        string p = cost == HeadCost.Softmax ? _graph.Node("Softmax", "probabilities", [y], OnnxAttribute.Of("axis", -1))
            : _graph.Node("Sigmoid", "probabilities", [y]);
        _graph.Output(p, OnnxType.Float, cost == HeadCost.Softmax ? "of the classes" : "of each bit", sizes);
        if (plan is not null) new OnnxDecoder(_graph, plan).Labels(y, sizes[..^1]);
    }

    /// <summary>Quantiles that crossed change places, as in <c>predict</c>.</summary>
    private string Sorted(string y)
    {
        int levels = _shape.Quantiles.Count, numbers = _shape.Outputs / levels;
        long[] front = _shape.PredictsEveryStep ? [0, 0] : [0];
        string each = _graph.Node("Reshape", "quantiles", [y, _graph.Axes("by_number", [.. front, numbers, levels])]);
        string sorted = _graph.Unique("quantiles_sorted"), places = _graph.Unique("quantile_places");
        _graph.Node("TopK", [each, _graph.Axes("levels", levels)], [sorted, places],
            OnnxAttribute.Of("largest", 0), OnnxAttribute.Of("sorted", 1));
        return _graph.Node("Reshape", "y", [sorted, _graph.Axes("all_outputs", [.. front, _shape.Outputs])]);
    }
}
