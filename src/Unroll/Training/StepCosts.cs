using System.Numerics;

namespace Unroll.Training;

/// <summary>Hears what each predicted step of a stream costs.</summary>
/// <param name="stream">The stream of the fold.</param>
/// <param name="costs">(steps): the cost of each in the task's unit, so that their mean is a cost such as <see cref="FoldCost.Loss"/>; valid during the call.</param>
public delegate void StepCostsHandler(int stream, ReadOnlySpan<double> costs);

/// <summary>The cost of single steps, from a network's outputs, in double: the kernels keep only a row's sum.</summary>
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
