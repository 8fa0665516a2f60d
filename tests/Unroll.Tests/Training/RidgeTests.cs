using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The readout by ridge regression.</summary>
public static class RidgeTests
{
    private static readonly TrainingOptions s_small = ReservoirRecipe.Of(new TrainingOptions()) with
    {
        Hidden = 12,
        BatchSize = 10,
        MaximumUpdates = 6,
        CheckEvery = 2,
        ValidationSequences = 40,
        Stop = StopRule.Budget,
        Precision = Precision.Double,
    };

    /// <summary>The gradient of the penalized sum of squares, taken step by step from the network itself, is zero.</summary>
    [Theory]
    [InlineData("addition", 0.01, true)]
    [InlineData("narma", 1, true)]
    [InlineData("temporal-order", 3, true)]
    [InlineData("memorization-20bit", 0.5, true)]
    [InlineData("addition", 0.01, false)]
    public static void The_readout_is_where_the_penalized_sum_of_squares_is_least(string name, double penalty, bool biases)
    {
        ILengthTask task = SyntheticTasks.Create(name, name == "narma" ? 50 : 24);
        TrainingOptions options = s_small with { RidgePenalty = penalty, Biases = biases };
        using var trainer = new Trainer(task, options);
        Runs.End(trainer);
        Network<double> network = trainer.LastNetwork<double>();
        using var unrolled = new UnrolledNetwork<double>(network);
        var batch = Batch.For(task);
        Span<double> weights = network.Parameter(ParameterBlock.OutputWeights);
        double[] slope = new double[weights.Length], offset = new double[task.Outputs];
        double size = 0;
        for (int update = 0; update < 6; update++)
        {
            task.Fill(batch, 10, new RandomKey(1, RandomStream.Training, update));
            unrolled.Forward(batch, task.Reduction);
            for (int row = 0; row < batch.Rows; row++)
            {
                for (int step = 0; step < batch.Lengths[row]; step++)
                {
                    if (!batch.IsPredicted(step, row)) continue;
                    ReadOnlySpan<double> h = unrolled.State(step + 1, row), y = unrolled.Output(step, row);
                    for (int o = 0; o < task.Outputs; o++)
                    {
                        double target = task.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery
                            ? batch.Class(step, row) == o ? 1 : -1 : batch.Values(step, row)[o];
                        double error = y[o] - target;
                        offset[o] += error;
                        for (int i = 0; i < h.Length; i++) slope[(o * h.Length) + i] += error * h[i];
                        size += error * error;
                    }
                }
            }
        }

        double rounding = (1e-7 * size) + 1e-14;
        for (int i = 0; i < slope.Length; i++) Assert.InRange(slope[i] + (penalty * weights[i]), -rounding, rounding);
        if (biases) Assert.All(offset, sum => Assert.InRange(sum, -rounding, rounding));
    }

    [Fact]
    public static void All_but_the_readout_stays_as_it_started()
    {
        using var trainer = new Trainer(new Addition(20), s_small);
        Network<double> before = trainer.LastNetwork<double>();
        Runs.End(trainer);
        Network<double> after = trainer.LastNetwork<double>();
        foreach (ParameterBlock block in before.Blocks)
        {
            bool same = before.Parameter(block.Name).SequenceEqual(after.Parameter(block.Name));
            Assert.Equal(block.Role is not (ParameterRole.OutputWeights or ParameterRole.OutputBias), same);
        }
    }

    /// <summary>Few sequences of many units: with almost no penalty the regression fits noise.</summary>
    [Theory]
    [InlineData(10)] // every fifth sequence is held out
    [InlineData(3)]  // the last fifth of the steps is
    public static void The_penalty_that_is_chosen_is_better_than_none(int rows)
    {
        ILengthTask task = SyntheticTasks.Create("narma", 60);
        TrainingOptions options = s_small with { Hidden = 100, BatchSize = rows, MaximumUpdates = 1, CheckEvery = 1 };
        Assert.True(Loss(options) < Loss(options with { RidgePenalty = 1e-12 }));

        double Loss(TrainingOptions o)
        {
            using var trainer = new Trainer(task, o);
            return Runs.End(trainer).Last!.ValidationLoss;
        }
    }

    /// <summary>One predicted step a sequence: the fifth sequences of all updates together are held out.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public static void A_penalty_is_chosen_of_few_sequences_with_one_predicted_step(int rows)
    {
        int updates = 120 / rows;
        TrainingOptions options = s_small with { Hidden = 100, BatchSize = rows, MaximumUpdates = updates, CheckEvery = updates };
        Assert.True(Loss(options) < Loss(options with { RidgePenalty = 1e-12 }));

        static double Loss(TrainingOptions o)
        {
            using var trainer = new Trainer(new Addition(20), o);
            return Runs.End(trainer).Last!.ValidationLoss;
        }
    }

    [Theory]
    [InlineData(Precision.Float)]
    [InlineData(Precision.Double)]
    public static void A_run_cut_in_two_and_any_threads_give_the_same_bits(Precision precision)
    {
        using var folder = new TempFolder();
        var task = new Addition(new LengthRange(12, 20));
        TrainingOptions options = s_small with { Precision = precision };
        using var whole = new Trainer(task, options with { Threads = 3 });
        Runs.End(whole);
        using var first = new Trainer(task, options with { MaximumUpdates = 4 });
        Runs.End(first);
        CheckpointFile.Write(folder["checkpoint"], first.Capture());
        using var second = Trainer.Resume(task, options, CheckpointFile.Read(folder["checkpoint"]));
        Runs.End(second);
        Assert.Equal(whole.LastNetwork<double>().Parameters.ToArray(), second.LastNetwork<double>().Parameters.ToArray());
    }

    /// <summary>The readout of all sequences so far is solved there too; a larger budget goes on as if it had not been.</summary>
    [Fact]
    public static void A_budget_may_end_between_two_checks()
    {
        ILengthTask task = new Addition(20);
        TrainingOptions options = s_small with { MaximumUpdates = 5, RidgePenalty = 0.1 };
        using var between = new Trainer(task, options);
        double loss = Runs.End(between).Last!.ValidationLoss;
        using var at = new Trainer(task, options with { CheckEvery = 5 });
        Assert.Equal(Runs.End(at).Last!.ValidationLoss, loss);
        Assert.Equal(at.LastNetwork<double>().Parameters.ToArray(), between.LastNetwork<double>().Parameters.ToArray());
        using var whole = new Trainer(task, options with { MaximumUpdates = 6 });
        Runs.End(whole);
        using var second = Trainer.Resume(task, options with { MaximumUpdates = 6 }, between.Capture());
        Runs.End(second);
        Assert.Equal(whole.LastNetwork<double>().Parameters.ToArray(), second.LastNetwork<double>().Parameters.ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(50)] // not before the end of the budget
    public static void A_washout_that_leaves_nothing_is_said(int checkEvery)
    {
        using var trainer = new Trainer(
            SyntheticTasks.Create("narma", 50), s_small with { Washout = 50, CheckEvery = checkEvery });
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(TrainingOutcome.NonFinite, result.Outcome);
        Assert.EndsWith("cannot be solved: no step behind the washout of 50 steps is predicted; take a smaller one.",
            result.Message);
    }

    [Fact]
    public static void Washed_out_steps_change_nothing()
    {
        ILengthTask task = SyntheticTasks.Create("memory-capacity", 40); // the first ten steps are not predicted anyway
        double[] all = Readout(s_small with { RidgePenalty = 1 });
        Assert.Equal(all, Readout(s_small with { RidgePenalty = 1, Washout = 10 }));
        Assert.NotEqual(all, Readout(s_small with { RidgePenalty = 1, Washout = 11 }));

        double[] Readout(TrainingOptions options)
        {
            using var trainer = new Trainer(task, options);
            Runs.End(trainer);
            return trainer.LastNetwork<double>().Parameter(ParameterBlock.OutputWeights).ToArray();
        }
    }

    [Fact]
    public static void A_system_that_leaves_weights_open_is_said()
    {
        TrainingOptions options = s_small with { Hidden = 50, MaximumUpdates = 1, CheckEvery = 1, RidgePenalty = 0 };
        using var trainer = new Trainer(new Addition(20), options);
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(TrainingOutcome.NonFinite, result.Outcome);
        Assert.Equal("The readout of update 1 is not determined: 10 examples leave some of its 50 weights an output open; "
            + "give more sequences, or a --ridge above 0.", result.Message);
    }

    [Fact]
    public static void A_reservoir_that_explodes_is_said()
    {
        TrainingOptions options = s_small with
        {
            Hidden = 40,
            Activation = Activation.Identity,
            Leak = 1,
            Reservoir = new ReservoirOptions { SpectralRadius = 1e30 },
        };
        using var trainer = new Trainer(new Addition(200), options);
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(TrainingOutcome.NonFinite, result.Outcome);
        Assert.Contains("spectral radius", result.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, TrainingOptions> Refused() => new()
    {
        { "Omega", s_small with { Omega = 1 } },
        { "noise on the states", s_small with { StateNoise = 0.1 } },
        { "noise on the biases", s_small with { BiasNoise = 0.1 } },
        { "clipped", s_small with { ClipMode = ClipMode.Norm } },
        { "the rate", s_small with { LearningRate = 0.1 } },
        { "curriculum", s_small with { Curriculum = new LengthCurriculum(10, 1.1, 0.1) } },
        { "averaging", s_small with { Averaging = 0.9 } },
        { "frozen", s_small with { Frozen = ["weight_hh_l0"] } },
        { "ridge penalty", s_small with { RidgePenalty = -1 } },
        { "washout", s_small with { Washout = -1 } },
        { "input scales", s_small with { Reservoir = new ReservoirOptions { InputScales = [1, 2, 3] } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public static void What_does_not_go_with_it_is_named(string named, TrainingOptions options) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => new Trainer(new Addition(20), options)).Message,
            StringComparison.Ordinal);
}
