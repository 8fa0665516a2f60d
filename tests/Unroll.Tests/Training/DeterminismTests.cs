using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The seed and the options determine every bit; threads and checks change none of them.</summary>
public static class DeterminismTests
{
    private static readonly TrainingOptions Rich = Runs.Small with
    {
        Optimizer = OptimizerKind.Nesterov,
        WeightNoise = 0.02,
        Averaging = 0.9,
        BatchSize = 7,
        Curriculum = new LengthCurriculum(2, 1.5, 0.6, 5),
        RateSchedule = RateSchedule.HalveOnRise,
        SelectionLengths = [12],
    };

    [Theory]
    [InlineData(Precision.Float)]
    [InlineData(Precision.Double)]
    public static void Any_number_of_threads_gives_the_same_bits(Precision precision)
    {
        TrainingOptions options = Rich with { Precision = precision };
        (List<TrainingProgress> checks, Checkpoint one) = Runs.Run(Runs.Task, options);
        foreach (int threads in (int[])[2, 3])
        {
            (List<TrainingProgress> others, Checkpoint many) = Runs.Run(Runs.Task, options with { Threads = threads });
            Assert.Equal(checks, others);
            Runs.AssertSame(one, many, $"{threads} threads");
        }
    }

    [Fact]
    public static void A_seed_gives_the_same_bytes_and_another_others()
    {
        using var folder = new TempFolder();
        byte[] first = Model(Rich), again = Model(Rich), threads = Model(Rich with { Threads = 2 }),
            other = Model(Rich with { Seed = 2 });
        Assert.Equal(first, again);
        Assert.Equal(first, threads);
        Assert.NotEqual(first, other);
        Assert.NotEqual(Runs.Parameters(Runs.Run(Runs.Task, Rich).End),
            Runs.Parameters(Runs.Run(Runs.Task, Rich with { Seed = 2 }).End));

        byte[] Model(TrainingOptions options)
        {
            using var trainer = new Trainer(Runs.Task, options);
            Runs.End(trainer);
            trainer.SaveLast(folder["model"], new Dictionary<string, string> { ["note"] = "same" });
            return File.ReadAllBytes(folder["model"]);
        }
    }

    public static TheoryData<bool> Carry => [false, true];

    /// <summary>
    /// Also where a task carries states over from one update to the next; a check must not change these states.
    /// </summary>
    [Theory]
    [MemberData(nameof(Carry))]
    public static void Checks_do_not_change_what_is_trained(bool carry)
    {
        ILengthTask task = carry ? ResumeTests.Carrying() : Runs.Task;
        TrainingOptions options = Rich with { RateSchedule = RateSchedule.Constant, Averaging = 0, SelectionLengths = [] };
        double[] parameters = Runs.Parameters(Runs.Run(task, options).End);
        Assert.Equal(parameters, Runs.Parameters(Runs.Run(task, options with { CheckEvery = 3 }).End));
        Assert.Equal(parameters, Runs.Parameters(Runs.Run(task, options with { CheckEvery = 1_000 }).End));
        Assert.Equal(parameters, Runs.Parameters(Runs.Run(task, options with { ValidationSequences = 301 }).End));
        Assert.Equal(parameters, Runs.Parameters(Runs.Run(task, options with { SelectionLengths = [20] }).End));
        Assert.NotEqual(parameters, Runs.Parameters(Runs.Run(task, options with { BatchSize = 8 }).End));
    }

    /// <summary>The states carried over do affect the gradient; otherwise the case above would test nothing.</summary>
    [Fact]
    public static void A_carried_state_changes_what_is_trained() => Assert.NotEqual(
        Runs.Parameters(Runs.Run(ResumeTests.Carrying(), Runs.Small).End), Runs.Parameters(Runs.Run(Runs.Task, Runs.Small).End));

    [Fact]
    public static void A_check_of_a_carrying_task_depends_on_the_model_alone()
    {
        (List<TrainingProgress> often, _) = Runs.Run(ResumeTests.Carrying(), Runs.Small with { CheckEvery = 5 });
        (List<TrainingProgress> rarely, _) = Runs.Run(ResumeTests.Carrying(), Runs.Small with { CheckEvery = 20 });
        Assert.Equal(rarely.Select(c => c.ValidationLoss), often.Where(c => c.Update % 20 == 0).Select(c => c.ValidationLoss));
    }

    /// <summary>Training, validation, selection and noise draw from separate streams and indices.</summary>
    [Fact]
    public static void Every_check_has_fresh_sequences()
    {
        var keys = new HashSet<RandomKey>();
        var task = new ProbeTask(Runs.Task) { Filled = (_, _, key) => Assert.True(keys.Add(key), $"{key} was drawn twice.") };
        Runs.Run(task, Runs.Small with { ValidationSequences = 1_000 });
        Assert.Equal(40, keys.Count(key => key.Stream == RandomStream.Training));
        Assert.Equal(40, keys.Count(key => key.Stream == RandomStream.Validation));
    }
}
