using System.Numerics;

namespace Unroll.Training;

/// <summary>
/// What the next pass draws at random: noise on its pre-activations and biases, and dropout. The backward pass takes the draws as
/// constants; evaluation has none.
/// </summary>
/// <param name="options">The run's options. The draws of an update depend only on the seed and on the update's number.</param>
internal sealed class PassNoiseStep<T>(TrainingOptions options) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly PassNoise _noise = Of(options);

    /// <summary>Whether the options have any.</summary>
    public static bool IsWanted(TrainingOptions options) => Of(options) != new PassNoise(options.Seed, 0);

    public void Apply(UpdateInProgress<T> update) => update.Unrolled.Noise = _noise with { Update = update.Number };

    private static PassNoise Of(TrainingOptions options) => new(options.Seed, 0)
    {
        StateDeviation = options.StateNoise,
        BiasDeviation = options.BiasNoise,
        InputDropout = options.InputDropout,
        LayerDropout = options.Dropout,
        OutputDropout = options.OutputDropout,
    };
}
