using System.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Cost and gradient of an update of Hessian-Free: the means over several minibatches, the trainer's own the last of them, so
/// that its outputs stay for whoever evaluates them.
/// </summary>
internal sealed class HessianFreeGradient<T>(Minibatches minibatches, int batches, CostReduction reduction, int parameters)
    : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly double[] _sum = new double[parameters];
    private readonly Batch _batch = minibatches.NewBatch();

    public void Apply(UpdateInProgress<T> update)
    {
        ITask training = update.Training ?? throw new InvalidOperationException("Hessian-Free needs the task that it trains on.");
        int count = training.WholeSet is null ? batches : 1;
        Array.Clear(_sum);
        double loss = 0;
        for (int i = 1; i <= count; i++)
        {
            update.Cancellation.ThrowIfCancellationRequested();
            Batch batch = i == count ? update.Batch : _batch;
            if (i < count) minibatches.Fill(batch, training, update.Number, Minibatches.Gradient + i);
            else Minibatches.CheckWhole(batch);
            double cost = update.Unrolled.Forward(batch, reduction);
            if (!double.IsFinite(cost) && NonFiniteData.Describe(batch, typeof(T) == typeof(float)) is { } cause)
            {
                (update.NonFinite, update.Ended) = (true, true); // whatever the policy: no step helps
                update.Failure = Invariant($"The cost of update {update.Number} is not finite because {cause}.");
                return;
            }

            loss += cost;
            update.Unrolled.Backward();
            Span<T> gradient = update.Gradient;
            for (int j = 0; j < _sum.Length; j++) _sum[j] += double.CreateTruncating(gradient[j]);
        }

        update.Loss = loss / count;
        Span<T> mean = update.Gradient;
        for (int j = 0; j < _sum.Length; j++) mean[j] = T.CreateTruncating(_sum[j] / count);
    }
}
