using System.Net.Sockets;
using System.Text;

namespace Unroll.Cli.Tests.Watch;

/// <summary>A client of the page's server, with its cookie; also one that asks and never reads.</summary>
internal sealed class Reader : IDisposable
{
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Watched _watched;

    private Reader(Watched watched) => _watched = watched;

    /// <summary>The path of the page.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>The cookie as it was set.</summary>
    public string Cookie { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A client that has opened the address.</summary>
    public static async Task<Reader> EnterAsync(Watched watched)
    {
        var reader = new Reader(watched);
        using HttpResponseMessage first = await reader._client.GetAsync(watched.Address, Cancellation);
        reader.Folder = first.Headers.Location!.OriginalString;
        reader.Cookie = first.Headers.GetValues("Set-Cookie").Single();
        return reader;
    }

    /// <summary>The answer to a request below the page.</summary>
    public async Task<HttpResponseMessage> GetAsync(
        string path, string? header = null, string? value = null,
        HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_watched.Base, Folder + path));
        request.Headers.TryAddWithoutValidation("Cookie", Cookie.Split(';')[0]);
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        return await _client.SendAsync(request, until, Cancellation);
    }

    /// <summary>The content of an answer.</summary>
    public async Task<string> TextAsync(string path)
    {
        using HttpResponseMessage answer = await GetAsync(path);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>What a stream of events has until a text is there and its event is whole, or until its end.</summary>
    public async Task<string> EventsAsync(string path, string? last, string until)
    {
        using HttpResponseMessage answer = await OpenEventsAsync(path, last);
        return await EventsAsync(answer, until);
    }

    /// <summary>A stream of events that has begun.</summary>
    public async Task<HttpResponseMessage> OpenEventsAsync(string path, string? last = null)
    {
        HttpResponseMessage answer = await GetAsync(
            path, last is null ? null : "Last-Event-ID", last, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        return answer;
    }

    /// <summary>What a stream of events has until a text is there and its event is whole, or until its end.</summary>
    public static async Task<string> EventsAsync(HttpResponseMessage answer, string until)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            text.Append(line).Append('\n');
            if (line.Length == 0 && text.ToString().Contains(until, StringComparison.Ordinal)) break;
        }

        return text.ToString();
    }

    /// <summary>A connection that asks for all events and never reads one.</summary>
    public async Task<Socket> NeverReadAsync(string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 << 10 };
        await socket.ConnectAsync(_watched.Base.Host, _watched.Base.Port, Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {Folder}{path} HTTP/1.1\r\nHost: {_watched.Base.Authority}\r\n"
            + $"Cookie: {Cookie.Split(';')[0]}\r\n\r\n"), Cancellation);
        return socket;
    }

    public void Dispose() => _client.Dispose();
}
