using System.Text.Json;
using Unroll.Studies;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

public class StudyRunTests
{
    private static readonly string[] ProgressKeys = ["event", "trials", "done", "solved_trials", "skipped", "needless", "running",
        "waiting", "eta_seconds"];
    private static readonly string[] TrialKeys = [.. ProgressKeys, "hash", "name", "outcome", "update", "first_hit", "error",
        "loss", "seconds"];

    /// <summary>What the long study gives when nothing stops it.</summary>
    private static readonly Lazy<string[]> WholeLong = new(() =>
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", folder.Write(TestStudies.Long), "--out", folder.At("whole")).Code);
        return TestStudies.Results(folder.At("whole"));
    });

    [Fact]
    public void A_study_runs_says_so_and_has_nothing_left_to_do()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        CliResult run = TestStudies.Run(file, study);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("8 in 4 cells", run.Out);
        Assert.Equal(8, run.OutLines.Count(line => line.StartsWith('[')));
        Assert.Matches(@"(?m)^\[8/8\] lr=0.00001 method=sgd-cr? seed=2  unsolved in 65, least error [0-9.]+%  ", run.Out);
        Assert.Matches(@"(?m)^\[1/8\] lr=0.02 method=sgd-cr? seed=1  solved at [1-9]0  .* \(1 solved, at most .* left\)$",
            run.Unfolded);
        Assert.Contains("\ncomplete: 8 of 8 trials done, 4 solved\n", run.Out);
        string table = Cli.RunWide("study", "show", study).Out; // in 80 columns it is in parts where seconds are many
        Assert.Matches(@"(?m)^lr=0.02 method=sgd-c +2/2 ", table);
        Assert.Matches(@"(?m)^lr=0.00001 method=sgd-cr +0/2  \[0%, 66%\]", table);
        Assert.Contains("best.safetensors", Directory.GetFiles(study, "*", SearchOption.AllDirectories).Select(Path.GetFileName));

        string[] before = TestStudies.Results(study);
        Dictionary<string, DateTime> written = Written(study);
        CliResult again = TestStudies.Run(file, study);
        Assert.Equal((ExitCode.Success, ""), (again.Code, again.Error));
        Assert.DoesNotContain("\n[", again.Out);
        Assert.Contains("\ncomplete: 8 of 8 trials done, 4 solved\n", again.Out);
        Assert.Equal(before, TestStudies.Results(study));
        Assert.Equal(written, Written(study));

        static Dictionary<string, DateTime> Written(string study) =>
            Directory.GetFiles(Path.Combine(study, "trials"), "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, File.GetLastWriteTimeUtc);
    }

    [Fact]
    public void Json_lines_have_exactly_their_keys_and_the_last_says_complete()
    {
        using var folder = new TempFolder();
        CliResult run = TestStudies.Run(folder.Write(TestStudies.Eight()), folder.At("study"), "--json");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonElement[] lines = run.Json, trials = [.. lines.Where(line => Event(line) == "trial")];
        Assert.Equal("study", Event(lines[0]));
        Assert.Equal("result", Event(lines[^1]));
        Assert.All(lines.Where(line => Event(line) == "study"), line => Assert.Equal(ProgressKeys, line.Keys()));
        Assert.All(trials, line => Assert.Equal(TrialKeys, line.Keys()));
        Assert.Equal([.. ProgressKeys, "complete"], lines[^1].Keys());
        Assert.True(lines[^1].GetProperty("complete").GetBoolean());
        Assert.Equal(Enumerable.Range(1, 8), trials.Select(line => line.GetProperty("done").GetInt32()));
        Assert.Equal(JsonValueKind.Null, lines[0].GetProperty("eta_seconds").ValueKind);
        Assert.Equal((8, 4, 0), (Number(lines[^1], "done"), Number(lines[^1], "solved_trials"), Number(lines[^1], "waiting")));
        Assert.All(trials, line => Assert.Equal(line.GetProperty("outcome").GetString() == "solved" ? JsonValueKind.Number
            : JsonValueKind.Null, line.GetProperty("first_hit").ValueKind));

        static string Event(JsonElement line) => line.GetProperty("event").GetString()!;
        static int Number(JsonElement line, string name) => line.GetProperty(name).GetInt32();
    }

    [Fact]
    public void A_trial_is_the_run_that_train_makes_and_its_test_what_evaluate_says()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight().Replace("sustained", "budget").Replace("[0.02,", "[0.05, 0.1,")),
            study = folder.At("study");
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", file, "--out", study, "--jobs", "3").Code);
        using StudyStore store = StudyStore.OpenToRead(study);
        // or the best model might be the last
        Assert.Contains(store.Trials(), trial => trial.Result!.Solved && trial.Result.BestUpdate < trial.Result.Updates);
        foreach (StoredTrial trial in store.Trials())
        {
            string[] options = trial.Name.Split(' ')
                .SelectMany(choice => (string[])[$"--{choice.Split('=')[0]}", choice.Split('=')[1]]).ToArray();
            string run = folder.At(trial.Hash), mine = StudyRunner.TrialFolder(study, trial.Hash);
            CliResult trained = Cli.Run(
                [
                    "train", "--out", run, .. options, "--length", "10", "--hidden", "6", "--optimizer", "adam", "--curriculum",
                    "none", "--validation", "40",
                    "--check-every", "10", "--updates", "65", "--batch", "20", "--stop", "budget", "--state-noise", "0",
                    "--rescue", "none",
                    "--json",
                ]);
            Assert.Equal(trial.Result!.Outcome == TrainingOutcome.Solved ? ExitCode.Success : ExitCode.Unsolved, trained.Code);
            foreach (string name in (string[])["model.safetensors", "best.safetensors"])
                Assert.Equal(File.ReadAllBytes(Path.Combine(run, name)), File.ReadAllBytes(Path.Combine(mine, name)));
            Assert.Equal(trained.Json[^1].GetProperty("update").GetInt64(), trial.Result.Updates);
            Assert.Equal(trained.Json[^1].GetProperty("best_error").GetDouble(), trial.Result.BestError);
            JsonElement[] checks = [.. trained.Json[..^1].Where(line => line.GetProperty("event").GetString() != "trouble")];
            Assert.Equal(checks.Where(check => check.GetProperty("error").GetDouble() <= 0.01)
                .Select(check => (long?)check.GetProperty("update").GetInt64()).FirstOrDefault(), trial.Result.FirstHit);
            Assert.Equal(checks.Select(check => check.GetProperty("update").GetInt64()),
                store.Checks(trial.Hash).Select(check => check.Update));
            Assert.Equal(trial.Result.Solved ? ["10", "20"] : [], trial.Result.Tests.Select(test => test.Length));
            foreach (TrialTest test in trial.Result.Tests)
            {
                JsonElement evaluated = Assert.Single(Cli.Run("evaluate", Path.Combine(run, "best.safetensors"), "--length",
                    test.Length, "--sequences", "50", "--json").Json);
                Assert.Equal((evaluated.GetProperty("error").GetDouble(), evaluated.GetProperty("loss").GetDouble()),
                    (test.Error, test.Loss));
            }
        }
    }

    [Fact]
    public void Ctrl_C_leaves_checkpoints_from_which_the_same_results_come()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Long), study = folder.At("study");

        CliResult stopped = Interrupted(file, study);
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.Equal(
            "unroll: stopping: the running trials save where they are; press Ctrl-C again to end at once.\nunroll: 4 trials are "
                + $"left; continue with unroll study run {study}\n", stopped.Error);
        Assert.Contains("\nstopped: 0 of 4 trials done, 0 solved\n", stopped.Out);
        Assert.Equal(2, Checkpoints(study).Length);
        Assert.All(TestStudies.Results(study), line => Assert.Contains("not finished", line));

        long[] reached = [.. Checkpoints(study).Select(Update)];
        Assert.All(reached, update => Assert.InRange(update, 1, 3_999));
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study).Code);
        Assert.Equal(WholeLong.Value, TestStudies.Results(study));
    }

    [Fact]
    public void A_trial_that_another_instruction_set_began_begins_again()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
        string[] whole = TestStudies.Results(study);
        StoreSql.Forge(study, "UPDATE trial SET outcome = NULL; DELETE FROM curve; DELETE FROM test");
        foreach (string checkpoint in Checkpoints(study))
        {
            string run = Path.Combine(Path.GetDirectoryName(checkpoint)!, "run.json");
            File.WriteAllText(run, File.ReadAllText(run).Replace($"\"{RunRecord.PresentKernel()}\"", "\"another\""));
            File.WriteAllText(checkpoint, "its bits are of no use here");
        }

        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study).Code);
        Assert.Equal(whole, TestStudies.Results(study));
        Assert.DoesNotContain(Directory.GetFiles(study, "run.json", SearchOption.AllDirectories),
            path => File.ReadAllText(path).Contains("another"));
    }

    [Fact]
    public void A_session_ends_in_time_and_the_next_one_continues()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Long), study = folder.At("study");
        CliResult session = Cli.Run("study", "run", file, "--out", study, "--jobs", "2", "--session", "0.0005", "--json");
        Assert.Equal(ExitCode.Unsolved, session.Code);
        Assert.Equal($"unroll: 4 trials are left; continue with unroll study run {study}\n", session.Error);
        Assert.False(session.Json[^1].GetProperty("complete").GetBoolean());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study, "--sitting", "70000").Code);
        Assert.Equal(WholeLong.Value, TestStudies.Results(study));
    }

    [Fact]
    public void A_result_that_never_got_into_the_store_comes_from_the_last_checkpoint()
    {
        // Killed between the end of a run and its place in the store. The budget ends off the grid of checks, one rate solves,
        // one does not, and one ends by a gradient that is not finite.
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study, "--set", "lr=0.02,1e-5,1e38").Code);
        string[] whole = TestStudies.Results(study);
        Assert.Contains(whole, line => line.Contains("NonFinite"));
        byte[][] models = Models(study);
        StoreSql.Forge(study,
            "UPDATE trial SET outcome = NULL, updates = 0, best_error = 9; DELETE FROM curve; DELETE FROM test");
        Assert.All(TestStudies.Results(study), line => Assert.Contains("not finished", line));
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study).Code);
        Assert.Equal(whole, TestStudies.Results(study));
        Assert.Equal(models, Models(study));

        static byte[][] Models(string study) =>
            [.. Directory.GetFiles(study, "*st.safetensors", SearchOption.AllDirectories).Order().Select(File.ReadAllBytes)];
    }

    [Fact]
    public void A_cell_whose_first_seeds_agree_needs_no_more_of_them()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight(", \"decide_after\": 2", "1..5")), study = folder.At("study");
        CliResult run = Cli.Run("study", "run", file, "--out", study, "--jobs", "4");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("a cell ends when its first 2 seeds agree", run.Out);
        Assert.Contains("\ncomplete: 8 of 20 trials done, 4 solved, 12 skipped in decided cells\n", run.Out);
        Assert.Contains("complete: 8 of 20", TestStudies.Run(file, study).Out);
        Assert.All(TestStudies.Results(study), line =>
            Assert.Equal(line.Contains("seed=1") || line.Contains("seed=2"), !line.Contains("not finished")));
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", folder.Write(TestStudies.Eight("", "1..5"), "all.json"),
            "--out", study).Code);
        Assert.DoesNotContain(TestStudies.Results(study), line => line.Contains("not finished"));
    }

    [Fact]
    public void What_runs_is_the_same_for_any_number_of_jobs_and_what_the_rule_says()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight(", \"decide_after\": 2", "1..5")
            .Replace("[0.02, 0.00001]", "[0.02, 0.00001, 0.003, 0.2]").Replace("[\"x1\", \"x2\"]", "[]"));
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("1")).Code);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", file, "--out", folder.At("8"), "--jobs", "8").Code);
        Assert.Equal(TestStudies.Results(folder.At("1")), TestStudies.Results(folder.At("8")));
        using StudyStore store = StudyStore.OpenToRead(folder.At("8"));
        int agree = 0, disagree = 0;
        foreach (IGrouping<string, StoredTrial> cell in store.Trials().GroupBy(trial => trial.Cell))
        {
            bool decided = cell.Take(2).Select(trial => trial.Result!.Solved).Distinct().Count() == 1;
            Assert.Equal(decided ? 2 : 5, cell.Count(trial => trial.Result is not null));
            (agree, disagree) = decided ? (agree + 1, disagree) : (agree, disagree + 1);
        }

        Assert.True(agree > 0 && disagree > 0, $"{agree} cells agree and {disagree} do not, so nothing is tested");
    }

    [Fact]
    public void Set_replaces_and_adds_options_in_every_grid()
    {
        using var folder = new TempFolder();
        string file = folder.Write("""{"grid": [{"length": 10, "lr": [0.1, 0.2], "seed": 1, "hidden": 6}, {"length": 10,"""
            + """ "hidden": 7}]}"""), study = folder.At("study");
        Assert.Equal(
            ExitCode.Success,
            TestStudies.Run(file, study, "--set", "lr=0.3", "--set", "updates=2", "--set", "validation=10", "--set", "batch=3",
                "--set", "lr=0.4", "--set", "seed=1..2", "--set", "no-bias=true").Code);
        using StudyStore store = StudyStore.OpenToRead(study);
        List<StoredTrial> trials = store.Trials();
        Assert.Equal(8, trials.Count);
        Assert.Equal(["0.3", "0.4"], trials.Select(trial => trial.Options["lr"]).Distinct());
        Assert.All(trials, trial =>
            Assert.Equal(("2", "3", "false"), (trial.Options["updates"], trial.Options["batch"], trial.Options["biases"])));
        Assert.Equal(["6", "7"], trials.Select(trial => trial.Options["hidden"]).Distinct());
        Assert.Equal(["hidden=6", "hidden=7"], trials.Select(trial =>
            trial.Name.Split(' ').Single(part => part.StartsWith("hidden=", StringComparison.Ordinal))).Distinct());
    }

    [Fact]
    public void A_folder_goes_on_and_may_be_given_more_seeds_without_losing_what_it_has()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight("", "1")), study = folder.At("study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
        string[] before = [.. TestStudies.Results(study).Select(WithoutPosition)];
        CliResult more = Cli.Run("study", "run", study, "--jobs", "1", "--set", "seed=1..2");
        Assert.Equal(ExitCode.Success, more.Code);
        Assert.Equal(4, more.OutLines.Count(line => line.StartsWith('[')));
        Assert.Subset(TestStudies.Results(study).Select(WithoutPosition).ToHashSet(), before.ToHashSet());

        // What the grid has no more is not shown, yet not lost either.
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", study, "--set", "seed=2").Code);
        Assert.Equal(4, TestStudies.Results(study).Length);
        CliResult back = Cli.Run("study", "run", study, "--set", "seed=1..2");
        Assert.DoesNotContain("\n[", back.Out);
        Assert.Contains("complete: 8 of 8", back.Out);

        static string WithoutPosition(string line) => line[line.IndexOf(' ', StringComparison.Ordinal)..];
    }

    [Fact]
    public void Random_search_from_the_command_line_is_the_same_for_the_same_seed()
    {
        using var folder = new TempFolder();
        string file = folder.Write($$"""{"grid": {{{TestStudies.Tiny}}, "omega": {"from": 0.1, "to": 4, "scale": "log"},"""
            + $$""" "seed": "1..2"} }""");
        Assert.Contains("'omega' is an interval", TestStudies.Run(file, folder.At("none")).RefusedWith());
        Assert.False(Directory.Exists(folder.At("none")));
        CliResult first = TestStudies.Run(file, folder.At("a"), "--sample", "3");
        Assert.Equal(ExitCode.Success, first.Code);
        Assert.Contains("6 in 3 cells", first.Out);
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("b"), "--sample", "3", "--sample-seed", "1").Code);
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("c"), "--sample", "3", "--sample-seed", "2").Code);
        Assert.Equal(TestStudies.Results(folder.At("a")), TestStudies.Results(folder.At("b")));
        Assert.Empty(TestStudies.Results(folder.At("a")).Intersect(TestStudies.Results(folder.At("c"))));
    }

    [Fact]
    public void A_task_is_a_study_of_one_trial()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run("study", "run", "addition", "--out", folder.At("study"), "--set", "length=10", "--set",
            "updates=3", "--set", "validation=5", "--set", "hidden=4");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("\ncomplete: 1 of 1 trial done, 0 solved\n", run.Out);
        Assert.Contains("[1/1] addition  unsolved in 3", run.Out);
        Assert.Matches(@"(?m)^\(all\) +0/1", run.Out);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_for_a_trial_ends_the_study_in_one_sentence_and_keeps_the_rest()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        Directory.CreateDirectory(study);
        string blocked = StudyGrid.Trials(StudyReader.ReadFile(file))[5].Hash;
        Directory.CreateDirectory(Path.Combine(study, "trials"));
        File.WriteAllText(StudyRunner.TrialFolder(study, blocked), "");
        CliResult run = Cli.Run("study", "run", file, "--out", study, "--jobs", "3", "--json");
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Contains(blocked, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        File.Delete(StudyRunner.TrialFolder(study, blocked));
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("whole")).Code);
        Assert.Equal(TestStudies.Results(folder.At("whole")), TestStudies.Results(study));
    }

    /// <summary>A run that is interrupted while its two long trials are under way.</summary>
    private static CliResult Interrupted(string file, string study) => TestStudies.RunWatched(
        (line, interrupt) =>
        {
            if (!line.StartsWith("Folder", StringComparison.Ordinal)) return;
            new Thread(() =>
            {
                string trials = Path.Combine(study, "trials");
                Cli.Await(() => Directory.Exists(trials) && Directory.GetFiles(trials, "metrics.jsonl",
                    SearchOption.AllDirectories).Count(path => new FileInfo(path).Length > 0) == 2, "the long trials");
                interrupt();
            }).Start();
        },
        "study", "run", file, "--out", study, "--jobs", "2");

    private static string[] Checkpoints(string study) =>
        Directory.GetFiles(study, "checkpoint.safetensors", SearchOption.AllDirectories);

    private static long Update(string checkpoint) =>
        long.Parse(Files.CheckpointFile.Read(checkpoint).Properties["update"], System.Globalization.CultureInfo.InvariantCulture);
}
