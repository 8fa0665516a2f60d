using System.Globalization;
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// How a cell's numbers are laid out. The parameters hold its G gates in PyTorch's order. On a tape a unit's pre-activations are
/// blocks. Every gate adds its input part to one block and its recurrent part to one block, usually the same.
/// </summary>
/// <param name="Gates">G: rows of weights a unit.</param>
/// <param name="Blocks">Pre-activations a unit; their number is at least G.</param>
/// <param name="Kept">Numbers a unit that a step keeps for the backward pass, the blocks' activations first; at least
/// <paramref name="Blocks"/>.</param>
/// <param name="Parts">Numbers of state a unit: 1 for h, 2 for h and c.</param>
/// <param name="InputBlocks">(G): the block of each gate's input part; together they are 0..G-1.</param>
/// <param name="RecurrentBlocks">(G): the block of each gate's recurrent part; together they are consecutive, in the gates'
/// order. Empty for a cell without recurrent weights, whose units see no state but their own.</param>
/// <param name="InPlace">Whether the only activation is the new state itself, so that a tape keeps nothing else.</param>
/// <param name="Vectors">The names of the cell's own vectors of parameters, which lie one after the other; null for none.</param>
/// <param name="VectorBlock">The block for which the one vector is the bias, or -1.</param>
internal sealed record CellLayout(
    int Gates, int Blocks, int Kept, int Parts, int[] InputBlocks, int[] RecurrentBlocks, bool InPlace =
        false, string[]? Vectors = null, int VectorBlock = -1)
{
    /// <summary>The cell's own vectors.</summary>
    public string[] VectorNames { get; } = Vectors ?? [];

    /// <summary>G, or 0 for a cell without recurrent weights.</summary>
    public int RecurrentGates => RecurrentBlocks.Length;

    /// <summary>
    /// The place of a block among the gains of a normalized layer: that of its gate; blocks without one follow the gates.
    /// </summary>
    public int GainOf(int block) => Array.IndexOf(InputBlocks, block) is >= 0 and var gate ? gate : block;

    /// <summary>The block of the first gate's recurrent part.</summary>
    public int FirstRecurrent => RecurrentBlocks.Length == 0 ? 0 : RecurrentBlocks[0];
}

/// <summary>
/// One unit of a layer at one step, in arithmetic of S. The forward step reads <see cref="Pre"/>, <see cref="Before"/> and the
/// vectors, and writes the others. The backward step reads all of these but <see cref="After"/>, and <see cref="Signal"/>, and
/// writes <see cref="PreSignal"/>, <see cref="Back"/> and <see cref="VectorSignal"/>.
/// </summary>
internal readonly ref struct Unit<S>
    where S : struct, IScalar<S>
{
    /// <summary>(Blocks): pre-activations x.</summary>
    public required Span<S> Pre { get; init; }

    /// <summary>(Kept): activations and what else the backward pass needs.</summary>
    public required Span<S> Kept { get; init; }

    /// <summary>(Kept): sigma' of each activation.</summary>
    public required Span<S> Slopes { get; init; }

    /// <summary>(Parts): s_{t-1}.</summary>
    public required Span<S> Before { get; init; }

    /// <summary>(Parts): s_t.</summary>
    public required Span<S> After { get; init; }

    /// <summary>
    /// (Parts): dE/dh_t in total; dE/dc_t through the next step's c only (the use of c_t in h_t of the same step belongs to
    /// dE/dh_t).
    /// </summary>
    public Span<S> Signal { get; init; }

    /// <summary>(Blocks): dE/dx.</summary>
    public Span<S> PreSignal { get; init; }

    /// <summary>(Parts): the part of dE/ds_{t-1} that does not pass through the pre-activations.</summary>
    public Span<S> Back { get; init; }

    /// <summary>(V): the unit's element of each of the cell's own vectors, when the layer has them.</summary>
    public Span<S> Vectors { get; init; }

    /// <summary>(V): dE/d(vector) of this step, where the vector is not a bias.</summary>
    public Span<S> VectorSignal { get; init; }
}

/// <summary>
/// A recurrent cell: its layout and its equations for one unit. The equations define what every faster implementation computes,
/// and all analyses use them. A new cell is a file with one of these and a line in <see cref="CellTable"/>.
/// </summary>
internal interface ICell
{
    CellLayout Layout { get; }

    /// <summary>
    /// Whether the state is sigma of a pre-activation, one a unit. If so, errors are measured with respect to the pre-activation,
    /// as in the paper: dx_t/dx_{t-1} = W_rec diag(sigma'(x_{t-1})), and Omega's paper form uses x. Otherwise both use the state.
    /// </summary>
    bool IsOnPreActivations { get; }

    /// <summary>
    /// gamma: the maximum of sigma', when <see cref="IsOnPreActivations"/>; null where section 2.1's bounds do not hold.
    /// </summary>
    double? Gamma(LayerShape layer);

    /// <summary>Whether the layer chooses sigma.</summary>
    bool HasActivation => false;

    /// <summary>Checks the options that only some cells have.</summary>
    /// <exception cref="ArgumentException">An option does not suit the cell.</exception>
    void Validate(LayerShape layer);

    /// <summary>Whether a layer has the cell's own vectors of parameters.</summary>
    bool HasVector(LayerShape layer, bool biases);

    /// <summary>The function sigma of the activation kept at this index.</summary>
    Activation ActivationOf(LayerShape layer, int kept);

    /// <summary>The name in reports of the activation kept at this index.</summary>
    string NameOf(int kept) =>
        Layout.InPlace ? "h"
        : Layout.Kept == 1 ? "s"
        : string.Create(CultureInfo.InvariantCulture, $"activation {kept + 1}");

    /// <summary>The forward step of one unit.</summary>
    void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>;

    /// <summary>The vector-Jacobian product of one unit's step.</summary>
    void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>;

    /// <summary>
    /// Passes the cell's equations on registers to the visitor as a type, so that they are compiled into its loops.
    /// </summary>
    TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>
    /// What the kernels compute of a unit's own parameters, such as its leak: one value of index 0..V-1 from all of them.
    /// </summary>
    double VectorValue(int index, ReadOnlySpan<double> parameters) => parameters[index];

    /// <summary>
    /// The derivative by parameter <paramref name="index"/> of what <see cref="ILanes{T}.AddVector"/> sums for it and
    /// <see cref="ILanes{T}.Push"/> is given for it: of the value itself, unless the cell says otherwise.
    /// </summary>
    double VectorSlope(int index, double parameter) => 1;

    /// <summary>
    /// What is added to the gates' biases of one unit so that it keeps its state: the usual values, or those for a memory of
    /// <paramref name="lag"/> steps, at least 2 (chrono initialization).
    /// </summary>
    IEnumerable<(int Gate, double Bias)> MemoryBiases(double forgetBias, double? lag) => [];

    /// <summary>The initial value of the cell's own one vector; null for zero.</summary>
    double? InitialVector(LayerShape layer, double? lag) => null;

    /// <summary>Draws the initial values of a unit's own parameters, (V); false where the cell draws none.</summary>
    bool Draw(RingStart ring, ref RandomSource random, Span<double> vectors) => false;

    /// <summary>Throws for options that only a leaky layer or a layer with a choice of sigma has.</summary>
    static void RefuseOptions(LayerShape layer, bool activation)
    {
        string name = layer.Cell.ToString().ToLowerInvariant();
        if (layer.Leak != 1 || layer.TrainedLeak)
            throw new ArgumentException($"A leak is an option of leaky layers; a layer of {name} cells has none.");
        if (!activation && layer.Activation != Activation.Tanh)
            throw new ArgumentException(
                $"The activation {layer.Activation} is an option of plain, leaky, lru and dense layers; {name} cells have their "
                    + "own.");
    }
}

/// <summary>All cells.</summary>
internal static class CellTable
{
    private static readonly ICell s_plain =
        new PlainCell(), s_leaky = new LeakyCell(), s_lstm = new LstmCell(), s_gru = new GruCell(), s_lru = new LruCell(),
        s_dense = new DenseCell();

    /// <summary>The cell of a kind. An unknown kind gives the plain cell; the check of the shape refuses it.</summary>
    public static ICell Of(CellKind kind) => kind switch
    {
        CellKind.Leaky => s_leaky,
        CellKind.Lstm => s_lstm,
        CellKind.Gru => s_gru,
        CellKind.Lru => s_lru,
        CellKind.Dense => s_dense,
        _ => s_plain,
    };
}
