using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Puts the network's own outputs in the place of some of the true inputs of the batch (scheduled sampling). The backward pass
/// takes them as constants, as it takes every input.
/// </summary>
/// <param name="seed">The run's seed: which inputs are replaced depends only on the seed and on the update's number.</param>
/// <param name="forcing">The share of inputs that stay.</param>
/// <param name="feedback">Runs the network in training.</param>
internal sealed class TeacherForcingStep<T>(ulong seed, TeacherForcing forcing, OutputFeedback<T> feedback) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update) => feedback.Mix(
        update.Batch, forcing.At(update.Number), new RandomKey(seed, RandomStream.TeacherForcing, update.Number));
}
