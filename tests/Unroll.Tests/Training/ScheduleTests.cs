using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The rate and alpha at every update.</summary>
public static class ScheduleTests
{
    // A finite target whose squared error is not finite. A target that is not finite itself would be refused.
    private const double Overflows = 1e200;

    private static readonly TrainingOptions Options = Runs.Small with
    {
        MaximumUpdates = 35,
        LearningRate = 0.2,
        Omega = 3,
        Precision = Precision.Double,
    };

    [Fact]
    public static void Constant()
    {
        Assert.All(Rates(Runs.Task, Options), rate => Assert.Equal(0.2, rate));
        AssertReplayed(Options, _ => 0.2, _ => 3);
    }

    [Fact]
    public static void Inverse_rate()
    {
        TrainingOptions options = Options with { RateSchedule = RateSchedule.Inverse };
        Assert.Equal([0.2, 0.2 / 2, 0.2 / 3, 0.2 / 4], Rates(Runs.Task, options));
        AssertReplayed(options, n => 0.2 / (((n - 1) / 10) + 1), _ => 3);
    }

    [Fact]
    public static void Inverse_omega() =>
        AssertReplayed(Options with { OmegaSchedule = OmegaSchedule.Inverse }, _ => 0.2, n => 3.0 / (((n - 1) / 10) + 1));

    /// <summary>The rate of the schedule rises over the first updates, also across checks.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(25)]
    [InlineData(100)]
    public static void Warm_up(int updates)
    {
        double Share(int n) => n < updates ? (double)n / updates : 1;
        TrainingOptions options = Options with { Warmup = updates };
        AssertReplayed(options, n => n < updates ? 0.2 * n / updates : 0.2, _ => 3);
        AssertReplayed(
            options with { RateSchedule = RateSchedule.Inverse },
            n => n < updates ? 0.2 / (((n - 1) / 10) + 1) * n / updates : 0.2 / (((n - 1) / 10) + 1), _ => 3);
        Assert.Equal([.. ((int[])[10, 20, 30, 35]).Select(n => 0.2 * Share(n))], Rates(Runs.Task, options), (a, b) =>
            Math.Abs(a - b) < 1e-15);
    }

    [Fact]
    public static void A_warm_up_of_fewer_than_no_updates_is_refused() => Assert.Equal(
        "The warm-up has -1 updates; it must have at least 0.",
        Assert.Throws<ArgumentException>(() => Options with { Warmup = -1 }).Message);

    /// <summary>
    /// The validation loss is scripted: targets far from the outputs, which are close to 0, so that the loss is their square. The
    /// check at the budget's end, off the grid, halves nothing. An infinite loss is a rise, and the loss after it is not.
    /// </summary>
    [Fact]
    public static void Halved_at_every_check_above_the_one_before()
    {
        double[] script = [30, 20, 25, 25, 40, Overflows, Overflows, 20, 21, 50];
        ProbeTask task = Scripted(script);
        TrainingOptions options = Options with
        {
            RateSchedule = RateSchedule.HalveOnRise,
            LearningRate = 1e-6,
            MaximumUpdates = 95,
        };
        // 30 20 25 25 40 inf inf 20 21 50 (update 95)
        double[] expected = [1e-6, 1e-6, 1e-6, 5e-7, 5e-7, 2.5e-7, 1.25e-7, 1.25e-7, 1.25e-7, 6.25e-8];
        List<TrainingProgress> checks = Runs.Run(task, options).Checks;
        Assert.Equal(expected, checks.Select(c => c.LearningRate));
        Assert.Equal(900, checks[0].ValidationLoss, 30.0);
        AssertReplayed(options, n => expected[(n - 1) / 10], _ => 3, task);
    }

    /// <summary>
    /// The first, second and sixth check have a new lowest loss. Two checks without one halve the rate, and the count starts
    /// again. A NaN loss is never a new lowest loss.
    /// </summary>
    [Fact]
    public static void Halved_after_two_checks_without_a_lower_loss()
    {
        double[] script = [30, 20, 25, 20.5, 21, 10, 15, Overflows, 12, 11, 9, 50];
        ProbeTask task = Scripted(script);
        TrainingOptions options = Options
            with
        { RateSchedule = RateSchedule.Plateau, PlateauChecks = 2, LearningRate = 1e-6, MaximumUpdates = 120 };
        //                       30    20    25    20.5  21    10    15    inf   12       11       9          50
        double[] expected = [1e-6, 1e-6, 1e-6, 1e-6, 5e-7, 5e-7, 5e-7, 5e-7, 2.5e-7, 2.5e-7, 1.25e-7, 1.25e-7];
        List<TrainingProgress> checks = Runs.Run(task, options).Checks;
        Assert.Equal(expected, checks.Select(c => c.LearningRate));
        AssertReplayed(options, n => expected[(n - 1) / 10], _ => 3, task);
    }

    [Theory]
    [InlineData(RateSchedule.HalveOnRise)]
    [InlineData(RateSchedule.HalveOnTrainingRise)]
    public static void A_rate_far_too_large_is_halved_until_it_fits(RateSchedule schedule)
    {
        double Error(TrainingProgress check) => schedule == RateSchedule.HalveOnRise ? check.ValidationLoss : check.Loss;
        TrainingOptions options = Options with { RateSchedule = schedule, LearningRate = 20, MaximumUpdates = 400, Omega = 0 };
        List<TrainingProgress> checks = Runs.Run(Runs.Task, options).Checks;
        double rate = 20;
        for (int i = 0; i < checks.Count; i++)
        {
            if (i > 1 && Error(checks[i - 1]) > Error(checks[i - 2])) rate /= 2;
            Assert.Equal(rate, checks[i].LearningRate);
        }

        Assert.InRange(rate, 1e-6, 10);
    }

    /// <summary>A model whose validation loss is infinite is kept only until there is another.</summary>
    [Fact]
    public static void The_best_model_is_not_that_of_an_infinite_loss()
    {
        TrainingOptions options = Options with { LearningRate = 1e-6, MaximumUpdates = 40 };
        Assert.Equal(30, Runs.Result(Scripted(Overflows, Overflows, 10, 20), options).BestUpdate);
        Assert.Equal(10, Runs.Result(Scripted(Overflows, Overflows, Overflows, Overflows), options).BestUpdate);
        Assert.Equal(20, Runs.Result(Scripted(15, 10, 10, 20), options).BestUpdate);
    }

    private static ProbeTask Scripted(params double[] script) => new(new Addition(10))
    {
        Filled = (_, batch, key) =>
        {
            if (key.Stream != RandomStream.Validation) return;
            long check = (ProbeTask.UpdateOf(key) + 9) / 10;
            for (int row = 0; row < batch.Rows; row++) batch.Values(0, row)[0] = script[check - 1];
        },
    };

    private static IEnumerable<double> Rates(ITask task, TrainingOptions options) =>
        Runs.Run(task, options).Checks.Select(c => c.LearningRate);

    private static void AssertReplayed(
        TrainingOptions options, Func<int, double> rate, Func<int, double> alpha, ITask? task = null)
    {
        task ??= Runs.Task;
        double[] expected = Replay.Run(task, options, (int)options.MaximumUpdates, rate, alpha)[^1];
        Assert.Equal(expected, Runs.Parameters(Runs.Run(task, options).End));
    }
}
