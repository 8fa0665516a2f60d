using System.Collections.Immutable;

namespace Unroll;

/// <summary>The element-wise nonlinearity sigma of section 1.1, applied to the pre-activation x to give h = sigma(x).</summary>
public enum Activation
{
    /// <summary>tanh(x); its slope is at most gamma = 1.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)); its slope is at most gamma = 1/4.</summary>
    Sigmoid,

    /// <summary>x itself: the linear network of the paper's appendix.</summary>
    Identity,

    /// <summary>max(x, 0).</summary>
    Relu,
}

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

/// <summary>What is predicted from the hidden state, at which steps, and at which cost E_t.</summary>
public enum OutputHead
{
    /// <summary>One of O classes at each sequence's last step; cross-entropy in nats.</summary>
    SoftmaxLast,

    /// <summary>One of O classes at every step; cross-entropy in nats.</summary>
    SoftmaxEvery,

    /// <summary>O real numbers at each sequence's last step; squared error, summed over the outputs.</summary>
    LinearLast,

    /// <summary>O real numbers at every step; squared error, summed over the outputs.</summary>
    LinearEvery,

    /// <summary>O independent bits at every step; cross-entropy in nats, summed over the outputs.</summary>
    BernoulliEvery,
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
/// Everything that fixes the meaning of a network's parameters: sizes (I inputs, H hidden units, O outputs),
/// activation, head, and which parameters exist.
/// </summary>
/// <param name="Inputs">I, the width of u_t, at least 1.</param>
/// <param name="Hidden">H, the number of hidden units, at least 1.</param>
/// <param name="Outputs">O, the width of the output, at least 1.</param>
public sealed record NetworkShape(int Inputs, int Hidden, int Outputs)
{
    /// <summary>The largest size accepted for each of I, H and O.</summary>
    public const int MaximumSize = 16_384;

    /// <summary>How inputs are stored. Default: one-hot.</summary>
    public InputEncoding Encoding { get; init; } = InputEncoding.OneHot;

    /// <summary>The nonlinearity sigma. Default: tanh.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>The output head. Default: softmax on the last step.</summary>
    public OutputHead Head { get; init; } = OutputHead.SoftmaxLast;

    /// <summary>Whether the hidden and the output layer have biases. Default: true.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>Whether h_0 is a trained parameter shared by all sequences; otherwise it is zero (or given per row).</summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>True for a head that predicts at every step, false for one that predicts at each sequence's last step.</summary>
    public bool PredictsEveryStep => Head is OutputHead.SoftmaxEvery or OutputHead.LinearEvery or OutputHead.BernoulliEvery;

    /// <summary>
    /// The named parameters in the order they lie in the flat buffer, in PyTorch's names and orientation:
    /// <c>weight_ih_l0</c> (H, I), <c>weight_hh_l0</c> (H, H) from column to row, <c>bias_l0</c> (H),
    /// <c>weight</c> (O, H), <c>bias</c> (O), <c>initial_state</c> (H); those that the shape lacks are absent.
    /// </summary>
    public ImmutableArray<ParameterBlock> Blocks()
    {
        var blocks = ImmutableArray.CreateBuilder<ParameterBlock>();
        int offset = 0;
        void Add(string name, int rows, int columns)
        {
            blocks.Add(new ParameterBlock(name, offset, rows, columns));
            offset += rows * columns;
        }

        Add(ParameterBlock.InputWeights, Hidden, Inputs);
        Add(ParameterBlock.RecurrentWeights, Hidden, Hidden);
        if (Biases) Add(ParameterBlock.HiddenBias, 1, Hidden);
        Add(ParameterBlock.OutputWeights, Outputs, Hidden);
        if (Biases) Add(ParameterBlock.OutputBias, 1, Outputs);
        if (LearnedInitialState) Add(ParameterBlock.InitialState, 1, Hidden);
        return blocks.DrainToImmutable();
    }

    /// <summary>The length of the flat parameter buffer.</summary>
    public int ParameterCount
    {
        get
        {
            int count = Hidden * (Inputs + Hidden + Outputs);
            if (Biases) count += Hidden + Outputs;
            return LearnedInitialState ? count + Hidden : count;
        }
    }

    /// <summary>Checks every size and option.</summary>
    /// <exception cref="ArgumentException">A size is outside 1..<see cref="MaximumSize"/> or an option is not a named value.</exception>
    public void Validate()
    {
        Check(Inputs, nameof(Inputs));
        Check(Hidden, nameof(Hidden));
        Check(Outputs, nameof(Outputs));
        if (!Enum.IsDefined(Encoding)) throw new ArgumentException($"The encoding {Encoding} is not a known value.");
        if (!Enum.IsDefined(Activation)) throw new ArgumentException($"The activation {Activation} is not a known value.");
        if (!Enum.IsDefined(Head)) throw new ArgumentException($"The head {Head} is not a known value.");

        static void Check(int size, string name)
        {
            if (size is < 1 or > MaximumSize)
                throw new ArgumentException($"{name} is {size}; it must lie in 1..{MaximumSize}.");
        }
    }
}

/// <summary>One named parameter: a row-major matrix (or a vector with one row) inside the flat buffer.</summary>
/// <param name="Name">The name it has in files.</param>
/// <param name="Offset">Index of its first element in the flat buffer.</param>
/// <param name="Rows">Number of rows; 1 for a vector.</param>
/// <param name="Columns">Number of columns.</param>
public sealed record ParameterBlock(string Name, int Offset, int Rows, int Columns)
{
    /// <summary>W_in, (H, I).</summary>
    public const string InputWeights = "weight_ih_l0";

    /// <summary>W_rec, (H, H): row j, column i is the weight from unit i to unit j.</summary>
    public const string RecurrentWeights = "weight_hh_l0";

    /// <summary>b, (H). PyTorch has two; ours is their sum.</summary>
    public const string HiddenBias = "bias_l0";

    /// <summary>The head's weights, (O, H).</summary>
    public const string OutputWeights = "weight";

    /// <summary>The head's bias, (O).</summary>
    public const string OutputBias = "bias";

    /// <summary>h_0 when it is learned, (H).</summary>
    public const string InitialState = "initial_state";

    /// <summary>Rows x Columns.</summary>
    public int Length => Rows * Columns;
}
