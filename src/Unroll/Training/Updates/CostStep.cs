using System.Numerics;

namespace Unroll.Training;

/// <summary>The forward pass and the cost.</summary>
/// <param name="reduction">How the costs of a sequence's steps are combined.</param>
/// <param name="natsPerUnit">For a corpus, the nats in a unit of its cost, which is then summed over the predicted steps;
/// otherwise null.</param>
/// <param name="costPerUnit">For somebody's own sequences, the cost in a unit of what is reported; otherwise 1.</param>
internal sealed class CostStep<T>(CostReduction reduction, double? natsPerUnit, double costPerUnit = 1) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update)
    {
        update.Loss = update.Unrolled.Forward(update.Batch, reduction);
        if (natsPerUnit is not { } nats)
        {
            if (costPerUnit != 1) update.Loss /= costPerUnit;
            return;
        }

        (double loss, update.Steps) = StepCosts.Total(update.Unrolled, update.Batch, reduction);
        update.Loss = loss / nats;
    }
}
