using System.Numerics;

namespace Unroll.Training;

/// <summary>A gradient at the moment at which a callback sees it.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="Unrolled">The network after the backward pass, with states and error signals of the batch. Its
/// <see cref="UnrolledNetwork{T}.Gradient"/> holds the cost's gradient with Omega and weight decay, not yet clipped; the callback
/// may change it.</param>
/// <param name="Update">The update, 1, 2, 3, ...</param>
/// <param name="Rate">The learning rate of the update.</param>
/// <param name="Loss">The batch's cost.</param>
public readonly record struct GradientAtHand<T>(UnrolledNetwork<T> Unrolled, long Update, double Rate, double Loss)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;

/// <summary>Parts of training that a user writes, given to a <see cref="Trainer"/> in addition to its options.</summary>
public abstract record TrainingParts
{
    private protected TrainingParts()
    {
    }

    /// <summary>The precision that the parts are written for.</summary>
    internal abstract Precision Precision { get; }
}

/// <summary>
/// Parts of training in one precision, which must be that of <see cref="TrainingOptions.Precision"/>. Options that a part
/// replaces are ignored. The same seed gives the same bits as long as every part depends on its arguments alone (an optimizer:
/// also on its state).
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed record TrainingParts<T> : TrainingParts
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Makes an optimizer for a network of that shape, in place of <see cref="TrainingOptions.Optimizer"/>. Its name and state
    /// are in every checkpoint; a resume needs the same one.
    /// </summary>
    public Func<NetworkShape, IOptimizer<T>>? Optimizer { get; init; }

    /// <summary>
    /// Called at every update between weight decay and the freezing of parameters, before clipping. It may read or change the
    /// gradient. A checkpoint does not save any state of the callback.
    /// </summary>
    public Action<GradientAtHand<T>>? OnGradient { get; init; }

    /// <summary>
    /// Sets the initial parameters, given the network and the run's seed, in place of
    /// <see cref="TrainingOptions.Initialization"/>. Every parameter is 0 before the call.
    /// </summary>
    public Action<Network<T>, ulong>? Initializer { get; init; }

    internal override Precision Precision => typeof(T) == typeof(double) ? Precision.Double : Precision.Float;
}
