#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Training;

// A task of your own is one small class. This task asks which of eight symbols came first, thirty steps ago.
var options = new TrainingOptions
{
    Hidden = 20,
    Initialization = Initialization.Orthogonal,
    Optimizer = OptimizerKind.Adam,
    LearningRate = 0.003,
    ClipThreshold = 1,
    Omega = 0.5,
    CheckEvery = 500,
    ValidationSequences = 1000,
    MaximumUpdates = 20_000,
};
using var trainer = new Trainer(new FirstSymbol(Length: 30), options);
TrainingResult result = trainer.Run(check => Console.WriteLine($"update {check.Update,6}: {check.Error,7:P2} wrong"));
Console.WriteLine($"{result.Outcome} after {result.Updates} updates");

/// <summary>Random symbols, one-hot. The class at the last step is the first symbol.</summary>
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
            RandomSource random = key.Row(row); // each row has its own random numbers, in any batch
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
