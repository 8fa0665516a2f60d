using System.Globalization;

namespace Unroll;

/// <summary>What a named parameter is.</summary>
public enum ParameterRole
{
    /// <summary>Weights from a layer's input, (G H, I).</summary>
    InputWeights,

    /// <summary>Weights from a layer's own last state, (G H, H).</summary>
    RecurrentWeights,

    /// <summary>A layer's bias, (G H).</summary>
    HiddenBias,

    /// <summary>
    /// What only some cells have: the second bias of a GRU's n, the trained leak of a leaky layer, the poles of an LRU; (H).
    /// </summary>
    CellVector,

    /// <summary>The head's weights, (O, H).</summary>
    OutputWeights,

    /// <summary>The head's bias, (O).</summary>
    OutputBias,

    /// <summary>The learned initial state, (S).</summary>
    InitialState,

    /// <summary>The gains of a normalized layer, one for each pre-activation, (G H), and of a GRU another H.</summary>
    NormalizationGain,
}

/// <summary>One named parameter: a row-major matrix (or a vector with one row) inside the flat buffer.</summary>
/// <param name="Name">The name it has in files.</param>
/// <param name="Offset">Index of its first element in the flat buffer.</param>
/// <param name="Rows">Number of rows; 1 for a vector.</param>
/// <param name="Columns">Number of columns.</param>
public sealed record ParameterBlock(string Name, int Offset, int Rows, int Columns)
{
    /// <summary>W_in of the first layer, (G H, I); a cell has G gates, a plain one 1.</summary>
    public const string InputWeights = "weight_ih_l0";

    /// <summary>W_rec of the first layer, (G H, H): row j, column i is the weight from unit i to unit j.</summary>
    public const string RecurrentWeights = "weight_hh_l0";

    /// <summary>b of the first layer, (G H). PyTorch has two biases; this one is their sum.</summary>
    public const string HiddenBias = "bias_l0";

    /// <summary>The head's weights, (O, H).</summary>
    public const string OutputWeights = "weight";

    /// <summary>The head's bias, (O).</summary>
    public const string OutputBias = "bias";

    /// <summary>The initial state when it is learned, (S): each layer's parts in order, h before c.</summary>
    public const string InitialState = "initial_state";

    /// <summary>What it is.</summary>
    public ParameterRole Role { get; init; }

    /// <summary>The layer it belongs to, 0 next to the input; -1 for the head's and the initial state.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>Rows x Columns.</summary>
    public int Length => Rows * Columns;

    /// <summary>Whether this is a matrix of weights. Weight noise and weight decay act on such blocks only.</summary>
    public bool IsWeight => Role is ParameterRole.InputWeights or ParameterRole.RecurrentWeights or ParameterRole.OutputWeights;

    internal static string Of(string name, int layer) => string.Create(CultureInfo.InvariantCulture, $"{name}_l{layer}");
}
