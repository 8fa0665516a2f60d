using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Unroll.Cli.Study;

namespace Unroll.Cli.Tests.Reliability;

/// <summary>What is the machine's fault ends with a code of its own, in one sentence, on every path.</summary>
public class MachineTests
{
    [Fact]
    public void A_full_disk_has_one_sentence_wherever_it_is_met()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        string model = folder.At("run/best.safetensors"), study = folder.At("study");
        Assert.Equal(ExitCode.Success,
            Cli.Run("study", "run", "temporal-order", "--set", "length=10", "--set", "updates=20", "--set", "validation=20",
            "--out", study, "--json").Code);
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "64k");
        string At(string name) => Path.Combine(disk.Path, name);
        disk.Fill();
        string[][] commands =
        [
            ["train", "--updates", "1", "--json", "--out", At("run"), .. Cli.Small],
            ["study", "run", "temporal-order", "--json", "--out", At("study")],
            ["study", "export", study, "--out", At("trials.csv")],
            ["study", "export", study, "--store", At("store.db")],
            ["study", "report", study, "--out", At("page.html")],
            ["diagnose", model, "--batches", "1", "--json", "--html", At("page.html")],
            ["reproduce", "fig4", "--json", "--out", At("figures")],
        ];
        foreach (string[] command in commands)
        {
            CliResult full = Cli.Run(command);
            Assert.True(full.Code == ExitCode.Machine, $"{string.Join(' ', command)}: exit {full.Code} {full.Error}");
            Assert.Contains("the disk is full", Assert.Single(full.Error.TrimEnd('\n').Split('\n')));
        }

        Assert.Equal(["filler"], Directory.EnumerateFiles(disk.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_disk_that_is_taken_away_ends_a_run_in_one_sentence()
    {
        using var folder = new TempFolder();
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "4m");
        string run = Path.Combine(disk.Path, "run");
        using Process process = Cli.Start(null, ["train", "--out", run, "--updates", "900000000", .. RealProcess.Options]);
        Cli.Await(() => File.Exists(Path.Combine(run, "checkpoint.safetensors")), "the first checkpoint");
        disk.TakeAway();
        CliResult lost = process.Finish();
        Assert.True(lost.Code == ExitCode.Machine, $"exit {lost.Code}: {lost.Error}");
        Assert.Contains("could not be written: its folder does not exist", Assert.Single(lost.Error.TrimEnd('\n').Split('\n')));
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [Fact]
    public void A_disk_that_is_taken_away_ends_a_study_in_one_sentence()
    {
        using var folder = new TempFolder();
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "8m");
        string study = Path.Combine(disk.Path, "study");
        using Process process =
            Cli.Start(null, "study", "run", "temporal-order", "--set", "seed=1..3000", "--set", "length=10", "--set",
            "hidden=5", "--set", "updates=20", "--set", "validation=20", "--jobs", "1", "--json", "--out", study);
        while (process.StandardOutput.ReadLine() is { } line && !line.Contains("\"trial\"", StringComparison.Ordinal))
        {
            // The study is not under way yet.
        }

        disk.TakeAway();
        CliResult lost = process.Finish();
        Assert.True(lost.Code == ExitCode.Machine, $"exit {lost.Code}: {lost.Error}");
        Assert.Single(lost.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    /// <summary>
    /// A folder that is renamed is gone from its place while its open files stay, as those of a lost mount do; anybody can
    /// rename, and at any instant.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_folder_that_goes_at_any_instant_ends_a_study_in_one_sentence(int jobs)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there a folder with open files stays where it is");
        using var folder = new TempFolder();
        var random = new Random(jobs);
        for (int i = 0; i < 10; i++)
        {
            string study = folder.At($"study-{i}"), away = folder.At($"away-{i}");
            Task<CliResult> running = Task.Run(() => Cli.Run(
                "study", "run", "temporal-order", "--set", "seed=1..200", "--set", "length=10", "--set", "hidden=5", "--set",
                "updates=5", "--set", "validation=20", "--jobs", $"{jobs}", "--json", "--out", study));

            // Some while the store is made, most while trials are.
            string sign = i % 3 == 0 ? Path.Combine(study, ".lock") : Path.Combine(study, "trials");
            SpinWait.SpinUntil(() => running.IsCompleted || Path.Exists(sign));
            SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(random.NextDouble() * 30));
            Directory.Move(study, away);
            CliResult lost = await running;
            Assert.True(lost.Code == ExitCode.Machine, $"exit {lost.Code}: {lost.Error}");
            Assert.Single(lost.Error.TrimEnd('\n').Split('\n'));
            Assert.False(Path.Exists(study), $"{i}: what was lost was made again: {lost.Error}");
        }
    }

    [Fact]
    public async Task A_folder_that_goes_at_any_instant_ends_a_run_in_one_sentence()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there a folder with open files stays where it is");
        using var folder = new TempFolder();
        var random = new Random(3);
        for (int i = 0; i < 10; i++)
        {
            string run = folder.At($"run-{i}");
            Task<CliResult> running = Task.Run(() => Cli.Run(
                ["train", "--json", "--out", run, "--updates", "900000000", "--stop", "budget", .. Cli.Small]));
            SpinWait.SpinUntil(() => running.IsCompleted || Path.Exists(Path.Combine(run, ".lock")));
            SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(random.NextDouble() * 10));
            Directory.Move(run, folder.At($"away-{i}"));
            CliResult lost = await running;
            Assert.True(lost.Code == ExitCode.Machine, $"exit {lost.Code}: {lost.Error}");
            Assert.Single(lost.Error.TrimEnd('\n').Split('\n'));
            Assert.False(Path.Exists(run), $"{i}: what was lost was made again: {lost.Error}");
        }
    }

    [Fact]
    public void A_store_that_is_locked_is_no_bad_input()
    {
        using var folder = new TempFolder();
        string[] run =
            ["study", "run", "temporal-order", "--set", "length=10", "--set", "updates=20", "--set", "validation=20", "--json",
            "--out", folder.At("s")];
        Assert.Equal(ExitCode.Success, Cli.Run(run).Code);
        using var other = new SqliteConnection($"Data Source={folder.At("s/study.db")};Pooling=False");
        other.Open();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        CliResult locked = Cli.RunIn(new Dictionary<string, string> { [StudyOptions.LockVariable] = "1" }, run);
        Assert.Contains("study.db is locked by another program", locked.FailedWith());
    }
}
