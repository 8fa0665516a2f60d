using System.Diagnostics;
using System.Globalization;
using Unroll.Files;

namespace Unroll.Cli.Tests;

/// <summary>What only a real process shows: exit codes, signals, locks, full disks.</summary>
public class ProcessTests
{
    private static readonly string[] Options =
        ["--length", "20", "--hidden", "10", "--curriculum", "none", "--validation", "20", "--check-every", "40",
            "--stop", "budget"];

    [Theory]
    [InlineData("INT", true, 1)]
    [InlineData("TERM", true, 3)]
    [InlineData("KILL", false, 1)]
    [InlineData("KILL", false, 4)]
    public void A_run_that_is_stopped_anywhere_resumes_to_the_same_bytes(string signal, bool graceful, int checks)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix signals");
        using var folder = new TempFolder();
        string cut = folder.At("cut");
        using (Process process = Cli.Start(null, ["train", "--out", cut, .. Options]))
        {
            Cli.Await(() => File.Exists(Path.Combine(cut, "checkpoint.safetensors"))
                && CheckpointFile.Read(Path.Combine(cut, "checkpoint.safetensors")).Properties["update"] is { } at
                && long.Parse(at, CultureInfo.InvariantCulture) >= checks * 40, "the checkpoint");
            process.Signal(signal);
            CliResult stopped = process.Finish();
            if (graceful)
            {
                Assert.Equal(ExitCode.Cancelled, stopped.Code);
                Assert.Contains("stopping and saving", stopped.Error);
                Assert.Contains($"--resume {cut}", stopped.Error);
                Assert.Contains("cancelled after", stopped.Out);
            }
            else
            {
                Assert.Equal(137, stopped.Code);
            }
        }

        long reached = long.Parse(CheckpointFile.Read(Path.Combine(cut, "checkpoint.safetensors")).Properties["update"],
            CultureInfo.InvariantCulture);
        if (!graceful) Assert.Equal(0, reached % 40);
        string budget = $"{reached + 60}";
        Assert.Equal(ExitCode.Unsolved, Solved(Cli.Run("train", "--resume", cut, "--updates", budget).Code));
        Assert.Equal(ExitCode.Unsolved,
            Solved(Cli.Run(["train", "--out", folder.At("whole"), "--updates", budget, .. Options]).Code));
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(Path.Combine(cut, file)));
        IReadOnlyDictionary<string, Array> expected = CheckpointFile.Read(folder.At("whole/checkpoint.safetensors")).Tensors,
            actual = CheckpointFile.Read(Path.Combine(cut, "checkpoint.safetensors")).Tensors;
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach ((string name, Array values) in expected) Assert.Equal(values, actual[name]);

        // Short sequences may be solved by then; that is not what is tested.
        static int Solved(int code) => code == ExitCode.Success ? ExitCode.Unsolved : code;
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix signals");
        using var folder = new TempFolder();
        string run = folder.At("run");
        using Process first = Cli.Start(null, ["train", "--out", run, .. Options]);
        Cli.Await(() => File.Exists(Path.Combine(run, "run.json")), "the first run");
        Assert.Contains("holds a run", Cli.Run(["train", "--out", run, .. Options]).RefusedWith());
        Assert.Contains("in use by another run", Cli.Run("train", "--resume", run).FailedWith());
        first.Signal("INT");
        Assert.Equal(ExitCode.Cancelled, first.Finish().Code);
    }

    [Fact]
    public void A_full_disk_is_one_sentence_and_leaves_the_earlier_checkpoint_whole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can mount a small disk");
        using var folder = new TempFolder();
        string disk = folder.At("disk"), run = Path.Combine(disk, "run");
        Directory.CreateDirectory(disk);
        using (Process mount = Process.Start(new ProcessStartInfo("mount",
            ["-t", "tmpfs", "-o", "size=96k", "tmpfs", disk])
        { RedirectStandardError = true })!)
        {
            mount.WaitForExit();
            Assert.SkipUnless(mount.ExitCode == 0, "this container cannot mount a small disk");
        }

        try
        {
            Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
            byte[] checkpoint = File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors")),
                model = File.ReadAllBytes(Path.Combine(run, "model.safetensors"));
            using (FileStream filler = new FileStream(Path.Combine(disk, "filler"), FileMode.Create, FileAccess.Write,
                FileShare.None, 0))
            {
                try
                {
                    for (; ; ) filler.Write(new byte[512]);
                }
                catch (IOException)
                {
                    // Now it is full.
                }
            }

            CliResult full = Cli.Run("train", "--resume", run, "--updates", "3", "--json");
            Assert.Equal(ExitCode.Machine, full.Code);
            Assert.Contains("the disk is full", Assert.Single(full.Error.TrimEnd().Split('\n')));
            Assert.Equal(checkpoint, File.ReadAllBytes(Path.Combine(run, "checkpoint.safetensors")));
            Assert.Equal(model, File.ReadAllBytes(Path.Combine(run, "model.safetensors")));

            File.Delete(Path.Combine(disk, "filler"));
            Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", run, "--updates", "3").Code);
        }
        finally
        {
            using Process unmount = Process.Start("umount", [disk]);
            unmount.WaitForExit();
        }
    }

    [Fact]
    public void A_full_disk_behind_standard_output_is_one_sentence()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        var info = new ProcessStartInfo("sh",
            ["-c", "exec dotnet \"$0\" tasks > /dev/full", typeof(UnrollCommand).Assembly.Location])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(info)!;
        CliResult result = process.Finish();
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Piped_output_is_plain_whatever_the_terminal()
    {
        var environment = new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["NO_COLOR"] = "1" };
        using Process process = Cli.Start(environment, ["train", "--updates", "1", .. Cli.Small]);
        CliResult run = process.Finish();
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.DoesNotContain('\e', run.Out + run.Error);
        Assert.Contains("update         1  loss", run.Out);
    }
}
