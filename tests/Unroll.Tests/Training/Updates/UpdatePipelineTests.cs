using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The steps of an update, their order, and that they give the same result as the update written out by hand.</summary>
public static class UpdatePipelineTests
{
    private static readonly TrainingOptions All = Runs.Small with
    {
        Precision = Precision.Double,
        Optimizer = OptimizerKind.Sutskever,
        WeightNoise = 0.1,
        StateNoise = 0.2,
        BiasNoise = 0.1,
        WeightDecay = 0.02,
        L2 = [new(ParameterBlock.OutputWeights, 0.3)],
        L1 = [new(ParameterBlock.RecurrentWeights, 0.01)],
        Frozen = [ParameterBlock.InputWeights],
        GradientNoise = 0.05,
        Averaging = 0.9,
        ClipThreshold = 0.3,
    };

    [Fact]
    public static void The_order()
    {
        using var engine = new TrainingEngine<double>(Runs.Task, All, OptionsRules.Check(Runs.Task, All),
            new TrainingParts<double> { OnGradient = _ => { } });
        Assert.Equal(
            ["KeptParameters", "Ahead", "WeightNoiseStep", "PassNoiseStep", "CostStep", "BackwardWithOmega", "Return",
                "WeightDecayStep", "WeightDecayStep", "GradientCallbackStep", "FreezingStep", "ClippingStep", "FiniteGuardStep",
                "GradientNoiseStep", "Stepping", "ShrinkageStep", "AveragingStep"],
            engine.Pipeline.Names);
    }

    [Fact]
    public static void What_is_not_asked_for_is_no_step()
    {
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, Runs.Small with { Precision = Precision.Double });
        Assert.Equal(["CostStep", "BackwardWithOmega", "ClippingStep", "FiniteGuardStep", "Stepping"], engine.Pipeline.Names);
    }

    /// <summary>Every step at once, compared with the same update written out with plain loops.</summary>
    [Fact]
    public static void All_steps_together_are_the_update_by_hand()
    {
        NetworkShape shape = OptionsRules.Check(Runs.Task, All);
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, All, shape);
        var network = new Network<double>(shape);
        Initializer.Initialize(network, All.Initialization, All.Seed);
        double[] theta = [.. network.Parameters], v = new double[theta.Length], average = [.. theta];
        var normals = new double[RandomSource.NormalsAtOnce];
        for (int n = 1; n <= 12; n++)
        {
            Batch batch = Batch.For(Runs.Task);
            Runs.Task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, n));
            const double Mu = 0.5, Rate = 0.2;
            for (int i = 0; i < theta.Length; i++) network.Parameters[i] = theta[i] + (Mu * v[i]);
            ForBlocks(RandomStream.WeightNoise, n, block =>
                block.Name is "weight_ih_l0" or "weight_hh_l0" or "weight", (i, normal) => network.Parameters[i] += 0.1 * normal);
            using var unrolled = new UnrolledNetwork<double>(network);
            unrolled.Noise = new PassNoise(All.Seed, n) { StateDeviation = 0.2, BiasDeviation = 0.1 };
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward(new VanishingGradientRegularizer(), All.Omega);
            double[] g = [.. unrolled.Gradient];
            foreach (ParameterBlock block in network.Blocks)
            {
                double share = (block.Name is "weight_ih_l0" or "weight_hh_l0" or "weight" ? 0.02 : 0)
                    + (block.Name == "weight" ? 0.3 : 0);
                for (int i = block.Offset; i < block.Offset + block.Length; i++) g[i] = block.Name == "weight_ih_l0" ? 0 : g[i]
                    + (share * theta[i]);
            }

            double norm = Math.Sqrt(g.Sum(x => x * x));
            for (int i = 0; i < g.Length; i++) g[i] *= norm >= 0.3 ? 0.3 / norm : 1;
            double deviation = 0.05 / Math.Sqrt(Math.Pow(n, 0.55));
            ForBlocks(RandomStream.GradientNoise, n, block => block.Name != "weight_ih_l0", (i, normal) =>
                g[i] += deviation * normal);
            for (int i = 0; i < theta.Length; i++)
            {
                v[i] = (Mu * v[i]) - (Rate * g[i]);
                theta[i] += v[i];
            }

            ParameterBlock recurrent = network.Blocks.Single(block => block.Name == "weight_hh_l0");
            for (int i = recurrent.Offset; i < recurrent.Offset
                + recurrent.Length; i++) theta[i] = Math.Sign(theta[i]) * Math.Max(0, Math.Abs(theta[i]) - (Rate * 0.01));
            double kept = Math.Min(0.9, n / (n + 9.0));
            for (int i = 0; i < theta.Length; i++) average[i] += (1 - kept) * (theta[i] - average[i]);

            UpdateReport report = engine.Update(batch, All.Omega, Rate, n);
            Assert.Equal(norm, report.Clip.NormBefore, norm * 1e-10);
            Compare.Close(engine.Network.Parameters, theta, 1e-10, $"update {n}");
            Compare.Close(engine.Pipeline.Averaging!.Average, average, 1e-10, $"average after update {n}");
        }

        void ForBlocks(RandomStream stream, int update, Func<ParameterBlock, bool> which, Action<int, double> with)
        {
            for (int b = 0; b < network.Blocks.Length; b++)
            {
                if (!which(network.Blocks[b])) continue;
                RandomSource random = new RandomKey(All.Seed, stream, update).Row(b);
                random.FillNormals(normals);
                for (int i = 0; i < network.Blocks[b].Length; i++) with(network.Blocks[b].Offset + i, normals[i]);
            }
        }
    }

    /// <summary>A skipped update leaves everything as it was, also where parameters had been moved for the gradient.</summary>
    [Fact]
    public static void A_skipped_update_leaves_no_trace()
    {
        TrainingOptions options = All
            with
        { OnNonFinite = NonFinitePolicy.Skip, AdaptiveThreshold = new(ThresholdRule.Percentile, 50) };
        bool spoil = false;
        using var engine = new TrainingEngine<double>(Runs.Task, options, OptionsRules.Check(Runs.Task, options),
            new TrainingParts<double>
            {
                OnGradient = at => at.Unrolled.Gradient[^1] = spoil ? double.NaN : at.Unrolled.Gradient[^1],
            });
        Batch batch = Batch.For(Runs.Task);
        Runs.Task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, 0));
        for (int n = 1; n <= 3; n++) engine.Update(batch, 1, 0.1, n);
        Checkpoint before = Capture();
        spoil = true;
        Assert.True(engine.Update(batch, 1, 0.1, 4).NonFinite);
        Checkpoint after = Capture();
        Assert.Equal(["average", "best", "carried", "clip.norms", "optimizer.first", "parameters"], before.Tensors.Keys.Order());
        foreach (string name in before.Tensors.Keys.Where(name => name != "carried"))
            Assert.True(Runs.SameBits(before.Tensors[name], after.Tensors[name]), name);
        Assert.Equal("3", after.Properties["optimizer-steps"]);

        Checkpoint Capture()
        {
            Dictionary<string, string> properties = [];
            Dictionary<string, Array> tensors = [];
            engine.Capture(properties, tensors);
            return new Checkpoint(properties, tensors);
        }
    }
}
