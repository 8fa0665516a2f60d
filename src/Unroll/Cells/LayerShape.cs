using Unroll.Cells;

namespace Unroll;

/// <summary>What a recurrent layer's units compute. With a = W_ih x + b and b = W_hh h_{t-1}, element by element:</summary>
public enum CellKind
{
    /// <summary>h_t = sigma(a + b): the paper's network.</summary>
    Plain,

    /// <summary>h_t = (1 - leak) h_{t-1} + leak sigma(a + b).</summary>
    Leaky,

    /// <summary>
    /// i, f, o = sigmoid and g = tanh of their parts of a + b; c_t = f c_{t-1} + i g; h_t = o tanh(c_t). It carries h and c.
    /// </summary>
    Lstm,

    /// <summary>r, z = sigmoid of their parts of a + b; n = tanh(a_n + r b_n); h_t = (1 - z) n + z h_{t-1}.</summary>
    Gru,

    /// <summary>
    /// A diagonal linear recurrence: with three parts a of W_ih x and no W_hh, the complex z_t = lambda z_{t-1} + gamma (a_1 + i
    /// a_2) of each unit, h_t = sigma(Re z_t + a_3). It carries h, Re z and Im z.
    /// </summary>
    Lru,

    /// <summary>h_t = sigma(a): a layer without a memory or recurrent weights, beneath or above recurrent ones.</summary>
    Dense,
}

/// <summary>One recurrent layer: its units and what they compute.</summary>
/// <param name="Hidden">H, the number of units, at least 1.</param>
public sealed record LayerShape(int Hidden)
{
    /// <summary>What the units compute. Default: plain.</summary>
    public CellKind Cell { get; init; } = CellKind.Plain;

    /// <summary>sigma of a plain, leaky, LRU or dense layer; the gated cells have their own and take tanh here. Default:
    /// tanh.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>
    /// The leak of a leaky layer, above 0 and at most 1. A trained leak starts from this value, which must then be below 1. Other
    /// layers have 1.
    /// </summary>
    public double Leak { get; init; } = 1;

    /// <summary>Whether each unit of a leaky layer has its own trained leak (the logistic function of a parameter).</summary>
    public bool TrainedLeak { get; init; }

    /// <summary>
    /// Whether the pre-activations of each gate are normalized over the units before the cell's step (Ba, Kiros and Hinton,
    /// 2016): in the place of the sum a = W_ih x + W_hh h_{t-1} the cell reads gain (a - mean(a)) / sqrt(variance(a) + 1e-5) +
    /// bias. It needs two units and a cell with recurrent weights. Default: false.
    /// </summary>
    public bool LayerNorm { get; init; }

    /// <summary>
    /// The size of the state of a sequence: H for h, another H for an LSTM's c, two more for an LRU's complex state.
    /// </summary>
    public int StateWidth => Hidden * Definition.Layout.Parts;

    /// <summary>The layer as text for messages, such as <c>lstm 50</c>.</summary>
    public override string ToString() =>
        $"{Cell.ToString().ToLowerInvariant()} {Hidden}{(LayerNorm ? " normalized" : "")}";

    /// <summary>The largest number of units, inputs or outputs.</summary>
    internal const int MaximumSize = 16_384;

    /// <summary>A cell that replaces the one of the table: for trying a new cell that is not in the table.</summary>
    internal ICell? Own { get; init; }

    /// <summary>What the units compute.</summary>
    internal ICell Definition => Own ?? CellTable.Of(Cell);

    /// <summary>
    /// Whether the state is sigma of a pre-activation whose only way to the next one is W_hh, as in the paper; normalization is
    /// another way.
    /// </summary>
    internal bool IsOnPreActivations => Definition.IsOnPreActivations && !LayerNorm;

    /// <summary>The numbers of the gains of normalization: one for each pre-activation, or none.</summary>
    internal int Gains => LayerNorm ? Definition.Layout.Blocks * Hidden : 0;

    internal static void CheckSize(int size, string name)
    {
        if (size is < 1 or > MaximumSize) throw new ArgumentException(
            Invariant($"{name} is {size}; it must lie in 1..{MaximumSize}."));
    }

    internal void Validate(int index)
    {
        CheckSize(Hidden, index == 0 ? "Hidden" : Invariant($"Hidden of layer {index + 1}"));
        if (!Enum.IsDefined(Cell)) throw new ArgumentException($"The cell {Cell} is not a known value.");
        if (!Enum.IsDefined(Activation)) throw new ArgumentException($"The activation {Activation} is not a known value.");
        Definition.Validate(this);
        if (!LayerNorm) return;
        if (Definition.Layout.RecurrentGates == 0)
            throw new ArgumentException(
                "Layer normalization is of cells that read their own last state through weights; "
                    + $"{Cell.ToString().ToLowerInvariant()} cells have a linear recurrence of each unit and cannot have it.");
        if (Hidden < 2)
            throw new ArgumentException(
                "Layer normalization compares the units of a layer with one another, and layer "
                    + Invariant($"{index + 1} has {Hidden} unit; it needs 2 or more."));
    }
}
