namespace Unroll.Tests.Tasks;

/// <summary>Outputs that a test constructs, and whether a task accepts them.</summary>
internal static class Answers
{
    public static Batch Filled(ITask task, int rows, ulong seed = 1, long index = 0)
    {
        var batch = Batch.For(task);
        task.Fill(batch, rows, new RandomKey(seed, RandomStream.Training, index));
        return batch;
    }

    /// <summary>Outputs that are right at every predicted step.</summary>
    public static Predictions Right(Batch batch)
    {
        var predictions = new Predictions();
        predictions.Resize(batch.Rows, batch.EveryStep ? batch.Steps : 1, batch.Outputs, batch.EveryStep);
        for (int row = 0; row < batch.Rows; row++)
        {
            for (int step = 0; step < batch.Lengths[row]; step++)
            {
                if (!batch.IsPredicted(step, row)) continue;
                Span<double> y = predictions.At(step, row);
                y.Clear();
                if (batch.Head is OutputHead.LinearLast or OutputHead.LinearEvery) batch.Values(step, row).CopyTo(y);
                else y[batch.Class(step, row)] = 1;
            }
        }

        return predictions;
    }

    public static bool[] Evaluated(ITask task, Batch batch, Predictions predictions)
    {
        var correct = new bool[batch.Rows];
        task.MarkCorrect(batch, predictions, correct);
        return correct;
    }

    public static bool[] MarkedStrictly(ITask task, Batch batch, Predictions predictions)
    {
        var correct = new bool[batch.Rows];
        ((IStrictTask)task).MarkCorrectStrictly(batch, predictions, correct);
        return correct;
    }
}
