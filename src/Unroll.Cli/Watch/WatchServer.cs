using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Unroll.Studies.Pages;

namespace Unroll.Cli.Watch;

/// <summary>
/// Serves the page of runs to this machine: the page, its data, finer curves of a part, and a stream of what is new. It only
/// reads, and whoever reads from it slowly or not at all costs nobody else anything: each stream writes by itself, within a time
/// limit, what the runs have, and nothing is kept for it.
/// </summary>
internal sealed class WatchServer : IDisposable
{
    private const int MostRequests = 96, Attempts = 20;
    private const string Policy =
        "default-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<RunView> _runs;
    private readonly HttpListener _listener;
    private readonly WatchAccess _access;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests, _sends;

    /// <summary>Begins to serve.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <exception cref="UserError">The port is in use, or this machine lets nobody listen.</exception>
    public WatchServer(IReadOnlyList<RunView> runs, int port = 0)
    {
        _runs = runs;
        (_listener, string host) = Listen(port);
        _access = new WatchAccess(host);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The address to open, with its token.</summary>
    public string Address => _access.Address;

    /// <summary>The last words to every stream; null before the end.</summary>
    public string? Farewell { get; private set; }

    /// <summary>Wakes the streams, because a run has something new. Costs the caller nothing but this.</summary>
    public void Changed() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Ends every stream after what the runs still have, and waits a moment for those that read.</summary>
    /// <param name="farewell">The last words.</param>
    public void End(string farewell)
    {
        Farewell = farewell;
        Changed();
        if (SpinWait.SpinUntil(() => Volatile.Read(ref _requests) == 0, TimeSpan.FromSeconds(0.5))) return;

        // A stream that is not sending has not come to the last words yet: the machine is busy. One whose reader is dead is
        // sending.
        SpinWait.SpinUntil(() => Volatile.Read(ref _requests) <= Volatile.Read(ref _sends), TimeSpan.FromSeconds(5));
    }

    /// <summary>Ends the server; readers that wait are cut off.</summary>
    public void Dispose()
    {
        if (_end.IsCancellationRequested) return;
        _end.Cancel();
        Changed();

        // The last bytes to a reader that never reads are written under the listener's locks: closing may wait for them for ever,
        // and the end of a run does not.
        Task.WaitAny([Task.WhenAll(Task.Run(_listener.Close), _accepting)], TimeSpan.FromSeconds(5));
    }

    /// <summary>The task that ends when something changes.</summary>
    internal Task NextChange() => Volatile.Read(ref _changed).Task;

    private static (HttpListener Listener, string Host) Listen(int port)
    {
        // Windows lets a user without special rights listen at this name; elsewhere a name could be looked up.
        string name = OperatingSystem.IsWindows() ? "localhost" : "127.0.0.1";
        for (int attempt = 1; ; attempt++)
        {
            int chosen = port == 0 ? FreePort() : port;
            string host = string.Create(CultureInfo.InvariantCulture, $"{name}:{chosen}");
            var listener = new HttpListener { IgnoreWriteExceptions = false };
            listener.Prefixes.Add($"http://{host}/");
            try
            {
                listener.Start();
                return (listener, host);
            }
            catch (Exception error) when (error is HttpListenerException or SocketException)
            {
                listener.Close();
                if (port == 0 && attempt < Attempts) continue;
                throw new UserError(port == 0 ? $"Nothing can listen on this machine: {error.Message.TrimEnd('.')}."
                    : FormattableString.Invariant($"Another program uses the port {port}; give another --port, or none."), error);
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(context));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (_end.IsCancellationRequested || !_listener.IsListening) return;
            }
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _requests) > MostRequests) Refuse(context.Response, 503, "Too many pages are open.");
            else await AnswerAsync(context).ConfigureAwait(false);
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException or TimeoutException
            or InvalidOperationException or OperationCanceledException or SocketException or ProtocolViolationException)
        {
            Abort(context.Response); // the reader has gone, or reads nothing
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    private static void Abort(HttpListenerResponse response)
    {
        try
        {
            response.Abort();
        }
        catch (Exception error) when (error is ObjectDisposedException or HttpListenerException or InvalidOperationException)
        {
            // It is gone already.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        HttpListenerRequest request = context.Request;
        HttpListenerResponse response = context.Response;
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)[
            ("Content-Security-Policy", Policy), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY")])
            response.Headers[name] = value;
        string path = request.Url?.AbsolutePath ?? "";
        if (request.HttpMethod != "GET")
        {
            response.Headers["Allow"] = "GET";
            Refuse(response, 405, "This server only answers GET.");
        }
        else if (!_access.IsOwn(request))
        {
            Refuse(response, 403, "This server answers its own pages only.");
        }
        else if (path == "/" && _access.HasToken(request))
        {
            response.StatusCode = 303;
            response.Headers["Location"] = _access.Folder;
            response.Headers["Set-Cookie"] = _access.SetCookie;
        }
        else if (!_access.HasCookie(request))
        {
            Refuse(response, 403, "Open the address that the command wrote to its terminal.");
        }
        else if (path == _access.Folder)
        {
            await WriteAsync(response, "text/html; charset=utf-8", page => RunPage.Write(page, _runs, live: true))
                .ConfigureAwait(false);
        }
        else if (!WatchAccess.IsOfPage(request))
        {
            Refuse(response, 403, "This server answers its own pages only.");
        }
        else if (path == $"{_access.Folder}data")
        {
            await WriteJsonAsync(response, json => RunPageData.Write(json, _runs, live: true)).ConfigureAwait(false);
        }
        else if (path == $"{_access.Folder}curves" && Part(request) is { } part)
        {
            await WriteJsonAsync(response, json => RunPageData.WriteCurves(json, part.Run, part.From, part.To))
                .ConfigureAwait(false);
        }
        else if (path == $"{_access.Folder}events")
        {
            string? at = request.Headers["Last-Event-ID"] is { Length: > 0 } last ? last : request.QueryString["at"];
            response.ContentType = "text/event-stream";
            response.SendChunked = true;
            var events = new EventStream(_runs, Position.Parse(at, _runs.Count));
            await events.RunAsync(this, bytes => SendAsync(response, bytes), _end.Token).ConfigureAwait(false);
        }
        else
        {
            Refuse(response, 404, "There is nothing here.");
        }
    }

    /// <summary>What part of which curves a request names; null where it names none.</summary>
    private (RunView Run, double From, double To)? Part(HttpListenerRequest request)
    {
        bool named = int.TryParse(request.QueryString["run"], NumberStyles.None, CultureInfo.InvariantCulture, out int run)
            && run < _runs.Count;
        return named && Number("from") is { } from && Number("to") is { } to && from < to ? (_runs[run], from, to) : null;

        double? Number(string name) =>
            double.TryParse(request.QueryString[name], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value) ? value : null;
    }

    private static void Refuse(HttpListenerResponse response, int status, string sentence)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(sentence + "\n");
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength64 = bytes.Length;
        response.OutputStream.Write(bytes);
    }

    private Task WriteJsonAsync(HttpListenerResponse response, Action<Utf8JsonWriter> write) =>
        WriteAsync(response, "application/json", page => PageTemplate.Object(page, write));

    private async Task WriteAsync(HttpListenerResponse response, string type, Action<Stream> write)
    {
        using var content = new MemoryStream();
        write(content);
        response.ContentType = type;
        response.ContentLength64 = content.Length;
        await SendAsync(response, content.GetBuffer().AsMemory(0, (int)content.Length)).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpListenerResponse response, ReadOnlyMemory<byte> bytes)
    {
        Interlocked.Increment(ref _sends);
        try
        {
            await response.OutputStream.WriteAsync(bytes).AsTask().WaitAsync(s_patience).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _sends);
        }
    }
}
