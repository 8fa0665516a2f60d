using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// Dropout of the next pass, in addition to its state noise. The backward pass takes the masks as constants; evaluation has none.
/// </summary>
/// <param name="options">The run's options: its seed and the three rates. The masks depend on the seed and on the update's number
/// alone.</param>
internal sealed class DropoutStep<T>(TrainingOptions options) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Whether the options have dropout.</summary>
    public static bool IsWanted(TrainingOptions o) => o.Dropout > 0 || o.InputDropout > 0 || o.OutputDropout > 0;

    public void Apply(UpdateInProgress<T> update) =>
        update.Unrolled.Noise = new PassNoise(options.Seed, update.Number)
        {
            StateDeviation = options.StateNoise,
            BiasDeviation = options.BiasNoise,
            InputDropout = options.InputDropout,
            LayerDropout = options.Dropout,
            OutputDropout = options.OutputDropout,
        };
}
