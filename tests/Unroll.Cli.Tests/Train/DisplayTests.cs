using System.Text;
using Unroll.Cli.Tests.Terminal;
using Unroll.Cli.Train;
using Unroll.Cli.Watch;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

public class DisplayTests
{
    [Fact]
    public void The_live_display_draws_and_leaves_the_bits_alone()
    {
        using var folder = new TempFolder();
        string[] options = ["train", "--updates", "60", .. Cli.Small];
        CliResult live = Terminal(color: true, [.. options, "--out", folder.At("live")]);
        Assert.Equal(ExitCode.Unsolved, Cli.Run([.. options, "--out", folder.At("plain")]).Code);
        Assert.Equal(ExitCode.Unsolved, live.Code);
        foreach (string part in (string[])["loss", "validation error", "gradient norm", "clipped", "Omega", "spectral radius",
            "60 of 60", "/s", "at most", "error over checks", "not solved in 60 updates"])
            Assert.Contains(part, live.Out);
        Assert.Contains("\e[", live.Out);
        Assert.Equal(File.ReadAllBytes(folder.At("plain/model.safetensors")),
            File.ReadAllBytes(folder.At("live/model.safetensors")));
    }

    [Fact]
    public void No_color_leaves_the_live_display_without_colours()
    {
        CliResult plain = Terminal(color: false, ["train", "--updates", "60", .. Cli.Small]);
        Assert.Contains("spectral radius", plain.Out);
        Assert.DoesNotMatch(@"\e\[[0-9;]*m", plain.Out.Replace("\e[0m", ""));
    }

    [Fact]
    public void A_narrow_or_plain_screen_gets_ascii()
    {
        var check = new TrainingProgress(40, 1.2, "nats", 1.1, 0.5, null, 3, 0.25, null, null, 0.95, 1.5, 0.01, 20, 3,
            100, 2, 0.75);
        string picture = ScreenText.Of(
            LiveDisplay.Picture(new TrainingOptions { MaximumUpdates = 100, SelectionLengths = [400] },
                [check, check with { Error = 0.25 }], 50, 100, 2_000, 1, "nats", 100, 2, unicode: false, 60, "stopping"),
            60, unicode: false);
        Assert.Contains("##########.......... 50.0%", picture);
        Assert.Contains("@+", picture);
        Assert.Contains("75.0%", picture);
        Assert.Contains("25.0%", picture);
        Assert.Contains("not finite", picture);
        Assert.Contains("stopping", picture);
        Assert.DoesNotContain("Omega", picture);
        Assert.True(picture.All(c => c < 128), picture);
    }

    [Fact]
    public void The_cost_that_chooses_the_model_is_shown_and_kept()
    {
        var check = new TrainingProgress(40, 1.2, "nats", 1.1, 0, null, 3, 0.25, null, null, 0.95, 1.5, 0.01, 20, 0,
            100, 2, 0.75);
        TrainingProgress chosen = check with { SelectionCost = 0.125 };
        Assert.Contains("(select 75.0%)", PlainDisplay.Line(check));
        Assert.Contains("(select 75.0%, cost 0.125)", PlainDisplay.Line(chosen));
        string picture = ScreenText.Of(
            LiveDisplay.Picture(new TrainingOptions { MaximumUpdates = 100, SelectionLengths = [400] },
                [chosen], 50, 100, 2_000, 1, "nats", 100, 2, unicode: false, 60), 60, unicode: false);
        Assert.Contains("75.0%, cost 0.125", picture);
        Assert.DoesNotContain("selection_cost", Encoding.UTF8.GetString(ProgressJson.Line(check)));
        Assert.Contains("\"selection_cost\":0.125", Encoding.UTF8.GetString(ProgressJson.Line(chosen)));
        Assert.Contains("selection_cost", MetricsCsv.Columns);
        Assert.Contains("selection_cost", RunMetrics.Columns);
    }

    [Fact]
    public void A_sparkline_is_as_high_as_its_values()
    {
        Assert.Equal("_+@", Sparkline.Draw([0, 0.5, 1], 10, unicode: false));
        Assert.Equal("▁█", Sparkline.Draw([0, 0, 3, 3], 2, unicode: true));
        Assert.Equal("?@", Sparkline.Draw([double.NaN, 1], 5, unicode: false));
        Assert.Equal("__", Sparkline.Draw([0, 0], 5, unicode: false));
        Assert.Equal("", Sparkline.Draw([], 5, unicode: false));
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("sgd-rc", "sgd-cr", 1)]
    [InlineData("same", "same", 0)]
    public void Edit_distance_counts_swaps_as_one(string a, string b, int distance) =>
        Assert.Equal(distance, Nearest.Distance(a, b));

    [Fact]
    public void A_terminal_that_goes_away_ends_the_picture_and_not_the_run()
    {
        using var folder = new TempFolder();
        using var gone = new GoneWriter("live display");
        using var error = new StringWriter();
        int code = UnrollCommand.Run(["train", "--updates", "60", "--out", folder.At("run"), .. Cli.Small],
            new CommandHost(TextReader.Null, gone, error) { OutIsTerminal = true });
        Assert.Equal((ExitCode.Unsolved, ""), (code, error.ToString()));
        Assert.True(gone.Refused > 0);
        Assert.Equal(3, File.ReadAllLines(folder.At("run/metrics.jsonl")).Length);
        Assert.Contains("not solved in 60 updates", gone.ToString());
    }

    [Fact]
    public void A_notice_that_nobody_can_read_still_stops_the_run()
    {
        using var output = new StringWriter();
        using var gone = new GoneWriter(null);
        int code = UnrollCommand.Run(["train", "--json", .. Cli.Small], new CommandHost(TextReader.Null, output, gone)
        {
            OnInterrupt = interrupt =>
            {
                interrupt();
                return new MemoryStream();
            },
        });
        Assert.Equal(ExitCode.Cancelled, code);
        Assert.Equal(1, gone.Refused);
    }

    [Fact]
    public void A_slow_notice_whose_terminal_is_gone_is_silent()
    {
        using var gone = new GoneWriter(null);
        using (new SlowNotice(new CommandHost(TextReader.Null, TextWriter.Null, gone) { ErrorIsTerminal = true }, "length 20",
            100, firstAfter: 1))
            Cli.Await(() => gone.Refused > 0, "the notice");
        Assert.Equal(1, gone.Refused);
    }

    [Fact]
    public void The_summary_names_the_model_that_is_kept()
    {
        var result = new TrainingResult(TrainingOutcome.Unsolved, 500, null, 0.02, 300, null, null);
        Assert.Equal("not solved in 500 updates, least error 2.00%, model of update 300 kept; model: best",
            PlainDisplay.Summary(result, "best").Replace("2.0%", "2.00%"));
    }

    /// <summary>Refuses what a thread of this name writes, or everybody.</summary>
    private sealed class GoneWriter(string? thread) : StringWriter
    {
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        public override void Write(char value) => Check(() => base.Write(value));

        public override void Write(string? value) => Check(() => base.Write(value));

        public override void Write(char[] buffer, int index, int count) => Check(() => base.Write(buffer, index, count));

        public override void WriteLine(string? value) => Check(() => base.WriteLine(value));

        private void Check(Action write)
        {
            if (thread is not null && Thread.CurrentThread.Name != thread)
            {
                write();
                return;
            }

            Interlocked.Increment(ref _refused);
            throw new IOException("The terminal is gone.");
        }
    }

    private static CliResult Terminal(bool color, string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var host = new CommandHost(TextReader.Null, output, error) { OutIsTerminal = true, Color = color };
        int code = UnrollCommand.Run(args, host);
        return new CliResult(code, output.ToString(), error.ToString());
    }
}
