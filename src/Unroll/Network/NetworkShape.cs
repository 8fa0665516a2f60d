using System.Collections.Immutable;
using Unroll.Cells;
using Unroll.Heads;
using Unroll.Numerics;

namespace Unroll;

/// <summary>How one step's input vector u_t is stored in a <see cref="Batch"/>.</summary>
public enum InputEncoding
{
    /// <summary>One index in 0..I-1 per step: u_t has a single 1 there. The index -1 is the zero vector.</summary>
    OneHot,

    /// <summary>I real numbers per step.</summary>
    Dense,

    /// <summary>I bits per step: u_t is 1 where a bit is set.</summary>
    MultiHot,
}

/// <summary>How per-step costs of one sequence are combined; the batch is always averaged.</summary>
public enum CostReduction
{
    /// <summary>E = sum over the predicted steps (section 1.1).</summary>
    Sum,

    /// <summary>E = mean over the sequence's own predicted steps.</summary>
    Mean,
}

/// <summary>
/// Everything that defines the meaning of a network's parameters: sizes (I inputs, H hidden units, O outputs), layers, head, and
/// which parameters exist. Three numbers are enough for one plain layer; <see cref="Layers"/> describes other networks.
/// </summary>
/// <param name="Inputs">I, the width of u_t, at least 1.</param>
/// <param name="Hidden">H, the number of units of the layer (of the last one in a stack: what the head reads), at least
/// 1.</param>
/// <param name="Outputs">O, the width of the output, at least 1.</param>
public sealed record NetworkShape(int Inputs, int Hidden, int Outputs)
{
    /// <summary>The largest size accepted for each of I, H and O.</summary>
    public const int MaximumSize = LayerShape.MaximumSize;

    /// <summary>The most layers.</summary>
    public const int MaximumLayers = 8;

    /// <summary>The most parameters.</summary>
    public const int MaximumParameters = 1 << 30;

    /// <summary>A network of these layers.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="layers">1..8 layers, the one next to the input first.</param>
    /// <param name="outputs">O.</param>
    public NetworkShape(int inputs, LayerList layers, int outputs)
        : this(inputs, 0, outputs) => Layers = layers;

    /// <summary>The layers, the one next to the input first. Default: one plain layer.</summary>
    public LayerList Layers { get; init; } = [new LayerShape(Hidden)];

    /// <summary>H of the last layer; setting it sets that of every layer.</summary>
    public int Hidden
    {
        get => Layers.Count == 0 ? 0 : Layers[^1].Hidden;
        init => Layers = Layers.Select(layer => layer with { Hidden = value });
    }

    /// <summary>sigma of the last layer; setting it sets that of every layer. Default: tanh.</summary>
    public Activation Activation
    {
        get => Layers.Count == 0 ? default : Layers[^1].Activation;
        init => Layers = Layers.Select(layer => layer with { Activation = value });
    }

    /// <summary>How inputs are stored. Default: one-hot.</summary>
    public InputEncoding Encoding { get; init; } = InputEncoding.OneHot;

    /// <summary>The output head. Default: softmax on the last step.</summary>
    public OutputHead Head { get; init; } = OutputHead.SoftmaxLast;

    /// <summary>What a head that predicts once a sequence reads. Default: the state after the last step.</summary>
    public StateReading Read { get; init; } = StateReading.Last;

    /// <summary>
    /// The number of last steps of every sequence that start from one state each, that before the first of them, and not from one
    /// another: a horizon that is forecast in so many parts at once (parallel decoding). Such a batch has sequences of equal
    /// length, longer than it. Default: 0, every step starts from the one before.
    /// </summary>
    public int Branches { get; init; }

    /// <summary>The error up to which a Huber head is quadratic, above 0; of other heads it means nothing. Default: 1.</summary>
    public double HuberDelta { get; init; } = 1;

    /// <summary>
    /// The levels of a quantile head, by which O can be divided; of other heads they mean nothing. Default: 0.5, the median.
    /// </summary>
    public QuantileLevels Quantiles { get; init; } = [0.5];

    /// <summary>Whether the layers and the head have biases. Default: true.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>
    /// Whether the initial state is a trained parameter shared by all sequences; otherwise it is zero (or given per row).
    /// </summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>
    /// A cost that replaces the cost of the head, with targets stored as for that head: for trying a new cost that is not in the
    /// table.
    /// </summary>
    internal IHeadCost? OwnCost { get; init; }

    /// <summary>True for a head that predicts at every step, false for one that predicts at each sequence's last step.</summary>
    public bool PredictsEveryStep => Head.IsEveryStep();

    /// <summary>
    /// S, the size of the state of a sequence: for each layer its parts in order, h and then an LSTM's c. H for one plain layer.
    /// </summary>
    public int StateWidth
    {
        get
        {
            int width = 0;
            // By index, because an enumerator would be allocated.
            for (int k = 0; k < Layers.Count; k++) width += Layers[k].StateWidth;
            return width;
        }
    }

    /// <summary>
    /// Whether there is one layer of plain units, as in the paper; version 0.1 has only such networks in its files and analyses.
    /// </summary>
    internal bool IsOnePlainLayer => Layers.Count == 1 && Layers[0] is { Cell: CellKind.Plain, LayerNorm: false };

    /// <summary>
    /// Whether the state is sigma of one pre-activation a unit, in one layer, so that the paper's analysis on x applies
    /// unchanged; analyses of other networks use the state.
    /// </summary>
    internal bool IsOnPreActivations =>
        Layers.Count == 1 && Layers[0].IsOnPreActivations && Read == StateReading.Last && Branches == 0;

    /// <summary>
    /// The named parameters in the order they lie in the flat buffer, in PyTorch's names, gate order and orientation. For each
    /// layer k of G gates: <c>weight_ih_lk</c> (G H, I), <c>weight_hh_lk</c> (G H, H) from column to row, <c>bias_lk</c> (G H);
    /// then a GRU's <c>bias_hn_lk</c> (H), a trained <c>leak_lk</c> (H), or an LRU's <c>nu_log_lk</c>, <c>theta_log_lk</c> and
    /// <c>gamma_log_lk</c> (H each); an LRU has no <c>weight_hh</c>; then a normalized layer's <c>gain_lk</c>, (G H), of a GRU
    /// (4 H) with that of n's recurrent part last. Then <c>weight</c> (O, H), <c>bias</c> (O),
    /// <c>initial_state</c> (S); those that the shape lacks are absent.
    /// </summary>
    public ImmutableArray<ParameterBlock> Blocks()
    {
        var blocks = ImmutableArray.CreateBuilder<ParameterBlock>();
        int offset = 0;
        void Add(string name, ParameterRole role, int layer, int rows, int columns)
        {
            blocks.Add(new ParameterBlock(name, offset, rows, columns) { Role = role, Layer = layer });
            offset += rows * columns;
        }

        for (int k = 0; k < Layers.Count; k++)
        {
            LayerShape layer = Layers[k];
            ICell cell = layer.Definition;
            int gates = cell.Layout.Gates * layer.Hidden;
            Add(ParameterBlock.Of("weight_ih", k), ParameterRole.InputWeights, k, gates, InputsOf(k));
            if (cell.Layout.RecurrentGates > 0)
                Add(ParameterBlock.Of("weight_hh", k), ParameterRole.RecurrentWeights, k, gates, layer.Hidden);
            if (Biases) Add(ParameterBlock.Of("bias", k), ParameterRole.HiddenBias, k, 1, gates);
            foreach (string name in cell.HasVector(layer, Biases) ? cell.Layout.VectorNames : [])
                Add(ParameterBlock.Of(name, k), ParameterRole.CellVector, k, 1, layer.Hidden);
            if (layer.LayerNorm) Add(ParameterBlock.Of("gain", k), ParameterRole.NormalizationGain, k, 1, layer.Gains);
        }

        Add(ParameterBlock.OutputWeights, ParameterRole.OutputWeights, -1, Outputs, Hidden);
        if (Biases) Add(ParameterBlock.OutputBias, ParameterRole.OutputBias, -1, 1, Outputs);
        if (LearnedInitialState) Add(ParameterBlock.InitialState, ParameterRole.InitialState, -1, 1, StateWidth);
        return blocks.DrainToImmutable();
    }

    /// <summary>The length of the flat parameter buffer.</summary>
    public int ParameterCount => checked((int)CountParameters());

    /// <summary>Checks every size and option.</summary>
    /// <exception cref="ArgumentException">A size is outside 1..<see cref="MaximumSize"/> or an option is not a named
    /// value.</exception>
    public void Validate()
    {
        LayerShape.CheckSize(Inputs, nameof(Inputs));
        if (Layers.Count is < 1 or > MaximumLayers)
            throw new ArgumentException($"There are {Layers.Count} layers; a network has 1..{MaximumLayers}.");
        for (int k = 0; k < Layers.Count; k++) Layers[k].Validate(k);
        LayerShape.CheckSize(Outputs, nameof(Outputs));
        if (!Enum.IsDefined(Encoding)) throw new ArgumentException($"The encoding {Encoding} is not a known value.");
        if (!Enum.IsDefined(Head)) throw new ArgumentException($"The head {Head} is not a known value.");
        CheckHead();
        long count = CountParameters();
        if (count > MaximumParameters)
            throw new ArgumentException(
                Invariant($"The network would have {count} parameters; at most {MaximumParameters} are possible."));
    }

    /// <summary>The step, 1..T, or 0 for h_0, from whose state a step starts.</summary>
    /// <param name="t">The step, 1..T.</param>
    /// <param name="steps">T, the steps of the sequence.</param>
    internal int Before(int t, int steps) => Math.Min(t - 1, steps - Branches);

    /// <summary>Refuses a network that is no chain of steps.</summary>
    /// <param name="what">What needs one, as the start of a sentence such as "A stream reads".</param>
    /// <exception cref="ArgumentException">Its last steps start from one state.</exception>
    internal void RequireChain(string what)
    {
        if (Branches > 0) throw new ArgumentException(
            Invariant($"{what} one step after another, and the last {Counted.Of(Branches, "step")} of this network all ")
                + "start from one state "
                + "(parallel decoding).");
    }

    /// <summary>The width of a layer's input.</summary>
    internal int InputsOf(int layer) => layer == 0 ? Inputs : Layers[layer - 1].Hidden;

    private void CheckHead()
    {
        if (!Enum.IsDefined(Read)) throw new ArgumentException($"The reading {Read} is not a known value.");
        if (Branches is < 0 or > MaximumSize)
            throw new ArgumentException(Invariant($"There are {Branches} branches; their number must lie in 0..{MaximumSize}."));
        if (Branches > 0 && !PredictsEveryStep)
            throw new ArgumentException(
                Invariant($"The last {Branches} steps start from one state, and the head {Head} predicts at one step; only a ")
                    + "head that predicts at every step can.");
        if (Read != StateReading.Last && PredictsEveryStep)
            throw new ArgumentException(
                $"The head reads the {Read} of a sequence's states and predicts at every step; only a head that predicts once a "
                    + (Branches > 0 ? "sequence can, as that of the direct decoder." : "sequence can."));
        if (!(HuberDelta > 0 && double.IsFinite(HuberDelta)))
            throw new ArgumentException(Invariant($"The delta of a Huber head is {HuberDelta}; it must be above 0 and finite."));
        if (Head.Cost() != HeadCost.Quantile) return;
        Quantiles.Validate();
        if (Outputs % Quantiles.Count != 0)
            throw new ArgumentException(
                Invariant($"{Counted.There(Outputs, "output")} for {Counted.Of(Quantiles.Count, "quantile")}; their ")
                    + "number must be a multiple.");
    }

    private long CountParameters()
    {
        long count = (long)Outputs * (Hidden + (Biases ? 1 : 0)) + (LearnedInitialState ? StateWidth : 0);
        for (int k = 0; k < Layers.Count; k++)
        {
            LayerShape layer = Layers[k];
            ICell cell = layer.Definition;
            int recurrent = cell.Layout.RecurrentGates > 0 ? layer.Hidden : 0;
            count += (long)cell.Layout.Gates * layer.Hidden * (InputsOf(k) + recurrent + (Biases ? 1 : 0));
            if (cell.HasVector(layer, Biases)) count += (long)cell.Layout.VectorNames.Length * layer.Hidden;
            if (layer.LayerNorm) count += (long)cell.Layout.Blocks * layer.Hidden;
        }

        return count;
    }
}
