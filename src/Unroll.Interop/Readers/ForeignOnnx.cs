using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Interop;

/// <summary>
/// A graph of another program as a state dict in PyTorch's names: recurrent operators one behind the other and one linear
/// head. Every operator that could make it another network is refused by name.
/// </summary>
internal sealed class ForeignOnnx(OnnxFile file)
{
    // What may be there beside the network: it makes sizes, and states of zeros.
    private static readonly HashSet<string> Making = new(StringComparer.Ordinal)
    {
        "Gather", "Slice", "Split", "Shape", "Concat", "Constant", "ConstantOfShape", "Expand", "Range", "GatherND", "Tile",
    };

    // What computes with sizes.
    private static readonly HashSet<string> Counting = new(StringComparer.Ordinal)
    {
        "Gather", "Slice", "Squeeze", "Unsqueeze", "Concat", "Cast", "Identity", "Reshape", "ReduceProd", "Mul", "Add", "Sub",
        "Div",
    };

    // What may stand behind the head.
    private static readonly HashSet<string> Ending = new(StringComparer.Ordinal) { "Softmax", "LogSoftmax", "Sigmoid" };

    private static readonly HashSet<string> Recurrent = new(StringComparer.Ordinal) { "RNN", "LSTM", "GRU" };

    private readonly Dictionary<string, OnnxNode> _from = file.Nodes.SelectMany(node => node.Outputs.Select(name => (name, node)))
        .Where(pair => pair.name.Length > 0).DistinctBy(pair => pair.name).ToDictionary(pair => pair.name, pair => pair.node);

    private readonly OnnxPath _path = new(file);
    private readonly HashSet<string> _sizes = [];
    private readonly List<SafeTensor> _tensors = [];

    /// <summary>The tensors.</summary>
    /// <param name="activation">Receives the nonlinearity of plain layers; null where there are none.</param>
    /// <exception cref="FormatException">It is another network.</exception>
    public IReadOnlyList<SafeTensor> StateDict(out Activation? activation)
    {
        OnnxNode[] layers = [.. file.Nodes.Where(node => Recurrent.Contains(node.Type) && node.Domain.Length == 0)];
        if (layers.Length == 0) throw new FormatException("has no RNN, LSTM or GRU operator");
        if (layers.Length > NetworkShape.MaximumLayers)
            throw new FormatException(
                $"has {layers.Length} recurrent operators; at most {NetworkShape.MaximumLayers} are possible");
        OnnxNode head = Head(layers[^1]);
        OnnxNode? bias = Bias(head);
        foreach (OnnxNode node in file.Nodes)
        {
            if (MakesSizes(node)) _sizes.UnionWith(node.Outputs);
            bool mayBe = OnnxPath.Moves(node) || (node.Domain.Length == 0
                && (Making.Contains(node.Type) || Ending.Contains(node.Type) || _sizes.IsSupersetOf(node.Outputs)));
            if (!mayBe && !layers.Contains(node) && node != head && node != bias)
                throw Other(node, "which a stack of recurrent layers with one linear head does not have");
            if (Ending.Contains(node.Type) && _path.Moved(node.Input(0)) != (bias ?? head))
                throw Other(node, "which does not stand behind the head");
            if (node.Type == "Gather" && file.Constants.GetValueOrDefault(node.Input(0)) is
                {
                    Values: not null,
                    Sizes.Length: > 1
                })
                throw Other(node, "which looks numbers up in a table (an embedding)");
        }

        activation = null;
        for (int k = 0; k < layers.Length; k++)
        {
            OnnxSource? before = _path.Source(layers[k].Input(0));
            if (before?.Node != (k == 0 ? null : layers[k - 1]))
                throw Other(layers[k], before is null ? "which does not read the layer before it"
                    : $"which reads what {before.Node.Type} gives");
            if (before is { Output: > 0 })
                throw Other(layers[k], $"which reads the last states of {before.Node.Type}, not those of every step");
            if (before is not null && before.Axes != OnnxAxes.Read(layers[k]))
                throw Other(layers[k], $"which reads the states of {before.Node.Type} turned or reshaped");
            Activation? own = Layer(layers, k);
            if (own is not null && activation is not null && own != activation)
                throw Other(layers[k], "whose layers differ in their activation");
            activation ??= own;
        }

        AddHead(head, bias, (int)layers[^1].Whole("hidden_size", 0));
        return _tensors;
    }

    /// <summary>Whether a node computes with nothing but sizes and whole constants.</summary>
    private bool MakesSizes(OnnxNode node) => node.Domain.Length == 0 && (node.Type == "Shape"
        || (Counting.Contains(node.Type) && node.Inputs.Any(_sizes.Contains) && node.Inputs.All(name => name.Length == 0
            || _sizes.Contains(name) || file.Constants.GetValueOrDefault(name) is { Values: null })));

    private OnnxNode Head(OnnxNode last)
    {
        OnnxNode[] linear = [.. file.Nodes.Where(node => node.Type is "MatMul" or "Gemm")];
        if (linear.Length != 1)
            throw new FormatException(linear.Length == 0 ? "has no MatMul or Gemm for a linear head"
                : $"has {Counted.Of(linear.Length, "matrix product")} "
                    + $"({string.Join(", ", linear.Select(node => node.Type))}) where one linear "
                    + "head is read");
        if (_path.SourceOfLast(linear[0].Input(0)) is not { } source || source.Node == linear[0])
            throw Other(linear[0], $"which does not read what {last.Type} gives");
        OnnxNode read = source.Node;
        if (read != last) throw Other(read, Recurrent.Contains(read.Type) ? "whose states the head reads, "
            + "which are not those of the last layer" : $"which stands between {last.Type} and the head");
        if (source.Output > 1) throw Other(last, "whose cell states the head reads, not its hidden states");
        return source.Axes is null or [.., 'H'] ? linear[0]
            : throw Other(linear[0], $"which does not read the units of {last.Type}");
    }

    private OnnxNode? Bias(OnnxNode head) => file.Nodes.FirstOrDefault(node => node.Type == "Add"
        && node.Inputs.Any(name => _path.Moved(name) == head) && node.Inputs.Any(file.Constants.ContainsKey));

    private void AddHead(OnnxNode head, OnnxNode? bias, int hidden)
    {
        bool gemm = head.Type == "Gemm";
        OnnxTensor weight = Weights(head, head.Input(1));
        if (weight.Sizes.Length != 2) throw Other(head, "whose weights are no matrix");
        if (gemm && (head.Whole("transA", 0) != 0 || head.Float("alpha", 1) != 1 || head.Float("beta", 1) != 1))
            throw Other(head, "which is scaled or reads its input transposed");
        bool turned = gemm && head.Whole("transB", 0) != 0;
        int outputs = (int)weight.Sizes[turned ? 0 : 1];
        if (weight.Sizes[turned ? 1 : 0] != hidden)
            throw Other(head,
                Invariant($"whose weights are [{string.Join(", ", weight.Sizes)}] where {Counted.Are(hidden, "unit")} read"));
        Add("head.weight", turned ? weight.Values! : LayerView.Transposed(weight.Values!, outputs), outputs, hidden);
        string name = gemm ? head.Input(2) : bias is null ? "" : bias.Inputs.First(file.Constants.ContainsKey);
        if (name.Length == 0) return;
        if (gemm && bias is not null) throw Other(bias, "a second bias of the head");
        float[] values = Weights(bias ?? head, name).Values!;
        if (values.Length != outputs) throw Other(bias ?? head,
            Invariant($"whose bias has {Counted.Of(values.Length, "number")} where {outputs} are expected"));
        Add("head.bias", values, outputs);
    }

    private Activation? Layer(OnnxNode[] layers, int k)
    {
        OnnxNode node = layers[k];
        bool gru = node.Type == "GRU", rnn = node.Type == "RNN";
        int gates = gru ? 3 : rnn ? 1 : 4, h = (int)Math.Clamp(node.Whole("hidden_size", 0), 0, int.MaxValue);
        if (node.Text("direction") is { } direction and not "forward") throw Other(node, $"whose direction is {direction}");
        if (node.Attributes.ContainsKey("clip")) throw Other(node, "which clips its states");
        if (node.Whole("input_forget", 0) != 0) throw Other(node, "whose input and forget gates are one");
        if (node.Input(7).Length > 0 && node.Type == "LSTM") throw Other(node, "which has peepholes");
        if (gru && node.Whole("linear_before_reset", 0) == 0)
            throw Other(node,
                "whose reset gate works before the product (linear_before_reset is 0), which the cell here does not");
        Activation? activation = Activations(node, gates);
        RequireZeros(node, node.Input(5));
        if (node.Type == "LSTM") RequireZeros(node, node.Input(6));
        OnnxTensor w = Weights(node, node.Input(1)), r = Weights(node, node.Input(2));
        long inputs = w.Sizes.Length == 3 ? w.Sizes[2] : 0;
        if (h < 1 || h > NetworkShape.MaximumSize || inputs is < 1 or > NetworkShape.MaximumSize || !w.Has(1, gates * h, inputs)
            || !r.Has(1, gates * h, h))
        {
            throw Other(node, $"whose weights are [{string.Join(", ", w.Sizes)}] and [{string.Join(", ", r.Sizes)}] where "
                + Invariant($"[1, {(long)gates * h}, inputs] and [1, {(long)gates * h}, {h}] are expected"));
        }

        int[] order = gru ? GatesOf.Gru : rnn ? [0] : GatesOf.Lstm;
        (string part, int place) = Place(layers, k);
        void Named(string name, float[] values, params ReadOnlySpan<long> sizes) => Add(Invariant($"{part}.{name}_l{place}"),
            values, sizes);
        Named("weight_ih", GatesOf.Back(w.Values!, order), gates * h, inputs);
        Named("weight_hh", GatesOf.Back(r.Values!, order), gates * h, h);
        if (node.Input(3).Length == 0) return activation;
        OnnxTensor b = Weights(node, node.Input(3));
        if (!b.Has(1, 2 * gates * h)) throw Other(node, $"whose biases are [{string.Join(", ", b.Sizes)}]");
        Named("bias_ih", GatesOf.Back(b.Values![..(gates * h)], order), gates * h);
        Named("bias_hh", GatesOf.Back(b.Values![(gates * h)..], order), gates * h);
        return activation;
    }

    /// <summary>The nonlinearity of plain units; that of gates must be the usual.</summary>
    private static Activation? Activations(OnnxNode node, int gates)
    {
        string[] given = node.Texts("activations");
        string[] usual = gates == 4 ? ["Sigmoid", "Tanh", "Tanh"] : gates == 3 ? ["Sigmoid", "Tanh"] : [];
        if (gates > 1)
            return given.Length == 0 || given.SequenceEqual(usual, StringComparer.OrdinalIgnoreCase) ? null
                : throw Other(node, $"whose activations are {string.Join(", ", given)}");
        return given.Length == 0 ? Activation.Tanh : given[0].ToUpperInvariant() switch
        {
            "TANH" => Activation.Tanh,
            "RELU" => Activation.Relu,
            "SIGMOID" => Activation.Sigmoid,
            _ => throw Other(node, $"whose activation is {given[0]}"),
        };
    }

    /// <summary>Neighbours that are equal are one module in PyTorch's names.</summary>
    private static (string Part, int Place) Place(OnnxNode[] layers, int k)
    {
        var parts = new List<int>();
        for (int i = 0; i < layers.Length; i++)
            parts.Add(i > 0 && Same(layers[i], layers[i - 1]) ? parts[^1] : i == 0 ? 0 : parts[^1] + 1);
        return (parts[^1] == 0 ? "rnn" : Invariant($"rnn{parts[k]}"), k - parts.IndexOf(parts[k]));

        static bool Same(OnnxNode a, OnnxNode b) => a.Type == b.Type && a.Whole("hidden_size", 0) == b.Whole("hidden_size", 0)
            && a.Input(3).Length > 0 == b.Input(3).Length > 0;
    }

    /// <summary>A state to start from must be zero, or the caller's.</summary>
    private void RequireZeros(OnnxNode node, string name)
    {
        var open = new Stack<string>([name]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? one))
        {
            if (one.Length == 0 || !seen.Add(one)) continue;
            if (file.Constants.TryGetValue(one, out OnnxTensor? tensor))
            {
                if (tensor.Values?.Any(value => value != 0) == true || tensor.Whole?.Any(value => value != 0) == true)
                    throw Other(node, "which starts from a state that is not zero");
                continue;
            }

            if (!_from.TryGetValue(one, out OnnxNode? from)) continue;
            if (Recurrent.Contains(from.Type)) throw Other(node, $"which starts from a state of {from.Type}");
            if (from.Type == "ConstantOfShape")
            {
                foreach (ProtoField field in from.Attributes.GetValueOrDefault("value", []))
                {
                    if (field.Number == 5 && OnnxFile.Fields(field.Bytes).Any(part => part.Number is 4 or 9
                        && part.Bytes.Span.ContainsAnyExcept((byte)0)))
                        throw Other(node, "which starts from a state that is not zero");
                }

                continue;
            }

            if (!OnnxPath.Moves(from) && from.Type is not ("Expand" or "Tile" or "Concat" or "Slice" or "Split" or "Gather"))
                throw Other(node, $"which starts from a state that {from.Type} computes");
            foreach (string input in from.Type == "Concat" ? from.Inputs : [from.Input(0)]) open.Push(input);
        }
    }

    private OnnxTensor Weights(OnnxNode node, string name) =>
        file.Constants.GetValueOrDefault(name) is { Values: not null } tensor ? tensor
            : throw Other(node, file.Constants.GetValueOrDefault(name) is { Type: > 0 } other
                ? Invariant($"whose weights are of type {other.Type} of ONNX; numbers of 16, 32 and 64 bits are read")
                : "whose weights are computed or given to the graph; export them as constants");

    private void Add(string name, float[] values, params ReadOnlySpan<long> sizes) =>
        _tensors.Add(SafeTensor.Of(name, values, sizes));

    private static FormatException Other(OnnxNode node, string why) =>
        new($"has the operator {(node.Domain.Length == 0 ? "" : $"{node.Domain}.")}{node.Type}, {why}");
}
