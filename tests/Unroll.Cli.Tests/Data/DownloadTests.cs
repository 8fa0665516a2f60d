using System.Security.Cryptography;
using Unroll.Cli.Data;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Tests.Data;

/// <summary>Downloads of a small pinned file from a server that does what servers do.</summary>
public class DownloadTests
{
    private static readonly byte[] Body = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * i >> 3))];
    private static readonly DataFile Pinned = new("ptb/x.txt", "http://nowhere.invalid/x.txt", Body.Length,
        Convert.ToHexStringLower(SHA256.HashData(Body)));

    private readonly record struct Result(string? Refusal, byte[]? Target, byte[]? Part, (string Path, long From)[] Requests,
        long[] Progress);

    private static Result Get(byte[]? part, params Answer[] answers) => Get(TimeSpan.FromSeconds(20), part, answers);

    private static Result Get(TimeSpan stall, byte[]? part, params Answer[] answers)
    {
        using var folder = new TempFolder();
        using var server = new TestServer((Pinned.Path, answers));
        using HttpClient client = Download.Client();
        string target = folder.At("sub/x.txt");
        if (part is not null)
        {
            Directory.CreateDirectory(folder.At("sub"));
            File.WriteAllBytes(target + ".part", part);
        }

        string? refusal = null;
        var progress = new List<long>();
        try
        {
            new Download(client, stall).RunAsync(Pinned, new Uri($"{server.Url}/{Pinned.Path}"), target, progress.Add,
                TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        }
        catch (UserError error)
        {
            refusal = error.Message;
            Assert.EndsWith(".", refusal);
            Assert.DoesNotContain('\n', refusal);
            Assert.Contains(target, refusal);
        }

        return new Result(refusal, Bytes(target), Bytes(target + ".part"), [.. server.Requests], [.. progress]);

        static byte[]? Bytes(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    private static void AssertWhole(Result result, params long[] from)
    {
        Assert.Null(result.Refusal);
        Assert.Equal(Body, result.Target);
        Assert.Null(result.Part);
        Assert.Equal(from, result.Requests.Select(request => request.From));
        Assert.Equal(Body.Length, result.Progress[^1]);
    }

    [Fact]
    public void A_whole_body_is_checked_and_moved_in_place() => AssertWhole(Get(null, new Answer(Body)), 0);

    [Fact]
    public void A_slow_body_is_waited_for() =>
        AssertWhole(Get(TimeSpan.FromSeconds(2), null, new Answer(Body, PauseEvery: 20)), 0);

    [Fact]
    public void What_an_interruption_left_is_gone_on_from()
    {
        AssertWhole(Get(Body[..40_000], new Answer(Body)), 40_000);
        AssertWhole(Get(null, new Answer(Body, BreakAfter: 30_000), new Answer(Body)), 0, 30_000);
    }

    [Fact]
    public void A_server_that_does_not_go_on_begins_again()
    {
        AssertWhole(Get(Body[..40_000], new Answer(Body, Ranges: false)), 40_000);
        AssertWhole(Get(Body[..40_000], new Answer([], Status: 416), new Answer(Body)), 40_000, 0);
        AssertWhole(Get(new byte[Body.Length + 1], new Answer(Body)), 0);
    }

    [Fact]
    public void A_part_of_something_else_is_begun_again()
    {
        AssertWhole(Get(new byte[40_000], new Answer(Body)), 40_000, 0);
        AssertWhole(Get(Body[..40_000], new Answer([.. Body, 1]), new Answer(Body)), 40_000, 0);
    }

    [Fact]
    public void A_whole_part_needs_no_server()
    {
        Result result = Get(Body, new Answer([], Status: 500));
        Assert.Equal((null, 0), (result.Refusal, result.Requests.Length));
        Assert.Equal(Body, result.Target);
    }

    [Fact]
    public void A_short_body_is_kept_and_said()
    {
        Result cut = Get(null, new Answer(Body[..50_000]), new Answer(Body[..50_000], Ranges: false),
            new Answer([], Status: 503));
        Assert.NotNull(cut.Refusal);
        Assert.Null(cut.Target);
        Result broken = Get(null, new Answer(Body, BreakAfter: 10_000), new Answer(Body, BreakAfter: 5_000),
            new Answer(Body, BreakAfter: 5_000));
        Assert.Contains("the 20000 bytes that came are kept", broken.Refusal);
        Assert.Equal(Body[..20_000], broken.Part);
        Assert.Equal([0, 10_000, 15_000], broken.Requests.Select(request => request.From));
    }

    [Fact]
    public void A_silent_server_is_not_waited_for()
    {
        Result result = Get(TimeSpan.FromSeconds(0.3), null, new Answer(Body, StallAfter: 10_000),
            new Answer(Body, StallAfter: 0));
        Assert.Contains("nothing came for 0.3 seconds", result.Refusal);
        Assert.Equal(Body[..10_000], result.Part);
        Assert.Null(result.Target);
    }

    [Fact]
    public void A_wrong_body_is_deleted()
    {
        byte[] wrong = [.. Body];
        wrong[77] ^= 1;
        foreach (Answer answer in (Answer[])[new Answer(wrong), new Answer([.. Body, 0]), new Answer(new byte[1_000_000])])
        {
            Result result = Get(null, answer);
            Assert.Contains("was deleted", result.Refusal);
            Assert.Null(result.Target);
            Assert.Null(result.Part);
        }
    }

    [Fact]
    public void What_the_server_says_is_passed_on()
    {
        Assert.Contains("the server answered 404", Get(null, new Answer([], Status: 404)).Refusal);
        Assert.Contains("the server answered 500", Get(null, new Answer(Body, Status: 500)).Refusal);
        Assert.Contains("0 of 100000 bytes", Get(null, new Answer([])).Refusal);
    }

    [Fact]
    public void No_server_and_no_room_are_one_sentence()
    {
        using var folder = new TempFolder();
        using HttpClient client = Download.Client();
        string url;
        using (var gone = new TestServer()) url = gone.Url;
        var download = new Download(client, TimeSpan.FromSeconds(5));
        UserError offline = Assert.Throws<UserError>(() => download.RunAsync(Pinned, new Uri(url), folder.At("x.txt"), _ => { },
            TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        Assert.Contains("there is no connection to its host", offline.Message);
        Assert.Contains($"put it at {folder.At("x.txt")}", offline.Message);
        File.WriteAllText(folder.At("file"), "");
        UserError blocked = Assert.Throws<UserError>(() => download.RunAsync(Pinned, new Uri(url), folder.At("file/x.txt"),
            _ => { }, TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        Assert.Contains("could not be written", blocked.Message);
    }

    [Fact]
    public async Task What_came_before_a_cancellation_stays()
    {
        using var folder = new TempFolder();
        using var server = new TestServer((Pinned.Path, [new Answer(Body, StallAfter: 10_000), new Answer(Body)]));
        using HttpClient client = Download.Client();
        var download = new Download(client, TimeSpan.FromSeconds(20));
        using var cancel = new CancellationTokenSource();
        var url = new Uri($"{server.Url}/{Pinned.Path}");
        Task run = download.RunAsync(Pinned, url, folder.At("x.txt"), bytes =>
        {
            if (bytes == 10_000) cancel.Cancel();
        }, cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(Body[..10_000], await File.ReadAllBytesAsync(folder.At("x.txt.part"),
            TestContext.Current.CancellationToken));
        await download.RunAsync(Pinned, url, folder.At("x.txt"), _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(Body, await File.ReadAllBytesAsync(folder.At("x.txt"), TestContext.Current.CancellationToken));
        Assert.Equal(10_000, server.Requests[^1].From);
    }

    [Fact]
    public void Progress_has_a_bar_a_rate_and_the_time_left()
    {
        Assert.Equal("a ############............ 50.0% of 2.0 MB, 250 kB/s, 4.0 s left",
            TransferDisplay.Line("a", 1_000_000, 500_000, 2_000_000, 2, unicode: false));
        Assert.Equal("a ........................ 0.0% of 10 B", TransferDisplay.Line("a", 0, 0, 10, 0, unicode: false));
    }
}
