using Unroll.Files;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Tests.Reliability;

/// <summary>A run folder that is not as its run left it: noticed, named, and gone on with only when asked to.</summary>
public class AlteredRunTests
{
    private const string ClockName = "clock.json";
    private const int Flips = 25;

    [Theory]
    [InlineData(RunFolder.RunName)]
    [InlineData(RunFolder.MetricsName)]
    [InlineData(ClockName)]
    [InlineData(RunFolder.CheckpointName)]
    [InlineData(RunFolder.ModelName)]
    [InlineData(RunFolder.BestName)]
    public void A_flipped_bit_is_noticed_wherever_it_is(string name)
    {
        using var folder = new TempFolder();
        string file = Path.Combine(Run(folder), name);
        byte[] whole = File.ReadAllBytes(file);
        var random = new Random(1);
        for (int i = 0; i < Flips; i++)
        {
            byte[] flipped = [.. whole];
            int at = random.Next(8 * whole.Length);
            flipped[at / 8] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(file, flipped);
            string error = name is RunFolder.ModelName or RunFolder.BestName ? Cli.Run("evaluate", file).RefusedWith()
                : Resume(folder).RefusedWith();
            Assert.Contains(file, error);
            Assert.DoesNotContain("dictionary", error);
            Assert.Equal(flipped, File.ReadAllBytes(file));
        }

        File.WriteAllBytes(file, whole);
        Assert.Equal(ExitCode.Unsolved, Resume(folder).Code);
    }

    [Fact]
    public void Rows_that_are_missing_are_counted()
    {
        using var folder = new TempFolder();
        string metrics = Path.Combine(Run(folder), RunFolder.MetricsName);
        File.WriteAllLines(metrics, File.ReadAllLines(metrics).Where((_, i) => i != 1));
        Assert.Contains(
            $"{metrics} has 3 rows where the checkpoint counts 4; put it back as it was, or continue without it: "
                + $"unroll train --resume {folder.At("run")} --accept-altered.", Resume(folder).RefusedWith());
        File.Delete(metrics);
        Assert.Contains($"{metrics} is missing, where the checkpoint counts 4 rows", Resume(folder).RefusedWith());
        CliResult accepted = Resume(folder, "--accept-altered");
        Assert.Equal(ExitCode.Unsolved, accepted.Code);
        Assert.Equal($"unroll: {metrics} is missing, where the checkpoint counts 4 rows; accepted.\n", accepted.Error);
        Assert.Single(File.ReadAllLines(metrics));
        Assert.Equal((ExitCode.Unsolved, ""), (Resume(folder).Code, Resume(folder).Error));
    }

    [Fact]
    public void A_row_that_does_not_parse_is_named_by_its_line_and_left_out_where_that_is_accepted()
    {
        using var folder = new TempFolder();
        string metrics = Path.Combine(Run(folder), RunFolder.MetricsName);
        string[] lines = File.ReadAllLines(metrics);
        File.WriteAllLines(metrics, [lines[0], lines[1], "[" + lines[2][1..], lines[3]]);
        Assert.Contains($"{metrics} has a line 3 that is not JSON", Resume(folder).RefusedWith());
        CliResult accepted = Resume(folder, "--accept-altered");
        Assert.Equal(ExitCode.Unsolved, accepted.Code);
        Assert.Contains($"line 3 of {metrics} is left out", accepted.Error);
        Assert.Equal([lines[0], lines[1], lines[3]], File.ReadAllLines(metrics)[..3]);
        Assert.Equal("", Resume(folder).Error);
    }

    [Fact]
    public void A_number_that_was_changed_is_found_by_the_digest()
    {
        using var folder = new TempFolder();
        string metrics = Path.Combine(Run(folder), RunFolder.MetricsName);
        File.WriteAllText(metrics, File.ReadAllText(metrics)
            .Replace("\"non_finite\":0", "\"non_finite\":1", StringComparison.Ordinal));
        Assert.Contains("metrics.jsonl was altered: its first 4 rows are not those that the checkpoint counts", Resume(folder)
            .RefusedWith());
    }

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        using var folder = new TempFolder();
        string run = Run(folder), clock = Path.Combine(run, ClockName), checkpoint = Path.Combine(run, RunFolder.CheckpointName);
        byte[] times = File.ReadAllBytes(clock);
        File.Delete(clock);
        Assert.Contains("clock.json is missing, which has the times of the run", Resume(folder).RefusedWith());
        File.WriteAllBytes(clock, times);
        File.Delete(checkpoint);
        Assert.Contains("checkpoint.safetensors is missing, though the run had saved it", Resume(folder).RefusedWith());
        Assert.Equal(ExitCode.Unsolved, Resume(folder, "--accept-altered").Code);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(run, RunFolder.MetricsName)).Length);
    }

    [Fact]
    public void A_key_that_is_missing_is_named()
    {
        using var folder = new TempFolder();
        string file = Path.Combine(Run(folder), RunFolder.RunName);
        string text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace("\"options\"", "\"optionz\"", StringComparison.Ordinal));
        Assert.Contains("was altered after it was written and no longer describes a run: it lacks 'options'", Resume(folder)
            .RefusedWith());

        // As an earlier version wrote it, without a checksum.
        string old = text[..text.IndexOf(",\n  \"checksum\"", StringComparison.Ordinal)] + "\n}";
        File.WriteAllText(file, old.Replace("\"version\"", "\"versiom\"", StringComparison.Ordinal));
        Assert.Contains("does not describe a run: it lacks 'version'", Resume(folder).RefusedWith());
        File.WriteAllText(file, old);
        Assert.Equal((ExitCode.Unsolved, ""), (Resume(folder).Code, Resume(folder).Error));
    }

    [Fact]
    public void A_run_of_an_earlier_version_is_gone_on_with()
    {
        using var folder = new TempFolder();
        string run = Run(folder), checkpoint = Path.Combine(run, RunFolder.CheckpointName);

        // It had its times in the checkpoint and counted no rows.
        Checkpoint now = CheckpointFile.Read(checkpoint);
        var properties = new Dictionary<string,
            string>(now.Properties)
        { ["seconds"] = ExactNumber.ToText(1000), ["update-seconds"] = ExactNumber.ToText(0.5) };
        properties.Remove(RunState.RowsName);
        CheckpointFile.Write(checkpoint, now with { Properties = properties });
        File.Delete(Path.Combine(run, ClockName));
        Assert.Equal((ExitCode.Unsolved, ""), (Resume(folder).Code, Resume(folder).Error));
        string last = File.ReadAllLines(Path.Combine(run, RunFolder.MetricsName))[^1];
        Assert.True(System.Text.Json.JsonDocument.Parse(last).RootElement.GetProperty("seconds").GetDouble() > 1000);
        Assert.DoesNotContain("seconds", CheckpointFile.Read(checkpoint).Properties.Keys);
    }

    [Fact]
    public void The_option_is_for_a_resume()
    {
        using var folder = new TempFolder();
        Assert.Contains("--accept-altered is for --resume",
            Cli.Run(["train", "--accept-altered", "--out", folder.At("run"), .. Cli.Small]).RefusedWith());
    }

    [Fact]
    public void The_same_run_gives_the_same_checkpoint_and_a_resumed_one_too()
    {
        using var folder = new TempFolder();
        string run = Run(folder);
        Assert.Equal(ExitCode.Unsolved, Resume(folder).Code);
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "--updates", "200", "--out", folder.At("again"), .. RealProcess.Options]).Code);
        Assert.Equal(File.ReadAllBytes(folder.At("again/checkpoint.safetensors")),
            File.ReadAllBytes(Path.Combine(run, RunFolder.CheckpointName)));
    }

    [Fact]
    public void Temporary_files_of_a_run_that_was_killed_are_removed_by_the_next()
    {
        using var folder = new TempFolder();
        string run = Run(folder);
        string[] left = [Path.Combine(run, ".best.safetensors.0.tmp"), Path.Combine(run, ".run.json.3.tmp")],
            others = [Path.Combine(run, ".mine.tmp"), Path.Combine(run, "x.0.tmp")];
        foreach (string file in (string[])[.. left, .. others]) File.WriteAllText(file, "half");
        Assert.Equal(ExitCode.Unsolved, Resume(folder).Code);
        Assert.DoesNotContain(left, File.Exists);
        Assert.All(others, file => Assert.True(File.Exists(file)));
    }

    private static string Run(TempFolder folder)
    {
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "160", "--out", folder.At("run"), .. RealProcess.Options])
            .Code);
        return folder.At("run");
    }

    private static CliResult Resume(TempFolder folder, params string[] more) =>
        Cli.Run(["train", "--resume", folder.At("run"), "--updates", "200", .. more]);
}
