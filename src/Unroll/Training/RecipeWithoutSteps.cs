using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>What a recipe has for gradient steps, left out for methods that find steps or weights in another way.</summary>
internal static class RecipeWithoutSteps
{
    /// <summary>The recipe without rates, clipping, Omega, noise, curriculum, averaging and going back.</summary>
    public static TrainingOptions Of(TrainingOptions recipe) => recipe with
    {
        LearningRate = 1,
        RateSchedule = RateSchedule.Constant,
        ClipMode = ClipMode.None,
        AdaptiveThreshold = null,
        TemporalClip = null,
        Omega = 0,
        Curriculum = null,
        BatchSize = 100,
        OnNonFinite = NonFinitePolicy.Stop,
        StateNoise = 0,
        BiasNoise = 0,
        WeightNoise = 0,
        GradientNoise = 0,
        Averaging = 0,
        Rescue = null,
        SelectionLengths = [],
        SelectionMeasure = SelectionMeasure.Error,
        Stop = StopRule.First,
    };
}
