using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>When a run ends and with which outcome. The errors of its checks are scripted, with 1,000 sequences each.</summary>
public static class StopRuleTests
{
    private static readonly TrainingOptions Options = Runs.Small with { ValidationSequences = 1_000, MaximumUpdates = 60 };

    public static TheoryData<StopRule, int[], long, long?, TrainingOutcome> Cases() => new()
    {
        { StopRule.First, [500, 11, 10, 0, 0, 0], 30, 30, TrainingOutcome.Solved },
        { StopRule.First, [0, 500, 500, 500, 500, 500], 10, 10, TrainingOutcome.Solved },
        { StopRule.First, [11, 11, 11, 11, 11, 11], 60, null, TrainingOutcome.Unsolved },
        { StopRule.First, [11, 11, 11, 11, 11, 10], 60, 60, TrainingOutcome.Solved },
        { StopRule.Sustained, [0, 0, 11, 0, 10, 10], 60, 60, TrainingOutcome.Solved },
        { StopRule.Sustained, [10, 10, 10, 500, 500, 500], 30, 30, TrainingOutcome.Solved },
        { StopRule.Sustained, [0, 0, 500, 0, 0, 500], 60, null, TrainingOutcome.Unsolved },
        { StopRule.Zero, [500, 10, 1, 0, 0, 0], 40, 40, TrainingOutcome.Solved },
        { StopRule.Zero, [1, 1, 1, 1, 1, 1], 60, null, TrainingOutcome.Unsolved },
        { StopRule.Budget, [500, 10, 0, 500, 500, 500], 60, 20, TrainingOutcome.Solved },
        { StopRule.Budget, [11, 11, 11, 11, 11, 11], 60, null, TrainingOutcome.Unsolved },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Rules(StopRule rule, int[] wrong, long updates, long? solvedAt, TrainingOutcome outcome)
    {
        using var trainer = new Trainer(Scripted(wrong), Options with { Stop = rule });
        List<TrainingProgress> checks = Runs.Checks(trainer);
        TrainingResult result = trainer.LastResult!;
        Assert.Equal((outcome, updates, solvedAt), (result.Outcome, result.Updates, result.SolvedAt));
        Assert.Equal(wrong.Take(checks.Count).Select(w => w / 1_000.0), checks.Select(c => c.Error!.Value));
        Assert.Equal(checks[^1], Runs.Timeless(result.Last!));
        Assert.Equal(updates, result.Last!.Update);
        Assert.Equal(wrong.Take(checks.Count).Min() / 1_000.0, result.BestError);
        Assert.Null(result.Message);
    }

    [Fact]
    public static void A_check_at_a_budget_off_the_grid_counts()
    {
        TrainingResult result = Runs.Result(Scripted(500, 500, 0), Options with { Stop = StopRule.First, MaximumUpdates = 23 });
        Assert.Equal((TrainingOutcome.Solved, 23L, 23L), (result.Outcome, result.Updates, result.SolvedAt!.Value));
    }

    [Theory]
    [InlineData(StopRule.First)]
    [InlineData(StopRule.Sustained)]
    [InlineData(StopRule.Zero)]
    public static void A_task_is_learned_in_a_few_hundred_updates(StopRule rule)
    {
        var task = new FirstSymbol(3);
        TrainingOptions options = Runs.Small with
        {
            Stop = rule,
            MaximumUpdates = 3_000,
            CheckEvery = 50,
            ValidationSequences = 200,
            Omega = 0,
        };
        using var trainer = new Trainer(task, options);
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(TrainingOutcome.Solved, result.Outcome);
        Assert.InRange(result.Updates, 50, 2_000);
        Assert.Equal(result.SolvedAt, result.Updates);
        Assert.InRange(result.BestError!.Value, 0, rule == StopRule.Zero ? 0 : 0.01);
    }

    [Fact]
    public static void A_task_without_a_success_rule_is_finished()
    {
        foreach (StopRule rule in Enum.GetValues<StopRule>())
        {
            using var trainer = new Trainer(new ProbeTask(Runs.Task) { HasSuccessRule = false }, Options with { Stop = rule });
            List<TrainingProgress> checks = Runs.Checks(trainer);
            Assert.Equal(6, checks.Count);
            Assert.All(checks, check => Assert.Null(check.Error));
            TrainingResult result = trainer.LastResult!;
            Assert.Equal((TrainingOutcome.Finished, 60L, null, null),
                (result.Outcome, result.Updates, result.BestError, result.SolvedAt));
            Assert.True(trainer.HasBest); // by its loss
            Assert.Equal(checks.MinBy(check => check.ValidationLoss)!.Update, result.BestUpdate);
        }
    }

    [Fact]
    public static void Cancellation_ends_after_the_update_in_progress()
    {
        using var cancel = new CancellationTokenSource();
        var task = new ProbeTask(Runs.Task) { Filled = (_, _, key) => { if (key.Index == 16) cancel.Cancel(); } };
        using var trainer = new Trainer(task, Options);
        List<TrainingProgress> checks = Runs.ChecksUntil(trainer, cancel.Token);
        TrainingResult result = trainer.LastResult!;
        Assert.Equal((TrainingOutcome.Cancelled, 17L), (result.Outcome, result.Updates));
        Assert.Equal(10, Assert.Single(checks).Update);
        Assert.Equal(10, result.Last!.Update);

        using var early = new Trainer(task, Options);
        Assert.Empty(Runs.ChecksUntil(early, cancel.Token));
        Assert.Equal((TrainingOutcome.Cancelled, 0L, null, null),
            (early.LastResult!.Outcome, early.LastResult.Updates, early.LastResult.Last, early.LastResult.BestError));
        Assert.False(early.HasBest);
        Assert.Throws<InvalidOperationException>(() => early.SaveBest("nowhere"));
        Assert.Throws<InvalidOperationException>(() => early.BestNetwork<float>());
    }

    [Fact]
    public static void A_budget_of_minutes()
    {
        TrainingOptions options = Options with
        {
            MaximumUpdates = long.MaxValue,
            MaximumMinutes = 0.3 / 60,
            CheckEvery = int.MaxValue,
        };
        using var trainer = new Trainer(Scripted(500), options);
        TrainingResult result = Runs.End(trainer);
        Assert.Equal(TrainingOutcome.Unsolved, result.Outcome);
        Assert.InRange(result.Last!.Seconds, 0.3, 60);
        Assert.True(result.Updates > 0);
        Assert.Equal(result.Updates, result.Last.Update);
        Assert.True(result.Last.UpdatesPerSecond > 0);

        // No update fits into a budget of no time. But until a coarse clock has ticked, no time has passed.
        for (long started = Environment.TickCount64; result.Updates > 0 && Environment.TickCount64 - started < 20_000;)
        {
            using var none = new Trainer(Scripted(500), options with { MaximumMinutes = 1e-12 });
            Thread.Sleep(1); // start at another moment between two ticks
            result = Runs.End(none);
        }

        Assert.Equal((0L, 0L), (result.Updates, result.Last!.Update));
        Assert.Equal(options.LearningRate, result.Last.LearningRate);
        Assert.Equal(double.NaN, result.Last.Loss);
    }

    /// <summary>The n-th check has this many wrong sequences.</summary>
    private static ProbeTask Scripted(params int[] wrong) => new(Runs.Task)
    {
        Wrong = (_, stream, update) => stream == RandomStream.Validation
            ? wrong[Math.Max(0, (update + 9) / 10 - 1) % wrong.Length]
            : 0,
    };
}
