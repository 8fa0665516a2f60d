using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Unroll.Cli.Tests.Watch;

/// <summary>Who is answered, with what; without a browser.</summary>
public sealed class WatchServerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _run;
    private readonly Watched _watched;

    public WatchServerTests()
    {
        _run = Runs.Synthetic(_folder, "run", 20);
        _watched = Watched.Folders(_run);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_token_becomes_a_cookie_of_the_page_and_its_data()
    {
        using Reader reader = await Reader.EnterAsync(_watched);
        Assert.DoesNotContain("token", reader.Folder);
        foreach (string part in (string[])["HttpOnly", "SameSite", $"Path={reader.Folder}"]) Assert.Contains(part, reader.Cookie);
        using HttpResponseMessage page = await reader.GetAsync("");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.StartsWith("<!DOCTYPE html>", await page.Content.ReadAsStringAsync(Cancellation));
        using JsonDocument json = JsonDocument.Parse(await reader.TextAsync("data"));
        Assert.Equal(20, json.RootElement.GetProperty("runs")[0].GetProperty("rows").GetInt32());
        using JsonDocument part2 = JsonDocument.Parse(await reader.TextAsync("curves?run=0&from=100&to=150"));
        Assert.Equal([90, 100, 110, 120, 130, 140, 150, 160],
            part2.RootElement.GetProperty("error")[0].EnumerateArray().Select(value => value.GetInt32()));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?token=")]
    [InlineData("/?token=0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("/data")]
    [InlineData("/events")]
    public async Task Without_the_token_nothing_is_told(string path)
    {
        using HttpClient client = Client();
        using HttpResponseMessage answer = await client.GetAsync(new Uri(_watched.Base, path), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.DoesNotContain("run", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("Host", "evil.example", null)]
    [InlineData("Host", "localhost.evil.example:80", null)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    public async Task Another_host_or_origin_is_refused_even_with_the_token(string header, string value, int? status)
    {
        using HttpClient client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, _watched.Address);
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancellation);
        Assert.InRange((int)answer.StatusCode, status ?? 400, status ?? 499);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    public async Task Only_GET_is_answered(string method)
    {
        using HttpClient client = Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), _watched.Address);
        using HttpResponseMessage answer = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_of_elsewhere_gets_no_data_and_wrong_questions_get_nothing()
    {
        using Reader reader = await Reader.EnterAsync(_watched);
        using HttpResponseMessage answer = await reader.GetAsync("data", "Sec-Fetch-Site", "same-site");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        foreach (string path in (string[])["x", "curves", "curves?run=1&from=0&to=9", "curves?run=-1&from=0&to=9",
            "curves?run=0&from=9&to=0", "curves?run=0&from=NaN&to=1", "../", "%2e%2e/%2e%2e/etc/passwd"])
        {
            using HttpResponseMessage wrong = await reader.GetAsync(path);
            Assert.InRange((int)wrong.StatusCode, 400, 499);
        }
    }

    [Fact]
    public async Task Events_go_on_after_the_last_line_that_a_page_has()
    {
        using Reader reader = await Reader.EnterAsync(_watched);
        using JsonDocument json = JsonDocument.Parse(await reader.TextAsync("data"));
        string at = json.RootElement.GetProperty("at").GetString()!;
        Assert.StartsWith("20@", at);
        Runs.Append(_run, "metrics.jsonl", Runs.Line(210) + "\n" + Runs.Line(220) + "\n");
        string first = await reader.EventsAsync($"events?at={at}", null, "event: rows");
        Assert.Contains($"id: 22@{at[3..]}", first);
        Assert.Contains("[[210,", first);
        string again = await reader.EventsAsync($"events?at={at}", $"21@{at[3..]}", "event: rows");
        Assert.Contains("[[220,", again);
        Assert.DoesNotContain("[[210,", again);
        foreach (string lost in (string[])[$"99@{at[3..]}", "20@0123456789abcdef", "x", "-1@", "20-20@" + at[3..]])
            Assert.Contains("event: reset", await reader.EventsAsync($"events?at={at}", lost, "event: reset"));
    }

    [Fact]
    public async Task Readers_that_never_read_do_not_keep_it_from_answering_or_ending()
    {
        // Much more than the buffers of a connection hold.
        for (int i = 21; i < 20_000; i += 1_000)
            Runs.Append(_run, "metrics.jsonl", string.Concat(Enumerable.Range(i, 1_000).Select(k => Runs.Line(k * 10L) + "\n")));
        using Reader reader = await Reader.EnterAsync(_watched);
        using JsonDocument json = JsonDocument.Parse(await reader.TextAsync("data"));
        string at = json.RootElement.GetProperty("at").GetString()!;
        var stuck = new List<Socket>();
        string start = "0" + at[at.IndexOf('@', StringComparison.Ordinal)..];
        for (int i = 0; i < 20; i++) stuck.Add(await reader.NeverReadAsync($"events?at={start}"));
        Assert.StartsWith("<!DOCTYPE html>", await reader.TextAsync(""));
        _watched.End();
        Assert.Equal(ExitCode.Success, _watched.Code);
        foreach (Socket socket in stuck) socket.Dispose();
    }

    [Fact]
    public void A_port_in_use_and_a_wrong_one_are_refused()
    {
        string port = _watched.Base.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"uses the port {port}", Cli.Run("watch", _run, "--port", port).RefusedWith());
        Assert.Contains("--port", Cli.Run("watch", _run, "--port", "70000").RefusedWith());
        Assert.Contains("does not exist", Cli.Run("watch", _folder.At("none")).RefusedWith());
    }

    public void Dispose()
    {
        _watched.Dispose();
        _folder.Dispose();
    }

    private static HttpClient Client() => new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
}
