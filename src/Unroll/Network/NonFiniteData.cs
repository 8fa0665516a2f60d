namespace Unroll;

/// <summary>
/// Searches a batch for an input or a target that is not finite. In training the search runs only after a gradient or a cost was
/// not finite, so it costs nothing for good data. It tells whether the data is the cause.
/// </summary>
internal static class NonFiniteData
{
    /// <summary>The first input or target that is not finite, as words that follow "because"; null if there is none.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="single">Whether the network computes in 32 bits, in which large numbers are infinite.</param>
    /// <param name="targets">Whether to look at targets; a batch to predict has none.</param>
    public static string? Describe(Batch batch, bool single, bool targets = true)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int step = 0; step < batch.Lengths[row]; step++)
            {
                if (batch.Encoding == InputEncoding.Dense && Find(batch.Dense(step, row), single) is >= 0 and int input)
                    return Words("input", batch.Dense(step, row)[input], row, step, input);
                if (targets && batch.Head.Cost().HasValues() && batch.IsPredicted(step, row)
                    && Find(batch.Values(step, row), single) is >= 0 and int target)
                    return Words("target", batch.Values(step, row)[target], row, step, target);
            }
        }

        return null;
    }

    /// <summary>Refuses one step's input before a state is changed by it.</summary>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public static void CheckInput(ReadOnlySpan<double> input, bool single)
    {
        if (Find(input, single) is >= 0 and int column)
            throw new ArgumentException(Invariant(
                $"The input in column {column} (counted from 0) is {Value(input[column])}; it must be a finite number."));
    }

    /// <summary>Refuses a batch of a check that has an input that is not finite, which saturated units would hide, or a target
    /// that is the cause of a cost that is not finite.</summary>
    /// <exception cref="ArithmeticException">There is one.</exception>
    public static void Check(double cost, Batch batch, bool single)
    {
        bool finite = double.IsFinite(cost);
        if (finite && batch.Encoding != InputEncoding.Dense) return;
        if (Describe(batch, single, targets: !finite) is { } cause)
            throw new ArithmeticException($"The cost is {(finite ? "not to be trusted" : "not finite")} because {cause}.");
    }

    private static int Find(ReadOnlySpan<double> values, bool single)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]) || (single && !float.IsFinite((float)values[i]))) return i;
        }

        return -1;
    }

    private static string Words(string what, double value, int row, int step, int column) =>
        Invariant($"the {what} in row {row}, step {step}, column {column} of the batch (each counted from 0) is ")
            + $"{Value(value)}; correct the data of the task";

    private static string Value(double value) =>
        Invariant($"{value}{(double.IsFinite(value) ? ", which is too large for 32 bits" : "")}");
}
