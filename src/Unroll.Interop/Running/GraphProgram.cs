namespace Unroll.Interop;

/// <summary>
/// An ONNX graph that is run node by node, by what the operators' definitions say and in the simplest way: for the check of a
/// file that was just written, not for use. It knows the operators that <see cref="OnnxWriter"/> writes, from its bytes alone.
/// </summary>
internal sealed class GraphProgram
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, GraphValue> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<OnnxNode, GraphProgram> _bodies = new(ReferenceEqualityComparer.Instance);

    private GraphProgram(ReadOnlyMemory<byte> graph)
    {
        foreach (ProtoField field in OnnxFile.Fields(graph))
        {
            switch (field.Number)
            {
                case 1:
                    OnnxNode node = OnnxFile.Node(field.Bytes);
                    _nodes.Add(node);
                    foreach (ProtoField part in node.Attributes.GetValueOrDefault("body", []))
                    {
                        if (part.Number == 6) _bodies[node] = new GraphProgram(part.Bytes);
                    }

                    break;
                case 5:
                    GraphValue constant = GraphValue.Read(field.Bytes, out string name);
                    _constants[name] = constant;
                    break;
                case 11:
                    Inputs.Add(NameOf(field.Bytes));
                    break;
                case 12:
                    Outputs.Add(NameOf(field.Bytes));
                    break;
            }
        }
    }

    /// <summary>The names of its inputs, in their order.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>The names of its outputs, in their order.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Whether an input need not be given.</summary>
    public bool HasOwn(string input) => _constants.ContainsKey(input);

    /// <summary>Reads a model's file.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static GraphProgram Read(ReadOnlyMemory<byte> model)
    {
        foreach (ProtoField field in OnnxFile.Fields(model))
        {
            if (field.Number == 7) return new GraphProgram(field.Bytes);
        }

        throw new FormatException("has no graph");
    }

    /// <summary>Runs it.</summary>
    /// <param name="inputs">Values by name.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="FormatException">A node cannot be run.</exception>
    public Dictionary<string, GraphValue> Run(IReadOnlyDictionary<string, GraphValue> inputs) => Run(inputs, null);

    private Dictionary<string, GraphValue> Run(IReadOnlyDictionary<string, GraphValue> inputs, Func<string, GraphValue?>? around)
    {
        var values = new Dictionary<string, GraphValue>(inputs, StringComparer.Ordinal);
        foreach (OnnxNode node in _nodes)
        {
            GraphValue[] given;
            try
            {
                given = [.. node.Inputs.Select(name => name.Length == 0 ? null! : Value(name)
                    ?? throw new FormatException($"lacks the value '{name}'"))];
                GraphValue[] made = node.Type == "Scan" ? Scan(node, given) : GraphOperators.Run(node, given);
                for (int i = 0; i < Math.Min(made.Length, node.Outputs.Length); i++) values[node.Outputs[i]] = made[i];
            }
            catch (Exception error) when (error is OverflowException or IndexOutOfRangeException or ArgumentException)
            {
                throw new FormatException($"has a node {node.Type} whose inputs do not fit it", error);
            }
        }

        return Outputs.ToDictionary(name => name, name => Value(name) ?? throw new FormatException($"lacks its output '{name}'"));

        GraphValue? Value(string name) =>
            values.GetValueOrDefault(name) ?? _constants.GetValueOrDefault(name) ?? around?.Invoke(name);

        // States, then what is gathered of each step; of the inputs the last ones are taken step by step.
        GraphValue[] Scan(OnnxNode node, GraphValue[] given)
        {
            GraphProgram body = _bodies[node];
            int scanned = (int)node.Whole("num_scan_inputs", 0), carried = given.Length - scanned;
            GraphValue[] states = given[..carried];
            int steps = given[carried].Sizes[0];
            var gathered = new List<GraphValue>[body.Outputs.Count - carried];
            for (int k = 0; k < gathered.Length; k++) gathered[k] = [];
            for (int t = 0; t < steps; t++)
            {
                var own = new Dictionary<string, GraphValue>(StringComparer.Ordinal);
                for (int i = 0; i < carried; i++) own[body.Inputs[i]] = states[i];
                for (int i = carried; i < given.Length; i++) own[body.Inputs[i]] = GraphOperators.Step(given[i], t);
                Dictionary<string, GraphValue> after = body.Run(own, Value);
                for (int i = 0; i < carried; i++) states[i] = after[body.Outputs[i]];
                for (int k = 0; k < gathered.Length; k++) gathered[k].Add(after[body.Outputs[carried + k]]);
            }

            return [.. states, .. gathered.Select(GraphOperators.Stack)];
        }
    }

    private static string NameOf(ReadOnlyMemory<byte> value)
    {
        foreach (ProtoField part in OnnxFile.Fields(value))
        {
            if (part.Number == 1) return part.Text;
        }

        return "";
    }
}
