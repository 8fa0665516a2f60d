using Unroll.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A cancellation during a check: it changes nothing, and a resumed run makes that check first.</summary>
public static class CancelledCheckTests
{
    private const int Longer = 30;

    private static readonly TrainingOptions Options = Runs.Small with
    {
        ValidationSequences = 1_000,
        SelectionLengths = [Longer],
        Averaging = 0.9,
        RateSchedule = RateSchedule.HalveOnRise,
        Stop = StopRule.Sustained,
    };

    /// <summary>
    /// The n-th batch of the second check cancels: one of the ten at the task's own lengths, or the only one at the longer
    /// length.
    /// </summary>
    [Theory]
    [InlineData(1, 40)]
    [InlineData(9, 40)]
    [InlineData(9, 20)] // the budget's last check
    public static void A_run_goes_on_as_if_it_had_not_been(int batch, int budget)
    {
        TrainingOptions options = Options with { MaximumUpdates = budget };
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Task(), options);

        using var cancel = new CancellationTokenSource();
        int batches = 0;
        ProbeTask cancelling = Task((_, key) =>
        {
            if (key.Stream == RandomStream.Validation && ProbeTask.UpdateOf(key) == 20 && ++batches == batch) cancel.Cancel();
        });
        using var trainer = new Trainer(cancelling, options);
        List<TrainingProgress> first = Runs.ChecksUntil(trainer, cancel.Token);
        Assert.Equal((TrainingOutcome.Cancelled, 20L), (trainer.LastResult!.Outcome, trainer.LastResult.Updates));
        Assert.Equal(10, Assert.Single(first).Update);
        Assert.Equal(batch, batches);

        using Trainer resumed = Trainer.Resume(Task(), options, trainer.Capture());
        Assert.Equal(checks, [.. first, .. Runs.Checks(resumed)]);
        Runs.AssertSame(end, resumed.Capture(), "resumed");
        Assert.Equal(checks, [.. first, .. Runs.Checks(trainer)]);
        Runs.AssertSame(end, trainer.Capture(), "the same trainer");
        Assert.Equal(resumed.LastResult!.Outcome, trainer.LastResult.Outcome);
    }

    [Fact]
    public static void Also_at_the_selection_length()
    {
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Task(wrong: 0), Options with { Stop = StopRule.Budget });
        Assert.All(checks, check => Assert.NotNull(check.SelectionError));
        using var cancel = new CancellationTokenSource();
        using var trainer = new Trainer(
            Task(
                (task, key) =>
                {
                    if (task.Length.Maximum == Longer && ProbeTask.UpdateOf(key) == 20) cancel.Cancel();
                },
                wrong: 0),
            Options with { Stop = StopRule.Budget });

        // The selection is one batch, which is evaluated to its end. The check still counts although the run is cancelled.
        List<TrainingProgress> first = Runs.ChecksUntil(trainer, cancel.Token);
        Assert.Equal(TrainingOutcome.Cancelled, trainer.LastResult!.Outcome);
        Assert.Equal(checks, [.. first, .. Runs.Checks(trainer)]);
        Runs.AssertSame(end, trainer.Capture(), "selection");
    }

    private static ProbeTask Task(Action<ProbeTask, RandomKey>? filled = null, int wrong = 11) => new(Runs.Task)
    {
        Filled = (task, _, key) => filled?.Invoke(task, key),
        Wrong = (_, _, _) => wrong,
    };
}
