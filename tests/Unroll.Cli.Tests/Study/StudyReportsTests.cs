using System.Text;
using System.Text.Json;
using Unroll.Cli.Tests.Studies;
using Unroll.Studies;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Tests.Study;

/// <summary>What is said about a study that is there; one study for all tests, and none of them changes it.</summary>
public sealed class StudyReportsTests(StudyReportsTests.Finished finished) : IClassFixture<StudyReportsTests.Finished>
{
    [Fact]
    public void Status_counts_cells_and_trials()
    {
        CliResult status = Cli.Run("study", "status", finished.Folder);
        Assert.Equal((ExitCode.Success, ""), (status.Code, status.Error));
        Assert.StartsWith("eight: 8 of 8 trials done, 4 solved; not running\n\n", status.Out);
        Assert.Matches(@"(?m)^cell +done +solved +seconds$", status.Out);
        Assert.Matches(@"(?m)^lr=0.02 method=sgd-cr +2/2 +2 +[0-9.]+$", status.Out);
        Assert.Matches(@"(?m)^lr=0.00001 method=sgd-c +2/2 +0 +[0-9.]+$", status.Out);

        JsonElement json = Assert.Single(Cli.Run("study", "status", finished.Folder, "--json").Json);
        Assert.Equal(["event", "study", "shard", "running", "trials", "done", "solved_trials", "eta_seconds",
            "instruction_sets"], json.Keys());
        Assert.Equal("""{"event":"status","study":"eight","shard":"1/1","running":false,"trials":8,"done":8,"solved_trials":4"""
            + $$$""","eta_seconds":null,"instruction_sets":{"{{{RunRecord.PresentKernel()}}}":8}}""", json.GetRawText());
    }

    [Fact]
    public void Show_has_cells_best_trials_and_comparisons()
    {
        // In 80 columns a table is in parts where seconds are many.
        CliResult show = Cli.RunWide("study", "show", finished.Folder);
        Assert.Equal((ExitCode.Success, ""), (show.Code, show.Error));
        Assert.Matches(@"(?m)^lr=0.02 method=sgd-c +2/2  \[34%, 100%\] +[1-6]0 ", show.Out);
        Assert.Matches(@"(?m)^lr=0.00001 method=sgd-c +0/2  \[0%, 66%\] +[0-9.]+%$", show.Out);
        Assert.Contains("Best trials by validation", show.Out);
        string[] lines = show.OutLines;
        string[] best = [.. lines[(Array.FindIndex(lines, line => line.StartsWith("trial ", StringComparison.Ordinal)) + 1)..]
            .SkipWhile(line => line[0] == ' ').Take(8)];
        Assert.All(best[..4], line => Assert.Matches("^lr=0.02 .* solved +[1-6]0 ", line));
        Assert.All(best[4..], line => Assert.Matches("^lr=0.00001 .* unsolved ", line));
        Assert.Contains(
            "  sgd-c 2/4 against sgd-cr 2/4: 0 points [-57%, 57%], p = 1 by 2 clusters (pair by pair p = 1); updates x",
            show.Unfolded);

        string compared = Cli.Run("study", "show", finished.Folder, "--compare", "lr").Unfolded;
        Assert.Contains("lr compared over pairs", compared);
        Assert.Contains("  0.02 4/4 against 0.00001 0/4: +100 points [7%, 100%], p = 0.5 by 2 clusters (pair by pair p = 0.13)\n",
            compared);
    }

    [Fact]
    public void Show_as_json_has_cells_then_trials_with_exactly_their_keys()
    {
        JsonElement[] lines = Cli.Run("study", "show", finished.Folder, "--json").Json;
        Assert.Equal(["cell", "cell", "cell", "cell", "trial", "trial", "trial", "trial", "trial", "trial", "trial", "trial",
            "comparison"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines[..4], line => Assert.Equal(
            [
                "event", "cell", "trials", "done", "solved_trials", "success", "success_low", "success_high", "sustained_trials",
                "median_first_hit", "median_sustained", "median_seconds", "median_error",
            ], line.Keys()));
        Assert.All(lines[4..^1], line =>
            Assert.Equal(["event", "hash", "name", "options", "outcome", "update", "first_hit", "sustained", "error", "loss",
                "seconds", "version", "instruction_set", "tests"], line.Keys()));
        Assert.Equal((1, 0.342), (lines[0].GetProperty("success").GetDouble(),
            Math.Round(lines[0].GetProperty("success_low").GetDouble(), 3)));
        string[] comparison = ["event", "option", "first", "second", "paired", "first_solved", "first_runs", "second_solved",
            "second_runs", "difference", "low", "high", "p", "update_ratio", "update_ratio_low", "update_ratio_high",
            "update_ratio_pairs"];
        Assert.Equal([.. comparison, "clusters", "cluster_low", "cluster_high", "cluster_p"], lines[^1].Keys());
        Assert.Equal((2, 1.0), (lines[^1].GetProperty("clusters").GetInt32(), lines[^1].GetProperty("cluster_p").GetDouble()));
        Assert.Equal(("method", "sgd-c", "sgd-cr", 2, 4, 0.0, 1.0), (
            lines[^1].GetProperty("option").GetString(), lines[^1].GetProperty("first").GetString(),
            lines[^1].GetProperty("second").GetString(), lines[^1].GetProperty("first_solved").GetInt32(),
            lines[^1].GetProperty("first_runs").GetInt32(), lines[^1].GetProperty("difference").GetDouble(),
            lines[^1].GetProperty("p").GetDouble()));
        JsonElement rates = Cli.Run("study", "show", finished.Folder, "--compare", "lr", "--json").Json[^1];
        Assert.Equal(("lr", "0.02", "0.00001", 1.0, 0.125),
            (rates.GetProperty("option").GetString(), rates.GetProperty("first").GetString(), rates.GetProperty("second")
                .GetString(), rates.GetProperty("difference").GetDouble(), Math.Round(rates.GetProperty("p").GetDouble(), 9)));
        JsonElement test = lines[4].GetProperty("tests")[1];
        Assert.Equal(["length", "sequences", "error", "strict_error", "loss"], test.Keys());
        Assert.Equal(("20", 50), (test.GetProperty("length").GetString(), test.GetProperty("sequences").GetInt32()));
    }

    [Fact]
    public void A_trial_is_shown_by_its_name_or_the_beginning_of_its_hash()
    {
        StoredTrial trial = finished.Trials[0];
        CliResult named = Cli.Run("study", "show", finished.Folder, trial.Name);
        Assert.Equal((ExitCode.Success, ""), (named.Code, named.Error));
        Assert.StartsWith($"{trial.Name} ({trial.Hash})\n", named.Out);
        Assert.Contains("lr=0.02", named.Out);
        Assert.Contains("stop=sustained", named.Out);
        Assert.Contains($"\nsolved after {trial.Result!.Updates} updates, ", named.Out);
        Assert.Contains($"\nfirst hit at {trial.Result.FirstHit}, three in a row at {trial.Result.Sustained}, least error ",
            named.Out);
        Assert.Contains("\ntested at 20: ", named.Out);
        foreach (string curve in (string[])["error", "loss", "gradient norm", "spectral radius"])
            Assert.Matches($@"(?m)^{curve} +[^ ]+$", named.Out);
        Assert.Contains($"\nmodels and metrics: {StudyRunner.TrialFolder(finished.Folder, trial.Hash)}\n", named.Out);
        Assert.Equal(named.Out, Cli.Run("study", "show", finished.Folder, trial.Hash[..8]).Out);
        Assert.Equal(named.Out, Cli.Run("study", "show", finished.Folder, trial.Hash).Out);

        JsonElement json = Assert.Single(Cli.Run("study", "show", finished.Folder, trial.Hash[..8], "--json").Json);
        Assert.Equal((trial.Hash, trial.Name, "0.02", "solved"),
            (json.GetProperty("hash").GetString(), json.GetProperty("name").GetString(),
                json.GetProperty("options").GetProperty("lr").GetString(), json.GetProperty("outcome").GetString()));
        Assert.Equal(trial.Result.BestError, json.GetProperty("error").GetDouble());
    }

    [Fact]
    public void Exported_csv_has_a_line_a_trial_and_a_column_an_option_and_reads_back()
    {
        using var folder = new TempFolder();
        string csv = folder.At("out.csv"), checks = folder.At("checks.csv");
        Assert.Equal("", Cli.Run("study", "export", finished.Folder, "--csv", "--out", csv, "--checks", checks).Out);
        Assert.Equal(File.ReadAllText(csv), Cli.Run("study", "export", finished.Folder).Out);
        List<string[]> rows = Csv(File.ReadAllText(csv));
        Assert.Equal(9, rows.Count);
        Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        Assert.Subset(rows[0].ToHashSet(), OptionsText.ToProperties(new TrainingOptions()).Select(option => option.Key)
            .Where(name => name != "threads").Concat(["task", "length", "variant", "recipe", "method"]).ToHashSet());
        Assert.Equal(rows[0].Length, rows[0].Distinct().Count());
        for (int i = 0; i < 8; i++)
        {
            StoredTrial trial = finished.Trials[i];
            string Cell(string name) => rows[i + 1][Array.IndexOf(rows[0], name)];
            Assert.Equal((trial.Hash, trial.Name, "20,1.5,0.5,200"), (Cell("hash"), Cell("name"), Cell("curriculum")));
            Assert.All(trial.Options, option => Assert.Equal(option.Value, Cell(option.Key)));
            Assert.Equal(Format.Exact(trial.Result!.BestLoss!.Value), Cell("best_loss"));
            Assert.Equal(($"{trial.Result.Updates}", "65"), (Cell("updates_made"), Cell("updates")));
            Assert.Equal(trial.Result.FirstHit?.ToString() ?? "", Cell("first_hit"));
            Assert.Equal(trial.Result.Tests.Count == 0 ? "" : Format.Exact(trial.Result.Tests[1].Loss), Cell("test_loss_20"));
        }

        List<string[]> lines = Csv(File.ReadAllText(checks));
        Assert.Equal(
            "hash,name,update,seconds,loss,validation_loss,error,gradient_norm,clip_rate,omega,"
                + "spectral_radius,largest_singular_value",
            string.Join(',', lines[0]));
        using StudyStore store = StudyStore.OpenToRead(finished.Folder);
        Assert.Equal(
            finished.Trials.SelectMany(trial =>
                store.Checks(trial.Hash).Select(check => (trial.Hash, check.Update, (float)check.Error))),
            lines[1..].Select(line => (line[0], long.Parse(line[2]), float.Parse(line[6]))));
    }

    [Theory]
    [InlineData("show {0} nonsense", "There is no trial 'nonsense'; did you mean '")]
    [InlineData("show {0} --compare hidden", "The option 'hidden' does not vary in this study; it varies lr, method, seed.")]
    [InlineData("show {0} lr=0.02 --compare lr", "--compare is for a whole study, not for one of its trials")]
    [InlineData("show {0} --compare hidden --json",
        "The option 'hidden' does not vary in this study; it varies lr, method, seed.")]
    [InlineData("export {0} --out {0}/none/out.csv", "none/out.csv could not be written")]
    [InlineData("show {0}/trials", "trials holds no study: it has no study.db")]
    [InlineData("status {0}/none", "none holds no study")]
    [InlineData("export {0}/none", "none holds no study")]
    [InlineData("report {0}/none", "none holds no study")]
    [InlineData("run {0} --out other", "is a study's folder, so --out cannot be given with it")]
    public void Bad_input_is_refused(string args, string expected) =>
        Assert.Contains(expected, Cli.Run([.. "study".Split(' '), .. string.Format(null, args, finished.Folder).Split(' ')])
            .RefusedWith());

    [Fact]
    public void Where_nothing_varies_there_is_nothing_to_compare_or_to_call_by_name()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Success, TestStudies.Run(folder.Write($$"""{"grid": {{{TestStudies.Tiny}} },"""
            + $$""" "test": {"lengths": []} }"""), folder.At("study")).Code);
        Assert.Contains("does not vary in this study; nothing does.",
            Cli.Run("study", "show", folder.At("study"), "--compare", "lr").RefusedWith());
        string hash = TestStudies.Results(folder.At("study"))[0].Split(' ')[1];
        Assert.Contains($"did you mean '{hash[..8]}'?",
            Cli.Run("study", "show", folder.At("study"), hash[..5] + "x").RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "show", folder.At("study"), hash[..5]).Code);
    }

    [Fact]
    public void Hashes_with_the_same_beginning_need_more_of_it()
    {
        using var folder = new TempFolder();
        using (StudyStore store = Open(folder.At("study")))
        {
            Trial trial = TestStudies.Trial(0, "a", 1), other = TestStudies.Trial(1, "a", 2);
            store.SetTrials(StudyReader.Read("s.json", "{\"grid\": {\"lr\": 1}}"), [trial, other]);
            StoreSql.Forge(folder.At("study"), $"UPDATE trial SET hash = 'abcde' || substr(hash, 6)");
        }

        Assert.Contains("'abcd' begins the hashes of 2 trials; write more of it",
            Cli.Run("study", "show", folder.At("study"), "abcd").RefusedWith());
        CliResult one = Cli.Run("study", "show", folder.At("study"), "cell=a seed=1");
        Assert.EndsWith("not finished\n", one.Out);

        static StudyStore Open(string path)
        {
            Directory.CreateDirectory(path);
            return StudyStore.OpenToWrite(path);
        }
    }

    /// <summary>RFC 4180.</summary>
    private static List<string[]> Csv(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (quoted)
            {
                if (text[i] != '"') cell.Append(text[i]);
                else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
                else quoted = false;
            }
            else if (text[i] == '"')
            {
                Assert.Equal(0, cell.Length);
                quoted = true;
            }
            else if (text[i] is ',' or '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (text[i] == ',') continue;
                rows.Add([.. row]);
                row.Clear();
            }
            else
            {
                cell.Append(text[i]);
            }
        }

        Assert.False(quoted);
        Assert.Empty(row);
        return rows;
    }

    /// <summary>Eight finished trials.</summary>
    public sealed class Finished : IDisposable
    {
        private readonly TempFolder _folder = new();

        public Finished()
        {
            // A curriculum beyond the length is none, but its text has commas.
            string file = _folder.Write(TestStudies.Eight()
                .Replace("\"curriculum\": \"none\"", "\"curriculum\": \"20,1.5,0.5\""));
            Assert.Equal(ExitCode.Success, TestStudies.Run(file, Folder).Code);
            using StudyStore store = StudyStore.OpenToRead(Folder);
            Trials = store.Trials();
        }

        public string Folder => _folder.At("study");

        internal IReadOnlyList<StoredTrial> Trials { get; }

        public void Dispose() => _folder.Dispose();
    }
}
