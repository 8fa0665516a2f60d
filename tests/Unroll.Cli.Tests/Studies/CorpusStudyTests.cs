using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>
/// Studies on music and text are told by the costs of the folds, never by success; one study of each for all tests.
/// </summary>
public sealed class CorpusStudyTests(CorpusStudyTests.Finished finished) : IClassFixture<CorpusStudyTests.Finished>
{
    [Fact]
    public void Nothing_is_said_about_success_while_it_runs_and_after()
    {
        foreach (string text in (string[])[finished.Text.Out, finished.Music.Out, Show(finished.TextFolder),
            Show(finished.MusicFolder), Cli.Run("study", "status", finished.MusicFolder).Out])
        {
            foreach (string word in (string[])["solved", "success", "first hit", "least error", "wrong", "sustained"])
                Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Matches(
            @"\[1/8\] lr=\S+ method=\S+ seed=\d +finished after \d+, validation [0-9.]+, test [0-9.]+ bits a character ",
            finished.Text.Unfolded);
        Assert.Contains("complete: 8 of 8 trials done\n", finished.Text.Out);
        Assert.Matches("(?m)^Costs +best models by validation on all folds$", finished.Text.Out);
        Assert.Equal(JsonValueKind.Null, Assert.Single(Cli.Run("study", "status", finished.TextFolder, "--json").Json)
            .GetProperty("solved_trials").ValueKind);
    }

    [Fact]
    public void Show_tabulates_fold_costs_and_ranks_by_validation_cost()
    {
        string[] lines = Cli.RunWide("study", "show", finished.TextFolder).OutLines;
        Assert.Contains(lines, line =>
            line.StartsWith("Costs of the best models by validation, bits a character", StringComparison.Ordinal));
        int cells = Array.FindIndex(lines, line => line.StartsWith("cell ", StringComparison.Ordinal));
        Assert.Matches("^cell +runs +train +validation +test +updates +seconds$", lines[cells]);
        Assert.Equal(["lr=0.5", "lr=0.5", "lr=0.00001", "lr=0.00001"],
            lines[(cells + 1)..(cells + 5)].Select(line => line.Split(' ')[0]));
        int best = Array.FindIndex(lines, line => line.StartsWith("trial ", StringComparison.Ordinal));
        Assert.Equal("Best trials by validation cost, bits a character.", lines[best - 1]);
        double[] costs = [.. lines[(best + 1)..(best + 9)]
            .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6], null))];
        Assert.Equal(costs.Order(), costs);
        Assert.True(costs[0] < costs[^1]);
    }

    [Fact]
    public void Methods_are_compared_by_cost_over_pairs_with_interval_and_test()
    {
        string show = Show(finished.TextFolder);
        Assert.Contains("method compared over pairs of trials that differ in nothing else (same seed)", show);
        Assert.Matches(
            @"(?m)^  sgd-c against sgd: validation [-+0-9.]+ \[[^]]*\], p [=<] [0-9.E-]+ \(4 pairs\); test [-+0-9.]+ \[[^]]*\],"
                + @" p [=<] [0-9.E-]+ \(4 pairs\)$", show);
        Assert.Matches(@"(?m)^  0.5 against 0.00001: validation -[0-9.]+ \[",
            Cli.RunWide("study", "show", finished.TextFolder, "--compare", "lr").Out);
        Assert.Contains("does not vary in this study",
            Cli.Run("study", "show", finished.TextFolder, "--compare", "window").RefusedWith());
    }

    [Fact]
    public void Music_is_compared_by_piece_too_and_every_data_by_itself()
    {
        string show = Show(finished.MusicFolder);
        foreach (string data in (string[])["a", "b"])
        {
            Assert.Matches($@"(?m)^Best trials by validation cost, data=\S*/{data}, nats a step\.$", show);
            Assert.Matches(
                $@"(?m)^  data=\S*/{data}: sgd-c against sgd: validation [-+0-9.]+ \(1 pair: no interval\); "
                    + @"test [-+0-9.]+ \(1 pair: no interval\); "
                    + @"test by piece [-+0-9.]+ \[[^]]*\], p = [0-9.]+ \(\d pieces\)$", show);
        }

        // Costs of different data are of different things.
        Assert.Contains("differ in 'data' alone", Cli.Run("study", "show", finished.MusicFolder, "--compare", "data")
            .RefusedWith());
    }

    [Fact]
    public void A_trial_shows_its_folds()
    {
        using StudyStore store = StudyStore.OpenToRead(finished.MusicFolder);
        string trial = Cli.Run("study", "show", finished.MusicFolder, store.Trials()[0].Hash[..8]).Out;
        Assert.Matches(@"(?m)^model of update \d+: train [0-9.]+, validation [0-9.]+, test [0-9.]+ nats a step$", trial);
        Assert.Matches(@"(?m)^\d+ pieces of the test fold: [0-9.]+ to [0-9.]+ nats a step$", trial);
        Assert.Contains("validation cost", trial);
        Assert.DoesNotContain("wrong", trial);
    }

    [Fact]
    public void Json_has_costs_for_cells_and_trials_in_the_order_of_validation_cost()
    {
        JsonElement[] lines = Cli.Run("study", "show", finished.TextFolder, "--json").Json;
        Assert.Equal(
            ["event", "cell", "trials", "done", "non_finite_trials", "cost_unit", "median_train_cost", "median_validation_cost",
                "median_test_cost", "median_updates", "median_seconds"], lines[0].Keys());
        Assert.Equal("bits a character", lines[0].GetProperty("cost_unit").GetString());
        double[] costs = [.. lines.Where(line => line.GetProperty("event").GetString() == "trial")
            .Select(line => line.GetProperty("tests")[1].GetProperty("loss").GetDouble())];
        Assert.Equal((8, true), (costs.Length, costs.SequenceEqual(costs.Order())));
    }

    [Fact]
    public void A_csv_has_costs_and_no_empty_columns_of_errors()
    {
        string[] heading = Cli.Run("study", "export", finished.MusicFolder).OutLines[0].Split(',');
        Assert.Contains("cost_validation", heading);
        Assert.Contains("cost_test/0", heading);
        Assert.DoesNotContain(heading, name => name.StartsWith("test_", StringComparison.Ordinal) && name != "test_seconds");
    }

    [Fact]
    public void An_early_end_by_success_is_refused_where_there_is_none()
    {
        using var folder = new TempFolder();
        string study = folder.Write("""{"name": "early", "grid": {"task": "text", "data": "ptb", "seed": "1..3"},"""
            + """ "decide_after": 1}""");
        Assert.Contains("the task text has none, so leave it out",
            Cli.Run("study", "run", study, "--out", folder.At("early")).RefusedWith());
        Assert.False(Directory.Exists(folder.At("early")));
    }

    private static string Show(string folder)
    {
        CliResult show = Cli.RunWide("study", "show", folder);
        Assert.Equal((ExitCode.Success, ""), (show.Code, show.Error));
        return show.Out;
    }

    /// <summary>
    /// A text by two methods, two rates, of which the lesser hardly moves, and two seeds; two sets of music by two methods.
    /// </summary>
    public sealed class Finished : IDisposable
    {
        private const string Tiny = """ "hidden": 8, "batch": 2, "window": 20, "updates": 60, "check-every": 20 """;
        private readonly TempFolder _folder = new();

        public Finished()
        {
            string text = CorpusFiles.Text(_folder, "text.txt", string.Concat(Enumerable.Repeat("abracadabra, a cad bad\n", 60)));
            string[] music = [CorpusFiles.Music(_folder, "a", 20), CorpusFiles.Music(_folder, "b", 30)];
            Text = Run("text", $$"""{"name": "text", "grid": {"task": "text", "data": "{{text}}", "cost": "mean","""
                + $$""" "averaging": 0, "lr": [0.00001, 0.5], "method": ["sgd", "sgd-c"], "seed": "1..2", {{Tiny}} } }""");
            Music = Run("music", $$"""{"name": "music", "grid": {"task": "music", "data": ["{{music[0]}}", "{{music[1]}}"],"""
                + $$""" "method": ["sgd", "sgd-c"], {{Tiny}} } }""");
        }

        public string TextFolder => _folder.At("text");

        public string MusicFolder => _folder.At("music");

        internal CliResult Text { get; }

        internal CliResult Music { get; }

        public void Dispose() => _folder.Dispose();

        private CliResult Run(string name, string definition)
        {
            CliResult run = TestStudies.Run(_folder.Write(definition, $"{name}.json"), _folder.At(name));
            Assert.True(run.Code == ExitCode.Success, run.Error);
            return run;
        }
    }
}
