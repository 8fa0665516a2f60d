namespace Unroll.Tests.Training;

/// <summary>
/// A task that a few units learn in a few hundred updates: predict the first of T symbols (0 or 1); the others are 2 or 3.
/// </summary>
internal sealed class FirstSymbol(LengthRange length) : ILengthTask
{
    public string Name => "first-symbol";

    public LengthRange Length => length;

    public int MinimumLength => 2;

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => 4;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => 2;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public ILengthTask WithLength(LengthRange other) => new FirstSymbol(other);

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        RandomSource shared = key.Shared();
        batch.Resize(rows, length.Draw(ref shared));
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            int first = random.NextInt(2);
            batch.SetSymbol(0, row, first);
            for (int step = 1; step < batch.Steps; step++) batch.SetSymbol(step, row, 2 + random.NextInt(2));
            batch.SetClass(batch.Steps - 1, row, first);
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
            correct[row] = predictions.Argmax(batch.Lengths[row] - 1, row) == batch.Class(batch.Lengths[row] - 1, row);
    }
}
