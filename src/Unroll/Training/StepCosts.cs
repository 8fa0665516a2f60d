using System.Numerics;

namespace Unroll.Training;

/// <summary>Hears what each predicted step of a stream costs.</summary>
/// <param name="stream">The stream of the fold.</param>
/// <param name="costs">(steps): the cost of each in the task's unit, so that their mean is a cost such as <see cref="FoldCost.Loss"/>; valid during the call.</param>
public delegate void StepCostsHandler(int stream, ReadOnlySpan<double> costs);

/// <summary>The cost of single steps, from a network's outputs, in double, as the kernels keep only a row's sum; and the sum of a batch's rows.</summary>
internal static class StepCosts
{
    /// <summary>-log softmax(y)_c, or the sum over the outputs of log(1 + exp(y)) - target y, or |y - target|^2; in nats.</summary>
    public static double Of<T>(ReadOnlySpan<T> outputs, Batch batch, int step, int row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!batch.IsPredicted(step, row)) return 0;
        return batch.Head switch
        {
            OutputHead.SoftmaxEvery or OutputHead.SoftmaxLast => Softmax(outputs, batch.Class(step, row)),
            OutputHead.BernoulliEvery => Bernoulli(outputs, batch.TargetBits(step, row)),
            _ => Square(outputs, batch.Values(step, row)),
        };
    }

    /// <summary>The cost in nats of a batch of a corpus over its predicted steps, whatever the reduction makes of it, and their number. A row is predicted throughout or not at all.</summary>
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

    private static double Softmax<T>(ReadOnlySpan<T> outputs, int label)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double largest = double.NegativeInfinity, total = 0;
        foreach (T y in outputs) largest = Math.Max(largest, double.CreateTruncating(y));
        foreach (T y in outputs) total += Math.Exp(double.CreateTruncating(y) - largest);
        return Math.Log(total) - (double.CreateTruncating(outputs[label]) - largest);
    }

    private static double Bernoulli<T>(ReadOnlySpan<T> outputs, ReadOnlySpan<ulong> targets)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double total = 0;
        for (int o = 0; o < outputs.Length; o++)
        {
            double y = double.CreateTruncating(outputs[o]);
            bool target = (targets[o >> 6] >> (o & 63) & 1) != 0;
            total += Math.Max(y, 0) - (target ? y : 0) + Math.Log(1 + Math.Exp(-Math.Abs(y)));
        }

        return total;
    }

    private static double Square<T>(ReadOnlySpan<T> outputs, ReadOnlySpan<double> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double total = 0;
        for (int o = 0; o < outputs.Length; o++)
        {
            double e = double.CreateTruncating(outputs[o]) - target[o];
            total += e * e;
        }

        return total;
    }
}
