using System.Diagnostics;
using Unroll.Files;

namespace Unroll.Cli.Tests.Reliability;

/// <summary>Standard streams that are closed, full or not read: real processes, started by a shell.</summary>
public class StreamTests
{
    private static readonly string Train = $"unroll train --out \"$1\" --updates 80 {string.Join(' ', RealProcess.Options)}";

    [Theory]
    [InlineData("unroll predict \"$1\" <&-", "Standard input is closed")]
    [InlineData("unroll data show - <&-", "Standard input is closed")]
    [InlineData("unroll data show /dev/stdin <&-", "Standard input is closed")]
    [InlineData("unroll train text --data - <&-", "Standard input is closed")]
    [InlineData("unroll predict \"$1\" </", "Standard input could not be read: it is a folder")]
    [InlineData("unroll predict \"$1\" 0>/dev/null", "Standard input could not be read: it is not open for reading")]
    public void Standard_input_that_cannot_be_read_is_one_sentence(string script, string expected)
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        Assert.Contains(expected, RealProcess.Shell(script, folder.At("run/best.safetensors")).RefusedWith());
    }

    [Fact]
    public void Who_reads_no_standard_input_does_not_care_that_it_is_closed()
    {
        using var folder = new TempFolder();
        CliResult run = RealProcess.Shell($"{Train} <&-", folder.At("run"));
        Assert.Equal((ExitCode.Unsolved, ""), (run.Code, run.Error));
        Assert.Contains("update        80", run.Out);
    }

    [Theory]
    [InlineData("unroll tasks >/dev/full", 2,
        "unroll: Standard output could not be written: no space is left (the disk is full).\n")]
    [InlineData("unroll tasks >&-", 2, "unroll: Standard output could not be written: it is closed.\n")]
    [InlineData("unroll train --help >/dev/full", 2,
        "unroll: Standard output could not be written: no space is left (the disk is full).\n")]
    [InlineData("unroll tasks >&- 2>/dev/full", 2, "")]
    [InlineData("unroll no-such-verb 2>/dev/full", 2, "")]
    [InlineData("unroll no-such-verb <&- >&- 2>&-", 2, "")]
    [InlineData("{ unroll tasks; echo $? >&2; } | true", 0, "141\n")]
    public void A_command_whose_product_is_standard_output_names_it(string script, int code, string error)
    {
        CliResult result = RealProcess.Shell(script);
        Assert.Equal((code, error), (result.Code, result.Error));
    }

    [Theory]
    [InlineData(">/dev/full",
        "unroll: Standard output could not be written: no space is left (the disk is full); the work goes on unseen.\n")]
    [InlineData(">&-", "unroll: Standard output could not be written: it is closed; the work goes on unseen.\n")]
    [InlineData(">/dev/full 2>/dev/full", "")]
    [InlineData("<&- >&- 2>&-", "")]
    [InlineData("--json >/dev/full",
        "unroll: Standard output could not be written: no space is left (the disk is full); the work goes on unseen.\n")]
    public void A_run_that_is_kept_does_not_need_to_be_seen(string streams, string error)
    {
        using var folder = new TempFolder();
        CliResult run = RealProcess.Shell($"{Train} {streams}", folder.At("run"));
        Assert.Equal((ExitCode.Unsolved, error), (run.Code, run.Error));
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--out", folder.At("seen"), "--updates", "80", .. RealProcess.Options])
            .Code);
        foreach (string file in (string[])[RunFolder.CheckpointName, RunFolder.BestName, RunFolder.ModelName])
            Assert.Equal(File.ReadAllBytes(folder.At($"seen/{file}")), File.ReadAllBytes(folder.At($"run/{file}")));
    }

    [Fact]
    public void A_study_and_its_summary_do_not_need_to_be_seen()
    {
        using var folder = new TempFolder();
        CliResult study =
            RealProcess.Shell(
            "unroll study run temporal-order --set length=10 --set updates=20 --set check-every=20 "
                + "--set validation=20 --set hidden=5 --out \"$1\" >/dev/full", folder.At("s"));
        Assert.Equal(ExitCode.Success, study.Code);
        Assert.Equal(
            "unroll: Standard output could not be written: no space is left (the disk is full); the work goes on unseen.\n",
            study.Error);
        Assert.Contains("1 of 1 trial done", Cli.Run("study", "status", folder.At("s")).Out);
    }

    [Fact]
    public void A_run_whose_lines_nobody_reads_any_more_stops_soon_and_saves()
    {
        using var folder = new TempFolder();
        string train = $"unroll train --json --updates 900000000 {string.Join(' ', RealProcess.Options)}";
        long started = Stopwatch.GetTimestamp();
        CliResult kept = RealProcess.Shell($"{{ {train} --out \"$1\"; echo $? >&2; }} | head -1", folder.At("run"));
        Assert.Single(kept.OutLines);
        Assert.EndsWith($"continue with unroll train --resume {folder.At("run")}\n141\n", kept.Error);
        Assert.Contains("nobody reads standard output any more, so the run stopped at update",
            Assert.Single(kept.Error.Split('\n'), line => line.StartsWith("unroll: ", StringComparison.Ordinal)));
        CliResult unkept = RealProcess.Shell($"{{ {train}; echo $? >&2; }} | head -1");
        Assert.Equal("141\n", unkept.Error);
        Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 50);
        long reached =
            long.Parse(CheckpointFile.Read(folder.At("run/checkpoint.safetensors")).Properties["update"],
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", folder.At("run"), "--updates", $"{reached + 40}").Code);
    }

    [Fact]
    public void A_reader_that_goes_away_is_noticed_before_the_next_line()
    {
        using var folder = new TempFolder();

        // One check in all eternity: nothing is ever written that could fail.
        CliResult run = RealProcess.Shell(
            "{ unroll train --json --out \"$1\" --length 20 --hidden 5 --curriculum none --check-every 900000000 "
                + "--updates 900000000; echo $? >&2; } | sleep 0.5", folder.At("run"));
        Assert.EndsWith("141\n", run.Error);
        Assert.True(File.Exists(folder.At("run/checkpoint.safetensors")));
    }
}
