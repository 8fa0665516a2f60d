using System.Globalization;

namespace Unroll.Tasks;

/// <summary>
/// What the tasks on signals share: numbers at every step, of which the first quarter of a sequence, 100 steps at most, is not
/// predicted, because there the states still depend on how they started.
/// </summary>
internal static class Signal
{
    public const string LossUnit = "squared error";

    /// <summary>With four steps one is left out and three are predicted.</summary>
    public const int MinimumLength = 4;

    private const int LongestWashout = 100;

    /// <summary>The first step that is predicted.</summary>
    public static int FirstPredicted(int steps) => Math.Min(LongestWashout, steps / 4);

    /// <summary>Makes room for sequences of one length drawn from the range, and leaves out the first steps of each.</summary>
    /// <returns>The steps.</returns>
    public static int Begin(Batch batch, int rows, RandomKey key, LengthRange length)
    {
        RandomSource shared = key.Shared();
        int steps = length.Draw(ref shared);
        batch.Resize(rows, steps);
        for (int row = 0; row < rows; row++)
        {
            for (int step = 0; step < FirstPredicted(steps); step++) batch.SkipTarget(step, row);
        }

        return steps;
    }

    /// <summary>A row is right where the mean over its predicted steps of the squared error is at most the bound.</summary>
    /// <param name="batch">What was predicted.</param>
    /// <param name="predictions">The outputs.</param>
    /// <param name="correct">(B).</param>
    /// <param name="outputs">How many of the outputs count, the first ones.</param>
    /// <param name="bound">Of the squared error summed over these outputs.</param>
    public static void Judge(Batch batch, Predictions predictions, Span<bool> correct, int outputs, double bound)
    {
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
                    if (o < outputs || !double.IsFinite(error)) sum += error * error;
                }

                count++;
            }

            correct[row] = sum <= bound * count; // not so where the sum is not a number
        }
    }

    /// <summary>The inputs and what is asked for.</summary>
    public static string Describe(FormattableString first, Batch batch, int row)
    {
        int steps = batch.Lengths[row], from = FirstPredicted(steps);
        return new ExampleText()
            .Line(first)
            .Line($"input")
            .Words(steps, step => batch.Dense(step, row)[0].ToString("0.0000", CultureInfo.InvariantCulture))
            .Line($"target of the first output, from step {from} on")
            .Words(steps, step => step < from ? "-" : batch.Values(step, row)[0].ToString("0.0000", CultureInfo.InvariantCulture))
            .ToString();
    }
}
