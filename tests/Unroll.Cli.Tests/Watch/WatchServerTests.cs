using System.Net;
using System.Net.Sockets;
using System.Text;
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
        _watched = new Watched(_run);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_token_becomes_a_cookie_of_the_page_and_its_data()
    {
        using HttpClient client = Client();
        using HttpResponseMessage first = await client.GetAsync(_watched.Address, Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        string folder = first.Headers.Location!.OriginalString, cookie = first.Headers.GetValues("Set-Cookie").Single();
        Assert.DoesNotContain("token", folder);
        foreach (string part in (string[])["HttpOnly", "SameSite", $"Path={folder}"]) Assert.Contains(part, cookie);
        using HttpResponseMessage page = await Get(client, folder, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        Assert.StartsWith("<!DOCTYPE html>", await page.Content.ReadAsStringAsync(Cancellation));
        using HttpResponseMessage data = await Get(client, $"{folder}data", cookie);
        using JsonDocument json = JsonDocument.Parse(await data.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(20, json.RootElement.GetProperty("runs")[0].GetProperty("rows").GetInt32());
        using HttpResponseMessage curves = await Get(client, $"{folder}curves?run=0&from=100&to=150", cookie);
        using JsonDocument part2 = JsonDocument.Parse(await curves.Content.ReadAsStringAsync(Cancellation));
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
        using HttpClient client = Client();
        (string folder, string cookie) = await Enter(client);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_watched.Base, $"{folder}data"));
        request.Headers.TryAddWithoutValidation("Cookie", cookie.Split(';')[0]);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-site");
        using HttpResponseMessage answer = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        foreach (string path in (string[])["x", "curves", "curves?run=1&from=0&to=9", "curves?run=-1&from=0&to=9",
            "curves?run=0&from=9&to=0", "curves?run=0&from=NaN&to=1", "../", "%2e%2e/%2e%2e/etc/passwd"])
        {
            using HttpResponseMessage wrong = await Get(client, folder + path, cookie);
            Assert.InRange((int)wrong.StatusCode, 400, 499);
        }
    }

    [Fact]
    public async Task Events_go_on_after_the_last_line_that_a_page_has()
    {
        using HttpClient client = Client();
        (string folder, string cookie) = await Enter(client);
        using HttpResponseMessage data = await Get(client, $"{folder}data", cookie);
        using JsonDocument json = JsonDocument.Parse(await data.Content.ReadAsStringAsync(Cancellation));
        string at = json.RootElement.GetProperty("at").GetString()!;
        Assert.StartsWith("20@", at);
        Runs.Append(_run, "metrics.jsonl", Runs.Line(210) + "\n" + Runs.Line(220) + "\n");
        string first = await Events(client, $"{folder}events?at={at}", cookie, null, "event: rows");
        Assert.Contains($"id: 22@{at[3..]}", first);
        Assert.Contains("[[210,", first);
        string again = await Events(client, $"{folder}events?at={at}", cookie, $"21@{at[3..]}", "event: rows");
        Assert.Contains("[[220,", again);
        Assert.DoesNotContain("[[210,", again);
        foreach (string lost in (string[])[$"99@{at[3..]}", "20@0123456789abcdef", "x", "-1@", "20-20@" + at[3..]])
            Assert.Contains("event: reset", await Events(client, $"{folder}events?at={at}", cookie, lost, "event: reset"));
    }

    [Fact]
    public async Task Readers_that_never_read_do_not_keep_it_from_answering_or_ending()
    {
        using HttpClient client = Client();
        (string folder, string cookie) = await Enter(client);
        var readers = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 << 10 };
            await socket.ConnectAsync(_watched.Base.Host, _watched.Base.Port, Cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET {folder}events?at=x HTTP/1.1\r\nHost: {_watched.Base.Authority}\r\nCookie: {cookie.Split(';')[0]}\r\n\r\n"), Cancellation);
            readers.Add(socket);
        }

        using HttpResponseMessage page = await Get(client, folder, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        _watched.End();
        Assert.Equal(ExitCode.Success, _watched.Code);
        foreach (Socket reader in readers) reader.Dispose();
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

    private async Task<(string Folder, string Cookie)> Enter(HttpClient client)
    {
        using HttpResponseMessage first = await client.GetAsync(_watched.Address, Cancellation);
        return (first.Headers.Location!.OriginalString, first.Headers.GetValues("Set-Cookie").Single());
    }

    private async Task<HttpResponseMessage> Get(HttpClient client, string path, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_watched.Base, path));
        request.Headers.TryAddWithoutValidation("Cookie", cookie.Split(';')[0]);
        return await client.SendAsync(request, Cancellation);
    }

    /// <summary>What comes until a text is there and its event is whole.</summary>
    private async Task<string> Events(HttpClient client, string path, string cookie, string? last, string until)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_watched.Base, path));
        request.Headers.TryAddWithoutValidation("Cookie", cookie.Split(';')[0]);
        if (last is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            text.Append(line).Append('\n');
            if (line.Length == 0 && text.ToString().Contains(until, StringComparison.Ordinal)) break;
        }

        return text.ToString();
    }
}
