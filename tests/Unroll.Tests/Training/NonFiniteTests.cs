using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The three policies for a gradient that is not finite, and the position that the message names.</summary>
public static class NonFiniteTests
{
    private const int Steps = 10;
    private static readonly FirstSymbol Task = new(Steps);

    private static readonly TrainingOptions Options = Runs.Small with
    {
        Activation = Activation.Identity,
        Initialization = Initialization.Identity,
        ClipMode = ClipMode.None,
        Omega = 0,
        LearningRate = 0.5,
    };

    /// <summary>h_1 is about 1 and grows by 1e20 a step: 1e40 is beyond float at step 3.</summary>
    [Fact]
    public static void Stop_names_the_update_the_parameter_and_the_step()
    {
        using var engine = Exploding(NonFinitePolicy.Stop, 1e20f);
        float[] before = [.. engine.Network.Parameters];
        UpdateReport report = engine.Update(Filled(), 0, 0.5, 17);
        Assert.True(report.NonFinite);
        Runs.AssertSentence(report.Failure!, "update 17 ", ParameterBlock.InputWeights, $"first at time step 3 of {Steps}",
            "skip", "rescue");
        Assert.Equal(before, engine.Network.Parameters.ToArray());
    }

    /// <summary>Without inputs every state is 0; the error signal alone grows, by 1e20 a step back from T.</summary>
    [Fact]
    public static void Stop_names_the_step_of_the_backward_pass()
    {
        using var engine = Exploding(NonFinitePolicy.Stop, 1e20f);
        Batch batch = Filled();
        for (int t = 0; t < Steps; t++)
        {
            for (int r = 0; r < batch.Rows; r++) batch.SetSymbol(t, r, -1);
        }

        UpdateReport report = engine.Update(batch, 0, 0.5, 1);
        Runs.AssertSentence(report.Failure!, "update 1 ", ParameterBlock.RecurrentWeights, $"time step {Steps - 2} of {Steps}");
    }

    [Fact]
    public static void Stop_ends_the_run_before_the_update()
    {
        // A rate that moves the weights to 1e29: the second update detects it.
        using var trainer = new Trainer(Task, Options with { LearningRate = 1e30 });
        List<TrainingProgress> checks = Runs.Checks(trainer);
        TrainingResult result = trainer.LastResult!;
        Assert.Equal((TrainingOutcome.NonFinite, 1L), (result.Outcome, result.Updates));
        Assert.Empty(checks);
        Runs.AssertSentence(result.Message!, "update 2 ");
        Assert.All(Runs.Parameters(trainer.Capture()), p => Assert.True(double.IsFinite(p)));

        // Nothing of the update remains: it fails again in the same way.
        using Trainer again = Trainer.Resume(Task, trainer.Options, trainer.Capture());
        Assert.Equal(result.Message, Runs.End(again).Message);
    }

    [Fact]
    public static void Skip_leaves_everything_as_it_was_and_counts()
    {
        foreach (OptimizerKind optimizer in Runs.GradientOptimizers)
        {
            using var trainer = new Trainer(Task, Options with
            {
                LearningRate = 1e30,
                OnNonFinite = NonFinitePolicy.Skip,
                Optimizer = optimizer,
                Averaging = 0.5,
                MaximumUpdates = 1
            });
            Runs.End(trainer);
            using Trainer more = Trainer.Resume(Task, trainer.Options with { MaximumUpdates = 20 }, trainer.Capture());
            List<TrainingProgress> checks = Runs.Checks(more);
            foreach (string name in trainer.Capture().Tensors.Keys.Except(["best", "carried"]))
                Assert.True(Runs.SameBits(trainer.Capture().Tensors[name], more.Capture().Tensors[name]),
                    $"{optimizer}: {name} changed.");
            Assert.Equal([9, 19], checks.Select(c => c.NonFinite));
            Assert.Equal("1", more.Capture().Properties["optimizer-steps"]);
            Assert.True(double.IsFinite(checks[0].Loss)); // the mean over the one update that counted
            Assert.Equal((double.NaN, double.NaN, double.NaN), (checks[1].Loss, checks[1].GradientNorm, checks[1].ClipRate));
            Assert.Equal(TrainingOutcome.Unsolved, more.LastResult!.Outcome);
        }
    }

    [Theory]
    [InlineData(1e20f)] // not finite
    [InlineData(20f)] // finite, but above 1e10
    public static void Rescue_shrinks_the_recurrent_weights_alone(float weight)
    {
        using var engine = Exploding(NonFinitePolicy.Rescue, weight);
        float[] before = [.. engine.Network.Parameters];
        UpdateReport report = engine.Update(Filled(), 0, 0.5, 1);
        Assert.Equal((true, null), (report.NonFinite, report.Failure));
        Assert.Equal(weight < 1e20f, double.IsFinite(report.Clip.NormBefore));
        Assert.True(!(report.Clip.NormBefore <= 1e10));
        foreach (ParameterBlock block in engine.Network.Blocks)
        {
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
            {
                float now = engine.Network.Parameters[i];
                if (block.Name != ParameterBlock.RecurrentWeights) Assert.Equal(before[i], now);
                else Assert.Equal(before[i] * (1 - (0.5 * 0.02)), now, Math.Abs(before[i]) * 1e-6);
            }
        }
    }

    /// <summary>
    /// With all weights 0 only the output's bias has a gradient, of norm 2 |target|: just below and above the bound.
    /// </summary>
    [Fact]
    public static void Rescue_begins_above_1e10()
    {
        foreach ((double target, bool rescued) in ((double, bool)[])[(4.9e9, false), (5.1e9, true)])
        {
            var task = new ProbeTask(new Unroll.Tasks.Addition(10))
            {
                Filled = (_, batch, _) => { for (int r = 0; r < batch.Rows; r++) batch.Values(0, r)[0] = target; },
            };
            TrainingOptions options = Options with { OnNonFinite = NonFinitePolicy.Rescue, Precision = Precision.Double };
            using var engine = (TrainingEngine<double>)Replay.Engine(task, options);
            engine.Network.Parameters.Clear();
            Batch batch = Batch.For(task);
            task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, 0));
            UpdateReport report = engine.Update(batch, 0, 0.5, 1);
            Assert.Equal(2 * target, report.Clip.NormBefore, 1.0);
            Assert.Equal(rescued, report.NonFinite);
            Assert.Equal(rescued ? 0 : target, engine.Network.OutputBias[0], 1.0);
        }
    }

    [Fact]
    public static void Rescue_is_counted_and_stays_finite()
    {
        using var trainer = new Trainer(
            Task, Options with { LearningRate = 1e30, OnNonFinite = NonFinitePolicy.Rescue, MaximumUpdates = 20 });
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.Equal([9, 19], checks.Select(c => c.NonFinite));
        Assert.Equal(TrainingOutcome.Unsolved, trainer.LastResult!.Outcome);
    }

    [Fact]
    public static void Frozen_recurrent_weights_are_not_rescued()
    {
        using var engine = Exploding(NonFinitePolicy.Rescue, 1e20f, ParameterBlock.RecurrentWeights);
        float[] before = [.. engine.Network.Parameters];
        Assert.True(engine.Update(Filled(), 0, 0.5, 1).NonFinite);
        Assert.Equal(before, engine.Network.Parameters.ToArray());
    }

    private static TrainingEngine<float> Exploding(NonFinitePolicy policy, float weight, params string[] frozen)
    {
        var engine = (TrainingEngine<float>)Replay.Engine(Task, Options with { OnNonFinite = policy, Frozen = frozen });
        foreach (ref float w in engine.Network.RecurrentWeights) w *= weight;
        engine.Network.InputWeights.Fill(1);

        // All units have the same state, so that both outputs are 0 whatever the states, and dE/dy is never small.
        for (int i = 0; i < 12; i++) engine.Network.OutputWeights[i] = (i % 2 == 0) == (i < 6) ? 0.5f : -0.5f;
        return engine;
    }

    private static Batch Filled()
    {
        Batch batch = Batch.For(Task);
        Task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, 0));
        return batch;
    }
}
