using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Normal noise on every pre-activation of the next pass, drawn for each step, for each sequence, or both. The backward pass
/// treats the noise as a constant; evaluation has none.
/// </summary>
/// <param name="seed">The run's seed: the noise of an update depends only on the seed and on the update's number.</param>
/// <param name="deviation">The standard deviation of the noise that each step has of its own, at least 0.</param>
/// <param name="ofBiases">The standard deviation of the noise that all steps of a sequence share, at least 0.</param>
internal sealed class StateNoiseStep<T>(ulong seed, double deviation, double ofBiases) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update) =>
        update.Unrolled.Noise = new PassNoise(seed, update.Number) { StateDeviation = deviation, BiasDeviation = ofBiases };
}
