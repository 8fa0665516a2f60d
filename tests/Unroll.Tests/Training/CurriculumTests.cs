using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Training lengths grow when, and only when, enough of the training sequences were right; checks use the task's own lengths.
/// </summary>
public static class CurriculumTests
{
    private const int Every = 5;

    private static readonly TrainingOptions Options = Runs.Small with
    {
        BatchSize = 10,
        CheckEvery = Every,
        MaximumUpdates = 40,
        Curriculum = new LengthCurriculum(4, 1.5, 0.1, Every),
    };

    /// <summary>
    /// Of 50 sequences 5 may be wrong. The script has the number of wrong sequences in each batch of 10, interval by interval.
    /// </summary>
    [Fact]
    public static void It_grows_only_when_the_threshold_is_met()
    {
        int[][] script = [[1, 1, 1, 1, 1], [2, 1, 1, 1, 1], [5, 0, 0, 0, 0], [0, 0, 0, 0, 6], [0, 0, 0, 0, 0],
            [10, 10, 10, 10, 10], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]];
        (List<int?> lengths, _, _) = Run(new LengthRange(10, 20), Options, update => script[update / Every][update % Every]);
        Assert.Equal([6, 6, 9, 9, 14, 14, 20, 20], lengths);
    }

    [Fact]
    public static void Lengths_are_drawn_from_half_to_the_longest_and_checks_from_the_tasks_own()
    {
        (List<int?> longest, List<(long Update, int Steps)> training, List<int> validation) =
            Run(new LengthRange(10, 20), Options with
            {
                MaximumUpdates = 400,
                Curriculum = new LengthCurriculum(3, 1.2, 0.1, 50),
                CheckEvery = 50,
                ValidationSequences = 500
            }, _ => 0);
        Assert.Equal([4, 5, 6, 7, 8, 10, 12, 14], longest);
        int?[] during = [3, .. longest];
        for (int i = 0; i < 8; i++)
        {
            int[] drawn = [.. training.Where(t => t.Update / 50 == i).Select(t => t.Steps)];
            Assert.Equal(50, drawn.Length);
            Assert.Equal(during[i], drawn.Max());
            Assert.Equal(Math.Max(2, Math.Min(10, during[i]!.Value / 2)), drawn.Min());
        }

        Assert.All(validation, steps => Assert.InRange(steps, 10, 20));
        Assert.True(validation.Distinct().Count() > 5);
    }

    [Fact]
    public static void It_never_leaves_the_tasks_range()
    {
        (List<int?> lengths, List<(long Update, int Steps)> training, _) = Run(new LengthRange(3, 7), Options, _ => 0);
        Assert.Equal([6, 7, 7, 7, 7, 7, 7, 7], lengths);
        Assert.All(training.Where(t => t.Update >= 10), t => Assert.InRange(t.Steps, 3, 7));

        // A huge factor, and a start beyond the range: the task's own lengths.
        (lengths, _, _) = Run(
            new LengthRange(3, 7), Options with { Curriculum = new LengthCurriculum(4, 1e300, 0.1, Every) }, _ => 0);
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7], lengths);
        (lengths, training, _) = Run(
            new LengthRange(3, 7), Options with { Curriculum = new LengthCurriculum(20, 1.1, 0.1, Every) }, _ => 10);
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7], lengths);
        Assert.All(training, t => Assert.InRange(t.Steps, 3, 7));
        Assert.Equal(
            Runs.Parameters(Runs.Run(new FirstSymbol(new LengthRange(3, 7)), Options with { Curriculum = null }).End),
            Runs.Parameters(Runs.Run(
                new FirstSymbol(new LengthRange(3, 7)), Options with { Curriculum = new LengthCurriculum(20, 1.1, 0.1) }).End));
    }

    [Fact]
    public static void A_small_factor_still_grows_by_a_step() =>
        Assert.Equal([5, 6, 7, 8, 9, 10, 11, 12], Run(
            new LengthRange(10, 20), Options with { Curriculum = new LengthCurriculum(4, 1.0001, 0.1, Every) }, _ => 0).Longest);

    [Fact]
    public static void Without_one_the_lengths_are_the_tasks_own()
    {
        (List<int?> lengths, List<(long Update, int Steps)> training, _) = Run(
            new LengthRange(3, 7), Options with { Curriculum = null }, _ => 0);
        Assert.All(lengths, length => Assert.Equal(7, length));
        Assert.Equal([3, 4, 5, 6, 7], training.Select(t => t.Steps).Distinct().Order());
    }

    private static (List<int?> Longest, List<(long Update, int Steps)> Training, List<int> Validation) Run(
        LengthRange range, TrainingOptions options, Func<int, int> wrong)
    {
        var training = new List<(long, int)>();
        var validation = new List<int>();
        var task = new ProbeTask(new FirstSymbol(range))
        {
            Filled = (_, batch, key) =>
            {
                if (key.Stream == RandomStream.Training) training.Add((key.Index, batch.Steps));
                else validation.Add(batch.Steps);
            },
            Wrong = (_, stream, update) => stream == RandomStream.Training ? wrong((int)update) : 0,
        };
        List<TrainingProgress> checks = Runs.Run(task, options).Checks;
        return ([.. checks.Select(check => check.LongestLength)], training, validation);
    }
}
