using System.Net.Sockets;
using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Cli.Tests.Watch;

namespace Unroll.Cli.Tests.Train;

/// <summary>A run with a page: the same bits, a page while it goes, and one in its folder.</summary>
public sealed class TrainLiveTests : IDisposable
{
    private static readonly string[] s_short = [.. Cli.Small, "--updates", "100"];

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("temporal-order")]
    [InlineData("addition")]
    [InlineData("memorization")]
    [InlineData("permutation", "--cell", "lstm", "--layers", "2")]
    public void The_run_has_the_same_bits_and_its_folder_a_page(string task, params string[] more)
    {
        string plain = _folder.At("plain"), live = _folder.At("live");
        string[] ofWholeSet = ["--validation", "50", "--batch", "5"]; // which memorization takes no part of
        string[] given = [.. s_short.Where(one => task != "memorization" || !ofWholeSet.Contains(one))];
        string[] options = [task, .. given, .. more];
        CliResult without = Cli.Run(["train", .. options, "--out", plain]);
        CliResult with = Cli.Run(["train", .. options, "--out", live, "--live"]);
        string page = $"page: {Path.Combine(live, "report.html")}", end = "why: ";
        Assert.Equal(page, with.OutLines[^1]);
        Assert.Equal((without.Code, Words(without.Out).Replace(plain, live)),
            (with.Code, Words(with.Out[..with.Out.LastIndexOf(page, StringComparison.Ordinal)])));

        // What is said at the end, however its lines are folded.
        string Words(string text) => string.Join(' ', text[text.LastIndexOf(end, StringComparison.Ordinal)..].Split(
            (char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string file in (string[])["model.safetensors", "best.safetensors", "checkpoint.safetensors", "run.json"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(plain, file)), File.ReadAllBytes(Path.Combine(live, file)));
        Assert.False(File.Exists(Path.Combine(plain, "watch.jsonl")));
        JsonElement[] moments =
            [.. File.ReadLines(Path.Combine(live, "watch.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(20, moments[0].GetProperty("update").GetInt32());
        Assert.InRange(moments[0].GetProperty("lags").GetArrayLength(), 1, 64);
        Assert.Equal("labels", moments[0].GetProperty("example").GetProperty("kind").GetString());
        Assert.All(moments, moment => Assert.True(moment.GetProperty("clipped_norm").GetDouble() > 0));
        Assert.Contains("The run has ended", File.ReadAllText(Path.Combine(live, "report.html")));
    }

    [Fact]
    public void Without_it_the_header_says_where_the_page_would_come_from()
    {
        string run = _folder.At("run");
        CliResult result = Cli.Run(["train", .. s_short, "--out", run]);
        Assert.Contains($"unroll watch {run}", result.Out.Replace("\n           ", " ", StringComparison.Ordinal));
        Assert.DoesNotContain("unroll watch", Cli.Run(["train", .. s_short]).Out);
    }

    [Fact]
    public async Task Checks_arrive_while_it_goes_and_readers_that_never_read_do_not_keep_it()
    {
        using var run = Watched.Train([.. Cli.Small, "--updates", "1000000", "--stop", "budget"]);
        using Reader reader = await Reader.EnterAsync(run);
        using JsonDocument data = JsonDocument.Parse(await reader.TextAsync("data"));
        string at = data.RootElement.GetProperty("at").GetString()!;
        string start = "0" + at[at.IndexOf('@', StringComparison.Ordinal)..];
        var stuck = new List<Socket>();
        for (int i = 0; i < 20; i++) stuck.Add(await reader.NeverReadAsync($"events?at={start}"));
        string events = await reader.EventsAsync($"events?at={start}", null, "event: moment");
        Assert.Contains("event: rows", events);
        Assert.Contains("[[20,", events);
        Assert.Contains("now at update", await reader.EventsAsync($"events?at={start}", null, "event: state"));
        using HttpResponseMessage begun = await reader.OpenEventsAsync($"events?at={start}"); // one that came later finds nobody
        run.End();
        Task<string> end = Reader.EventsAsync(begun, "event: end");
        Assert.Contains("The run has ended", await end.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        Assert.Equal(ExitCode.Cancelled, run.Code);
        foreach (Socket socket in stuck) socket.Dispose();
    }

    [Fact]
    public void A_run_that_is_resumed_shows_the_checks_before()
    {
        string run = _folder.At("run");
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", .. s_short, "--out", run, "--live"]).Code);
        CliResult more = Cli.Run("train", "--resume", run, "--updates", "160", "--live");
        Assert.Equal(ExitCode.Unsolved, more.Code);
        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("[[20,40,60,80,100,120,140,160],", page);
        Assert.Contains("\"rows\":8", page);
        string[] updates = [.. File.ReadLines(Path.Combine(run, "watch.jsonl")).Select(line => line.Split(',')[0])];
        Assert.Equal("{\"update\":160", updates[^1]);
    }

    [Fact]
    public void A_network_of_text_shows_what_it_writes_and_keeps_its_bits()
    {
        string lines = string.Concat(Enumerable.Range(0, 300).Select(i => $"line {i % 7} of a text\n"));
        string text = CorpusFiles.Text(_folder, "text.txt", lines);
        string[] options = ["text", "--data", text, "--hidden", "12", "--updates", "60", "--check-every", "20", "--seed", "3"];
        string plain = _folder.At("plain"), sampled = _folder.At("sampled");
        Cli.Run(["train", .. options, "--out", plain]);
        CliResult result = Cli.Run(["train", .. options, "--out", sampled, "--sample-every", "2", "--live", "--json"]);
        Assert.Equal(ExitCode.Success, result.Code);
        JsonElement sample = Assert.Single(result.Json, line => line.GetProperty("event").GetString() == "sample");
        Assert.Equal(40, sample.GetProperty("update").GetInt32());
        Assert.Equal(240, sample.GetProperty("text").GetString()!.Length);
        Assert.Equal(File.ReadAllBytes(Path.Combine(plain, "model.safetensors")),
            File.ReadAllBytes(Path.Combine(sampled, "model.safetensors")));
        JsonElement moment = File.ReadLines(Path.Combine(sampled, "watch.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).Single(line => line.GetProperty("update").GetInt32() == 40);
        Assert.Equal(sample.GetProperty("text").GetString(), moment.GetProperty("example").GetProperty("text").GetString());
        Assert.StartsWith("unroll: page: http://", result.Error);
        CliResult shown = Cli.Run(["train", .. options, "--sample-every", "1"]);
        Assert.All(shown.OutLines.SkipWhile(line => !line.StartsWith("update", StringComparison.Ordinal)),
            line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Only_text_and_music_are_written_and_a_refusal_leaves_no_folder()
    {
        string run = _folder.At("run");
        Assert.Contains("is for text and music",
            Cli.Run(["train", .. s_short, "--out", run, "--sample-every", "1"]).RefusedWith());
        Assert.Contains("--sample-every", Cli.Run(["train", .. s_short, "--sample-every", "0"]).RefusedWith());
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_run_that_cannot_begin_leaves_nothing_but_what_was_there()
    {
        // Events cannot be begun where a folder is in the place of their file, which is known only when the run has its folder.
        string events = _folder.At("events"), run = Path.Combine(_folder.At("new"), "run");
        Directory.CreateDirectory(Path.Combine(events, "events.out.tfevents.unroll"));
        string[] options = [.. s_short, "--live", "--tensorboard", events];
        Assert.NotEqual("", Cli.Run(["train", .. options, "--out", run]).Error);
        Assert.False(Directory.Exists(Path.GetDirectoryName(run)));
        string own = _folder.At("own"), notes = Path.Combine(own, "notes.txt");
        Directory.CreateDirectory(own);
        File.WriteAllText(notes, "mine");
        Assert.NotEqual(ExitCode.Success, Cli.Run(["train", .. options, "--out", own]).Code);
        Assert.Equal([notes], Directory.GetFiles(own).Where(path => Path.GetFileName(path) != ".lock"));
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", .. s_short, "--live", "--out", own]).Code);
    }

    public void Dispose() => _folder.Dispose();
}
