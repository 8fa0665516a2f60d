using System.Diagnostics;
using System.Globalization;
using Unroll.Cli.Tests.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Tests.Reliability;

/// <summary>Every signal that asks for an end, in every verb that may run long: real processes, real signals.</summary>
public class SignalTests
{
    [Theory]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("USR1")]
    [InlineData("XCPU")]
    public void A_run_saves_and_goes_on_to_the_same_bytes(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        RealProcess.SkipIgnored(signal);
        using var folder = new TempFolder();
        string cut = folder.At("cut");
        using (Process process = Cli.Start(null, ["train", "--out", cut, "--updates", "900000000", .. RealProcess.Options]))
        {
            RealProcess.AwaitSignals(process);
            process.Signal(signal);
            CliResult stopped = process.Finish();
            Assert.Equal(ExitCode.Cancelled, stopped.Code);
            Assert.Contains("stopping and saving", stopped.Error);
        }

        long reached =
            long.Parse(CheckpointFile.Read(Path.Combine(cut, RunFolder.CheckpointName)).Properties["update"],
            CultureInfo.InvariantCulture);
        string budget = $"{((reached / 40) + 2) * 40}";
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", cut, "--updates", budget).Code);
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "--out", folder.At("whole"), "--updates", budget, .. RealProcess.Options]).Code);
        foreach (string file in (string[])[RunFolder.ModelName, RunFolder.BestName, RunFolder.CheckpointName])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(Path.Combine(cut, file)));
    }

    [Theory]
    [InlineData("HUP", "study run temporal-order --set updates=900000000 --set stop=budget --out OUT",
        "continue with unroll study run")]
    [InlineData("USR1", "study run temporal-order --set updates=900000000 --set stop=budget --out OUT",
        "continue with unroll study run")]
    [InlineData("HUP", "reproduce fig7 --scale smoke --out OUT", "continue with unroll study run")]
    [InlineData("HUP", "reproduce geometry --out OUT", "cancelled")]
    [InlineData("HUP", "evaluate RUN --length 1000 --sequences 1000000", "cancelled")]
    [InlineData("TERM", "evaluate RUN --length 1000 --sequences 1000000", "cancelled")]
    [InlineData("HUP", "diagnose RUN --length 400 --batches 10000", "cancelled")]
    [InlineData("HUP", "probe temporal-order --updates 1000000", "cancelled")]
    [InlineData("HUP", "bench", "cancelled")]
    [InlineData("TERM", "bench", "cancelled")]
    [InlineData("INT", "bench", "cancelled")]
    public void Every_verb_that_runs_long_ends_with_130(string signal, string command, string said)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        RealProcess.SkipIgnored(signal);
        using var folder = new TempFolder();
        if (command.Contains("RUN", StringComparison.Ordinal)) Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        using Process process =
            Cli.Start(null,
            [.. command.Split(' ')
            .Select(word => word == "RUN" ? folder.At("run/best.safetensors") : word == "OUT" ? folder.At("out") : word)]);
        RealProcess.AwaitSignals(process);
        process.Signal(signal);
        CliResult stopped = process.Finish();
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.Contains(said, stopped.Error);
    }

    [Fact]
    public void A_sample_that_is_stopped_leaves_no_half_of_a_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        RealProcess.SkipIgnored("HUP");
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("t.txt"), string.Concat(Enumerable.Repeat("to be or not to be\n", 200)));
        Assert.Equal(ExitCode.Success,
            Cli.Run("train", "text", "--data", folder.At("t.txt"), "--updates", "2", "--hidden", "5", "--out", folder.At("run"))
            .Code);
        using Process process =
            Cli.Start(null, "sample", folder.At("run/best.safetensors"), "--length", "100000000", "--out", folder.At("s.txt"));
        RealProcess.AwaitSignals(process);
        process.Signal("HUP");
        CliResult stopped = process.Finish();
        Assert.Equal((ExitCode.Cancelled, "unroll: cancelled.\n"), (stopped.Code, stopped.Error));
        Assert.DoesNotContain(Directory.GetFiles(folder.At(".")), file => file.Contains("s.txt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_download_that_is_stopped_ends_at_once_and_goes_on(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        RealProcess.SkipIgnored(signal);
        DataFile file = DataCatalogue.Get("ptb").Files[0];
        using var folder = new TempFolder();
        using var server = new TestServer((file.Path, [new Answer(new byte[file.Bytes], StallAfter: 1_000_000)]));
        string target = Path.Combine(folder.At("data"), file.Path);
        var part = new FileInfo(target + ".part");
        long before = 0;
        for (int run = 0; run < 2; run++, before = part.Length)
        {
            using Process process = Cli.Start(new Dictionary<string, string> { ["UNROLL_DATA_URL"] = server.Url },
                "data", "get", "ptb", "--data-dir", folder.At("data"));
            Cli.Await(() => new FileInfo(part.FullName) is { Exists: true } now && now.Length > before, "the download");
            long told = Stopwatch.GetTimestamp();
            process.Signal(signal);
            CliResult stopped = process.Finish();
            Assert.Equal((ExitCode.Cancelled, "unroll: cancelled.\n"), (stopped.Code, stopped.Error));
            // when nothing comes, a download itself waits for 30
            Assert.InRange(Stopwatch.GetElapsedTime(told).TotalSeconds, 0, 15);
            Assert.False(File.Exists(target));
            Assert.Equal(before, server.Requests[run].From);
            part.Refresh();
        }
    }

    [Fact]
    public void A_signal_that_comes_twice_at_once_is_one_and_saves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        using var folder = new TempFolder();
        using Process process =
            Cli.Start(null, ["train", "--out", folder.At("run"), "--updates", "900000000", .. RealProcess.Options]);
        RealProcess.AwaitSignals(process);
        using (Process kill = Process.Start("sh",
            ["-c", $"kill -TERM {process.Id}; sleep 0.02; kill -TERM {process.Id}; kill -HUP {process.Id}"])) kill.WaitForExit();
        Assert.Equal(ExitCode.Cancelled, process.Finish().Code);
        Assert.True(File.Exists(folder.At("run/checkpoint.safetensors")));
    }

    [Fact]
    public void Nohup_is_respected()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and /proc of Linux");
        using var folder = new TempFolder();
        using Process process =
            Process.Start(
            new ProcessStartInfo("nohup",
            ["dotnet", typeof(UnrollCommand).Assembly.Location, "train", "--out", folder.At("run"), "--updates", "900000000",
            .. RealProcess.Options])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
        RealProcess.AwaitSignals(process);
        process.Signal("HUP");
        Cli.Await(() =>
            File.Exists(folder.At("run/metrics.jsonl"))
            && File.ReadAllLines(folder.At("run/metrics.jsonl")).Length >= 3, "the run that goes on");
        Assert.False(process.HasExited);
        process.Signal("TERM");
        Assert.Equal(ExitCode.Cancelled, process.Finish().Code);
    }
}
