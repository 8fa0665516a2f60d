using Unroll.Studies;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

public class StudySummaryTests
{
    [Fact]
    public void A_cell_is_summed_up_over_its_finished_trials()
    {
        StoredTrial[] trials =
        [
            Stored(0, "a", 1, Result(10, 0.01)), Stored(1, "a", 2, Result(30, 0.003)),
            Stored(2, "a", 3, Result(50, 0) with { Sustained = 70 }),
            Stored(3, "a", 4, Result(null, 0.5) with { Outcome = TrainingOutcome.NonFinite }),
            Stored(4, "a", 5, null), Stored(5, "b", 1, null),
        ];
        List<CellSummary> cells = StudySummary.Cells(trials);
        Assert.Equal(["cell=a", "cell=b"], cells.Select(cell => cell.Cell));
        CellSummary cell = cells[0];
        Assert.Equal((5, new SuccessRate(3, 4), 1, 1), (cell.Trials, cell.Success, cell.SustainedRuns, cell.NonFinite));
        Assert.Equal((30, 70, 3, 0.0065), (cell.FirstHit, cell.Sustained, cell.FirstHitSeconds, Math.Round(cell.BestError, 9)));
        Assert.Equal([0.01, 0.03], cell.TestErrors("x"));
        Assert.Empty(cell.TestErrors("y"));
        Assert.Equal(new SuccessRate(0, 0), cells[1].Success);
        Assert.True(double.IsNaN(cells[1].FirstHit) && double.IsNaN(cells[1].BestError));
    }

    [Fact]
    public void The_best_are_solved_soon_then_little_wrong_then_of_little_loss()
    {
        StoredTrial[] best =
        [
            Stored(7, "a", 1, Result(10, 0.01)), Stored(6, "a", 2, Result(20, 0.001)),
            Stored(5, "a", 3, Result(20, 0.002) with { BestLoss = 1 }),
            Stored(4, "a", 4, Result(20, 0.002) with { BestLoss = 2 }),
            Stored(3, "a", 5, Result(null, 0.02)), Stored(1, "a", 6, Result(null, 0.5)), Stored(2, "a", 7, Result(null, 0.5)),
            Stored(0, "a", 8, Result(null, null)),
        ];
        Assert.Equal(best, StudySummary.Best(best.Reverse().Append(Stored(9, "a", 9, null))));
    }

    [Fact]
    public void So_many_values_that_nobody_reads_their_pairs_are_not_compared()
    {
        StoredTrial[] few = [.. Enumerable.Range(0, 24).Select(i => Stored(i, $"c{i}", 1, Result(10, 0)))];
        Assert.Equal(24 * 23 / 2, StudySummary.Compare(few, "cell").Count);
        Assert.Contains("'cell' has 25 values here",
            Assert.Throws<UserError>(() => StudySummary.Compare([.. few, Stored(24, "c24", 1, null)], "cell")).Message);
    }

    [Theory]
    [InlineData(-0.583, -0.0035, "[-58%, -0.4%]")]
    [InlineData(0.0004, 0.0051, "[0%, 1%]")]
    [InlineData(-0.0001, 0.0049, "[0%, 0.5%]")]
    [InlineData(0, 1, "[0%, 100%]")]
    public void A_bound_near_zero_is_seen_to_be_on_its_side(double low, double high, string text) =>
        Assert.Equal(text, Format.Percent(new Interval(low, high)));

    [Fact]
    public void Pairs_are_trials_that_differ_in_nothing_else_and_are_both_finished()
    {
        StoredTrial[] first =
        [
            Stored(0, "a", 1, Result(10, 0)), Stored(1, "a", 2, Result(30, 0)), Stored(2, "a", 3, Result(20, 0)),
            Stored(3, "a", 4, Result(null, 0.5)), Stored(4, "a", 5, Result(null, 0.5)),
            Stored(5, "a", 6, Result(10, 0)), Stored(6, "a", 7, null), Stored(7, "a", 8, Result(10, 0)),
        ];
        StoredTrial[] second =
        [
            Stored(10, "b", 5, Result(null, 0.5)), Stored(11, "b", 4, Result(99, 0)), Stored(12, "b", 3, Result(null, 0.5)),
            Stored(13, "b", 2, Result(10, 0)), Stored(14, "b", 1, Result(20, 0)),
            Stored(15, "b", 6, null), Stored(16, "b", 7, Result(10, 0)), Stored(17, "b", 9, Result(10, 0)),
        ];
        ValueComparison comparison = Assert.Single(StudySummary.Compare([.. first, .. second], "cell"));
        Assert.Equal(("a", "b"), (comparison.First, comparison.Second));
        var pairs = new PairedComparison(Both: 2, OnlyFirst: 1, OnlySecond: 1, Neither: 1);
        Assert.Equal((pairs.First, pairs.Second, true, 2),
            (comparison.FirstRate, comparison.SecondRate, comparison.Paired, comparison.RatioPairs));
        Assert.Equal((pairs.DifferenceInterval(), pairs.PValue()), (comparison.Interval, comparison.PValue));
        Assert.Equal((10.0 / 20 + 30.0 / 10) / 2, comparison.Ratio);
        Assert.Null(comparison.RatioInterval);
        Assert.Empty(StudySummary.Compare([.. first, .. second], "lr"));
    }

    [Fact]
    public void Values_that_share_no_seed_are_compared_over_the_cells_that_they_share()
    {
        static StoredTrial At(int position, string method, int length, int seed, bool solved) =>
            Stored(position, "", seed, Result(solved ? 10 : null,
                0.5)) with
            { Name = $"method={method} length={length} seed={seed}", Cell = $"method={method} length={length}" };
        StoredTrial[] trials = [At(0, "sgd", 10, 1, false), At(1, "sgd", 10, 2, false), At(2, "sgd", 99, 1, true),
            At(3, "sgd-c", 10, 3, true), At(4, "sgd-c", 10, 4, true), At(5, "sgd-c", 10, 5, false)];
        ValueComparison comparison = Assert.Single(StudySummary.Compare(trials, "method"));
        var apart = new UnpairedComparison(new(0, 2), new(2, 3));
        Assert.Equal((apart.First, apart.Second, false), (comparison.FirstRate, comparison.SecondRate, comparison.Paired));
        Assert.Equal((apart.DifferenceInterval(), apart.PValue()), (comparison.Interval, comparison.PValue));
        Assert.Contains("Fisher", comparison.Line());
        string[] lines = comparison.ToText().Split('\n');
        Assert.Equal(comparison.Line(), string.Join(' ', lines.Select(line => line.Trim())));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
        Assert.All(comparison.ToText(30).Split('\n'), line => Assert.InRange(line.Length, 1, 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => comparison.ToText(19));
    }

    [Fact]
    public void Pairs_of_one_task_start_and_seed_are_one_cluster_whatever_else_differs()
    {
        static StoredTrial At(string method, string start, int length, int seed) =>
            Stored(0, "", seed, Result(method == "sgd-cr" || length == 10 ? 10 : null, 0.5)) with
            {
                Name = $"init={start} method={method} length={length} seed={seed}",
                Cell = $"init={start} method={method} length={length}",
                Options = new Dictionary<string, string> { ["task"] = "temporal-order" },
            };

        // Two starts, two seeds, three lengths: SGD-CR solves all, SGD the shortest. Four clusters of three pairs.
        StoredTrial[] trials =
        [
            .. from start in (string[])["basic-tanh", "smart-tanh"] from length in (int[])[10, 20, 50] from seed in (int[])[1, 2]
               from method in (string[])["sgd", "sgd-cr"] select At(method, start, length, seed),
        ];
        ValueComparison comparison = Assert.Single(StudySummary.Compare(trials, "method"));
        Assert.Equal((4, 12), (comparison.ByCluster!.Clusters, comparison.ByCluster.Pairs.Pairs));
        Assert.Equal(2 / 16.0, comparison.ByCluster.PValue, 1e-12);
        Assert.Equal(2 / 256.0, comparison.PValue, 1e-12);
        Assert.Matches("p = 0.1[23] by 4 clusters .pair by pair p = 0.0078.; updates x1 .4 pairs.$", comparison.Line());

        // The start compared: what remains of a cluster is its seed.
        Assert.Equal(2, Assert.Single(StudySummary.Compare(trials, "init")).ByCluster!.Clusters);

        // One start and one seed: lengths are no independent evidence.
        StoredTrial[] beginning = [.. trials.Where(trial => trial.Name.Contains("basic") && trial.Name.Contains("seed=1"))];
        ValueComparison one = Assert.Single(StudySummary.Compare(beginning, "method"));
        Assert.Contains("-67 points (all pairs are one cluster, which has no interval; pair by pair p = 0.5)", one.Line());

        // Each pair its own cluster: nothing is said of clusters.
        StoredTrial[] twenty = [.. trials.Where(trial => trial.Name.Contains("length=20"))];
        ValueComparison apart = Assert.Single(StudySummary.Compare(twenty, "method"));
        Assert.DoesNotContain("cluster", apart.Line());
        Assert.Matches("p = 0.1[23]$", apart.Line()); // 0.125, on either side of the half
        Assert.Equal(apart.PValue, apart.ByCluster!.PValue, 1e-12);
    }

    [Fact]
    public void Methods_are_compared_by_the_rule_that_is_asked_for()
    {
        StoredTrial[] trials =
        [
            .. from seed in (int[])[1, 2, 3] from cell in (string[])["a", "b"]
               select Stored(0, cell, seed, Result(10, 0.5) with { Sustained = cell == "b" ? 40 : seed == 1 ? 20 : null }),
        ];
        SuccessRate all = new(3, 3), one = new(1, 3);
        ValueComparison first = Assert.Single(StudySummary.Compare(trials, "cell"));
        Assert.Equal((all, all, 1.0), (first.FirstRate, first.SecondRate, first.Ratio));
        ValueComparison sustained = Assert.Single(StudySummary.Compare(trials, "cell", result => result.Sustained));
        Assert.Equal((one, all, 0.5), (sustained.FirstRate, sustained.SecondRate, sustained.Ratio));
    }

    [Fact]
    public void A_study_of_many_cells_is_cut_short_and_says_so()
    {
        using var folder = new TempFolder();
        using (StudyStore store = StudyStore.OpenToWrite(folder.At("")))
        {
            Trial[] trials = [.. Enumerable.Range(0, 70).Select(i => TestStudies.Trial(i, $"c{i}", 1))];
            store.SetTrials(StudyReader.Read("s.json", "{\"grid\": {\"lr\": 1}}"), trials);
            foreach (Trial trial in trials) store.Finish(trial.Hash, TestStudies.Result(true));
        }

        string status = Cli.Run("study", "status", folder.At("")).Out, show = Cli.Run("study", "show", folder.At("")).Out;
        Assert.StartsWith("s: 70 of 70 trials done, 70 solved; not running\n", status);
        Assert.Contains("\nand 10 more cells; ", status);
        Assert.Contains("\nand 10 more cells; ", show);
        Assert.Contains("cell=c59 ", show);
        Assert.DoesNotContain("cell=c60", show);
        Assert.Equal(10, show.Split('\n').Count(line => line.Contains(" seed=1 ")));
        Assert.Equal(70 + 70, Cli.Run("study", "show", folder.At(""), "--json").OutLines.Length);
    }

    private static TrialResult Result(long? hit, double? error) => TestStudies.Result(hit is not null) with
    {
        FirstHit = hit,
        FirstHitSeconds = hit / 10.0,
        BestError = error,
        Tests = hit is null || error == 0 || error < 0.003 ? [] : [new("x", 1, error == 0.003 ? 0.03 : error, null, 1)],
    };

    private static StoredTrial Stored(int position, string cell, int seed, TrialResult? result) =>
        new($"{position}", position, $"cell={cell} seed={seed}", $"cell={cell}", seed - 1, 1, new Dictionary<string,
            string>(), result);
}
