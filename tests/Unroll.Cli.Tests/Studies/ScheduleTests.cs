using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

public class ScheduleTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void What_runs_depends_on_results_and_not_on_their_order(int? decideAfter)
    {
        for (int round = 0; round < 200; round++)
        {
            var random = new Random(round);
            Trial[] trials = [.. from cell in Enumerable.Range(0, 5) from seed in Enumerable.Range(1, random.Next(1, 7))
                select TestStudies.Trial((10 * cell) + seed, $"c{cell}", seed, random.Next(1, 9))];
            Dictionary<string, bool> solved = trials.ToDictionary(trial => trial.Hash, _ => random.Next(3) > 0);

            // The rule, written down once more: a trial beyond the first ones runs exactly when those disagree.
            string[] expected =
            [
                .. from cell in trials.GroupBy(trial => trial.Cell)
                   let first = cell.Where(trial => trial.Replicate < (decideAfter ?? int.MaxValue))
                   .Select(trial => solved[trial.Hash]).Distinct().Count()
                   from trial in cell
                   where trial.Replicate < (decideAfter ?? int.MaxValue) || first > 1
                   orderby trial.Hash
                   select trial.Hash,
            ];
            Assert.Equal(expected, Play(trials, decideAfter, solved, random, jobs: 1 + random.Next(4), before: []));

            // Also when some results are there already, whichever.
            string[] before = [.. expected.Where(_ => random.Next(2) == 0)];
            Assert.Equal(expected.Except(before), Play(trials, decideAfter, solved, random, jobs: 1 + random.Next(4), before));
        }
    }

    [Fact]
    public void The_longest_comes_first_and_what_may_be_skipped_last()
    {
        Trial[] trials =
        [
            TestStudies.Trial(0, "short", 1, 1), TestStudies.Trial(1, "short", 2, 1), TestStudies.Trial(2, "long", 1, 5),
            TestStudies.Trial(3, "long", 2, 5), TestStudies.Trial(4, "same", 1, 5),
        ];
        var schedule = new Schedule(trials, 1, new Dictionary<string, bool>());
        Assert.Equal([2, 4, 0], [schedule.Take()!.Position, schedule.Take()!.Position, schedule.Take()!.Position]);
        Assert.Null(schedule.Take());
        Assert.Equal(2, schedule.Waiting.Count);
        schedule.Finish(trials[0], true);
        Assert.Equal(1, schedule.Skipped);
        schedule.Finish(trials[2], false);
        Assert.Equal(2, schedule.Skipped);
        Assert.Empty(schedule.Waiting);
    }

    [Fact]
    public void Results_of_other_studies_in_the_same_folder_decide_nothing()
    {
        Trial[] trials = [TestStudies.Trial(0, "a", 1), TestStudies.Trial(1, "a", 2), TestStudies.Trial(2, "a", 3)];
        var schedule = new Schedule(trials, 2, new Dictionary<string, bool> { ["0123"] = true, [trials[0].Hash] = true });
        Assert.Equal(2, schedule.Waiting.Count);
        Assert.Equal(1, schedule.Take()!.Position);
        Assert.Null(schedule.Take());
    }

    /// <summary>Plays a study with so many workers whose trials end in random order, and returns what was run.</summary>
    private static List<string> Play(Trial[] trials, int? decideAfter, Dictionary<string, bool> solved, Random random, int jobs,
        string[] before)
    {
        var schedule = new Schedule(trials, decideAfter, before.ToDictionary(hash => hash, hash => solved[hash]));
        var running = new List<Trial>();
        var run = new List<string>();
        while (true)
        {
            while (running.Count < jobs && schedule.Take() is { } next) running.Add(next);
            if (running.Count == 0) break;
            Trial ended = running[random.Next(running.Count)];
            running.Remove(ended);
            run.Add(ended.Hash);
            schedule.Finish(ended, solved[ended.Hash]);
        }

        // Nothing is left behind, or the workers would wait for ever.
        Assert.Empty(schedule.Waiting);
        Assert.Equal(trials.Length, before.Length + run.Count + schedule.Skipped);
        run.Sort(StringComparer.CurrentCulture);
        return run;
    }
}
