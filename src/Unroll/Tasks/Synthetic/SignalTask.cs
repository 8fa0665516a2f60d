using System.Globalization;

namespace Unroll.Tasks;

/// <summary>
/// A task on signals: numbers at every step, from which numbers at every step are predicted. The first quarter of a sequence,
/// 100 steps at most, is not predicted, because there the states still depend on how they started. The two variants of such a
/// task are the same.
/// </summary>
public abstract class SignalTask : ILengthTask, IVariantTask, IDescribeExamples
{
    private const int LongestWashout = 100, Shortest = 4;

    private protected SignalTask(string name, LengthRange length, TaskVariant variant, int shortest = Shortest)
    {
        Name = name;
        MinimumLength = shortest;
        Length = Lengths.Check(name, length, shortest);
        Variant = Lengths.Check(name, variant);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The lengths T of the sequences, in steps.</summary>
    public LengthRange Length { get; }

    /// <summary>The requested variant; it changes nothing.</summary>
    public TaskVariant Variant { get; }

    /// <summary>4, with one step left out and three predicted; 50 for NARMA.</summary>
    public int MinimumLength { get; }

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.Dense;

    /// <inheritdoc/>
    public virtual int Inputs => 1;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.LinearEvery;

    /// <inheritdoc/>
    public virtual int Outputs => 1;

    /// <inheritdoc/>
    public string LossUnit => "squared error";

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Mean;

    /// <summary>How many of the outputs decide whether a sequence is right, the first ones.</summary>
    private protected virtual int Scored => 1;

    /// <summary>
    /// The largest mean over the predicted steps of the squared error, summed over the outputs that decide, of a sequence that
    /// is right.
    /// </summary>
    private protected abstract double Bound { get; }

    /// <summary>What is asked for.</summary>
    private protected abstract string Question { get; }

    /// <inheritdoc/>
    public abstract ILengthTask WithLength(LengthRange length);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RandomSource shared = key.Shared();
        int steps = Length.Draw(ref shared);
        batch.Resize(rows, steps);
        for (int row = 0; row < rows; row++)
        {
            for (int step = 0; step < FirstPredicted(steps); step++) batch.SkipTarget(step, row);
            Fill(batch, row, steps, key.Row(row));
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(predictions);
        for (int row = 0; row < batch.Rows; row++)
        {
            double sum = 0;
            int count = 0;
            for (int step = 0; step < batch.Lengths[row]; step++)
            {
                if (!batch.IsPredicted(step, row)) continue;
                ReadOnlySpan<double> target = batch.Values(step, row), y = predictions.At(step, row);
                for (int o = 0; o < y.Length; o++)
                {
                    double error = y[o] - target[o];
                    if (o < Scored || !double.IsFinite(error)) sum += error * error;
                }

                count++;
            }

            correct[row] = sum <= Bound * count; // not so where the sum is not a number
        }
    }

    /// <inheritdoc/>
    public string Describe(Batch batch, int row)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int steps = batch.Lengths[row], from = FirstPredicted(steps);
        return new ExampleText()
            .Line($"{Name}, {steps} steps: {Question}")
            .Line($"input")
            .Words(steps, step => batch.Dense(step, row)[0].ToString("0.0000", CultureInfo.InvariantCulture))
            .Line($"target of the first output, from step {from} on")
            .Words(steps, step => step < from ? "-" : batch.Values(step, row)[0].ToString("0.0000", CultureInfo.InvariantCulture))
            .ToString();
    }

    /// <summary>Writes the inputs and the targets of a row.</summary>
    private protected abstract void Fill(Batch batch, int row, int steps, RandomSource random);

    private static int FirstPredicted(int steps) => Math.Min(LongestWashout, steps / 4);
}
