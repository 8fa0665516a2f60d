namespace Unroll.Interop;

/// <summary>
/// What a cell looks like in other programs: a module of Python, nodes of ONNX, statements of C. A new cell is one file with
/// one of these and a line in <see cref="CellForms"/>.
/// </summary>
internal interface ICellForms
{
    /// <summary>The module of PyTorch that computes the layer, such as <c>nn.LSTM</c>; null where PyTorch has none.</summary>
    string? TorchModule(LayerShape layer);

    /// <summary>The arguments of the module that is not PyTorch's, behind its inputs, units and biases.</summary>
    string PythonArguments(LayerShape layer) => "";

    /// <summary>The name of the module that is not PyTorch's.</summary>
    string PythonName => "";

    /// <summary>The class of that module, text of Python.</summary>
    string PythonClass => "";

    /// <summary>Adds the layer's nodes to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer and its parameters.</param>
    /// <param name="run">The names of what the layer reads.</param>
    /// <returns>The names of what it gives.</returns>
    OnnxRun Onnx(OnnxGraph graph, LayerView layer, OnnxRun run);

    /// <summary>How the rows of weights and the pre-activations of one step lie in C.</summary>
    CLayerPlan Plan(LayerView layer);

    /// <summary>Writes the statements that make a layer's new state of its pre-activations <c>x</c>.</summary>
    void C(CText text, LayerView layer);
}

/// <summary>The cells' forms.</summary>
internal static class CellForms
{
    private static readonly ICellForms s_plain = new PlainForms(), s_leaky = new LeakyForms(),
        s_lstm = new LstmForms(), s_gru = new GruForms();

    /// <summary>The forms of a kind.</summary>
    /// <exception cref="ArgumentException">There are none: the cell is none of the library's.</exception>
    public static ICellForms Of(LayerShape layer) => layer.Own is not null ? throw Unknown() : layer.Cell switch
    {
        _ when layer.LayerNorm => throw new ArgumentException(
            "A layer with layer normalization cannot be exported: PyTorch's and ONNX's recurrent layers normalize nothing, and "
            + "the header for C has no form of it; train without --layer-norm."),
        CellKind.Plain => s_plain,
        CellKind.Leaky => s_leaky,
        CellKind.Lstm => s_lstm,
        CellKind.Gru => s_gru,
        CellKind.Lru => throw new ArgumentException(
            "A layer of LRU cells cannot be exported: there is no form of it here for PyTorch, ONNX or C; those of plain, leaky, "
            + "LSTM and GRU cells can be."),
        CellKind.Dense => s_plain, // as which it is written
        _ => throw Unknown(),
    };

    /// <summary>Checks that a network can be written at all.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">A weight is not finite, a cell or the cost is none of the library's, or the last
    /// steps all start from one state.</exception>
    public static void Require<T>(Network<T> network)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Shape.OwnCost is not null)
            throw new ArgumentException("The network's cost is none of the library's, and no format could name it.");
        if (network.Shape.Branches > 0) throw new ArgumentException(
            "The network forecasts its horizon in parts that all start from one state (parallel decoding), which no exported "
                + "model does; train it with --decoder direct.");
        foreach (LayerShape layer in network.Shape.Layers) Of(layer);
        foreach (ParameterBlock block in network.Blocks)
        {
            foreach (T value in network.Parameters.Slice(block.Offset, block.Length))
            {
                if (!T.IsFinite(value)) throw new ArgumentException(
                    $"The network's {block.Name} has a weight that is not finite.");
            }
        }
    }

    /// <summary>A network in 32 bits that can be written with what is known about it.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">As of <see cref="Require"/> in 32 bits, or the information is of another
    /// shape.</exception>
    public static Network<float> Rounded<T>(Network<T> network, Files.ModelInfo info)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        if (info.Shape != network.Shape)
            throw new ArgumentException($"The information describes {info.Shape}, but the network is {network.Shape}.");
        Network<float> rounded = network.Convert<float>();
        Require(rounded);
        return rounded;
    }

    private static ArgumentException Unknown() =>
        new("A cell of the network is none of the library's, and has no form elsewhere.");
}
