using System.Runtime.InteropServices;

namespace Unroll.Interop;

/// <summary>The element types of ONNX that are used here, with their numbers there.</summary>
internal enum OnnxType
{
    Float = 1,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
    Bool = 9,
    Double = 11,
}

/// <summary>What a layer reads or gives, by name.</summary>
/// <param name="Sequence">(T, B, width).</param>
/// <param name="H">(1, B, H): h before the first step, or after each row's last.</param>
/// <param name="C">The same of an LSTM's c; null for other cells.</param>
internal sealed record OnnxRun(string Sequence, string H, string? C);

/// <summary>
/// A graph in the making: nodes in the order of their use, constants, inputs and outputs. What a node gives is known by a
/// name of its own. A graph inside, such as a loop's, sees the names of the graph around it.
/// </summary>
internal sealed class OnnxGraph
{
    private readonly ProtoMessage _nodes = new(), _constants = new(), _inputs = new(), _outputs = new();
    private readonly HashSet<string> _names;
    private readonly string _prefix;
    private string? _mask;

    /// <summary>An empty graph.</summary>
    public OnnxGraph()
        : this([], "")
    {
    }

    private OnnxGraph(HashSet<string> names, string prefix) => (_names, _prefix) = (names, prefix);

    /// <summary>What says each row's number of steps: an input, or what was made of it (<see cref="Measure"/>).</summary>
    public string Lengths { get; private set; } = "sequence_lens";

    /// <summary>From here on rows have other numbers of steps.</summary>
    /// <param name="lengths">(B) of 32-bit integers.</param>
    public void Measure(string lengths) => (Lengths, _mask) = (lengths, null);

    /// <summary>An empty graph for a node of this one.</summary>
    public OnnxGraph Inside(string prefix) => new(_names, prefix);

    /// <summary>A constant of floats.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> sizes) =>
        Constant(name, OnnxType.Float, MemoryMarshal.AsBytes(values), sizes);

    /// <summary>A constant of whole numbers; without sizes one number by itself.</summary>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> sizes) =>
        Constant(name, OnnxType.Int64, MemoryMarshal.AsBytes(values), sizes);

    /// <summary>A constant of doubles.</summary>
    public string Constant(string name, ReadOnlySpan<double> values, params ReadOnlySpan<long> sizes) =>
        Constant(name, OnnxType.Double, MemoryMarshal.AsBytes(values), sizes);

    /// <summary>A vector of truth values.</summary>
    public string Flags(string name, ReadOnlySpan<bool> values) =>
        Constant(name, OnnxType.Bool, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>A vector of texts.</summary>
    public string Constant(string name, IReadOnlyList<string> texts)
    {
        string unique = Unique(name);
        ProtoMessage tensor = new ProtoMessage().Add(1, texts.Count).Add(2, (long)OnnxType.Text).Add(8, unique);
        foreach (string text in texts) tensor.Add(6, text);
        _constants.Add(5, tensor);
        return unique;
    }

    /// <summary>A vector of whole numbers, such as axes.</summary>
    public string Axes(string name, params ReadOnlySpan<long> values) => Constant(name, values, values.Length);

    /// <summary>Adds a node with one output, which is named after it.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="output">What to call the output; a number is added where the name is taken.</param>
    /// <param name="inputs">Names; an empty one for an input that is left out.</param>
    /// <param name="attributes">From <see cref="OnnxAttribute"/>.</param>
    public string Node(string type, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<ProtoMessage> attributes)
    {
        string name = Unique(output);
        Node(type, inputs, [name], attributes);
        return name;
    }

    /// <summary>Adds a node with several outputs, whose names must be new.</summary>
    public void Node(
        string type, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs, params ReadOnlySpan<ProtoMessage> attributes)
    {
        var node = new ProtoMessage();
        foreach (string input in inputs) node.Add(1, input);
        foreach (string output in outputs) node.Add(2, output);
        node.Add(3, $"node_{outputs[0]}").Add(4, type);
        foreach (ProtoMessage attribute in attributes) node.Add(5, attribute);
        _nodes.Add(1, node);
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Unique(string name)
    {
        name = _prefix + name;
        for (int i = 2; !_names.Add(name); i++)
        {
            if (_names.Add(Invariant($"{name}_{i}"))) return Invariant($"{name}_{i}");
        }

        return name;
    }

    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its elements.</param>
    /// <param name="description">What it is, for a person.</param>
    /// <param name="sizes">Its sizes: whole numbers, or letters for those that the caller chooses.</param>
    public string Input(string name, OnnxType type, string description, params ReadOnlySpan<object> sizes)
    {
        string unique = Unique(name);
        _inputs.Add(11, Value(unique, type, description, sizes));
        return unique;
    }

    /// <summary>Declares an input that has these numbers where the caller gives none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is, for a person.</param>
    /// <param name="values">The numbers of one row.</param>
    /// <param name="rows">The place among the sizes of the number of rows, 1 for the numbers given here.</param>
    /// <param name="sizes">Its sizes: whole numbers, or a letter for the number of rows.</param>
    public string Input(string name, string description, ReadOnlySpan<float> values, int rows, params ReadOnlySpan<object> sizes)
    {
        string unique = Input(name, OnnxType.Float, description, sizes);
        var own = new long[sizes.Length];
        for (int i = 0; i < own.Length; i++) own[i] = i == rows ? 1 : (int)sizes[i];
        Initialize(unique, OnnxType.Float, MemoryMarshal.AsBytes(values), own);
        return unique;
    }

    /// <summary>Declares what some node gives as an output.</summary>
    public void Output(string name, OnnxType type, string description, params ReadOnlySpan<object> sizes) =>
        _outputs.Add(12, Value(name, type, description, sizes));

    /// <summary>
    /// (T, B, 1): whether a step lies within its row's length, for layers that are no single operator.
    /// </summary>
    /// <param name="sequence">Any (T, B, width).</param>
    public string Mask(string sequence)
    {
        if (_mask is not null) return _mask;
        string shape = Node("Shape", "x_shape", [sequence]);
        string steps = Node("Gather", "steps", [shape, Constant("first_size", [0L])], OnnxAttribute.Of("axis", 0));
        string range = Node("Range", "step", [Constant("zero_step", [0L]), steps, Constant("one_step", [1L])]);
        string column = Node("Unsqueeze", "step_column", [range, Axes("behind", 1)]);
        string lengths = Node("Cast", "lengths", [Lengths], OnnxAttribute.Of("to", (long)OnnxType.Int64));
        string within = Node("Less", "within", [column, lengths]);
        return _mask = Node("Unsqueeze", "mask", [within, Axes("last", 2)]);
    }

    /// <summary>The finished graph.</summary>
    public ProtoMessage ToMessage(string name)
    {
        var graph = new ProtoMessage();
        graph.Join(_nodes);
        graph.Add(2, name);
        foreach (ProtoMessage part in (ProtoMessage[])[_constants, _inputs, _outputs]) graph.Join(part);
        return graph;
    }

    private string Constant(string name, OnnxType type, ReadOnlySpan<byte> data, ReadOnlySpan<long> sizes)
    {
        string unique = Unique(name);
        Initialize(unique, type, data, sizes);
        return unique;
    }

    private void Initialize(string name, OnnxType type, ReadOnlySpan<byte> data, ReadOnlySpan<long> sizes)
    {
        var tensor = new ProtoMessage();
        foreach (long size in sizes) tensor.Add(1, size);
        _constants.Add(5, tensor.Add(2, (long)type).Add(8, name).Add(9, data));
    }

    private static ProtoMessage Value(string name, OnnxType type, string description, ReadOnlySpan<object> sizes)
    {
        var shape = new ProtoMessage();
        foreach (object size in sizes)
        {
            shape.Add(1, size is int number ? new ProtoMessage().Add(1, number) : new ProtoMessage().Add(2, (string)size));
        }

        ProtoMessage tensor = new ProtoMessage().Add(1, (long)type).Add(2, shape);
        ProtoMessage value = new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, tensor));
        return description.Length == 0 ? value : value.Add(3, description);
    }
}

/// <summary>The attributes of a node.</summary>
internal static class OnnxAttribute
{
    /// <summary>A whole number.</summary>
    public static ProtoMessage Of(string name, long value) => Begin(name).Add(3, value).Add(20, 2L);

    /// <summary>Whole numbers.</summary>
    public static ProtoMessage Of(string name, params ReadOnlySpan<long> values)
    {
        ProtoMessage attribute = Begin(name);
        foreach (long value in values) attribute.Add(8, value);
        return attribute.Add(20, 7L);
    }

    /// <summary>Texts.</summary>
    public static ProtoMessage Of(string name, params ReadOnlySpan<string> values)
    {
        ProtoMessage attribute = Begin(name);
        foreach (string value in values) attribute.Add(9, value);
        return attribute.Add(20, 8L);
    }

    /// <summary>A graph.</summary>
    public static ProtoMessage Of(string name, ProtoMessage graph) => Begin(name).Add(6, graph).Add(20, 5L);

    private static ProtoMessage Begin(string name) => new ProtoMessage().Add(1, name);
}
