using Unroll.Files;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Noise on pre-activations in training: its value per update, the same at any thread count, and none in a check.
/// </summary>
public static class PassNoiseStepTests
{
    [Fact]
    public static void Each_update_has_noise_of_its_own()
    {
        using var steps = new Steps();
        TrainingOptions options = Runs.Small with
        {
            Seed = 9,
            StateNoise = 0.25,
            BiasNoise = 0.125,
            InputDropout = 0.1,
            Dropout = 0.2,
            OutputDropout = 0.3,
        };
        var step = new PassNoiseStep<double>(options);
        foreach (long number in (long[])[1, 2, 1_000_000])
        {
            steps.Apply(step, number);
            var expected = new PassNoise(9, number)
            {
                StateDeviation = 0.25,
                BiasDeviation = 0.125,
                InputDropout = 0.1,
                LayerDropout = 0.2,
                OutputDropout = 0.3,
            };
            Assert.Equal(expected, steps.Update.Unrolled.Noise);
        }
    }

    [Theory]
    [InlineData("state-noise", 0.2, 0)]
    [InlineData("bias-noise", 0, 0.2)]
    public static void Threads_change_no_bit_and_noise_does(string option, double ofStates, double ofBiases)
    {
        TrainingOptions options = Runs.Small with { StateNoise = ofStates, BiasNoise = ofBiases, BatchSize = 7 };
        Checkpoint one = Runs.Run(Runs.Task, options).End;
        Runs.AssertSame(one, Runs.Run(Runs.Task, options with { Threads = 3 }).End, "three threads");
        Checkpoint without = Runs.Run(Runs.Task, Runs.Small with { BatchSize = 7 }).End;
        Assert.False(Runs.SameBits(one.Tensors["parameters"], without.Tensors["parameters"]));
        Assert.Equal("0.2", one.Properties[option]);
        Assert.False(without.Properties.ContainsKey(option));
    }

    /// <summary>
    /// Noise on the biases is noise on biases: each row's states are those of a network whose bias has this row's noise added, at
    /// every step, and no two rows have the same.
    /// </summary>
    [Fact]
    public static void A_row_has_biases_of_its_own_the_same_at_every_step()
    {
        const int Rows = 3, Steps = 11, Units = 5;
        var shape = new NetworkShape(4, Units, 2);
        var network = new Network<double>(shape);
        Initializer.Initialize(network, Initialization.SmartTanh, 3);
        Batch batch = Specimen.Batch(shape, Rows, Steps, 4, []);
        var noise = new PassNoise(9, 4) { BiasDeviation = 0.5 };
        var pool = new NoisePool<double>(Units);
        pool.Prepare(new RandomKey(noise.Seed, RandomStream.BiasNoise, noise.Update), noise.BiasDeviation);
        using var noisy = new UnrolledNetwork<double>(network) { Noise = noise };
        noisy.Forward(batch, CostReduction.Sum);
        var drawn = new List<double[]>();
        for (int r = 0; r < Rows; r++)
        {
            double[] own = new double[Units];
            pool.AddTo(own, 0, 0, r, 0);
            drawn.Add(own);
            Network<double> moved = network.Convert<double>();
            for (int j = 0; j < Units; j++) moved.HiddenBias[j] += own[j];
            using var expected = new UnrolledNetwork<double>(moved);
            expected.Forward(batch, CostReduction.Sum);
            for (int t = 1; t <= Steps; t++)
                Compare.Close(noisy.WholeState(t, r), expected.WholeState(t, r), 1e-12, $"row {r}, step {t}");
        }

        Assert.NotEqual(drawn[0], drawn[1]);
        Assert.NotEqual(drawn[1], drawn[2]);
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
