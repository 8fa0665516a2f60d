using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Cli.Bench;

/// <summary>One of the standard shapes that <c>unroll bench</c> times.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hidden">H.</param>
/// <param name="Rows">B.</param>
/// <param name="Steps">T.</param>
/// <param name="Inputs">I.</param>
/// <param name="Active">Inputs that are 1 at a step: 1 for one-hot inputs.</param>
/// <param name="Head">The head; it has as many outputs as <paramref name="Outputs"/> says.</param>
/// <param name="Outputs">O.</param>
internal sealed record BenchShape(string Name, int Hidden, int Rows, int Steps, int Inputs, int Active,
    OutputHead Head, int Outputs)
{
    /// <summary>What the units compute.</summary>
    public CellKind Cell { get; init; } = CellKind.Plain;

    /// <summary>How many layers of H units.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>The shapes of the speed table.</summary>
    public static IReadOnlyList<BenchShape> All { get; } =
    [
        new("h50", 50, 20, 200, 6, 1, OutputHead.SoftmaxLast, 4),
        new("h100", 100, 20, 200, 100, 1, OutputHead.SoftmaxLast, 100),
        new("h300", 300, 20, 200, 88, 4, OutputHead.BernoulliEvery, 88),
        new("h500-b20", 500, 20, 200, 50, 1, OutputHead.SoftmaxEvery, 50),
        new("h500-b100", 500, 100, 200, 50, 1, OutputHead.SoftmaxEvery, 50),
    ];

    /// <summary>What it is, in words.</summary>
    public string Description => $"H {Hidden}{Units}, B {Rows}, T {Steps}, "
        + $"{Inputs} {(Active == 1 ? "one-hot" : "multi-hot")}, {Outputs} {OptionsText.Name(Head)}";

    private string Units =>
        (Cell == CellKind.Plain ? "" : $" {OptionsText.Name(Cell)}") + (Layers == 1 ? "" : $" x {Layers} layers");

    /// <summary>
    /// The useful floating-point operations of one update, over unpadded sizes, a multiply-add counting as 2. With P = T
    /// predicted steps for an every-step head and P = 1 for a last-step one:
    /// the recurrent products, W_rec h (forward), W_rec' dx (backward) and dx h' (gradient): 3 x 2 T B H^2;
    /// the head's three products likewise: 3 x 2 P B H O;
    /// the inputs that are 1, added forward and into the gradient: 2 T B H k, with k of them a step.
    /// A cell of G gates has G times the recurrent products and inputs; a layer above the first has three products more, of what
    /// it reads.
    /// Element-wise work counts for nothing; and the regularizer adds no product, because the vectors whose norms it takes are
    /// those of the backward pass and its gradient is fused into that of W_rec, so that SGD-CR has the operations of SGD-C.
    /// </summary>
    public double Flops
    {
        get
        {
            double entries = (double)Steps * Rows, predicted = Head is OutputHead.SoftmaxLast or OutputHead.LinearLast
                ? Rows : entries;
            double gates = new LayerShape(Hidden) { Cell = Cell }.Definition.Layout.Gates;
            double layers = gates * ((2 * Layers) - 1) * 6 * entries * Hidden * Hidden;
            return layers + (6 * predicted * Hidden * Outputs) + (gates * 2 * entries * Hidden * Active);
        }
    }

    /// <summary>
    /// The options of an update at this shape: clipped, and regularized if asked for. The rate is tiny, so that all updates take
    /// the same time.
    /// </summary>
    public TrainingOptions Options(bool regularized, int threads) => new()
    {
        Hidden = Hidden,
        Cell = Cell,
        Layers = Layers,
        Leak = Cell == CellKind.Leaky ? 0.5 : 1,
        BatchSize = Rows,
        Activation = Head == OutputHead.BernoulliEvery && OptionsRules.HasActivation(Cell) ? Activation.Sigmoid : Activation.Tanh,
        Initialization = Initialization.SmartTanh,
        LearningRate = 1e-6,
        ClipMode = ClipMode.Norm,
        ClipThreshold = 1,
        Omega = regularized ? 1 : 0,
        Reduction = CostReduction.Mean,
        Threads = threads,
    };

    /// <summary>Says in JSON what the network is where it is not one plain layer.</summary>
    public void WriteNetwork(System.Text.Json.Utf8JsonWriter line)
    {
        if (Cell == CellKind.Plain && Layers == 1) return;
        line.WriteString("cell", OptionsText.Name(Cell));
        line.WriteNumber("layers", Layers);
    }

    /// <summary>Random sequences of this shape.</summary>
    public ITask CreateTask() => new NoiseTask(this);

    private sealed class NoiseTask(BenchShape shape) : ITask
    {
        public string Name => shape.Name;

        public InputEncoding Encoding => shape.Active == 1 ? InputEncoding.OneHot : InputEncoding.MultiHot;

        public int Inputs => shape.Inputs;

        public OutputHead Head => shape.Head;

        public int Outputs => shape.Outputs;

        public string LossUnit => "nats";

        public CostReduction Reduction => CostReduction.Mean;

        public bool HasSuccessRule => false;

        public void Fill(Batch batch, int rows, RandomKey key)
        {
            batch.Resize(rows, shape.Steps);
            for (int r = 0; r < rows; r++)
            {
                RandomSource random = key.Row(r);
                for (int t = 0; t < shape.Steps; t++)
                {
                    for (int k = 0; k < shape.Active; k++)
                    {
                        int index = random.NextInt(shape.Inputs);
                        if (Encoding == InputEncoding.OneHot) batch.SetSymbol(t, r, index);
                        else batch.SetBit(t, r, index);
                    }

                    int target = random.NextInt(shape.Outputs);
                    if (Head == OutputHead.BernoulliEvery) batch.SetTargetBit(t, r, target);
                    else batch.SetClass(t, r, target);
                }
            }
        }

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Fill(true);
    }
}
