using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Training;

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
