using System.Numerics;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// The exact cost of a fold of an <see cref="ISeriesTask"/>: the mean over its examples, each read from h_0. Where every step is
/// predicted an example is read in pieces with the state carried over, whatever its length.
/// </summary>
internal static class SeriesEvaluator
{
    /// <summary>The steps of a piece.</summary>
    internal const int PieceSteps = 512;

    private const int RowsAtOnce = 256, NumbersAtOnce = 1 << 20;

    /// <summary>The cost of a fold.</summary>
    /// <exception cref="ArgumentException">The fold is empty.</exception>
    public static EvaluationResult Evaluate<T>(UnrolledNetwork<T> unrolled, ISeriesTask task, Batch batch, Fold fold,
        CostReduction reduction, CancellationToken cancellation, Action<long>? onEvaluated = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (task is ForecastTask { Codec.FeedsBack: true } fed)
            return FedBackEvaluator.Evaluate(unrolled, fed, batch, fold, reduction, cancellation, onEvaluated);
        long examples = task.Examples(fold);
        bool inPieces = batch.EveryStep && unrolled.Network.Shape.Branches == 0;
        if (examples == 0) throw new ArgumentException($"The {SequenceFolds.NameOf(fold)} fold has no example.");
        double cost = 0, predicted = 0;
        for (long first = 0; first < examples;)
        {
            cancellation.ThrowIfCancellationRequested();
            (int rows, int longest) = Group(task, fold, first, examples);
            for (int at = 0; at < longest; at += PieceSteps)
            {
                // A prediction at the last step, or from a state behind the window, needs all steps at once.
                int steps = inPieces ? Math.Min(PieceSteps, longest - at) : longest;
                batch.Resize(rows, steps);
                for (int row = 0; row < rows; row++)
                {
                    int own = task.StepsOf(fold, first + row) - at;
                    batch.Lengths[row] = Math.Clamp(own, 1, steps);
                    batch.Carry[row] = at > 0;
                    if (own > 0) task.FillExample(batch, row, fold, first + row, at, batch.Lengths[row]);
                    else Skip(batch, row);
                }

                NonFiniteData.Check(unrolled.Forward(batch, reduction), batch, typeof(T) == typeof(float));
                for (int row = 0; row < rows; row++)
                {
                    int count = PredictedSteps(batch, row);
                    predicted += count;
                    cost += unrolled.RowCost(row) * (reduction == CostReduction.Mean ? count : 1);
                }

                if (!inPieces) break;
            }

            first += rows;
            onEvaluated?.Invoke(first);
        }

        return new EvaluationResult(null, examples, null, null, cost / predicted / task.CostPerUnit, task.LossUnit);
    }

    /// <summary>Whether so many rows, the longest of so many steps, are too many to read at once.</summary>
    internal static bool AreTooMany(int rows, int steps, int inputs) =>
        rows > RowsAtOnce || rows * (long)Math.Min(steps, PieceSteps) * inputs > NumbersAtOnce;

    /// <summary>How many examples are read together from one on, and the steps of the longest.</summary>
    private static (int Rows, int Longest) Group(ISeriesTask task, Fold fold, long first, long examples)
    {
        int rows = 0, longest = 0;
        while (first + rows < examples)
        {
            int padded = Math.Max(longest, task.StepsOf(fold, first + rows));
            if (rows > 0 && AreTooMany(rows + 1, padded, task.Inputs)) break;
            (rows, longest) = (rows + 1, padded);
        }

        return (rows, longest);
    }

    /// <summary>A row whose example has ended.</summary>
    private static void Skip(Batch batch, int row)
    {
        if (batch.Head.Cost() != HeadCost.Softmax) batch.SkipTarget(0, row);
    }

    private static int PredictedSteps(Batch batch, int row)
    {
        if (!batch.EveryStep) return 1;
        int count = 0;
        for (int t = 0; t < batch.Lengths[row]; t++) count += batch.IsPredicted(t, row) ? 1 : 0;
        return count;
    }
}
