#:project ../src/Unroll.Studies/Unroll.Studies.csproj
using Unroll;
using Unroll.Studies;
using Unroll.Training;

// Does a start, an optimizer or a regularizer of your own help? A study with one axis of your own, each value another part, the
// same seeds for all, and a comparison seed by seed. Here: a start at 0.97 times the identity, Lion, and a pull of W_rec to it.
var study = new Study("own-parts", new StudyTask("first-symbol", _ => new FirstSymbol(Length: 40))
{
    Parts = at => at.Text("part") switch
    {
        "start" => new TrainingParts<float> { Initializer = StartAtIdentity },
        "optimizer" => new TrainingParts<float> { Optimizer = shape => new Lion(shape.ParameterCount) },
        "regularizer" => new TrainingParts<float> { OnGradient = PullToIdentity },
        _ => new TrainingParts<float>(),
    },
})
{
    Options = new TrainingOptions
    {
        Hidden = 20,
        Initialization = Initialization.SmartTanh,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.003,
        ClipThreshold = 1,
        Omega = 0,
        CheckEvery = 100,
        ValidationSequences = 500,
        MaximumUpdates = 2_000,
    },
    Grids = [[StudyAxis.Of("part", "none", "start", "optimizer", "regularizer"), StudyAxis.Seeds(1, 6)]],
    Test = new StudyTest(["x1"], 1000),
};
const string Folder = "runs/own-parts";
await study.RunAsync(Folder, new StudyRunOptions
{
    OnFinished = (trial, result, progress) =>
        Console.WriteLine($"[{progress.Done}/{progress.Trials}] {trial.Name}: {result.Outcome} after {result.Updates} updates"),
});
using StudyStore store = StudyStore.OpenToRead(Folder);
foreach (CellSummary cell in store.Cells())
    Console.WriteLine($"{cell.Cell,-18} {cell.Success}, 95% interval {cell.Success.Wilson()}");
foreach (ValueComparison compared in store.Compare("part")) Console.WriteLine(compared.ToText());

static void StartAtIdentity(Network<float> network, ulong seed)
{
    Initializer.Initialize(network, Initialization.SmartTanh, seed);
    int h = network.Shape.Hidden;
    for (int i = 0; i < h * h; i++) network.RecurrentWeights[i] = i / h == i % h ? 0.97f : 0;
}

// The gradient of 0.005 ||W_rec - 0.97 I||^2 is added to that of the cost, before clipping.
static void PullToIdentity(GradientAtHand<float> at)
{
    Network<float> network = at.Unrolled.Network;
    Span<float> gradient = network.Slice(at.Unrolled.Gradient, "weight_hh_l0"), weights = network.RecurrentWeights;
    int h = network.Shape.Hidden;
    for (int i = 0; i < h * h; i++) gradient[i] += 0.01f * (weights[i] - (i / h == i % h ? 0.97f : 0));
}

/// <summary>theta -= rate/10 sign(0.9 m + 0.1 g); m = 0.99 m + 0.01 g (Chen et al., 2023).</summary>
internal sealed class Lion(int parameters) : IOptimizer<float>
{
    private readonly float[] _mean = new float[parameters];

    public string Name => "lion";

    public IReadOnlyList<OptimizerState<float>> State => [new("mean", _mean)];

    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, OptimizerStep step)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] -= (float)step.Rate / 10 * MathF.Sign((0.9f * _mean[i]) + (0.1f * gradient[i]));
            _mean[i] = (0.99f * _mean[i]) + (0.01f * gradient[i]);
        }
    }
}

/// <summary>Random symbols, one-hot; the class at the last step is the first of them.</summary>
internal sealed record FirstSymbol(int Length) : ITask
{
    public string Name => "first-symbol";

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => 8;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => 8;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        batch.Resize(rows, Length);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            for (int step = 0; step < Length; step++) batch.SetSymbol(step, row, random.NextInt(Inputs));
            batch.SetClass(Length - 1, row, batch.Symbol(0, row));
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
            correct[row] = predictions.Argmax(Length - 1, row) == batch.Class(Length - 1, row);
    }
}
