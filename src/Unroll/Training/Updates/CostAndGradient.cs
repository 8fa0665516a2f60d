using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>The forward pass and the cost.</summary>
/// <param name="reduction">How the costs of a sequence's steps are combined.</param>
/// <param name="natsPerUnit">
/// For a corpus, the nats in a unit of its cost, which is then summed over the predicted steps; otherwise null.
/// </param>
internal sealed class Cost<T>(CostReduction reduction, double? natsPerUnit) : IUpdateStep<T>
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

/// <summary>The backward pass, with Omega's gradient in it where its weight is above 0 (section 3.3).</summary>
/// <param name="form">The form of Omega.</param>
internal sealed class BackwardWithOmega<T>(OmegaForm form) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly VanishingGradientRegularizer _regularizer = new(form);

    public void Apply(UpdateInProgress<T> update)
    {
        if (update.Alpha > 0) update.Omega = update.Unrolled.Backward(_regularizer, update.Alpha);
        else update.Unrolled.Backward();
    }
}
