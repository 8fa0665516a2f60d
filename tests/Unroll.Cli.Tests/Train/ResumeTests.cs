using System.Text.Json;

namespace Unroll.Cli.Tests.Train;

public class ResumeTests
{
    [Theory]
    [InlineData("--optimizer", "adam")]
    [InlineData("--averaging", "0.9")]
    [InlineData("--lr-schedule", "halve")]
    [InlineData("--curriculum", "12,1.2,0.9,10")]
    public void A_run_cut_in_two_gives_the_same_bytes_as_one_that_was_not(string option, string value)
    {
        using var folder = new TempFolder();
        string[] options = [.. Cli.Small.Where(arg => arg is not ("--curriculum" or "none")), "--stop", "budget", option, value];
        int whole = Cli.Run(["train", "--updates", "100", "--out", folder.At("whole"), .. options]).Code;
        Assert.True(whole is ExitCode.Success or ExitCode.Unsolved);
        Assert.True(Cli.Run(["train", "--updates", "50", "--out", folder.At("cut"), .. options]).Code is ExitCode.Success
            or ExitCode.Unsolved);
        Assert.Equal(whole, Cli.Run("train", "--resume", folder.At("cut"), "--updates", "100", "--threads", "2").Code);
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"cut/{file}")));
        Assert.Equal(Metrics(folder.At("whole")), Metrics(folder.At("cut")));
        Assert.Equal("100", Options(folder.At("cut")).GetProperty("updates").GetString());
        Assert.Equal("2", Options(folder.At("cut")).GetProperty("threads").GetString());
    }

    [Theory]
    [InlineData("--lr 0.5", "--lr 0.01, not 0.5")]
    [InlineData("--seed 2", "--seed 1, not 2")]
    [InlineData("--hidden 11", "--hidden 10, not 11")]
    [InlineData("--method sgd-c", "--method sgd-cr, not sgd-c")]
    [InlineData("--recipe paper", "--recipe best, not paper")]
    [InlineData("--variant text", "--variant code, not text")]
    [InlineData("--length 30", "--length 20, not 30")]
    [InlineData("--check-every 5", "--check-every 20, not 5")]
    [InlineData("addition", "the task temporal-order, not addition")]
    public void A_resume_with_other_options_is_refused_by_name(string args, string expected)
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), .. Cli.Small]).Code);
        Assert.Contains(expected, Cli.Run(["train", "--resume", folder.At("run"), "--updates", "2", .. args.Split(' ')])
            .RefusedWith());
    }

    [Fact]
    public void A_resume_may_repeat_the_options_and_drops_metrics_beyond_its_checkpoint()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "40", "--out", folder.At("run"), .. Cli.Small]).Code);
        File.AppendAllText(folder.At("run/metrics.jsonl"), "{\"event\":\"progress\",\"update\":60}\n{\"event\":\"prog");
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run(["train", "temporal-order", "--resume", folder.At("run"), "--updates", "80", .. Cli.Small]).Code);
        long[] updates = [.. File.ReadAllLines(folder.At("run/metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("update").GetInt64())];
        Assert.Equal([20L, 40, 60, 80], updates);
    }

    [Fact]
    public void A_run_that_is_solved_has_nothing_left_to_train()
    {
        using var folder = new TempFolder();
        string[] options = ["--length", "10", "--hidden", "20", "--validation", "200", "--check-every", "100",
            "--curriculum", "none"];
        Assert.Equal(ExitCode.Success, Cli.Run(["train", "--updates", "3000", "--out", folder.At("run"), .. options]).Code);
        byte[] before = File.ReadAllBytes(folder.At("run/model.safetensors"));
        CliResult again = Cli.Run("train", "--resume", folder.At("run"), "--json");
        Assert.Equal(ExitCode.Success, again.Code);
        Assert.True(Assert.Single(again.Json).GetProperty("solved").GetBoolean());
        Assert.Equal(before, File.ReadAllBytes(folder.At("run/model.safetensors")));
    }

    [Fact]
    public void A_resume_that_has_nothing_to_do_adds_no_line_that_is_there()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "40", "--out", folder.At("run"), .. Cli.Small]).Code);
        string[] before = Metrics(folder.At("run"));
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", folder.At("run"), "--updates", "40").Code);
        Assert.Equal(2, before.Length);
        Assert.Equal(before, Metrics(folder.At("run")));
    }

    [Fact]
    public void Bits_are_those_of_the_run_when_no_task_is_named()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "memorization", "--bits", "20", "--length", "5", "--updates", "1",
            "--hidden", "5", "--validation", "10", "--out", folder.At("run")).Code);
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", folder.At("run"), "--bits", "20", "--updates", "2").Code);
        Assert.Contains("--bits 5 contradicts the task memorization-20bit",
            Cli.Run("train", "--resume", folder.At("run"), "--bits", "5", "--updates", "3").RefusedWith());
    }

    /// <summary>The lines of the metrics without what depends on the clock.</summary>
    private static string[] Metrics(string run) =>
    [
        .. from line in File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))
           select string.Join(' ', JsonDocument.Parse(line).RootElement.EnumerateObject()
               .Where(p => p.Name is not ("seconds" or "updates_per_second")).Select(p => p.ToString())),
    ];

    private static JsonElement Options(string run) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(run, "run.json"))).RootElement.GetProperty("options");
}
