using System.Diagnostics;
using System.Text.Json;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Studies of real processes and on disks that are full or cannot be written.</summary>
public class StudyProcessTests
{
    [Fact]
    public void Two_processes_do_not_share_a_study_but_both_may_look_at_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix signals");
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Long.Replace("4000", "4000000")), study = folder.At("study");
        using Process first = Cli.Start(null, "study", "run", file, "--out", study, "--jobs", "1", "--json");
        Cli.Await(() => Directory.Exists(study) && Directory.GetFiles(study, "metrics.jsonl", SearchOption.AllDirectories)
            .Any(path => new FileInfo(path).Length > 0), "the first trial");
        Assert.Contains($"The folder {study} is in use by another study; wait until it ends or use another folder.",
            TestStudies.Run(file, study).FailedWith());
        JsonElement status = Assert.Single(Cli.Run("study", "status", study, "--json").Json);
        Assert.True(status.GetProperty("running").GetBoolean());
        Assert.Contains("0 of 4 trials done, 0 solved; running", Cli.Run("study", "status", study).Out);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "show", study).Code);
        first.Signal("INT");
        CliResult stopped = first.Finish();
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.False(stopped.Json[^1].GetProperty("complete").GetBoolean());
        Assert.Contains("4 trials are left", stopped.Error);
        Assert.Contains("; not running", Cli.Run("study", "status", study).Out);
        Assert.Single(Directory.GetFiles(study, "checkpoint.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_study_that_cannot_be_written_can_be_looked_at_and_not_run()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight());
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "4m");
        string study = Path.Combine(disk.Path, "study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
        (string status, string show, string export) = Look(study);
        disk.Remount("ro");
        Assert.Equal((status, show, export), Look(study));
        Assert.Contains("cannot be written", TestStudies.Run(file, study).RefusedWith());
        Assert.Contains("cannot be written", Cli.Run("study", "run", study).RefusedWith());
        disk.Remount("rw");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);

        static (string, string, string) Look(string study)
        {
            CliResult[] results = [Cli.Run("study", "status", study), Cli.Run("study", "show", study),
                Cli.Run("study", "export", study)];
            Assert.All(results, result => Assert.Equal((ExitCode.Success, ""), (result.Code, result.Error)));
            return (results[0].Out, results[1].Out, results[2].Out);
        }
    }

    [Fact]
    public void A_study_in_a_folder_without_permission_can_be_looked_at_and_not_run()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root",
            "needs Unix permissions, and root writes everywhere");
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
        UnixFileMode before = OperatingSystem.IsWindows() ? 0 : File.GetUnixFileMode(study);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(study, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Contains("8 of 8", Cli.Run("study", "status", study).Out);
            Assert.Equal(ExitCode.Success, Cli.Run("study", "show", study).Code);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(study, ".lock"), UnixFileMode.UserRead);
            Assert.Contains("cannot be written: permission is denied", TestStudies.Run(file, study).RefusedWith());
        }
        finally
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(study, before);
        }
    }

    [Fact]
    public void A_full_disk_is_one_sentence_and_loses_nothing_that_was_finished()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight());
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("whole")).Code);
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "4m");
        string study = Path.Combine(disk.Path, "study");
        CliResult full = TestStudies.RunWatched(
            (line, _) =>
            {
                if (line.StartsWith("[3/8]", StringComparison.Ordinal)) disk.Fill();
            },
            "study", "run", file, "--out", study, "--jobs", "1");
        Assert.Equal(ExitCode.Machine, full.Code);
        Assert.Contains("the disk is full", Assert.Single(full.Error.TrimEnd().Split('\n')));
        Assert.DoesNotContain("complete", full.Out);
        int done = full.OutLines.Count(line => line.StartsWith('['));
        Assert.InRange(done, 3, 7);

        // While it is full it can be looked at, and to run it is refused again in one sentence.
        Assert.Contains($"{done} of 8 trials done", Cli.Run("study", "status", study).Out);
        CliResult again = TestStudies.Run(file, study);
        Assert.Equal(ExitCode.Machine, again.Code);
        Assert.Contains("the disk is full", Assert.Single(again.Error.TrimEnd().Split('\n')));

        disk.Empty();
        CliResult whole = TestStudies.Run(file, study);
        Assert.Equal((ExitCode.Success, ""), (whole.Code, whole.Error));
        Assert.Equal(8 - done, whole.OutLines.Count(line => line.StartsWith('[')));
        Assert.Equal(TestStudies.Results(folder.At("whole")), TestStudies.Results(study));
    }

    [Fact]
    public void A_disk_too_small_for_a_store_is_one_sentence()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight());
        using SmallDisk disk = SmallDisk.Mount(folder.At("disk"), "1m");
        disk.Fill();
        string study = Path.Combine(disk.Path, "study");
        string error = TestStudies.Run(file, study).FailedWith();
        Assert.Contains("the disk is full", error);
        disk.Empty();
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
    }
}
