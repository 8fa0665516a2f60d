using System.Text.Json;
using Unroll.Cli.Study;
using Unroll.Cli.Tests.Terminal;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

public class StudyDisplayTests
{
    private static readonly StudyProgress Progress = new(
        2000, 1250, 900, 250,
        [.. Enumerable.Range(1, 18).Select(i => new RunningTrial(i == 1 ? "" : $"method=sgd-c seed={i}", 500 * i, 10_000, 2))],
        7500);

    [Fact]
    public void The_picture_shows_counts_time_left_and_running_trials()
    {
        string picture = Draw(unicode: true, 120, Progress, "seed=3  solved at 20  0.1 s", "stopping");
        Assert.Contains(new string('█', 37) + new string('░', 13) + " 1,250 of 2,000", picture);
        Assert.Contains("900 solved, 18 running, 482 waiting, 250 skipped", picture);
        Assert.Contains("2 h 05 min at most", picture);
        Assert.Contains("│ trial                │ █░░░░░░░░░░░░░░░░░░░░░░░░ 500 of 10,000, 250/s", picture);
        Assert.Contains("method=sgd-c seed=16", picture);
        Assert.DoesNotContain("seed=17", picture);
        Assert.Contains("and 2 more", picture);
        Assert.Contains("seed=3  solved at 20", picture);
        Assert.EndsWith("stopping", picture.TrimEnd());
    }

    [Fact]
    public void A_narrow_or_plain_screen_gets_ascii()
    {
        string picture = Draw(unicode: false, 70, Progress with { Running = [], EtaSeconds = null, Skipped = 0 }, null, null);
        Assert.Contains("######.... 1,250 of 2,000", picture);
        Assert.Contains("900 solved, 0 running, 750 waiting ", picture);
        Assert.Contains("known after the first trial", picture);
        Assert.DoesNotContain("skipped", picture);
        Assert.DoesNotContain("last", picture);
        Assert.True(picture.All(c => c < 128), picture);
    }

    [Fact]
    public void The_live_display_draws_and_leaves_the_results_alone()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight());
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = UnrollCommand.Run(["study", "run", file, "--out", folder.At("live")],
            new CommandHost(TextReader.Null, output, error) { OutIsTerminal = true });
        Assert.Equal((ExitCode.Success, ""), (code, error.ToString()));
        foreach (string part in (string[])["Study", "8 in 4 cells", "8 of 8", "4 solved, 0 running, 0 waiting",
            "complete: 8 of 8 trials done, 4 solved", "95% interval"])
            Assert.Contains(part, output.ToString());
        Assert.Contains("\e[", output.ToString());
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("plain")).Code);
        Assert.Equal(TestStudies.Results(folder.At("plain")), TestStudies.Results(folder.At("live")));
    }

    [Fact]
    public void Asking_for_the_present_state_does_not_hold_up_a_result()
    {
        // The runner gives its state under the lock under which it hands over results: a display that asks for the one while it
        // keeps the other waiting would wait for ever.
        using var output = new StringWriter();
        using var display = new JsonStudyDisplay(output, TextWriter.Null);
        using var finished = new ManualResetEventSlim();
        bool first = true, inTime = false;
        display.Begin([], () =>
        {
            if (!first) return Progress;
            first = false;
            new Thread(() =>
            {
                display.Finished(TestStudies.Trial(0, "a", 1), TestStudies.Result(true), Progress);
                finished.Set();
            })
            { IsBackground = true }.Start();
            inTime = finished.Wait(TimeSpan.FromSeconds(3));
            return Progress;
        });
        Assert.True(inTime, "the result waited for the state");
        display.End(Progress, false);
        Assert.Equal(["trial", "study", "result"], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_lines_and_not_the_study()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight());
        foreach (string[] more in (string[][])[["--json"], []])
        {
            using var gone = new GoneWriter();
            using var error = new StringWriter();
            string study = folder.At($"study{more.Length}");
            UnrollCommand.Run(["study", "run", file, "--out", study, "--jobs", "2", .. more],
                new CommandHost(TextReader.Null, gone, error));
            Assert.DoesNotContain(TestStudies.Results(study), line => line.Contains("not finished"));
        }
    }

    [Theory]
    [InlineData(TrainingOutcome.Solved, 20L, "a seed=1  solved at 20  1.5 s")]
    [InlineData(TrainingOutcome.Unsolved, null, "a seed=1  unsolved in 1,000, least error 50.0%  1.5 s")]
    [InlineData(TrainingOutcome.NonFinite, null, "a seed=1  not finite at 1,000  1.5 s")]
    public void A_line_says_how_a_trial_ended(TrainingOutcome outcome, long? hit, string expected)
    {
        TrialResult result = TestStudies.Result(false) with
        {
            Outcome = outcome,
            FirstHit = hit,
            Updates = 1000,
            BestError = 0.5,
            Seconds = 1.5,
        };
        Assert.Equal(expected, PlainStudyDisplay.Line(TestStudies.Trial(0, "a", 1), result).Replace("cell=", ""));
    }

    private static string Draw(bool unicode, int width, StudyProgress progress, string? last, string? notice) =>
        ScreenText.Of(LiveStudyDisplay.Picture(progress, last, notice, unicode, width), width, unicode);

    /// <summary>Refuses every line from the first trial on.</summary>
    private sealed class GoneWriter : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value is { } line && (line.StartsWith('[') || line.Contains("\"trial\"", StringComparison.Ordinal)))
                throw new IOException("The reader is gone.");
            base.WriteLine(value);
        }
    }
}
