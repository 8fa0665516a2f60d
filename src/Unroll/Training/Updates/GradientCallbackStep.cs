using System.Numerics;

namespace Unroll.Training;

/// <summary>Shows the gradient to a user's callback, which may change it.</summary>
internal sealed class GradientCallbackStep<T>(Action<GradientAtHand<T>> callback) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update) =>
        callback(new GradientAtHand<T>(update.Unrolled, update.Number, update.Rate, update.Loss));
}
