using Unroll.Analysis;
using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Which model is kept as the best, and what a saved model is when parameters are averaged.</summary>
public static class BestModelTests
{
    private const int Longer = 30;

    private static readonly TrainingOptions Options = Runs.Small with { MaximumUpdates = 60, ValidationSequences = 1_000 };

    /// <summary>
    /// The n-th check has these numbers of wrong sequences, of 1,000 at the task's own lengths and of 100 at the longer length.
    /// </summary>
    [Theory]
    [InlineData(new[] { 9, 8, 7, 8, 9, 7 }, new[] { 50, 10, 30, 5, 6, 40 }, 40)] // by the longer length
    [InlineData(new[] { 500, 400, 11, 600, 12, 12 }, new[] { 0, 0, 0, 0, 0, 0 }, 30)] // none solved: by the task's own lengths
    // One solved, however bad at the longer length.
    [InlineData(new[] { 11, 10, 500, 300, 11, 11 }, new[] { 0, 100, 0, 0, 0, 0 }, 20)]
    [InlineData(new[] { 500, 10, 500, 10, 500, 10 }, new[] { 0, 3, 0, 2, 0, 4 }, 40)]
    public static void It_is_chosen_by_the_selection_length(int[] own, int[] longer, long best)
    {
        ProbeTask task = Scripted(own, longer, out List<(long Update, int Rows)> selections);
        using var trainer = new Trainer(task, Options with { SelectionLengths = [Longer] });
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.Equal(best, trainer.LastResult!.BestUpdate);
        Assert.Equal(own.Min() / 1_000.0, trainer.LastResult.BestError);
        Assert.Equal(own.Zip(longer, (o, l) => o <= 10 ? l / 100.0 : (double?)null), checks.Select(c => c.SelectionError));
        Assert.Equal(own.Count(o => o <= 10), selections.Count);
        Assert.All(selections, s => Assert.Equal(100, s.Rows));
    }

    [Fact]
    public static void By_several_lengths_it_is_chosen_by_the_worst_of_them()
    {
        // The n-th check has these numbers of wrong sequences, of 100 at each length. The second check has the lowest maximum.
        int[] longer = [1, 20, 30], longest = [50, 25, 0];
        var task = new ProbeTask(Runs.Task)
        {
            Wrong = (one, _, update) => one.Length.Maximum switch
            {
                Longer => longer[(update / 10) - 1],
                2 * Longer => longest[(update / 10) - 1],
                _ => 0,
            },
        };
        using var trainer = new Trainer(
            task, Options with { MaximumUpdates = 30, SelectionLengths = [Longer, 2 * Longer], Stop = StopRule.Budget });
        Assert.Equal([0.5, 0.25, 0.3], Runs.Checks(trainer).Select(check => check.SelectionError!.Value));
        Assert.Equal(20, trainer.LastResult!.BestUpdate);
    }

    /// <summary>Where none errs the cost at the longer lengths decides, and what is not solved is never chosen before.</summary>
    [Fact]
    public static void By_cost_it_is_the_one_that_costs_least_at_the_worst_length()
    {
        TrainingOptions options = Options with { SelectionLengths = [Longer, 12], SelectionMeasure = SelectionMeasure.Cost };
        ProbeTask task = Scripted([500, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], out _);
        double[] worst = [.. Enumerable.Range(2, 5).Select(check =>
        {
            using var stopped = new Trainer(Scripted([500, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], out _),
                options with { MaximumUpdates = 10 * check });
            Runs.End(stopped);
            using var unrolled = new UnrolledNetwork<float>(stopped.LastNetwork<float>());
            var key = new RandomKey(options.Seed, RandomStream.Validation, (long)(10 * check) << 17);
            return options.SelectionLengths.Max(length => new Evaluator.OfTask<float>(
                unrolled, Runs.Task.WithLength(length), CostReduction.Sum).Run(key, 100, CancellationToken.None).Loss);
        })];
        using var trainer = new Trainer(task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        long expected = 10 * (2 + Array.IndexOf(worst, worst.Min()));
        Assert.Equal(expected, trainer.LastResult!.BestUpdate);
        Assert.NotEqual(expected, checks.Where(check => check.Error == 0).MinBy(check => check.ValidationLoss)!.Update);
        Assert.All(checks.Skip(1), check => Assert.Equal(0, check.SelectionError));
        Assert.Equal([null, .. worst.Select(cost => (double?)cost)], checks.Select(check => check.SelectionCost));
    }

    [Fact]
    public static void Without_one_it_is_chosen_by_the_error_and_then_the_loss()
    {
        ProbeTask task = Scripted([500, 9, 9, 9, 10, 9], [], out _);
        using var trainer = new Trainer(task, Options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        TrainingProgress best = checks.Where(c => c.Error == 0.009).MinBy(c => c.ValidationLoss)!;
        Assert.Equal(best.Update, trainer.LastResult!.BestUpdate);
        Assert.All(checks, c => Assert.Null(c.SelectionError));
        Assert.All(checks, c => Assert.Null(c.SelectionCost));
    }

    [Fact]
    public static void The_best_file_is_the_model_of_its_check()
    {
        using var folder = new TempFolder();
        using var trainer = new Trainer(Scripted([500, 300, 100, 400, 500, 600], [], out _), Options);
        Runs.End(trainer);
        trainer.SaveBest(folder["best"]);
        trainer.SaveLast(folder["last"]);
        using var shorter = new Trainer(Scripted([500], [], out _), Options with { MaximumUpdates = 30 });
        Runs.End(shorter);
        shorter.SaveLast(folder["third"]);
        Network<float> best = ModelFile.Load<float>(folder["best"], out ModelInfo info);
        Compare.SameBits<float>(best.Parameters, ModelFile.Load<float>(folder["third"]).Parameters, "best");
        Compare.SameBits<float>(trainer.BestNetwork<float>().Parameters, best.Parameters, "best network");
        Compare.SameBits<double>(trainer.BestNetwork<double>().Parameters, best.Convert<double>().Parameters,
            "best network in double");
        Assert.Equal(30, info.Update);
        Assert.Equal("first-symbol", info.Task);
        Assert.Equal("3..8", info.Length);
        Assert.Equal(60, ModelFile.ReadInfo(folder["last"]).Update);
        Assert.False(best.Parameters.SequenceEqual(ModelFile.Load<float>(folder["last"]).Parameters));
    }

    /// <summary>The average is saved, checked and kept; training continues from the parameters themselves.</summary>
    [Theory]
    [InlineData(Precision.Float, 1e-6)]
    [InlineData(Precision.Double, 1e-14)]
    public static void Averaging(Precision precision, double bound)
    {
        using var folder = new TempFolder();
        TrainingOptions options = Runs.Small with { Averaging = 0.7, Precision = precision, Seed = 5 };
        double[][] trained = Replay.Run(Runs.Task, options, 40, _ => options.LearningRate, _ => options.Omega);
        var start = new Network<double>(OptionsRules.Check(Runs.Task, options));
        Initializer.Initialize(start, options.Initialization, options.Seed);
        double[] average = start.Parameters.ToArray();
        for (int t = 1; t <= trained.Length; t++)
        {
            double kept = Math.Min(0.7, t / (t + 9.0)); // which is 0.7 from the 21st of the 40 updates on
            average = [.. average.Zip(trained[t - 1], (a, p) => (kept * a) + ((1 - kept) * p))];
        }


        using var trainer = new Trainer(Runs.Task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        trainer.SaveLast(folder["last"]);
        trainer.SaveBest(folder["best"]);
        Network<double> saved = ModelFile.Load<double>(folder["last"]);
        Compare.Close(saved.Parameters, average, bound, "average");
        Compare.SameBits<double>(trainer.LastNetwork<double>().Parameters, saved.Parameters, "last network");
        Assert.Equal(trained[^1], Runs.Parameters(trainer.Capture()));
        Assert.Equal(Runs.Parameters(Runs.Run(Runs.Task, options with { Averaging = 0 }).End), trained[^1]);

        // The last check is about the saved model.
        Assert.Equal(checks[^1].SpectralRadius, Spectrum.SpectralRadius(saved));
        using var unrolled = new UnrolledNetwork<double>(saved);
        EvaluationResult evaluated = new Evaluator.OfTask<double>(unrolled, Runs.Task, CostReduction.Sum)
            .Run(new RandomKey(options.Seed, RandomStream.Validation, 40 << 17), options.ValidationSequences,
                CancellationToken.None);
        Assert.Equal(evaluated.Loss, checks[^1].ValidationLoss, 1e-6);
        Assert.Equal(evaluated.Error, checks[^1].Error);
        TrainingProgress best = checks.OrderBy(c => c.Error).ThenBy(c => c.ValidationLoss).First();
        Assert.Equal(best.SpectralRadius, Spectrum.SpectralRadius(ModelFile.Load<double>(folder["best"])));
    }

    /// <summary>Parameters that do not move are their own average, at any factor, however long.</summary>
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.999)]
    [InlineData(0.9999)]
    [InlineData(0.9999999)]
    public static void An_average_of_one_value_is_that_value(double factor)
    {
        var task = new FirstSymbol(2);
        TrainingOptions options = Runs.Small with { Hidden = 1, BatchSize = 1, Averaging = factor, Omega = 0 };
        using ITrainingEngine engine = Replay.Engine(task, options);
        Batch batch = Batch.For(task);
        task.Fill(batch, 1, new RandomKey(1, RandomStream.Training, 0));
        for (int n = 1; n <= 20_000; n++) engine.Update(batch, 0, 0, n);
        var tensors = new Dictionary<string, Array>();
        engine.Capture([], tensors);
        Assert.Equal((float[])tensors["parameters"], (float[])tensors["average"]);
        Assert.Contains((float[])tensors["parameters"], p => p != 0);
    }

    private static ProbeTask Scripted(int[] own, int[] longer, out List<(long Update, int Rows)> selections)
    {
        var seen = selections = [];
        return new ProbeTask(Runs.Task)
        {
            Filled = (task, batch, key) =>
            {
                if (task.Length.Maximum == Longer) seen.Add((ProbeTask.UpdateOf(key), batch.Rows));
            },
            Wrong = (task, _, update) =>
            {
                int[] script = task.Length.Maximum == Longer ? longer : own;
                return script[Math.Min(script.Length, update / 10) - 1];
            },
        };
    }
}
