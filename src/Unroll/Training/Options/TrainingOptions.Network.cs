using Unroll.Files;

namespace Unroll.Training;

public sealed partial record TrainingOptions
{
    /// <summary>What the units of every layer compute.</summary>
    public CellKind Cell { get; init; } = CellKind.Plain;

    /// <summary>How many layers, 1..8, all alike.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>
    /// 1..8 layers that are not all alike, the one next to the input first; replaces <see cref="Hidden"/>,
    /// <see cref="Activation"/>, <see cref="Cell"/>, <see cref="Layers"/>, <see cref="Leak"/>, <see cref="TrainedLeak"/> and
    /// <see cref="LayerNorm"/>. Null
    /// for layers that are all alike.
    /// </summary>
    public LayerList? Stack { get; init; }

    /// <summary>H, the number of hidden units of every layer, 1..16384.</summary>
    public int Hidden { get; init; } = 50;

    /// <summary>The nonlinearity of plain, leaky, LRU and dense units; gated cells have their own and take tanh here.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>
    /// The leak of leaky units, above 0 and at most 1; a trained leak starts from this value, which must then be below 1.
    /// </summary>
    public double Leak { get; init; } = 1;

    /// <summary>Whether each leaky unit has its own trained leak.</summary>
    public bool TrainedLeak { get; init; }

    /// <summary>
    /// Whether the pre-activations of every layer's gates are normalized over the units (<see cref="LayerShape.LayerNorm"/>).
    /// </summary>
    public bool LayerNorm { get; init; }

    /// <summary>What a head that predicts once a sequence reads of the last layer's states.</summary>
    public StateReading Read { get; init; } = StateReading.Last;

    /// <summary>
    /// The share of a layer's h that the layer above does not see while an update is computed, in [0, 1); for two layers or
    /// more. Checks and evaluations drop nothing.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>The share of the network's inputs that is dropped in the same way, in [0, 1).</summary>
    public double InputDropout { get; init; }

    /// <summary>
    /// The standard deviation of normal noise on dense inputs, at least 0, while an update is computed. Checks and evaluations
    /// have none.
    /// </summary>
    public double InputNoise { get; init; }

    /// <summary>The share of the last layer's h that the head does not see, in [0, 1).</summary>
    public double OutputDropout { get; init; }

    /// <summary>Whether the hidden and the output layer have biases.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>Whether h_0 is trained.</summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>The distribution of the initial parameters.</summary>
    public Initialization Initialization { get; init; } = Initialization.SmartTanh;

    /// <summary>Blocks of weights with their own initial distribution.</summary>
    public IReadOnlyList<BlockInitialization> InitializationByBlock { get; init; } = [];

    /// <summary>What is added to the initial bias of an LSTM's forget gate, finite.</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>
    /// Chrono initialization (Tallec and Ollivier, 2018) for memories of up to this many steps, at least 3; it replaces the
    /// forget bias. For LSTM, GRU and trained leaks. Null for none.
    /// </summary>
    public int? LongestLag { get; init; }

    /// <summary>Where the poles of LRU units start.</summary>
    public RingStart Ring { get; init; } = new();

    /// <summary>How far from a bifurcation <see cref="Initialization.Cycle"/> and its like start, and with which cycle.</summary>
    public BoundaryStart Boundary { get; init; } = new();

    private static IEnumerable<TrainingOption> OfNetwork =>
    [
        new ChoiceOption<CellKind>(
            "cell", OptionGroup.Network, "What the units compute.", o => o.Cell, (o, v) => o with { Cell = v })
        {
            IsUsual = true, Before = "plain", Off = "plain",
        },
        new WholeOption(
            "layers", OptionGroup.Network, "Layers of such units, 1 to 8.", 1, NetworkShape.MaximumLayers, o => o.Layers,
            (o, v) => o with { Layers = (int)v! })
        {
            Before = "1", Off = "1",
        },
        new TextOption(
            "stack", OptionGroup.Network,
            "Layers that are not all alike, from the input up, in the place of --cell, --layers and --hidden, such as "
            + "plain:100:sigmoid,leaky:50:tanh:0.3,lstm:50; or none.",
            o => o.Stack is { } stack ? OptionsText.Stack(stack) : "none",
            (o, text) => text == "none" ? o with { Stack = null }
                : OptionsText.TryReadStack(text) is { } stack ? o with { Stack = stack } : null,
            "CELL:UNITS,... such as lstm:50,gru:50, or none")
        {
            Value = "CELL:N,...", Before = "none", Off = "none", HasCommas = true,
        },
        new WholeOption(
            "hidden", OptionGroup.Network, "Hidden units of each layer.", 1, NetworkShape.MaximumSize, o => o.Hidden,
            (o, v) => o with { Hidden = (int)v! })
        {
            IsUsual = true,
        },
        new ChoiceOption<Activation>(
            "activation", OptionGroup.Network, "The nonlinearity.", o => o.Activation, (o, v) => o with { Activation = v }),
        new NumberOption(
            "leak", OptionGroup.Network, "SHARE",
            "Leaky units: the share of the way to its new value that a unit goes in a step, above 0 and at most 1.",
            NumberRange.Positive, o => o.Leak, (o, v) => o with { Leak = v!.Value })
        {
            Maximum = 1, Before = "1", Off = "1",
        },
        new FlagOption(
            "train-leak", OptionGroup.Network, "Leaky units: train the leak of each, from --leak on.", o => o.TrainedLeak,
            (o, v) => o with { TrainedLeak = v })
        {
            Before = "false", Off = "false",
        },
        new FlagOption(
            "layer-norm", OptionGroup.Network,
            "Normalize the pre-activations of each gate over the units of its layer, with a trained gain and bias.",
            o => o.LayerNorm, (o, v) => o with { LayerNorm = v })
        {
            Before = "false", Off = "false",
        },
        new ChoiceOption<StateReading>(
            "read", OptionGroup.Network,
            "What a head that predicts once a sequence reads: the last state, the mean of all, or the largest "
            + "value of each unit.",
            o => o.Read, (o, v) => o with { Read = v })
        {
            Before = "last", Off = "last",
        },
        new NumberOption(
            "dropout", OptionGroup.Remedies, "SHARE",
            "The share of a layer's outputs that the layer above does not see while training, at least 0 and below 1.",
            NumberRange.BelowOne, o => o.Dropout, (o, v) => o with { Dropout = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "input-dropout", OptionGroup.Remedies, "SHARE", "The share of the inputs that is dropped in the same way.",
            NumberRange.BelowOne, o => o.InputDropout, (o, v) => o with { InputDropout = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "input-noise", OptionGroup.Remedies, "S",
            "Normal noise of this standard deviation on the inputs while training, which are numbers; 0 for none.",
            NumberRange.AtLeastZero, o => o.InputNoise, (o, v) => o with { InputNoise = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "output-dropout", OptionGroup.Remedies, "SHARE", "The share of the last layer's outputs that the head does not see.",
            NumberRange.BelowOne, o => o.OutputDropout, (o, v) => o with { OutputDropout = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new FlagOption("biases", OptionGroup.Network, "Leave out the biases.", o => o.Biases, (o, v) => o with { Biases = v })
        {
            Switch = "--no-bias", Given = false, Off = "true",
        },
        new FlagOption(
            "learned-initial-state", OptionGroup.Network, "Train h_0 too; otherwise it is zero.", o => o.LearnedInitialState,
            (o, v) => o with { LearnedInitialState = v })
        {
            Switch = "--learn-initial-state", Off = "false",
        },
        new ChoiceOption<Initialization>(
            "init", OptionGroup.Network, "The distribution of the initial parameters.", o => o.Initialization,
            (o, v) => o with { Initialization = v }),
        new TextOption(
            "init-block", OptionGroup.Network,
            "Another distribution for some weights, such as weight_hh_l0:orthogonal; a list with commas, or none.",
            o => OptionTexts.Pairs(o.InitializationByBlock, block => (block.Block, OptionsText.Name(block.Kind))),
            (o, text) => OptionTexts.ReadPairs(text, (block, kind) => ValueNames.Find<Initialization>(kind) is { } value
                ? new BlockInitialization(block, value) : null) is { } blocks ? o with { InitializationByBlock = blocks } : null,
            "NAME:DISTRIBUTION,... or none")
        {
            Value = "NAME:DISTRIBUTION", Before = "none", Off = "none", HasCommas = true,
        },
        new NumberOption(
            "forget-bias", OptionGroup.Network, "B", "LSTM: what is added at first to the bias of the forget gate.",
            NumberRange.Finite, o => o.ForgetBias, (o, v) => o with { ForgetBias = v!.Value })
        {
            Before = "1", Off = "1",
        },
        new WholeOption(
            "chrono", OptionGroup.Network,
            "LSTM, GRU and trained leaks: start with memories of 2 to T steps (chrono initialization), in the place of "
            + "--forget-bias; or none.",
            3, LengthRange.Longest, o => o.LongestLag, (o, v) => o with { LongestLag = (int?)v })
        {
            Value = "T", Word = "none", TypesWord = true, Before = "none", Off = "none",
        },
        new TextOption(
            "ring", OptionGroup.Network,
            "LRU: the least and the greatest size at which poles start (1 - 1/T remembers about T steps), and their greatest "
            + "angle.",
            o => RingText(o.Ring),
            (o, text) => ReadRing(text) is { } ring ? o with { Ring = ring } : null,
            "MIN:MAX:ANGLE, such as 0.9:0.999:6.283, with sizes from 0 to below 1 and an angle up to 6.29")
        {
            Value = "MIN:MAX:ANGLE", Before = "0.9:0.999:6.283",
            Header = o => HasPoles(o) ? $"poles in the ring {RingText(o.Ring)}" : null,
            NoEffect = o => HasPoles(o) ? null : "without LRU units; add --cell lru, or leave --ring out",
        },
        new NumberOption(
            "start-period", OptionGroup.Network, "STEPS", "For --init cycle: the period of the cycle, above 2.",
            NumberRange.Positive, o => o.Boundary.Period, (o, v) => o with { Boundary = o.Boundary with { Period = v!.Value } })
        {
            Before = "25",
            Header = o => StartsAs(o, Initialization.Cycle) ? Invariant($"a cycle of {o.Boundary.Period} steps") : null,
            NoEffect = o => StartsAs(o, Initialization.Cycle) ? null
                : "without --init cycle; add it, or leave --start-period out",
        },
        new NumberOption(
            "start-margin", OptionGroup.Network, "M",
            "For --init cycle and bistable: how far beyond the bifurcation the weights start; below 0, how far before it.",
            NumberRange.Finite, o => o.Boundary.Margin, (o, v) => o with { Boundary = o.Boundary with { Margin = v!.Value } })
        {
            Before = "0.05",
            Header = o => AtBoundary(o) ? Invariant($"{o.Boundary.Margin} beyond the bifurcation") : null,
            NoEffect = o => AtBoundary(o) ? null
                : "without --init cycle or bistable; add one of them, or leave --start-margin out",
        },
    ];

    private static bool AtBoundary(TrainingOptions o) =>
        StartsAs(o, Initialization.Cycle) || StartsAs(o, Initialization.Bistable);

    private static bool StartsAs(TrainingOptions o, Initialization kind) =>
        o.Initialization == kind || o.InitializationByBlock.Any(block => block.Kind == kind);

    private static bool HasPoles(TrainingOptions o) =>
        o.Stack is { } stack ? stack.Any(layer => layer.Cell == CellKind.Lru) : o.Cell == CellKind.Lru;

    private static string RingText(RingStart ring) =>
        string.Join(':', ((double[])[ring.Least, ring.Greatest, ring.Angle]).Select(ExactNumber.ToText));

    private static RingStart? ReadRing(string text)
    {
        if (text.Split(':') is not [string least, string greatest, string angle]) return null;
        if (!ExactNumber.TryParse(least, out double from) || !ExactNumber.TryParse(greatest, out double to)
            || !ExactNumber.TryParse(angle, out double most)) return null;
        var ring = new RingStart(from, to, most);
        return ring.IsValid ? ring : null;
    }
}
