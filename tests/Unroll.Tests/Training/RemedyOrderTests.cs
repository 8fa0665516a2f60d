using Unroll.Remedies;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The operations on a gradient and their order: Omega, frozen parameters, clipping, the step.</summary>
public static class RemedyOrderTests
{
    private const double Rate = 0.3, Alpha = 40;

    private static readonly TrainingOptions Options = Runs.Small with
    {
        Precision = Precision.Double,
        ClipThreshold = 0.01,
        LearnedInitialState = true,
    };

    [Theory]
    [InlineData("")]
    [InlineData("weight_hh_l0")]
    [InlineData("weight_ih_l0,weight_hh_l0,bias_l0,initial_state")]
    [InlineData("bias,bias")]
    public static void Clipping_is_of_the_whole_that_is_trained(string names)
    {
        string[] frozen = names.Split(',', StringSplitOptions.RemoveEmptyEntries);
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, Options with { Frozen = frozen });
        Network<double> network = engine.Network;
        double[] before = [.. network.Parameters];
        Batch batch = Filled();
        double[] gradient = GradientAt(network, batch, Alpha, out _);
        double[] withoutOmega = GradientAt(network, batch, 0, out _);
        foreach (ParameterBlock block in network.Blocks.Where(b => frozen.Contains(b.Name)))
        {
            gradient.AsSpan(block.Offset, block.Length).Clear();
            withoutOmega.AsSpan(block.Offset, block.Length).Clear();
        }

        double norm = Math.Sqrt(gradient.Sum(g => g * g));
        UpdateReport report = engine.Update(batch, Alpha, Rate, 1);
        Compare.Close(report.Clip.NormBefore, norm, 1e-12, "norm");
        Assert.True(report.Clip.Clipped);
        double[] step = [.. before.Zip(network.Parameters.ToArray(), (p, q) => (p - q) / Rate)];
        Compare.Close(step, [.. gradient.Select(g => g * 0.01 / norm)], 1e-11, "step");

        // Omega was included before clipping: the sum of a clipped gradient and Omega's gradient would be far longer than the
        // threshold.
        if (!frozen.Contains(ParameterBlock.RecurrentWeights)) Assert.True(Compare.RelativeError(gradient, withoutOmega) > 0.5);
        foreach (ParameterBlock block in network.Blocks.Where(b => frozen.Contains(b.Name)))
            Compare.SameBits<double>(network.Parameters.Slice(block.Offset, block.Length),
                before.AsSpan(block.Offset, block.Length), block.Name);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Momentum)]
    [InlineData(OptimizerKind.Nesterov)]
    [InlineData(OptimizerKind.Adam)]
    public static void Frozen_parameters_keep_their_bits_and_the_others_move(OptimizerKind optimizer)
    {
        TrainingOptions options = Runs.Small with
        {
            Optimizer = optimizer,
            WeightNoise = 0.1,
            Averaging = 0.7,
            LearnedInitialState = true,
            Frozen = [ParameterBlock.InputWeights, ParameterBlock.HiddenBias],
        };
        var start = new Network<float>(OptionsRules.Check(Runs.Task, options));
        Initializer.Initialize(start, options.Initialization, options.Seed);
        var end = Runs.Run(Runs.Task, options).End;
        foreach (string tensor in (string[])["parameters", "average"])
        {
            var values = (float[])end.Tensors[tensor];
            foreach (ParameterBlock block in start.Blocks)
            {
                ReadOnlySpan<float> before = start.Parameters.Slice(block.Offset, block.Length),
                    after = values.AsSpan(block.Offset, block.Length);
                if (options.Frozen.Contains(block.Name)) Compare.SameBits(after, before, $"{tensor} {block.Name}");
                else Assert.False(after.SequenceEqual(before), $"{tensor} {block.Name} did not move.");
            }
        }
    }

    [Fact]
    public static void Every_clipping_mode_is_passed_on()
    {
        Batch batch = Filled();
        foreach (ClipMode mode in Enum.GetValues<ClipMode>())
        {
            using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, Options with { ClipMode = mode });
            double[] before = [.. engine.Network.Parameters], expected = GradientAt(engine.Network, batch, Alpha, out _);
            new GradientClipping(mode, 0.01).Apply<double>(expected);
            UpdateReport report = engine.Update(batch, Alpha, Rate, 1);
            Assert.Equal(mode != ClipMode.None, report.Clip.Clipped);
            Compare.Close([.. before.Zip(engine.Network.Parameters.ToArray(), (p, q) => (p - q) / Rate)], expected, 1e-11,
                mode.ToString());
        }
    }

    /// <summary>Both forms affect the step, and a check reports their mean.</summary>
    [Theory]
    [InlineData(OmegaForm.Code)]
    [InlineData(OmegaForm.Paper)]
    public static void Omega_is_reported_and_null_when_off(OmegaForm form)
    {
        TrainingOptions options = Options with { OmegaForm = form, CheckEvery = 1, MaximumUpdates = 1 };
        var network = new Network<double>(OptionsRules.Check(Runs.Task, options));
        Initializer.Initialize(network, options.Initialization, options.Seed);
        using var unrolled = new UnrolledNetwork<double>(network);
        double loss = unrolled.Forward(Filled(), CostReduction.Sum);
        OmegaStatistics statistics = unrolled.Backward(new VanishingGradientRegularizer(form), 1);
        TrainingProgress check = Assert.Single(Runs.Run(Runs.Task, options).Checks);
        Assert.Equal((statistics.Omega, statistics.Kept, loss, 1.0),
            (check.Omega!.Value, check.OmegaKept!.Value, check.Loss, check.ClipRate));
        check = Assert.Single(Runs.Run(Runs.Task, options with { Omega = 0 }).Checks);
        Assert.Equal((null, null), (check.Omega, check.OmegaKept));
    }

    /// <summary>theta' = theta - rate g(theta + noise): noise on the weights alone, and not on the other parameters.</summary>
    [Fact]
    public static void Weight_noise_moves_only_where_the_gradient_is_taken()
    {
        const double Deviation = 0.3;
        TrainingOptions options = Options with { WeightNoise = Deviation, ClipMode = ClipMode.None };
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options);
        double[] clean = [.. engine.Network.Parameters];
        var noises = new List<double>();
        var normals = new double[RandomSource.NormalsAtOnce];
        for (int update = 1; update <= 200; update++)
        {
            var noisy = new Network<double>(engine.Network.Shape);
            clean.CopyTo(noisy.Parameters);
            for (int b = 0; b < noisy.Blocks.Length; b++)
            {
                if (noisy.Blocks[b].Name is not (
                    ParameterBlock.InputWeights or ParameterBlock.RecurrentWeights or ParameterBlock.OutputWeights))
                    continue;
                RandomSource random = new RandomKey(options.Seed, RandomStream.WeightNoise, update).Row(b);
                random.FillNormals(normals);
                Span<double> weights = noisy.Parameter(noisy.Blocks[b].Name);
                for (int i = 0; i < weights.Length; i++)
                {
                    noises.Add(normals[i]);
                    weights[i] += Deviation * normals[i];
                }
            }

            Batch batch = Filled(update);
            double[] gradient = GradientAt(noisy, batch, Alpha, out double loss);
            UpdateReport report = engine.Update(batch, Alpha, 0.001, update);
            Assert.Equal(loss, report.Loss, loss * 1e-12);
            double[] expected = [.. clean.Zip(gradient, (p, g) => p - (0.001 * g))];
            Compare.Close(engine.Network.Parameters, expected, 1e-12, $"update {update}");
            clean = [.. engine.Network.Parameters];
        }

        Assert.Equal(0, noises.Average(), 0.05);
        Assert.Equal(1, noises.Average(n => n * n), 0.05);
    }

    private static double[] GradientAt(Network<double> network, Batch batch, double alpha, out double loss)
    {
        using var unrolled = new UnrolledNetwork<double>(network);
        loss = unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        if (alpha > 0) new VanishingGradientRegularizer().AddGradient(unrolled, alpha);
        return unrolled.Gradient.ToArray();
    }

    private static Batch Filled(long index = 0)
    {
        Batch batch = Batch.For(Runs.Task);
        Runs.Task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, index));
        return batch;
    }
}
