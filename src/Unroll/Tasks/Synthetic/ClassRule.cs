namespace Unroll.Tasks;

/// <summary>Right or wrong for tasks that predict classes: the largest output must be the target's; a NaN is wrong.</summary>
internal static class ClassRule
{
    /// <summary>Marks each row by its last step.</summary>
    public static void LastStep(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            int last = batch.Lengths[row] - 1;
            correct[row] = predictions.Argmax(last, row) == batch.Class(last, row);
        }
    }

    /// <summary>Marks each row by all its predicted steps: one wrong step makes the row wrong.</summary>
    public static void EveryStep(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            bool right = true;
            for (int step = 0; right && step < batch.Lengths[row]; step++)
                right = !batch.IsPredicted(step, row) || predictions.Argmax(step, row) == batch.Class(step, row);
            correct[row] = right;
        }
    }
}
