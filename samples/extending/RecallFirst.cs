// A task of your own in one file, at any length: which of eight symbols came first? To add it to the command, put the file into
// src/Unroll/Tasks/Synthetic and name it: a line in SyntheticTasks.All.
namespace Unroll.Tasks;

/// <summary>T random symbols, one-hot. The class at the last step is the first symbol.</summary>
internal sealed class RecallFirst(LengthRange length) : ILengthTask
{
    private const int Symbols = 8;

    public string Name => "recall-first";

    public LengthRange Length { get; } = Lengths.Check("recall-first", length, 2);

    public int MinimumLength => 2;

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => Symbols;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => Symbols;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public ILengthTask WithLength(LengthRange length) => new RecallFirst(length);

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        RandomSource shared = key.Shared(); // the draws that all rows of a batch share
        int steps = Length.Draw(ref shared);
        batch.Resize(rows, steps);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row); // each row has its own random numbers, in any batch
            for (int step = 0; step < steps; step++) batch.SetSymbol(step, row, random.NextInt(Symbols));
            batch.SetClass(steps - 1, row, batch.Symbol(0, row));
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        ClassRule.LastStep(batch, predictions, correct);
}
