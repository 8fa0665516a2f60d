using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Natural;
using Unroll.Tests.Tasks.Series;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Trainers may share a task: it is called from several threads at once. A trainer is for one run at a time.</summary>
public static class SharedTaskTests
{
    private static readonly SequenceFolds s_folds = SequenceFolds.BySteps(SomeSeries.Ramp(400), 300, 50, 50);

    public static TheoryData<string> Kinds => ["forecast", "fed back", "classify", "tag", "music"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public static void Runs_at_once_give_the_bits_of_runs_in_turn(string kind)
    {
        ITask task = Make(kind);
        int[] seeds = [1, 2, 3, 4];
        double[][] alone = [.. seeds.Select(seed => Run(task, seed))];
        for (int again = 0; again < 3; again++)
        {
            var together = new double[seeds.Length][];
            var threads = new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken };
            Parallel.For(0, seeds.Length, threads, i => together[i] = Run(task, seeds[i]));
            Assert.Equal(alone, together);
        }
    }

    [Fact]
    public static async Task A_trainer_that_runs_refuses_a_second_run()
    {
        using var trainer = new Trainer(Runs.Task, Runs.Small);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int checks = 0;
        trainer.Run(
            _ =>
            {
                checks++;
                Assert.Contains("running already", Assert.Throws<InvalidOperationException>(() => Runs.End(trainer)).Message);
            }, cancellation);
        Assert.True(checks > 0);
        Assert.Equal(checks, await Checks()); // afterwards it may: the last check alone
        async Task<int> Checks()
        {
            int made = checks - 1;
            await foreach (TrainingProgress _ in trainer.RunAsync(cancellation)) made++;
            return made;
        }
    }

    private static ITask Make(string kind) => kind switch
    {
        "forecast" => new ForecastTask(s_folds, new SeriesOptions
        {
            Window = 24,
            Horizon = 4,
            Segment = 4,
            SharedChannels = true,
            Encoder = new EncoderOptions { Window = WindowScaling.Standard, Calendar = [CalendarPart.Month] },
        }),
        "fed back" => new ForecastTask(s_folds, new SeriesOptions
        {
            Window = 12,
            Horizon = 4,
            Decoder = SeriesDecoder.FedBack,
            Encoder = new EncoderOptions { Window = WindowScaling.Last },
        }),
        "classify" => new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(60), seed: 3)),
        "tag" => new TagTask(SequenceFolds.BySteps(SomeSeries.Ramp(400).WithTargets("root"), 300, 50, 50),
            new SeriesOptions { Window = 30 }),
        _ => new MusicTask(Corpora.Music(40, 30, 25), window: 16),
    };

    private static double[] Run(ITask task, int seed)
    {
        using var trainer = new Trainer(
            task, Runs.Small with { Seed = (ulong)seed, MaximumUpdates = 60, CheckEvery = 20, Omega = 0 });
        Runs.End(trainer);
        return trainer.LastNetwork<double>().Parameters.ToArray();
    }
}
