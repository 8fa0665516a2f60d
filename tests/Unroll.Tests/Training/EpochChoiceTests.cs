using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Series;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The number of epochs that validation folds say, and the folds on which to train again.</summary>
public static class EpochChoiceTests
{
    private static readonly SeriesOptions s_reading = new() { Window = 4, Horizon = 2, LooksBack = true };

    private static readonly TrainingOptions s_options = SeriesRecipes.Get(SeriesKind.Forecast, 30) with
    {
        Hidden = 5,
        MaximumEpochs = 12,
        Patience = 3,
        LearningRate = 0.02,
    };

    [Fact]
    public static void The_epoch_of_one_fold_is_that_of_the_run()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10), s_reading);
        using var trainer = new Trainer(task, s_options);
        TrainingResult result = trainer.Run(cancellation: TestContext.Current.CancellationToken);
        var told = new List<int>();
        EpochChoice choice = EpochChoice.Find([task], s_options, onOrigin: (i, _) => told.Add(i),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(result.BestUpdate / trainer.UpdatesPerEpoch!.Value, choice.Epochs);
        Assert.Equal([(choice.Epochs, choice.Loss)], choice.Origins);
        Assert.Equal([0], told);
    }

    [Fact]
    public static void A_budget_that_ends_within_the_first_epoch_chooses_none()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10), s_reading);
        TrainingOptions options = s_options with { MaximumUpdates = 1, BatchSize = 5 };
        using var trainer = new Trainer(task, options);
        Assert.True(trainer.UpdatesPerEpoch > 1);
        Assert.Equal($"The budget ends within the first epoch, of {trainer.UpdatesPerEpoch} updates, and the number of epochs is "
            + "chosen by the costs at their ends; give more updates or minutes.", Assert.Throws<ArgumentException>(() =>
                EpochChoice.Find([task], options, cancellation: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public static void Of_several_origins_the_mean_cost_decides()
    {
        SequenceFolds[] folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 9, 11).Origins(3, 2);
        SeriesTask[] tasks = [.. folds.Select(one => new ForecastTask(one, s_reading))];
        EpochChoice choice = EpochChoice.Find(
            tasks, s_options with { Patience = null }, cancellation: TestContext.Current.CancellationToken);
        var sums = new double[12];
        foreach (SeriesTask task in tasks)
        {
            using var trainer = new Trainer(task, s_options with { Patience = null });
            int e = 0;
            trainer.Run(progress => sums[e++] += progress.ValidationLoss, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1 + Array.IndexOf(sums, sums.Min()), choice.Epochs);
        Assert.Equal(sums.Min() / 3, choice.Loss);
        Assert.Equal(3, choice.Origins.Count);

        // With patience no epoch is looked at behind so many without a better mean.
        EpochChoice early = EpochChoice.Find(
            tasks, s_options with { Patience = 1 }, cancellation: TestContext.Current.CancellationToken);
        int first = Enumerable.Range(0, 11).First(e => sums[e + 1] >= sums[e] || e == 10);
        Assert.Equal(first == 10 ? choice.Epochs : first + 1, early.Epochs);
    }

    [Fact]
    public static void A_cost_that_is_given_decides_in_place_of_that_of_the_checks()
    {
        SeriesTask[] tasks = [.. SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 9, 11).Origins(2, 2)
            .Select(one => new ForecastTask(one, s_reading))];

        // The first task's is least after epoch 4, the second's after 7; their mean after 5.
        EpochChoice choice = EpochChoice.Find(tasks, s_options with { Patience = null },
            cancellation: TestContext.Current.CancellationToken, cost: (trainer, task) =>
            {
                long epoch = trainer.Updates / trainer.UpdatesPerEpoch!.Value;
                return task == tasks[0] ? 2 * Math.Pow(epoch - 4, 2) : Math.Pow(epoch - 7, 2);
            });
        Assert.Equal([(4, 0), (7, 0)], choice.Origins);
        Assert.Equal((5, 3), (choice.Epochs, choice.Loss));
    }

    [Fact]
    public static void An_epoch_that_the_budget_cuts_is_none()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10), s_reading);
        long updates = task.UpdatesPerEpoch(s_options.BatchSize);
        EpochChoice choice = EpochChoice.Find([task], s_options with { MaximumUpdates = (2 * updates) + 1, Patience = null },
            cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(choice.Epochs, 1, 2);
    }

    [Fact]
    public static void Parts_of_a_cross_validation_validate_every_sequence_once()
    {
        SequenceData data = SomeSeries.Slopes(23);
        SequenceFolds folds = SequenceFolds.OfWhole(data,
            [.. Enumerable.Range(0, 23).Select(i => i < 3 ? Fold.Test : i % 4 == 0 ? Fold.Validation : Fold.Train)]);
        SequenceFolds[] parts = folds.CrossValidation(5);
        Assert.Equal(Enumerable.Range(3, 20), parts.SelectMany(Validated).Order());
        foreach (SequenceFolds part in parts)
        {
            Assert.Empty(part.Of(Fold.Test));
            Assert.Equal(Enumerable.Range(3, 20), Validated(part)
                .Concat(part.Of(Fold.Train).Select(one => one.Sequence)).Order());
            Assert.Equal([2L, 2L], part.CountClasses(Fold.Validation));
        }

        Assert.Equal(parts.Select(Validated), folds.CrossValidation(5).Select(Validated));
        Assert.NotEqual(parts.Select(Validated), folds.CrossValidation(5, seed: 2).Select(Validated));
        Assert.Throws<ArgumentException>(() => folds.CrossValidation(1));
        Assert.Contains("too few for 30 parts", Assert.Throws<ArgumentException>(() => folds.CrossValidation(30)).Message);

        static int[] Validated(SequenceFolds part) => [.. part.Of(Fold.Validation).Select(one => one.Sequence)];
    }

    [Fact]
    public static void A_group_is_in_one_part()
    {
        var builder = new SequenceBuilder("x");
        for (int i = 0; i < 18; i++)
            builder.AddCopy([i, 1], new SequenceInfo { Label = i % 2 == 0 ? "a" : "b", Group = $"g{i / 3}" });
        SequenceData data = builder.Build();
        SequenceFolds[] parts = SequenceFolds.OfWhole(data, new Fold[18]).CrossValidation(3);
        Assert.All(parts, part => Assert.Empty(part.Of(Fold.Train).Select(one => data.Sequences[one.Sequence].Group)
            .Intersect(part.Of(Fold.Validation).Select(one => data.Sequences[one.Sequence].Group))));
        Assert.Equal([6, 6, 6], parts.Select(part => part.Of(Fold.Validation).Count));
        Assert.False(SeriesRecipes.AreFew(SeriesKind.Classify, SequenceFolds.OfWhole(data, new Fold[18])));
    }

    [Fact]
    public static void Few_labelled_sequences_are_cross_validated()
    {
        Assert.True(SeriesRecipes.AreFew(SeriesKind.Classify, SequenceFolds.BySequence(SomeSeries.Slopes(40))));
        Assert.False(SeriesRecipes.AreFew(SeriesKind.Regress, SequenceFolds.BySequence(SomeSeries.Slopes(40))));
        Assert.False(SeriesRecipes.AreFew(SeriesKind.Classify, SequenceFolds.BySequence(SomeSeries.Slopes(400))));
        Assert.False(SeriesRecipes.AreFew(SeriesKind.Classify, SequenceFolds.OfWhole(SomeSeries.Slopes(4), new Fold[4])));
    }

    [Fact]
    public static void Origins_are_blocks_in_front_of_the_test_fold()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 9, 11);
        SequenceFolds[] origins = folds.Origins(3, 2);
        Assert.Equal([(40, 43), (43, 46), (46, 49)], origins.Select(one =>
            (one.Of(Fold.Validation)[0].Start, one.Of(Fold.Validation)[0].End)));
        Assert.All(origins, one =>
        {
            Assert.Equal(new FoldPart(0, 0, one.Of(Fold.Validation)[0].Start), Assert.Single(one.Of(Fold.Train)));
            Assert.Empty(one.Of(Fold.Test));
        });

        // A block has a horizon at least, so they may begin before the validation fold did.
        Assert.Equal([(25, 37), (37, 49)], folds.Origins(2, 12).Select(one =>
            (one.Of(Fold.Validation)[0].Start, one.Of(Fold.Validation)[0].End)));
        Assert.Contains("no step is left", Assert.Throws<ArgumentException>(() => folds.Origins(5, 12)).Message);
        Assert.Throws<ArgumentException>(() => folds.Origins(0, 12));
        Assert.Throws<ArgumentException>(() => folds.Origins(1, 0));
        Assert.Contains("no step is left", Assert.Throws<ArgumentException>(() => folds.Origins(100, int.MaxValue)).Message);
    }

    [Fact]
    public static void A_refit_trains_on_both_folds()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 9, 11), refit = folds.ForRefit();
        Assert.Equal([new FoldPart(0, 0, 49)], refit.Of(Fold.Train));
        Assert.Equal(folds.Of(Fold.Validation), refit.Of(Fold.Validation));
        Assert.Equal(folds.Of(Fold.Test), refit.Of(Fold.Test));
        Assert.Empty(folds.WithoutValidation().Of(Fold.Validation));
        Assert.Equal(refit.Of(Fold.Train), refit.ForRefit().Of(Fold.Train)); // twice is once

        SequenceFolds whole = SequenceFolds.OfWhole(SomeSeries.Slopes(4), [Fold.Validation, Fold.Train, Fold.Test, Fold.Train]);
        Assert.Equal([0, 1, 3], whole.ForRefit().Of(Fold.Train).Select(part => part.Sequence));
    }

    [Fact]
    public static void What_cannot_be_chosen_is_refused()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10), s_reading);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Assert.Throws<ArgumentException>(() => EpochChoice.Find([], s_options, cancellation: cancellation));
        Assert.Contains("most epochs", Assert.Throws<ArgumentException>(() =>
            EpochChoice.Find([task], s_options with { MaximumEpochs = null }, cancellation: cancellation)).Message);
        var blind = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(60), 50, 0, 10), s_reading);
        Assert.Contains("validation fold is empty", Assert.Throws<ArgumentException>(() =>
            EpochChoice.Find([blind], s_options, cancellation: cancellation)).Message);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => EpochChoice.Find([task], s_options, cancellation: cancelled.Token));
    }

    [Fact]
    public static void A_short_series_has_as_many_origins_as_leave_half_of_it()
    {
        Assert.Equal(3, Origins(96, 24, 24, horizon: 12));
        Assert.Equal(2, Origins(40, 14, 6, horizon: 12));
        Assert.Equal(1, Origins(20, 10, 4, horizon: 12));
        Assert.Equal(0, Origins(10, 10, 4, horizon: 12));
        Assert.Equal(3, Origins(180, 20, 500, horizon: 12)); // the test fold does not count
        Assert.Equal(0, Origins(180, 21, 0, horizon: 12));
        Assert.Equal(0, Origins(100, 0, 10, horizon: 12));
        SequenceFolds classes = SequenceFolds.BySequence(SomeSeries.Slopes(40));
        Assert.Equal(0, SeriesRecipes.OriginsOfShort(SeriesKind.Classify, classes, 1));
        Assert.Equal(0, SeriesRecipes.OriginsOfShort(SeriesKind.Forecast, classes, 1));

        static int Origins(int train, int validation, int test, int horizon)
        {
            SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(train + validation + test), train, validation, test);
            int count = SeriesRecipes.OriginsOfShort(SeriesKind.Forecast, folds, horizon);
            for (int i = 0; i < count; i++)
                Assert.True(2 * folds.Origins(count, horizon)[i].StepsOf(Fold.Train) >= train + validation);
            return count;
        }
    }
}
