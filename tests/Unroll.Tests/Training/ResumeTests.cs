using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>N updates, a checkpoint file, and N more updates equal 2N updates, bit for bit.</summary>
public static class ResumeTests
{
    private const int Cancelled = 13;

    public static TheoryData<OptimizerKind, Precision> Cases()
    {
        var data = new TheoryData<OptimizerKind, Precision>();
        foreach (OptimizerKind optimizer in Runs.GradientOptimizers)
        {
            foreach (Precision precision in Enum.GetValues<Precision>()) data.Add(optimizer, precision);
        }

        return data;
    }

    /// <summary>
    /// All combinations of options that have a state. The positions of the interruption (on the grid of checks, off it, anywhere)
    /// alternate.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public static void Every_state_is_in_the_checkpoint(OptimizerKind optimizer, Precision precision)
    {
        using var folder = new TempFolder();
        foreach (int mix in Enumerable.Range(0, 16))
        {
            foreach (RateSchedule rate in Enum.GetValues<RateSchedule>())
            {
                foreach (OmegaSchedule omega in Enum.GetValues<OmegaSchedule>())
                {
                    // Half of the combinations: every pair of choices still occurs with all values.
                    if (((mix + (int)rate + (int)omega + (int)optimizer) & 1) != 0) continue;
                    TrainingOptions options = Runs.Small with
                    {
                        Optimizer = optimizer,
                        Precision = precision,
                        LearningRate = optimizer is OptimizerKind.Adam or OptimizerKind.Adagrad or OptimizerKind.Rmsprop ? 0.01
                            : 0.1,
                        Curriculum = (mix & 1) == 0 ? null : new LengthCurriculum(2, 1.4, 0.6, 7),
                        WeightNoise = (mix & 2) == 0 ? 0 : 0.05,
                        Averaging = (mix & 4) == 0 ? 0 : 0.9,
                        SelectionLengths = (mix & 8) == 0 ? [] : [12],
                        LearnedInitialState = (mix & 8) != 0,
                        RateSchedule = rate,
                        PlateauChecks = 1,
                        OmegaSchedule = omega,
                        Seed = (ulong)mix,
                    };
                    int cut = (int.PopCount(mix) + (int)rate + (int)omega + (int)optimizer) % 3;
                    CheckCut(options, cut, folder["checkpoint"], $"{options} cut {cut}");
                }
            }
        }
    }

    /// <summary>Remedies with a state: the threshold comes from the norms of more updates than the warm-up.</summary>
    [Theory]
    [InlineData(ThresholdRule.Mean, 1.5)]
    [InlineData(ThresholdRule.Percentile, 50)]
    [InlineData(ThresholdRule.ZScore, 0.5)]
    public static void The_norms_that_a_threshold_adapts_to(ThresholdRule rule, double value)
    {
        using var folder = new TempFolder();
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            TrainingOptions options = Runs.Small with
            {
                AdaptiveThreshold = new AdaptiveThreshold(rule, value),
                GradientNoise = 0.05,
                StateNoise = 0.1,
                L1 = [new(ParameterBlock.RecurrentWeights, 0.01)],
                L2 = [new(ParameterBlock.OutputWeights, 0.01)],
                RateSchedule = RateSchedule.Plateau,
                PlateauChecks = 1,
                Precision = precision,
            };
            for (int cut = 0; cut < 3; cut++) CheckCut(options, cut, folder["checkpoint"], $"{rule} {precision} cut {cut}");
            List<TrainingProgress> checks = Runs.Run(Runs.Task, options).Checks;
            Assert.Equal((1.0, 1.0), (checks[0].ClipThreshold, checks[1].ClipThreshold)); // the fixed threshold
            Assert.All(checks[2..], check => Assert.NotEqual(1, check.ClipThreshold!.Value));
            Assert.All(Runs.Run(Runs.Task, options with { AdaptiveThreshold = null }).Checks, check =>
                Assert.Null(check.ClipThreshold));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public static void A_state_that_a_task_carries_from_update_to_update(int cut)
    {
        using var folder = new TempFolder();
        CheckCut(Runs.Small, cut, folder["checkpoint"], "carry", Carrying());
    }

    [Fact]
    public static void The_models_have_the_same_bytes()
    {
        using var folder = new TempFolder();
        TrainingOptions options = Runs.Small with { Averaging = 0.9 };
        using var whole = new Trainer(Runs.Task, options);
        Runs.End(whole);
        whole.SaveLast(folder["last"]);
        whole.SaveBest(folder["best"]);

        using var half = new Trainer(Runs.Task, options with { MaximumUpdates = 15 });
        Runs.End(half);
        half.SaveLast(folder["half"]);
        CheckpointFile.Write(folder["checkpoint"], half.Capture());
        using Trainer resumed = Trainer.Resume(
            Runs.Task, options with { Threads = 2 }, CheckpointFile.Read(folder["checkpoint"]));
        Runs.End(resumed);
        resumed.SaveLast(folder["last2"]);
        resumed.SaveBest(folder["best2"]);

        Assert.Equal(File.ReadAllBytes(folder["last"]), File.ReadAllBytes(folder["last2"]));
        Assert.Equal(File.ReadAllBytes(folder["best"]), File.ReadAllBytes(folder["best2"]));
        Assert.NotEqual(File.ReadAllBytes(folder["last"]), File.ReadAllBytes(folder["half"]));
    }

    [Fact]
    public static void The_same_trainer_goes_on_after_a_cancellation()
    {
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Runs.Task, Runs.Small);
        using var cancel = new CancellationTokenSource();
        using var trainer = new Trainer(CancellingAt(Cancelled, cancel), Runs.Small);
        List<TrainingProgress> first = Runs.ChecksUntil(trainer, cancel.Token);
        Assert.Equal(TrainingOutcome.Cancelled, trainer.LastResult!.Outcome);
        Assert.Equal(Cancelled, trainer.Updates);
        List<TrainingProgress> second = Runs.Checks(trainer);
        Assert.Equal(checks, [.. first, .. second]);
        Runs.AssertSame(end, trainer.Capture(), "after a cancellation");
    }

    /// <summary>
    /// At the end of a budget there is a check on the same sequences, however often: it counts once, and gives the same numbers.
    /// </summary>
    [Theory]
    [InlineData(20)]
    [InlineData(25)]
    public static void A_run_whose_budget_is_spent_repeats_its_last_check_and_counts_it_once(int budget)
    {
        // Always right: three checks in a row would count as solved, two do not.
        var task = new ProbeTask(Runs.Task) { Wrong = (_, _, _) => 0 };
        TrainingOptions options = Runs.Small with
        {
            CheckEvery = budget == 20 ? 10 : 20,
            MaximumUpdates = budget,
            Stop = StopRule.Sustained,
            RateSchedule = RateSchedule.HalveOnRise,
        };
        using var trainer = new Trainer(task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.Equal(2, checks.Count);
        Assert.Equal(TrainingOutcome.Unsolved, trainer.LastResult!.Outcome);
        Checkpoint end = trainer.Capture();

        Assert.Equal(checks[^1], Assert.Single(Runs.Checks(trainer)));
        Assert.Equal(TrainingOutcome.Unsolved, trainer.LastResult.Outcome);
        Runs.AssertSame(end, trainer.Capture(), "the second run");

        using Trainer resumed = Trainer.Resume(task, options, end);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(checks[^1], Assert.Single(Runs.Checks(resumed)));
            Assert.Equal(TrainingOutcome.Unsolved, resumed.LastResult!.Outcome);
            Assert.Equal(budget, resumed.Updates);
            Runs.AssertSame(end, resumed.Capture(), "the resumed run");
        }
    }

    [Fact]
    public static void A_solved_run_stays_solved_without_another_update()
    {
        var task = new ProbeTask(Runs.Task) { Wrong = (_, _, update) => update < 20 ? 40 : 0 };
        TrainingOptions options = Runs.Small with { Stop = StopRule.First };
        using var trainer = new Trainer(task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.Equal(TrainingOutcome.Solved, trainer.LastResult!.Outcome);
        using Trainer resumed = Trainer.Resume(task, options with { MaximumUpdates = 1_000 }, trainer.Capture());
        Assert.Equal(checks[^1], Assert.Single(Runs.Checks(resumed)));
        Assert.Equal(
            (TrainingOutcome.Solved, 20L, 20L, 0.0),
            (resumed.LastResult!.Outcome, resumed.LastResult.Updates, resumed.LastResult.SolvedAt!.Value,
                resumed.LastResult.BestError!.Value));
        Runs.AssertSame(trainer.Capture(), resumed.Capture(), "solved");
    }

    [Fact]
    public static void Seconds_and_a_budget_of_minutes_go_on_from_the_checkpoint()
    {
        TrainingOptions options = Runs.Small with
        {
            MaximumUpdates = 1_000_000_000,
            MaximumMinutes = 0.05 / 60,
            CheckEvery = 1_000_000_000,
        };
        using var trainer = new Trainer(Runs.Task, options);
        TrainingResult result = Runs.End(trainer);
        Assert.True(result.Last!.Seconds >= 0.05);
        using Trainer resumed = Trainer.Resume(Runs.Task, options, trainer.Capture());
        TrainingResult again = Runs.End(resumed);
        Assert.Equal(result.Updates, again.Updates);
        Assert.True(again.Last!.Seconds >= 0.05);
    }

    internal static void CheckCut(TrainingOptions options, int cut, string path, string what, ILengthTask? task = null)
    {
        task ??= Runs.Task;
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(task, options);
        using var cancel = new CancellationTokenSource();
        using var half = new Trainer(cut == 2 ? CancellingAt(Cancelled, cancel, task) : task,
            options with { MaximumUpdates = cut switch { 0 => 20, 1 => 15, _ => 40 } });
        List<TrainingProgress> first = Runs.ChecksUntil(half, cancel.Token);
        if (cut == 1)
        {
            Assert.Equal(15, first[^1].Update); // at the budget's end, off the grid: not a check of the longer run
            first.RemoveAt(first.Count - 1);
        }

        CheckpointFile.Write(path, half.Capture());
        using Trainer resumed = Trainer.Resume(task, options, CheckpointFile.Read(path));
        Assert.Equal(cut switch { 0 => 20, 1 => 15, _ => Cancelled }, resumed.Updates);
        List<TrainingProgress> second = Runs.Checks(resumed);
        Assert.Equal(checks, [.. first, .. second]);
        Runs.AssertSame(end, resumed.Capture(), what);
    }

    private static ProbeTask CancellingAt(long update, CancellationTokenSource cancel, ILengthTask? task = null) =>
        new(task ?? Runs.Task)
        {
            Filled = (_, _, key) =>
            {
                if (key.Stream == RandomStream.Training && key.Index == update - 1) cancel.Cancel();
            },
        };

    /// <summary>Windows of long sequences: all but every sixth continue from the final states of the window before.</summary>
    internal static ProbeTask Carrying() => new(Runs.Task)
    {
        Filled = (_, batch, key) => batch.Carry.Fill(key.Index % 6 != 0),
    };
}
