using System.Globalization;
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// How a cell's numbers are laid out. Its G gates lie in the parameters in PyTorch's order; on a tape a unit's pre-activations
/// are blocks, and every gate adds its input's part to one block and its recurrent part to one, usually the same.
/// </summary>
/// <param name="Gates">G: rows of weights a unit.</param>
/// <param name="Blocks">Pre-activations a unit; their number is at least G.</param>
/// <param name="Kept">What a step leaves for the way back a unit, the blocks' activations first; at least <paramref
/// name="Blocks"/>.</param>
/// <param name="Parts">Numbers carried a unit: 1 for h, 2 for h and c.</param>
/// <param name="InputBlocks">(G): the block of each gate's input part; together they are 0..G-1.</param>
/// <param name="RecurrentBlocks">(G): the block of each gate's recurrent part; together they are consecutive, in the gates'
/// order.</param>
/// <param name="InPlace">Whether the one activation is the new state itself, so that a tape keeps nothing else.</param>
/// <param name="VectorName">The name of the cell's own vector of parameters, or null.</param>
/// <param name="VectorBlock">The block whose bias that vector is, or -1.</param>
internal sealed record CellLayout(
    int Gates, int Blocks, int Kept, int Parts, int[] InputBlocks, int[] RecurrentBlocks, bool InPlace =
        false, string? VectorName = null, int VectorBlock = -1)
{
    /// <summary>The block of the first gate's recurrent part.</summary>
    public int FirstRecurrent => RecurrentBlocks[0];
}

/// <summary>
/// One unit of a layer at one step, in arithmetic of S. Forward, <see cref="Pre"/>, <see cref="Before"/> and the vector are
/// read and the others written; backward, all of these are read and <see cref="PreSignal"/> and <see cref="Back"/> written from
/// <see cref="Signal"/>.
/// </summary>
internal readonly ref struct Unit<S>
    where S : struct, IScalar<S>
{
    /// <summary>(Blocks): pre-activations x.</summary>
    public required Span<S> Pre { get; init; }

    /// <summary>(Kept): activations and what else the way back needs.</summary>
    public required Span<S> Kept { get; init; }

    /// <summary>(Kept): sigma' of each activation.</summary>
    public required Span<S> Slopes { get; init; }

    /// <summary>(Parts): s_{t-1}.</summary>
    public required Span<S> Before { get; init; }

    /// <summary>(Parts): s_t.</summary>
    public required Span<S> After { get; init; }

    /// <summary>
    /// (Parts): dE/dh_t in total; dE/dc_t of the c that is carried on (its use in h_t of the same step belongs to dE/dh_t).
    /// </summary>
    public Span<S> Signal { get; init; }

    /// <summary>(Blocks): dE/dx.</summary>
    public Span<S> PreSignal { get; init; }

    /// <summary>(Parts): the part of dE/ds_{t-1} that does not pass through the pre-activations.</summary>
    public Span<S> Back { get; init; }

    /// <summary>The unit's element of the cell's own vector, when the layer has one.</summary>
    public S Vector { get; init; }
}

/// <summary>
/// A recurrent cell: its layout and its equations for one unit, which are the meaning of every faster implementation and what all
/// analyses use. A new cell is a file with one of these and a line in <see cref="CellTable"/>.
/// </summary>
internal interface ICell
{
    CellLayout Layout { get; }

    /// <summary>
    /// Whether the state is sigma of a pre-activation, one a unit, so that errors can be measured with respect to it, as the
    /// paper does: then dx_t/dx_{t-1} = W_rec diag(sigma'(x_{t-1})), and Omega's paper form is on x. Otherwise both are on the
    /// carried state.
    /// </summary>
    bool IsOnPreActivations { get; }

    /// <summary>
    /// gamma: what sigma' is at most, when <see cref="IsOnPreActivations"/>; null where section 2.1's bounds do not hold.
    /// </summary>
    double? Gamma(LayerShape layer);

    /// <summary>Whether sigma is the layer's choice.</summary>
    bool HasActivation => false;

    /// <summary>Checks the options that only some cells have.</summary>
    /// <exception cref="ArgumentException">An option does not suit the cell.</exception>
    void Validate(LayerShape layer);

    /// <summary>Whether a layer has the cell's own vector of parameters.</summary>
    bool HasVector(LayerShape layer, bool biases);

    /// <summary>sigma of the activation kept at this place.</summary>
    Activation ActivationOf(LayerShape layer, int kept);

    /// <summary>What the activation kept at this place is called in reports.</summary>
    string NameOf(int kept) => Layout.InPlace ? "h" : Layout.Kept == 1 ? "s" : string.Create(CultureInfo.InvariantCulture, $"activation {kept + 1}");

    /// <summary>The forward step of one unit.</summary>
    void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>;

    /// <summary>
    /// The vector-Jacobian product of one unit's step; returns dE/d(vector), when there is one that is no bias.
    /// </summary>
    S Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>;

    /// <summary>
    /// Hands the cell's equations on registers to the visitor, as a type, so that they are compiled into its loops.
    /// </summary>
    TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>What the kernels use of the cell's own vector, such as a leak, from the parameter.</summary>
    double VectorValue(double parameter) => parameter;

    /// <summary>The slope of <see cref="VectorValue"/>.</summary>
    double VectorSlope(double parameter) => 1;

    /// <summary>
    /// What is added to gates' biases of one unit so that it keeps its state: the usual, or that of a memory of <paramref
    /// name="lag"/> steps
    /// (chrono initialization), from 2 on.
    /// </summary>
    IEnumerable<(int Gate, double Bias)> MemoryBiases(double forgetBias, double? lag) => [];

    /// <summary>Where the cell's own vector starts; null for zero.</summary>
    double? InitialVector(LayerShape layer, double? lag) => null;

    /// <summary>Throws for options that belong to a leaky layer or to a choice of sigma.</summary>
    static void RefuseOptions(LayerShape layer, bool activation)
    {
        string name = layer.Cell.ToString().ToLowerInvariant();
        if (layer.Leak != 1 || layer.TrainedLeak)
            throw new ArgumentException($"A leak is an option of leaky layers; a layer of {name} cells has none.");
        if (!activation && layer.Activation != Activation.Tanh)
            throw new ArgumentException(
                $"The activation {layer.Activation} is an option of plain and leaky layers; {name} cells have their own.");
    }
}

/// <summary>The cells there are.</summary>
internal static class CellTable
{
    private static readonly ICell s_plain =
        new PlainCell(), s_leaky = new LeakyCell(), s_lstm = new LstmCell(), s_gru = new GruCell();

    /// <summary>The cell of a kind; a kind that there is not counts as plain, and is refused by the shape's check.</summary>
    public static ICell Of(CellKind kind) => kind switch
    {
        CellKind.Leaky => s_leaky,
        CellKind.Lstm => s_lstm,
        CellKind.Gru => s_gru,
        _ => s_plain,
    };
}
