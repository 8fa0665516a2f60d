using Unroll.Files;
using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Noise on pre-activations in training: its value per update, the same at any thread count, and none in a check.
/// </summary>
public static class StateNoiseStepTests
{
    [Fact]
    public static void Each_update_has_noise_of_its_own()
    {
        using var steps = new Steps();
        var step = new StateNoiseStep<double>(9, 0.25);
        foreach (long number in (long[])[1, 2, 1_000_000])
        {
            steps.Apply(step, number);
            Assert.Equal(new PassNoise(9, number) { StateDeviation = 0.25 }, steps.Update.Unrolled.Noise);
        }
    }

    [Fact]
    public static void Threads_change_no_bit_and_noise_does()
    {
        TrainingOptions options = Runs.Small with { StateNoise = 0.2, BatchSize = 7 };
        Checkpoint one = Runs.Run(Runs.Task, options).End;
        Runs.AssertSame(one, Runs.Run(Runs.Task, options with { Threads = 3 }).End, "three threads");
        Checkpoint without = Runs.Run(Runs.Task, options with { StateNoise = 0 }).End;
        Assert.False(Runs.SameBits(one.Tensors["parameters"], without.Tensors["parameters"]));
        Assert.Equal("0.2", one.Properties["state-noise"]);
        Assert.False(without.Properties.ContainsKey("state-noise"));
    }

    /// <summary>A check evaluates without noise: its numbers are those of an evaluation of the model.</summary>
    [Fact]
    public static void A_check_has_none()
    {
        TrainingOptions options = Runs.Small with { StateNoise = 5, MaximumUpdates = 10, Precision = Precision.Double };
        using var trainer = new Trainer(Runs.Task, options);
        TrainingProgress check = Assert.Single(Runs.Checks(trainer));
        var key = new RandomKey(options.Seed, RandomStream.Validation, 10L << 17);
        using var unrolled = new UnrolledNetwork<double>(trainer.LastNetwork<double>());
        EvaluationResult evaluated = new Evaluator.OfTask<double>(
            unrolled, Runs.Task, Runs.Task.Reduction).Run(key, 40, CancellationToken.None);
        Assert.Equal((evaluated.Error, evaluated.Loss), (check.Error, check.ValidationLoss));
    }
}
