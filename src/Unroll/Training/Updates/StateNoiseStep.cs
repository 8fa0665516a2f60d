using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Normal noise on every pre-activation of the next pass. The backward pass treats the noise as a constant; evaluation has none.
/// </summary>
/// <param name="seed">The run's seed: the noise of an update depends only on the seed and on the update's number.</param>
/// <param name="deviation">The standard deviation, positive.</param>
internal sealed class StateNoiseStep<T>(ulong seed, double deviation) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Apply(UpdateInProgress<T> update) =>
        update.Unrolled.Noise = new PassNoise(seed, update.Number) { StateDeviation = deviation };
}
