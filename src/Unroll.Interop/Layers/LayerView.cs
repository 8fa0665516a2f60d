namespace Unroll.Interop;

/// <summary>One layer of a network in 32 bits: its shape, its place and its parameters.</summary>
/// <param name="network">The network.</param>
/// <param name="index">Which of its layers, 0 next to the input.</param>
internal sealed class LayerView(Network<float> network, int index)
{
    public LayerShape Shape { get; } = network.Shape.Layers[index];

    public int Index => index;

    /// <summary>I, the width of what it reads.</summary>
    public int Inputs { get; } = network.Shape.InputsOf(index);

    /// <summary>H.</summary>
    public int Hidden => Shape.Hidden;

    /// <summary>G: rows of weights a unit.</summary>
    public int Gates { get; } = network.Shape.Layers[index].Definition.Layout.Gates;

    /// <summary>Numbers carried a unit.</summary>
    public int Parts { get; } = network.Shape.Layers[index].Definition.Layout.Parts;

    /// <summary>Whether it has biases.</summary>
    public bool HasBias => network.Shape.Biases;

    /// <summary>(G H, I).</summary>
    public ReadOnlySpan<float> InputWeights => network.Parameter(ParameterBlock.Of("weight_ih", index));

    /// <summary>(G H, H).</summary>
    public ReadOnlySpan<float> RecurrentWeights => network.Parameter(ParameterBlock.Of("weight_hh", index));

    /// <summary>(G H); zeros without biases.</summary>
    public float[] Bias => OrZeros(ParameterBlock.Of("bias", index), Gates * Hidden);

    /// <summary>The cell's own vector, (H); zeros without one.</summary>
    public float[] Vector(string name) => OrZeros(ParameterBlock.Of(name, index), Hidden);

    /// <summary>
    /// What a leaky layer's units move by, (H): the logistic function of the parameter where it is trained.
    /// </summary>
    public float[] Leak()
    {
        var leak = new float[Hidden];
        ReadOnlySpan<float> trained = network.Parameter(ParameterBlock.Of("leak", index));
        for (int j = 0; j < Hidden; j++)
            leak[j] = (float)(trained.IsEmpty ? Shape.Leak : Shape.Definition.VectorValue(0, [trained[j]]));
        return leak;
    }

    /// <summary>The gates' blocks of rows in another order.</summary>
    /// <param name="values">(G H, columns).</param>
    /// <param name="columns">How many numbers a row has.</param>
    /// <param name="order">Which gate stands at each place.</param>
    public float[] Reordered(ReadOnlySpan<float> values, int columns, params ReadOnlySpan<int> order)
    {
        int size = Hidden * columns;
        var moved = new float[order.Length * size];
        for (int place = 0; place < order.Length; place++)
            values.Slice(order[place] * size, size).CopyTo(moved.AsSpan(place * size));
        return moved;
    }

    /// <summary>The transpose of (rows, columns).</summary>
    public static float[] Transposed(ReadOnlySpan<float> values, int columns)
    {
        var turned = new float[values.Length];
        int rows = values.Length / columns;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) turned[(j * rows) + i] = values[(i * columns) + j];
        }

        return turned;
    }

    private float[] OrZeros(string name, int length)
    {
        Span<float> values = network.Parameter(name);
        return values.IsEmpty ? new float[length] : values.ToArray();
    }
}
