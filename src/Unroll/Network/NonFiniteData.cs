using System.Globalization;

namespace Unroll;

/// <summary>
/// Looks in a batch for an input or a target that is not finite. Nobody looks before a gradient or a cost is not finite, so that
/// good data costs nothing; then it says whether the data is the cause.
/// </summary>
internal static class NonFiniteData
{
    /// <summary>
    /// The first input or target that is not finite, in words that go on after "because"; null if there is none.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="single">Whether the network computes in 32 bits, in which large numbers are infinite.</param>
    public static string? Describe(Batch batch, bool single)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int step = 0; step < batch.Lengths[row]; step++)
            {
                if (batch.Encoding == InputEncoding.Dense && Find(batch.Dense(step, row), single) is >= 0 and int input)
                    return Words("input", batch.Dense(step, row)[input], row, step, input);
                if (batch.Head is OutputHead.LinearLast or OutputHead.LinearEvery && batch.IsPredicted(step, row)
                    && Find(batch.Values(step, row), single) is >= 0 and int target)
                    return Words("target", batch.Values(step, row)[target], row, step, target);
            }
        }

        return null;
    }

    /// <summary>Refuses a batch whose data is the cause of a cost that is not finite.</summary>
    /// <exception cref="ArithmeticException">An input or a target is not finite.</exception>
    public static void Check(double cost, Batch batch, bool single)
    {
        if (!double.IsFinite(cost) && Describe(batch, single) is { } cause)
            throw new ArithmeticException($"The cost is not finite because {cause}.");
    }

    private static int Find(ReadOnlySpan<double> values, bool single)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]) || (single && !float.IsFinite((float)values[i]))) return i;
        }

        return -1;
    }

    private static string Words(string what, double value, int row, int step, int column) => string.Create(
        CultureInfo.InvariantCulture,
        $"the {what} in row {row}, step {step}, column {column} of the batch (each counted from 0) is {value}{(double.IsFinite(value) ? ", which is too large for 32 bits" : "")}; correct the data of the task");
}
