#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Training;

// A task of your own is one small class. This one: is the number of ones in a stream of bits odd?
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
    MaximumUpdates = long.TryParse(Environment.GetEnvironmentVariable("UNROLL_SAMPLE_UPDATES"), out long n) ? n : 20_000,
};
using var trainer = new Trainer(new Parity(Length: 12), options);
TrainingResult result = trainer.Run(check => Console.WriteLine($"update {check.Update,6}: {check.Error,7:P2} wrong"));
Console.WriteLine($"{result.Outcome} after {result.Updates} updates");

/// <summary>Random bits as one-hot symbols 0 and 1; two classes at the last step.</summary>
internal sealed record Parity(int Length) : ITask
{
    public string Name => "parity";

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => 2;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => 2;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        batch.Resize(rows, Length);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row); // the row's own draws: the same whatever the batch around it
            int ones = 0;
            for (int step = 0; step < Length; step++)
            {
                int bit = random.NextInt(2);
                batch.SetSymbol(step, row, bit);
                ones += bit;
            }

            batch.SetClass(Length - 1, row, ones % 2);
        }
    }

    public void Judge(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++) correct[row] = predictions.Argmax(Length - 1, row) == batch.Class(Length - 1, row);
    }
}
