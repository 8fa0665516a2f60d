using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Terminal;

/// <summary>What is written for a person fits the columns that there are: 80 where nobody says.</summary>
public sealed class WidthTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Every_command_fits_eighty_columns()
    {
        string run = _folder.At("run"), text = _folder.At("novel.txt"), novel = _folder.At("novel"), study = _folder.At("study");
        File.WriteAllText(text,
            string.Concat(Enumerable.Range(0, 120)
                .Select(i =>
                    $"the {i * 7919 % 97} quick brown foxes jump over {i * 31 % 13} lazy dogs, and over a line that is longer "
                        + "than any screen is wide\n")));
        Fits(["train", "addition", "--updates", "40", "--out", run, .. Cli.Small]);
        Fits("train", "temporal-order", "--updates", "40", "--diagnose-every", "1", "--curriculum", "10,1.1,0.1",
            "--gradient-noise", "0.1", "--rescue", "best", "--length", "20", "--validation", "50", "--check-every", "20");
        Fits("train", "text", "--data", text, "--epochs", "1", "--hidden", "10", "--method", "sgd-cr", "--out", novel);
        Fits("evaluate", Path.Combine(run, "best.safetensors"), "--length", "20,30");
        Fits("evaluate", Path.Combine(novel, "best.safetensors"), "--detail");
        Fits("diagnose", Path.Combine(run, "best.safetensors"));
        Fits("diagnose", Path.Combine(novel, "best.safetensors"), "--batches", "2");
        Fits("probe", "addition", "--updates", "20", "--length", "20", "--hidden", "10");
        Fits("tasks");
        foreach (string task in TaskCatalogue.Names) Fits("tasks", "show", task, "--length", "50");
        Fits("data", "list");
        Fits("data", "show", text);
        Fits("bench", "--shape", "h50", "--seconds", "0.01");
        Fits("study", "run", "addition", "--set", "method=sgd-c,sgd-cr", "--set", "seed=1,2", "--set", "updates=40", "--set",
            "length=20", "--set", "hidden=10", "--set", "curriculum=none", "--set", "validation=50", "--set", "check-every=20",
            "--out", study);
        Fits("study", "status", study);
        Fits("study", "show", study);
        string trial = Cli.Run("study", "show", study, "--json").Json.First(line =>
            line.GetProperty("event").GetString() == "trial").GetProperty("hash").GetString()!;
        Fits("study", "show", study, trial);
        Fits("reproduce", "fig4", "--scale", "smoke", "--out", _folder.At("figures"));
        Fits("completion", "--help");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(120)]
    public void A_diagnosis_uses_the_width_of_the_terminal(int width)
    {
        string run = _folder.At("run");
        Cli.Run(["train", "addition", "--updates", "20", "--out", run, .. Cli.Small]);
        using var output = new StringWriter { NewLine = "\n" };
        var host = new CommandHost(TextReader.Null, output, TextWriter.Null) { OutIsTerminal = true, Columns = () => width };
        Assert.Equal(ExitCode.Success,
            UnrollCommand.Run(["diagnose", Path.Combine(run, "best.safetensors"), "--length", "200"], host));
        int longest = output.ToString().Split('\n').Max(line => line.Length);
        Assert.InRange(longest, width - 6, width);
    }

    [Fact]
    public void A_line_is_folded_at_spaces_and_a_path_never()
    {
        Assert.Equal(["short  line"], Format.Fold("short  line", 20, 2));
        Assert.Equal(["one two", "  three", "  four"], Format.Fold("one two three four", 8, 2));
        Assert.Equal(["to", "    /a/very/long/path/without/a/space", "    end"],
            Format.Fold("to /a/very/long/path/without/a/space end", 12, 4));
        Assert.Equal(["  a b", "    c", "    d"], Format.Fold("  a b c d", 6, 4));
        Assert.Equal([new string('x', 30)], Format.Fold(new string('x', 30), 10, 2));
        Assert.Equal([], Format.Fold("", 10, 2));
    }

    [Fact]
    public void A_width_that_is_none_is_eighty()
    {
        var host = new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null) { OutIsTerminal = true };
        Assert.Equal(80, host.Width);
        Assert.Equal(80, (host with { Columns = () => 0 }).Width);
        Assert.Equal(80, (host with { Columns = () => 200, OutIsTerminal = false }).Width);
        Assert.Equal(100, (host with { Columns = () => 100 }).Width);
        Assert.Equal((60, 160), ((host with { Columns = () => 20 }).Width, (host with { Columns = () => 999 }).Width));
    }

    public void Dispose() => _folder.Dispose();

    private static void Fits(params string[] args)
    {
        CliResult made = Cli.Run(args);
        Assert.True(made.Code is ExitCode.Success or ExitCode.Unsolved, $"{string.Join(' ', args)}: {made.Code} {made.Error}");
        Assert.NotEmpty(made.OutLines);
        foreach (string line in made.OutLines)
        {
            // A path that has no space is never broken.
            if (line.Trim().Split(' ').Any(word => word.Length > 40 && word.Contains('/'))) continue;
            Assert.True(line.Length <= 80, $"{string.Join(' ', args)}, {line.Length} columns: {line}");
        }
    }
}
