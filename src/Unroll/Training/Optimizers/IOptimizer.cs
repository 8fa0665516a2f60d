using System.Numerics;

namespace Unroll.Training;

/// <summary>One step of an optimizer: which it is, and how long it may be.</summary>
/// <param name="Number">Steps taken with this one: 1, 2, 3, ... An update that is skipped is no step.</param>
/// <param name="Rate">The learning rate of this update, positive.</param>
public readonly record struct OptimizerStep(long Number, double Rate);

/// <summary>An array of an optimizer's state, by the name it has in checkpoints.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="Name">The name, unique in the optimizer: small letters, digits and hyphens.</param>
/// <param name="Values">The array itself: a checkpoint reads it, a resume writes to it.</param>
public readonly record struct OptimizerState<T>(string Name, T[] Values)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;

/// <summary>
/// Turns gradients into steps. Write one of your own and give it to a trainer by <see cref="TrainingParts{T}.Optimizer"/>: its
/// state is checkpointed, and a resumed run goes on bit for bit.
/// </summary>
/// <remarks>
/// A step must depend on its arguments and on <see cref="State"/> alone, and go through the elements in a fixed order; then the
/// same seed gives the same bits. It should allocate nothing.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The name by which a resume tells it from another one.</summary>
    string Name { get; }

    /// <summary>
    /// Everything that one step leaves for the next: the same arrays at every call, of lengths that never change.
    /// </summary>
    IReadOnlyList<OptimizerState<T>> State { get; }

    /// <summary>Moves the parameters by one step.</summary>
    /// <param name="parameters">The parameters, flat, in the order of <see cref="NetworkShape.Blocks"/>.</param>
    /// <param name="gradient">The gradient, clipped, in the same order; 0 for frozen parameters.</param>
    /// <param name="step">The number of the step, and the rate.</param>
    void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step);
}

/// <summary>An optimizer whose gradient is taken elsewhere than at the parameters, as by Nesterov's method.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface ILookAhead<T> : IOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Moves a copy of the parameters to where the gradient of the coming step is taken; the state must stay as it is.
    /// </summary>
    /// <param name="parameters">What will be moved; the parameters themselves are put back before the step.</param>
    /// <param name="step">The step that will follow.</param>
    void LookAhead(Span<T> parameters, OptimizerStep step);
}
