using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Returning to the best model: when, to which parameters, at which rate, and the same after a resume.</summary>
public static class RescueTests
{
    private static readonly TrainingOptions Options = Runs.Small
        with
    { Rescue = new RescueRule(), Optimizer = OptimizerKind.Adam, LearningRate = 0.01, MaximumUpdates = 120 };

    /// <summary>Of 40 sequences; the checks at update 10, 20, ...</summary>
    private static readonly int[] Wrong = [20, 7, 30, 5, 30, 16, 12, 13, 4, 39, 40, 39];

    /// <summary>
    /// 0.5 triggers nothing before there is a best; 0.175 is a best below 0.2; 0.75 triggers; 0.125 is better still; 0.75
    /// triggers again; 0.4 triggers, above 3 times 0.125; 0.3 and 0.325 do not: not above 0.3, not above 3 times 0.125; then 0.1,
    /// and three in a row trigger.
    /// </summary>
    private static readonly long[] Rescues = [0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 5, 6];

    [Fact]
    public static void Falls_are_counted_by_the_rule_and_each_halves_the_rate_down_to_a_tenth()
    {
        List<TrainingProgress> checks = Runs.Run(Scripted(), Options).Checks;
        Assert.Equal(Wrong.Select(w => (double?)(w / 40.0)), checks.Select(c => c.Error));
        Assert.Equal(Rescues.Select(r => (long?)r), checks.Select(c => c.Rescues));
        for (int i = 1; i < checks.Count; i++)
            Assert.Equal(0.01 * Math.Max(0.1, Math.Pow(2, -Rescues[i - 1])), checks[i].LearningRate, 1e-15);
        Assert.All(Runs.Run(Scripted(), Options with { Rescue = null }).Checks, check => Assert.Null(check.Rescues));
    }

    /// <summary>
    /// The update after a collapse starts from the best model with a new optimizer: the parameters are those of one step of Adam
    /// from the best model.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public static void The_next_update_starts_from_the_best_model_and_the_optimizer_anew(double averaging)
    {
        TrainingOptions options = Options with { Averaging = averaging, Precision = Precision.Double, MaximumUpdates = 30 };
        Checkpoint fallen = Runs.Run(Scripted(), options).End;
        Assert.Equal(("1", "1"), (fallen.Properties["rescues"], fallen.Properties["rescue-due"]));
        double[] best = (double[])fallen.Tensors["best"], parameters = (double[])fallen.Tensors["parameters"];
        Assert.NotEqual(best, parameters); // the check itself does not change the parameters
        using Trainer next = Trainer.Resume(Scripted(), options with { MaximumUpdates = 31 }, fallen);
        Runs.End(next);
        Checkpoint after = next.Capture();
        Assert.Equal("1", after.Properties["optimizer-steps"]);
        Assert.False(after.Properties.ContainsKey("rescue-due"));

        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options);
        best.CopyTo(engine.Network.Parameters);
        Batch batch = Batch.For(Runs.Task);
        Runs.Task.Fill(batch, 4, new RandomKey(options.Seed, RandomStream.Training, 30));
        engine.Update(batch, options.Omega, 0.005, 31);
        Assert.Equal(engine.Network.Parameters.ToArray(), (double[])after.Tensors["parameters"]);
        if (averaging == 0) return;
        double kept = Math.Min(averaging, 31 / 40.0);
        double[] average = (double[])after.Tensors["average"];
        for (int i = 0; i < best.Length; i++) Assert.Equal(best[i] + ((1 - kept) * (engine.Network.Parameters[i] - best[i])),
            average[i], 1e-14);
    }

    /// <summary>
    /// Interrupted at a collapse, before it, after it, off the grid: the same checks and the same bits, and a repeated check
    /// gives the same numbers.
    /// </summary>
    [Theory]
    [InlineData(30)]
    [InlineData(29)]
    [InlineData(31)]
    [InlineData(50)]
    [InlineData(60)]
    [InlineData(115)]
    [InlineData(120)]
    public static void A_resume_is_exact(int cut)
    {
        using var folder = new TempFolder();
        (List<TrainingProgress> checks, Checkpoint end) = Runs.Run(Scripted(), Options);
        using var half = new Trainer(Scripted(), Options with { MaximumUpdates = cut });
        List<TrainingProgress> first = Runs.Checks(half);
        CheckpointFile.Write(folder["checkpoint"], half.Capture());
        if (cut % 10 == 0)
        {
            using Trainer repeated = Trainer.Resume(Scripted(), Options with { MaximumUpdates = cut },
                CheckpointFile.Read(folder["checkpoint"]));
            Assert.Equal(first[^1], Assert.Single(Runs.Checks(repeated)));
            Runs.AssertSame(half.Capture(), repeated.Capture(), "repeated");
        }
        else
        {
            first.RemoveAt(first.Count - 1); // at the budget's end, off the grid
        }

        using Trainer resumed = Trainer.Resume(Scripted(), Options, CheckpointFile.Read(folder["checkpoint"]));
        List<TrainingProgress> second = cut == 120 ? [] : Runs.Checks(resumed);
        Assert.Equal(checks, [.. first, .. second]);
        Runs.AssertSame(end, resumed.Capture(), $"cut {cut}");
    }

    /// <summary>A check at the end of a budget, off the grid, does not count as a collapse in the resumed run.</summary>
    [Fact]
    public static void A_check_off_the_grid_goes_back_to_nothing()
    {
        using var trainer = new Trainer(Scripted(), Options with { MaximumUpdates = 25 });
        TrainingProgress last = Runs.Checks(trainer)[^1];
        Assert.Equal((25L, 0.75, 0L), (last.Update, last.Error!.Value, last.Rescues!.Value));
        Assert.False(trainer.Capture().Properties.ContainsKey("rescues"));
    }

    /// <summary>
    /// Another rule: above 0.6, above the lowest error by any factor, once the lowest is below 0.3, the rate halved once.
    /// </summary>
    [Fact]
    public static void Numbers_of_ones_own()
    {
        TrainingOptions options = Options with { Rescue = new RescueRule(0.6, 1, 0.3, 0.5) };
        List<TrainingProgress> checks = Runs.Run(Scripted(), options).Checks;
        Assert.Equal([0L, 0, 1, 1, 2, 2, 2, 2, 2, 3, 4, 5], checks.Select(c => c.Rescues!.Value));
        Assert.Equal(0.005, checks[^1].LearningRate, 1e-15);
    }

    private static ProbeTask Scripted() =>
        new(Runs.Task)
        {
            Wrong = (_, stream, update) =>
        stream == RandomStream.Validation ? Wrong[(int)((update + 9) / 10) - 1] : 0
        };
}
