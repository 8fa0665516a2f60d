using System.Numerics;
using Unroll.Heads;

namespace Unroll.Training;

/// <summary>Receives the cost of each predicted step of a stream.</summary>
/// <param name="stream">The stream of the fold.</param>
/// <param name="costs">(steps): the cost of each in the task's unit, so that their mean is a cost such as
/// <see cref="FoldCost.Loss"/>; valid during the call.</param>
public delegate void StepCostsHandler(int stream, ReadOnlySpan<double> costs);

/// <summary>
/// The cost of single steps, from a network's outputs, in double (the kernels keep only the sum of a row); and the sum over a
/// batch's rows.
/// </summary>
internal static class StepCosts
{
    /// <summary>The cost of one step; 0 where nothing is predicted.</summary>
    public static double Of<T>(IHeadCost cost, ReadOnlySpan<T> outputs, Batch batch, int step, int row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!batch.IsPredicted(step, row)) return 0;
        Span<double> y = outputs.Length <= 512 ? stackalloc double[outputs.Length] : new double[outputs.Length];
        for (int o = 0; o < y.Length; o++) y[o] = double.CreateTruncating(outputs[o]);
        return cost.Cost(y, batch, step, row) * batch.TargetWeight(step, row);
    }

    /// <summary>
    /// The cost in nats of a batch of a corpus, summed over its predicted steps whatever the reduction, and the number of these
    /// steps. Either all steps of a row are predicted or none.
    /// </summary>
    /// <param name="unrolled">The network after its forward pass on the batch.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="reduction">The reduction of that pass.</param>
    public static (double Nats, long Steps) Total<T>(UnrolledNetwork<T> unrolled, Batch batch, CostReduction reduction)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double nats = 0;
        long steps = 0;
        for (int row = 0; row < batch.Rows; row++)
        {
            if (!batch.IsPredicted(0, row)) continue;
            steps += batch.Lengths[row];
            nats += unrolled.RowCost(row) * (reduction == CostReduction.Mean ? batch.Lengths[row] : 1);
        }

        return (nats, steps);
    }
}
