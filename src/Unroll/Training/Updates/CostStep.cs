using System.Numerics;

namespace Unroll.Training;

/// <summary>The forward pass and the cost.</summary>
/// <param name="reduction">How the costs of a sequence's steps are combined.</param>
/// <param name="natsPerUnit">For a corpus, the nats in a unit of its cost, which is then summed over the predicted steps;
/// otherwise null.</param>
internal sealed class CostStep<T>(CostReduction reduction, double? natsPerUnit) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update)
    {
        update.Loss = update.Unrolled.Forward(update.Batch, reduction);
        if (natsPerUnit is not { } nats) return;
        (double loss, update.Steps) = StepCosts.Total(update.Unrolled, update.Batch, reduction);
        update.Loss = loss / nats;
    }
}
