using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Runs by Hessian-Free: that they learn, repeat to the bit, stop and go on, and what they refuse.</summary>
public static class HessianFreeTests
{
    private static readonly TrainingOptions Options = HessianFreeRecipe.Of(Runs.Small) with
    {
        Hidden = 8,
        BatchSize = 20,
        CheckEvery = 2,
        ValidationSequences = 100,
        MaximumUpdates = 8,
        Stop = StopRule.Budget,
        HessianFree = new HessianFreeOptions { Iterations = 20, GradientBatches = 3 },
    };

    [Theory]
    [InlineData(CellKind.Plain, Precision.Float)]
    [InlineData(CellKind.Plain, Precision.Double)]
    [InlineData(CellKind.Leaky, Precision.Float)]
    [InlineData(CellKind.Lstm, Precision.Float)]
    [InlineData(CellKind.Gru, Precision.Float)]
    public static void It_learns_a_small_task(CellKind cell, Precision precision)
    {
        TrainingOptions options = HessianFreeRecipe.Of(Runs.Small with { Cell = cell, Precision = precision }) with
        {
            Hidden = 12,
            BatchSize = 40,
            MaximumUpdates = 60,
            CheckEvery = 1,
            ValidationSequences = 200,
        };
        using var trainer = new Trainer(Runs.Task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.True(trainer.LastResult!.Outcome == TrainingOutcome.Solved, $"{checks[^1].Error} wrong after {checks[^1].Update}");
        Assert.All(checks, check => Assert.True(check.Damping > 0 && check.GradientNorm > 0 && double.IsFinite(check.Loss)));
    }

    [Fact]
    public static void A_whole_set_is_every_part_of_an_update()
    {
        ILengthTask task = SyntheticTasks.Create("memorization", 10, TaskVariant.Code);
        TrainingOptions options = HessianFreeRecipe.Of(Recipes.Get("memorization", "paper")) with
        {
            Hidden = 10,
            MaximumUpdates = 6,
            CheckEvery = 2,
            Stop = StopRule.Budget,
            HessianFree = new HessianFreeOptions { Iterations = 15 },
        };
        (List<TrainingProgress> checks, _) = Runs.Run(task, options);
        Assert.True(checks[^1].ValidationLoss < checks[0].ValidationLoss);
    }

    public static TheoryData<string> Variants => [.. s_variants.Keys];

    private static readonly Dictionary<string, Func<TrainingOptions, TrainingOptions>> s_variants = new()
    {
        ["as it is"] = o => o,
        ["double, averaged, L2"] = o => o with
        {
            Precision = Precision.Double,
            Averaging = 0.8,
            L2 = [new(ParameterBlock.OutputBias, 0.01)],
        },
        ["curriculum"] = o => o with { Curriculum = new LengthCurriculum(2, 1.4, 0.6, 2), SelectionLengths = [12] },
        ["stack, frozen"] = o => o with { Layers = 2, Cell = CellKind.Lstm, Frozen = [ParameterBlock.RecurrentWeights] },
        ["rescue"] = o => o with { Rescue = new RescueRule(0.01, 1, 1) },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public static void Threads_change_no_bit_and_a_resume_goes_on_with_the_same_ones(string variant)
    {
        using var folder = new TempFolder();
        TrainingOptions options = s_variants[variant](Options);
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Runs.Task, options);
        Assert.Equal(["optimizer.damping", "optimizer.solution"],
            end.Tensors.Keys.Where(name => name.StartsWith("optimizer.", StringComparison.Ordinal)).Order());
        foreach (int threads in (int[])[2, 3])
        {
            (List<TrainingProgress> same, Checkpoint again) = Runs.Run(Runs.Task, options with { Threads = threads });
            Assert.Equal(checks, same);
            Runs.AssertSame(end, again, $"{threads} threads");
        }

        string path = folder["checkpoint.safetensors"];
        using var half = new Trainer(Runs.Task, options with { MaximumUpdates = 3 });
        List<TrainingProgress> first = Runs.Checks(half);
        first.RemoveAt(first.Count - 1); // at the budget's end, off the grid
        CheckpointFile.Write(path, half.Capture());
        using Trainer resumed = Trainer.Resume(Runs.Task, options, CheckpointFile.Read(path));
        Assert.Equal(checks, [.. first, .. Runs.Checks(resumed)]);
        Runs.AssertSame(end, resumed.Capture(), "resumed");
    }

    /// <summary>In the middle of an update: while its minibatches are drawn, and so between products too.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public static void An_update_that_is_cancelled_leaves_no_trace(int minibatch)
    {
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Runs.Task, Options);
        using var cancel = new CancellationTokenSource();
        int drawn = 0;
        var task = new ProbeTask(Runs.Task)
        {
            Filled = (_, _, key) =>
            {
                if (key.Stream == RandomStream.Minibatch && key.Index >> 10 == 4 && ++drawn == minibatch) cancel.Cancel();
            },
        };
        using var trainer = new Trainer(task, Options);
        List<TrainingProgress> first = Runs.ChecksUntil(trainer, cancel.Token);
        Assert.Equal((TrainingOutcome.Cancelled, 4L), (trainer.LastResult!.Outcome, trainer.LastResult.Updates));
        using Trainer resumed = Trainer.Resume(Runs.Task, Options, trainer.Capture());
        Assert.Equal(checks, [.. first, .. Runs.Checks(resumed)]);
        Runs.AssertSame(end, resumed.Capture(), "resumed");
        Assert.Equal(checks, [.. first, .. Runs.Checks(trainer)]);
        Runs.AssertSame(end, trainer.Capture(), "the same trainer");
    }

    [Fact]
    public static void Frozen_parameters_keep_their_bits_and_the_others_move()
    {
        TrainingOptions options = Options with { Frozen = [ParameterBlock.InputWeights, ParameterBlock.OutputBias] };
        using var before = new Trainer(Runs.Task, options);
        using var trainer = new Trainer(Runs.Task, options);
        Runs.End(trainer);
        Network<double> a = before.LastNetwork<double>(), b = trainer.LastNetwork<double>();
        foreach (ParameterBlock block in a.Blocks)
            Assert.Equal(options.Frozen.Contains(block.Name), a.Parameter(block.Name).SequenceEqual(b.Parameter(block.Name)));
    }

    /// <summary>
    /// lambda follows the ratio of the fall of the cost to that of the model; a step is taken only where the cost falls.
    /// </summary>
    [Fact]
    public static void Damping_follows_the_reduction_ratio()
    {
        TrainingOptions options = Options with { Precision = Precision.Double };
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options);
        HessianFreeStep<double> step = engine.Pipeline.HessianFree!;
        Batch batch = Batch.For(Runs.Task);
        double lambda = options.HessianFree.Damping;
        var factors = new HashSet<double>();
        for (int n = 1; n <= 25; n++)
        {
            double[] before = engine.Network.Parameters.ToArray();
            Runs.Task.Fill(batch, options.BatchSize, new RandomKey(1, RandomStream.Training, n - 1));
            engine.Update(batch, 0, 1, n, new FreshSequences(Runs.Task, TestContext.Current.CancellationToken));
            double factor = !(step.Ratio >= 0.25) ? 1.5 : step.Ratio > 0.75 ? 2.0 / 3 : 1;
            factors.Add(factor);
            Assert.Equal(lambda * factor, engine.Damping!.Value, 1e-15);
            lambda = engine.Damping.Value;
            double[] solution = (double[])step.State[0].Values;
            bool moved = !engine.Network.Parameters.SequenceEqual(before);
            Assert.Equal(step.Taken > 0, moved);
            Assert.Equal(step.Taken > 0, solution.Any(x => x != 0));
        }

        Assert.True(factors.Count > 1);
    }

    /// <summary>
    /// Updates against the method written out: products and costs of the scalar passes and of minibatches that the test draws,
    /// with every choice that the step makes in between. Conjugate gradients of up to 300 iterations amplify the rounding in
    /// which the two differ, hence the bounds.
    /// </summary>
    [Theory]
    [InlineData(CellKind.Plain, CostReduction.Sum)]
    [InlineData(CellKind.Gru, CostReduction.Mean)]
    public static void Updates_are_what_is_written_out(CellKind cell, CostReduction reduction)
    {
        TrainingOptions options = Options with
        {
            Precision = Precision.Double,
            Cell = cell,
            Hidden = 5,
            BatchSize = 6,
            Reduction = reduction,
            WeightDecay = 0.01,
            L2 = [new(ParameterBlock.OutputBias, 0.3)],
            Frozen = [ParameterBlock.OutputWeights],
        };
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options);
        var update = new HessianFreeUpdate(Runs.Task, options, reduction);
        HessianFreeStep<double> step = engine.Pipeline.HessianFree!;
        Batch batch = Batch.For(Runs.Task);
        for (int n = 1; n <= 12; n++)
        {
            Network<double> network = engine.Network.Convert<double>();
            double[] solution = [.. (double[])step.State[0].Values];
            (double[] expected, double damping) = update.Make(network, n, solution, engine.Damping!.Value);
            Runs.Task.Fill(batch, options.BatchSize, new RandomKey(options.Seed, RandomStream.Training, n - 1));
            engine.Update(batch, 0, 1, n, new FreshSequences(Runs.Task, TestContext.Current.CancellationToken));
            Compare.Close(engine.Network.Parameters, expected, 2e-5, $"update {n}");
            Compare.Close((double[])step.State[0].Values, solution, 1e-4, $"the solution of update {n}");
            Assert.Equal(damping, engine.Damping!.Value, damping * 1e-12);
        }

        Assert.True(update.Shortened > 0 && update.Earlier > 0, $"{update.Shortened} shortened, {update.Earlier} not the last");
    }

    [Fact]
    public static void Structural_damping_and_its_absence_are_different_runs()
    {
        Checkpoint with = Runs.Run(Runs.Task, Options).End;
        HessianFreeOptions none = Options.HessianFree with { StructuralDamping = 0 };
        Checkpoint without = Runs.Run(Runs.Task, Options with { HessianFree = none }).End;
        Assert.NotEqual(Runs.Parameters(with), Runs.Parameters(without));
    }

    [Fact]
    public static void What_it_cannot_do_is_refused_in_one_sentence()
    {
        (string Says, TrainingOptions Options)[] bad =
        [
            ("dropout", Options with { Layers = 2, Dropout = 0.1 }),
            ("dropout of the inputs", Options with { InputDropout = 0.1 }),
            ("dropout of the outputs", Options with { OutputDropout = 0.1 }),
            ("noise on the states", Options with { StateNoise = 0.1 }),
            ("noise on the biases", Options with { BiasNoise = 0.1 }),
            ("noise on the weights", Options with { WeightNoise = 0.1 }),
            ("noise on the gradient", Options with { GradientNoise = 0.1 }),
            ("Omega", Options with { Omega = 1 }),
            ("clipping mode is Norm", Options with { ClipMode = ClipMode.Norm }),
            ("not 0.5 and constant", Options with { LearningRate = 0.5 }),
            ("not 1 and inverse", Options with { RateSchedule = RateSchedule.Inverse }),
            ("L1", Options with { L1 = [new(ParameterBlock.InputWeights, 0.1)] }),
            ("Rescue", Options with { OnNonFinite = NonFinitePolicy.Rescue }),
            ("damping is 0", Options with { HessianFree = new() { Damping = 0 } }),
            ("damping is NaN", Options with { HessianFree = new() { Damping = double.NaN } }),
            ("structural damping is -1", Options with { HessianFree = new() { StructuralDamping = -1 } }),
            ("0 iterations", Options with { HessianFree = new() { Iterations = 0 } }),
            ("10001 iterations", Options with { HessianFree = new() { Iterations = 10_001 } }),
            ("0 minibatches", Options with { HessianFree = new() { GradientBatches = 0 } }),
        ];
        foreach ((string says, TrainingOptions options) in bad)
        {
            var error = Assert.Throws<ArgumentException>(() => new Trainer(Runs.Task, options).Dispose());
            Runs.AssertSentence(error.Message, says);
        }

        TrainingOptions corpus = Options with { CheckEvery = 0 };
        var music = new MusicTask(Corpora.Music(5, 17, 41), 12);
        var refused = Assert.Throws<ArgumentException>(() => new Trainer(music, corpus).Dispose());
        Runs.AssertSentence(refused.Message, "window by window");
    }

    [Fact]
    public static void A_sequence_that_carries_on_is_refused()
    {
        using var trainer = new Trainer(ResumeTests.Carrying(), Options);
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => Runs.End(trainer)).Message, "whole sequences");
    }

    /// <summary>A gradient that is not finite ends the run, or its update is skipped; the solution and lambda stay.</summary>
    [Theory]
    [InlineData(NonFinitePolicy.Stop)]
    [InlineData(NonFinitePolicy.Skip)]
    public static void An_update_whose_gradient_is_not_finite_is_none(NonFinitePolicy policy)
    {
        TrainingOptions options = Options with { OnNonFinite = policy, MaximumUpdates = 4 };
        var parts = new TrainingParts<float>
        {
            OnGradient = at => at.Unrolled.Gradient[3] = at.Update > 2 ? float.NaN : at.Unrolled.Gradient[3],
        };
        using var two = new Trainer(Runs.Task, options with { MaximumUpdates = 2 }, parts);
        using var trainer = new Trainer(Runs.Task, options, parts);
        Runs.End(two);
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(policy == NonFinitePolicy.Stop ? (TrainingOutcome.NonFinite, 2L) : (TrainingOutcome.Unsolved, 4L),
            (result.Outcome, result.Updates));
        foreach (string name in (string[])["parameters", "optimizer.solution", "optimizer.damping"])
            Assert.True(Runs.SameBits(two.Capture().Tensors[name], trainer.Capture().Tensors[name]), $"{name} changed.");
    }

    /// <summary>An input that is not finite ends the run with its place.</summary>
    [Fact]
    public static void What_is_not_finite_is_said()
    {
        var bad = new ProbeTask(new Addition(10))
        {
            Filled = (_, batch, key) =>
            {
                if (key is { Stream: RandomStream.Minibatch, Index: > 1 << 10 }) batch.Dense(2, 1)[0] = double.NaN;
            },
        };
        TrainingResult result = Runs.Result(bad, Options);
        Assert.Equal((TrainingOutcome.NonFinite, 1L), (result.Outcome, result.Updates));
        Runs.AssertSentence(result.Message!, "update 2 ", "input");
    }
}
