using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Unroll.Cli.Study;
using Unroll.Files;
using Unroll.Studies;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Tests.Studies;

/// <summary>
/// A study that is killed again and again ends with the numbers and bytes of one that never was; tests/kill-study.sh does it at
/// length.
/// </summary>
public class KillTests
{
    private const int Kills = 5;

    /// <summary>The metrics that a kill waits for at most: about a trial's.</summary>
    private const int MostBytes = 12_000;

    // Every check leaves a checkpoint, so that what goes on goes on from the middle; the tests take about as long as the
    // training.
    private const string Study = """
        {
          "name": "kill",
          "grid": {
            "task": "temporal-order", "length": "10..20", "method": ["sgd-c", "sgd-cr"], "seed": "1..3", "hidden": 20,
            "curriculum": "none",
            "updates": 2000, "check-every": 100, "validation": 100, "stop": "budget"
          },
          "test": { "lengths": ["x1", "x4"], "sequences": 3000 }
        }
        """;

    private static readonly Dictionary<string, string> EveryCheck = new() { [StudyOptions.CheckpointVariable] = "0" };

    [Fact]
    public void A_study_that_is_killed_at_random_moments_ends_as_if_it_never_was()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix signals");
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("study.json"), Study);
        string[] command = ["study", "run", folder.At("study.json"), "--jobs", "2", "--json", "--out"];
        using Process whole = Cli.Start(null, [.. command, folder.At("whole")]);
        Assert.Equal(ExitCode.Success, whole.Finish().Code);

        string cut = folder.At("cut");
        var random = new Random(1);
        var finished = new Dictionary<string, (double Seconds, double TestSeconds)>();
        var begun = new Dictionary<string, string[]>();
        int kills = 0;
        while (kills < Kills)
        {
            long before = Metrics(cut);
            using Process process = Cli.Start(EveryCheck, [.. command, cut]);
            if (process.StandardOutput.ReadLine() is null) Assert.Fail($"no study began: {process.Finish().Error}");

            // Random in the progress made, so that the machine's speed does not matter, and a little beyond: between checks, in
            // tests, in the store.
            long enough = before + random.Next(0, MostBytes);
            while (!process.HasExited && Metrics(cut) < enough) Thread.Sleep(5);
            Thread.Sleep(random.Next(0, 60));
            if (process.HasExited) break;
            process.Signal("KILL");
            process.WaitForExit();
            kills++;
            Look(cut, finished, begun);
        }

        using Process last = Cli.Start(EveryCheck, [.. command, cut]);
        Assert.Equal(ExitCode.Success, last.Finish().Code);
        Look(cut, finished, begun);
        Assert.True(kills >= 3, $"the study ended after {kills} kills");
        Assert.Equal(6, finished.Count);
        Assert.True(begun.Count > 0, "no kill left a checkpoint with checks behind it");
        StudyFolders.RequireSame(folder.At("whole"), cut);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_signal_saves_the_trials_where_they_are(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix signals");
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("study.json"), Study);
        string[] command = ["study", "run", folder.At("study.json"), "--set", "seed=1", "--set", "updates=40000", "--jobs", "2",
            "--out", folder.At("s")];

        // By default nothing is saved in the first ten seconds, so the checkpoints are the signal's.
        using Process process = Cli.Start(null, command);
        Cli.Await(() => Directory.Exists(folder.At("s/trials"))
            && Directory.GetFiles(folder.At("s/trials"), RunFolder.MetricsName,
                SearchOption.AllDirectories) is { Length: 2 } metrics && metrics.All(file => new FileInfo(file).Length > 0),
                "a check of both trials");
        process.Signal(signal);
        CliResult stopped = process.Finish();
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.Contains("the running trials save where they are", stopped.Error);
        Assert.Contains("2 trials are left; continue with unroll study run", stopped.Error);
        foreach (string trial in Directory.GetDirectories(folder.At("s/trials")))
            Assert.InRange(long.Parse(CheckpointFile.Read(Path.Combine(trial, RunFolder.CheckpointName)).Properties["update"],
                CultureInfo.InvariantCulture), 100, 39_999);
    }

    [Fact]
    public void A_store_that_was_killed_as_it_was_made_is_empty_and_is_made_again()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("study.json"), Study);
        Directory.CreateDirectory(folder.At("s"));
        File.WriteAllBytes(folder.At("s/study.db"), []);
        Assert.Contains("holds no study yet", Cli.Run("study", "status", folder.At("s")).RefusedWith());
        Assert.Contains("run the study itself in this folder (--out)", Cli.Run("study", "run", folder.At("s")).RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", folder.At("study.json"), "--set", "seed=1", "--set", "updates=100",
            "--out", folder.At("s"), "--json").Code);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "status", folder.At("s")).Code);
    }

    [Fact]
    public void A_data_base_of_something_else_is_left_alone()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("study.json"), Study);
        Directory.CreateDirectory(folder.At("s"));
        using (var other = new SqliteConnection($"Data Source={folder.At("s/study.db")};Pooling=False"))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = "CREATE TABLE photographs (name TEXT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("is not a study's store",
            Cli.Run("study", "run", folder.At("study.json"), "--out", folder.At("s"), "--json").RefusedWith());
    }

    [Fact]
    public void Seconds_between_checkpoints_are_a_number()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("study.json"), Study);
        CliResult run = Cli.RunIn(new Dictionary<string, string> { [StudyOptions.CheckpointVariable] = "often" }, "study", "run",
            folder.At("study.json"), "--out", folder.At("s"));
        Assert.Contains("UNROLL_CHECKPOINT_SECONDS 'often' is not a number", run.RefusedWith());
        Assert.False(Directory.Exists(folder.At("s")));
    }

    /// <summary>
    /// Looks at the store between kills: what is finished stays as it is; what is begun has lines of metrics behind its
    /// checkpoint.
    /// </summary>
    private static void Look(string path, Dictionary<string, (double Seconds, double TestSeconds)> finished, Dictionary<string,
        string[]> begun)
    {
        if (!File.Exists(Path.Combine(path, StudyStore.FileName))) return;
        using StudyStore store = StudyStore.OpenToRead(path);
        List<StoredTrial> trials = store.Trials();
        foreach ((string hash, (double Seconds, double TestSeconds) before) in finished)
        {
            TrialResult? now = trials.Single(trial => trial.Hash == hash).Result;
            Assert.NotNull(now);
            Assert.Equal(before, (now.Seconds, now.TestSeconds));
        }

        // A line has its seconds, which are never the same twice: these are the lines from before the kill, not made again.
        foreach ((string hash, string[] lines) in begun)
            Assert.Equal(lines, File.ReadLines(Path.Combine(StudyRunner.TrialFolder(path, hash), RunFolder.MetricsName))
                .Take(lines.Length));

        foreach (StoredTrial trial in trials)
        {
            string run = StudyRunner.TrialFolder(path, trial.Hash);
            if (trial.Result is { } result) finished[trial.Hash] = (result.Seconds, result.TestSeconds);
            else if (File.Exists(Path.Combine(run, RunFolder.CheckpointName)) && LinesOfCheckpoint(run) is { Length: > 0 } lines)
                begun[trial.Hash] = lines;
        }
    }

    private static string[] LinesOfCheckpoint(string run)
    {
        long at = RunKeeper.CheckedAt(CheckpointFile.Read(Path.Combine(run, RunFolder.CheckpointName)));
        return [.. File.ReadLines(Path.Combine(run, RunFolder.MetricsName)).TakeWhile(line =>
            line.EndsWith('}') && JsonDocument.Parse(line).RootElement.GetProperty("update").GetInt64() <= at)];
    }

    /// <summary>The bytes of all metrics.</summary>
    private static long Metrics(string study)
    {
        var trials = new DirectoryInfo(Path.Combine(study, "trials"));
        return trials.Exists ? trials.GetDirectories().Sum(run =>
            new FileInfo(Path.Combine(run.FullName, RunFolder.MetricsName)) is { Exists: true } file ? file.Length : 0) : 0;
    }
}
