using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The asynchronous form of a run: the same checks, and the run always ends. A hanging test is a failed test.</summary>
public static class RunAsyncTests
{
    private const int Patience = 30_000;

    [Fact(Timeout = Patience)]
    public static async Task It_yields_what_Run_reports()
    {
        List<TrainingProgress> expected = Runs.Run(Runs.Task, Runs.Small with { MaximumUpdates = 35 }).Checks;
        using var trainer = new Trainer(Runs.Task, Runs.Small with { MaximumUpdates = 35 });
        Assert.Null(trainer.LastResult);
        Assert.Equal(expected, await All(trainer, TestContext.Current.CancellationToken));
        Assert.Equal((TrainingOutcome.Unsolved, 35L), (trainer.LastResult!.Outcome, trainer.LastResult.Updates));
        Assert.Equal(expected[^1], Runs.Timeless(trainer.LastResult.Last!));
    }

    [Fact(Timeout = Patience)]
    public static async Task Stopping_to_listen_cancels_the_run()
    {
        using var trainer = new Trainer(Runs.Task, Runs.Small with { MaximumUpdates = long.MaxValue });
        await foreach (TrainingProgress check in trainer.RunAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(10, check.Update);
            break;
        }

        TrainingResult result = trainer.LastResult!;
        Assert.Equal(TrainingOutcome.Cancelled, result.Outcome);
        Assert.InRange(result.Updates, 10, 100_000_000);
        long stopped = trainer.Updates;
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(stopped, trainer.Updates);

        // The run can be resumed from where it stopped.
        using Trainer resumed = Trainer.Resume(Runs.Task, Runs.Small with { MaximumUpdates = stopped + 1 }, trainer.Capture());
        Assert.Equal(stopped + 1, Runs.End(resumed).Updates);
    }

    [Fact(Timeout = Patience)]
    public static async Task A_cancellation_ends_the_checks_without_an_error()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var trainer = new Trainer(Runs.Task, Runs.Small with { MaximumUpdates = long.MaxValue });
        long last = 0;
        await foreach (TrainingProgress check in trainer.RunAsync(cancel.Token))
        {
            last = check.Update;
            if (last == 50) await cancel.CancelAsync();
        }

        Assert.True(last >= 50);
        Assert.Equal(TrainingOutcome.Cancelled, trainer.LastResult!.Outcome);

        using var early = new Trainer(Runs.Task, Runs.Small);
        await foreach (TrainingProgress check in early.RunAsync(cancel.Token)) Assert.Fail($"There was a check: {check}");
        Assert.Equal((TrainingOutcome.Cancelled, 0L), (early.LastResult!.Outcome, early.LastResult.Updates));
    }

    [Theory(Timeout = Patience)]
    [InlineData(RandomStream.Training)]
    [InlineData(RandomStream.Validation)]
    public static async Task What_a_task_throws_reaches_the_consumer(RandomStream where)
    {
        var task = new ProbeTask(Runs.Task)
        {
            Filled = (_, _, key) =>
            {
                if (key.Stream == where && ProbeTask.UpdateOf(key) == 20) throw new FormatException("The corpus ends here.");
            },
        };
        using var trainer = new Trainer(task, Runs.Small);
        var seen = new List<long>();
        var error = await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (TrainingProgress check in trainer.RunAsync(TestContext.Current.CancellationToken))
                seen.Add(check.Update);
        });
        Assert.Equal("The corpus ends here.", error.Message);
        Assert.Equal(where == RandomStream.Training ? [10, 20] : [10], seen);
        Assert.Null(trainer.LastResult);
        Assert.Throws<FormatException>(() => Runs.Run(task, Runs.Small));
    }

    [Fact(Timeout = Patience)]
    public static async Task What_the_consumer_throws_ends_the_run()
    {
        using var trainer = new Trainer(Runs.Task, Runs.Small with { MaximumUpdates = long.MaxValue });
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (TrainingProgress check in trainer.RunAsync(TestContext.Current.CancellationToken))
                throw new InvalidOperationException("enough");
        });
        Assert.Equal(TrainingOutcome.Cancelled, trainer.LastResult!.Outcome);
    }

    [Fact(Timeout = Patience)]
    public static async Task A_gradient_that_is_not_finite_is_a_result_not_an_error()
    {
        TrainingOptions options = Runs.Small with
        {
            Activation = Activation.Identity,
            LearningRate = 1e30,
            ClipMode = ClipMode.None,
        };
        using var trainer = new Trainer(Runs.Task, options);
        Assert.Empty(await All(trainer, TestContext.Current.CancellationToken));
        Assert.Equal(TrainingOutcome.NonFinite, trainer.LastResult!.Outcome);
        Assert.NotNull(trainer.LastResult.Message);
    }

    /// <summary>A run that throws leaves no result, not even that of an earlier one.</summary>
    [Fact]
    public static void A_failed_run_has_no_result()
    {
        bool fails = false;
        var task = new ProbeTask(Runs.Task) { Filled = (_, _, _) => { if (fails) throw new FormatException("now"); } };
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        using var trainer = new Trainer(task, Runs.Small);
        Runs.ChecksUntil(trainer, cancel.Token);
        Assert.NotNull(trainer.LastResult);
        fails = true;
        Assert.Throws<FormatException>(() => Runs.Checks(trainer));
        Assert.Null(trainer.LastResult);
        fails = false;
        Assert.Equal(Runs.Run(Runs.Task, Runs.Small).Checks, Runs.Checks(trainer));
    }

    private static async Task<List<TrainingProgress>> All(Trainer trainer, CancellationToken cancelled)
    {
        var checks = new List<TrainingProgress>();
        await foreach (TrainingProgress check in trainer.RunAsync(cancelled)) checks.Add(Runs.Timeless(check));
        return checks;
    }
}
