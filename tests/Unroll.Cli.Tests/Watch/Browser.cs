using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Cli.Tests.Report;
using Unroll.Cli.Tests.Watch;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Unroll.Cli.Tests.Watch;

/// <summary>
/// One browser without a window for all tests, which each open a page of their own: to start one takes seconds. It starts with
/// the first page.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly string _profile = Directory.CreateTempSubdirectory("unroll-browser-").FullName;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _asked = [];
    private readonly ConcurrentDictionary<string, Page> _pages = [];
    private readonly Lazy<Task> _started;
    private Process? _process;
    private Task _receiving = Task.CompletedTask;
    private int _last;

    public Browser() => _started = new(StartAsync);

    private static TimeSpan Patience => TimeSpan.FromSeconds(90);

    private async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Chromium.Path!,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={_profile}",
            "--window-size=1280,900", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        string port = Path.Combine(_profile, "DevToolsActivePort");
        var waited = Stopwatch.StartNew();
        string[] lines;
        while ((lines = File.Exists(port) ? File.ReadAllLines(port) : []).Length < 2)
        {
            Assert.True(waited.Elapsed < Patience && !_process.HasExited, "the browser did not begin");
            await Task.Delay(20);
        }

        await _socket.ConnectAsync(new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}"), CancellationToken.None);
        _receiving = ReceiveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        _socket.Abort();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _receiving;
        _process.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper process of the browser may still be writing there.
        }
    }

    /// <summary>Opens an address in a page of its own, whose cookies are its own too.</summary>
    public async Task<Page> OpenAsync(string address, int width = 1280, int height = 900, bool dark = false)
    {
        Chromium.SkipWithout();
        await _started.Value;
        string context = (string)(await AskAsync("Target.createBrowserContext"))["browserContextId"]!;
        string target = (string)(await AskAsync(
            "Target.createTarget", new() { ["url"] = "about:blank", ["browserContextId"] = context }))["targetId"]!;
        string session = (string)(await AskAsync(
            "Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        var page = new Page(this, session, context);
        _pages[session] = page;
        await page.AskAsync("Network.enable");
        await page.AskAsync("Page.enable");
        await page.AskAsync("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
        if (dark)
        {
            await page.AskAsync("Emulation.setEmulatedMedia", new()
            {
                ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = "dark" }),
            });
        }

        await page.AskAsync("Page.navigate", new() { ["url"] = address });
        return page;
    }

    /// <summary>Ends all pages: one that watches a run would ask for it until the browser ends.</summary>
    public async Task ClosePagesAsync()
    {
        foreach (Page page in _pages.Values) await page.CloseAsync();
    }

    internal async Task<JsonNode> AskAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        int id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null) message["sessionId"] = session;
        byte[] bytes = Encoding.UTF8.GetBytes(message.ToJsonString());
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(Patience);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                ValueWebSocketReceiveResult read;
                do
                {
                    read = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    message.Write(buffer, 0, read.Count);
                }
                while (!read.EndOfMessage);
                JsonNode node = JsonNode.Parse(message.ToArray())!;
                if (node["id"] is { } id && _asked.TryRemove((int)id, out TaskCompletionSource<JsonNode>? answer))
                {
                    if (node["error"] is { } error) answer.SetException(new InvalidOperationException(error.ToJsonString()));
                    else answer.SetResult(node["result"]!);
                }
                else if (node["sessionId"] is { } session && _pages.TryGetValue((string)session!, out Page? page))
                {
                    page.Hear(node);
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException
            or JsonException)
        {
            // The browser has ended.
        }
    }

    /// <summary>One page.</summary>
    public sealed class Page
    {
        private readonly Browser _browser;
        private readonly string _session, _context;

        internal Page(Browser browser, string session, string context) =>
            (_browser, _session, _context) = (browser, session, context);

        /// <summary>What was asked for over the network, by address.</summary>
        public ConcurrentQueue<string> Requests { get; } = [];

        /// <summary>The status of what was answered, by address.</summary>
        public ConcurrentDictionary<string, int> Answers { get; } = [];

        /// <summary>The value of an expression, as text.</summary>
        public async Task<string> ReadAsync(string expression)
        {
            JsonNode result = await EvaluateAsync(expression);
            Assert.True(result["exceptionDetails"] is null, $"{expression}: {result["exceptionDetails"]?.ToJsonString()}");
            return (string)result["result"]!["value"]!;
        }

        /// <summary>Runs statements.</summary>
        public Task DoAsync(string statements) => ReadAsync($"(() => {{ {statements}; return ''; }})()");

        /// <summary>Waits until a condition holds.</summary>
        public async Task AwaitAsync(string condition)
        {
            var waited = Stopwatch.StartNew();
            while (true)
            {
                if (await TryAsync(condition)) return;
                if (waited.Elapsed > Patience)
                {
                    string state = await ReadAsync("JSON.stringify(document.documentElement.dataset)");
                    Assert.Fail($"{condition} did not come true: {state}");
                }

                await Task.Delay(25);
            }
        }

        /// <summary>Waits until the page has drawn itself, without an error in a script.</summary>
        public async Task ReadyAsync()
        {
            await AwaitAsync("document.documentElement.dataset.ready === 'true'");
            await NoErrorAsync();
        }

        /// <summary>The elements as they are now.</summary>
        public Task<string> ElementsAsync() => ReadAsync("document.documentElement.outerHTML");

        /// <summary>Ends the page, and whatever belongs to it alone.</summary>
        public Task CloseAsync()
        {
            _browser._pages.TryRemove(_session, out _);
            return _browser.AskAsync("Target.disposeBrowserContext", new() { ["browserContextId"] = _context });
        }

        /// <summary>No script has failed.</summary>
        public async Task NoErrorAsync() => Assert.Equal("", await ReadAsync("document.documentElement.dataset.errors ?? ''"));

        /// <summary>Presses the mouse at one place of an element and lets it go at another, in shares of its width.</summary>
        public async Task DragAsync(string selector, double from, double to)
        {
            string[] box = (await ReadAsync(
                $"(() => {{ const e = document.querySelector({JsonSerializer.Serialize(selector)}); "
                + "e.scrollIntoView({ block: 'center' }); const b = e.getBoundingClientRect(); "
                + "return [b.left, b.top, b.width, b.height].join(' '); })()")).Split(' ');
            double[] b = [.. box.Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            bool down = false;
            foreach ((string type, double share) in ((string, double)[])[("mouseMoved", from), ("mousePressed", from),
                ("mouseMoved", (from + to) / 2), ("mouseMoved", to), ("mouseReleased", to)])
            {
                down = type == "mousePressed" || (down && type != "mouseReleased");
                await AskAsync("Input.dispatchMouseEvent", new()
                {
                    ["type"] = type,
                    ["x"] = b[0] + (share * b[2]),
                    ["y"] = b[1] + (b[3] / 2),
                    ["button"] = down || type == "mouseReleased" ? "left" : "none",
                    ["buttons"] = down ? 1 : 0,
                    ["clickCount"] = type == "mouseMoved" ? 0 : 1,
                });
            }
        }

        /// <summary>Presses a key.</summary>
        public async Task PressAsync(string key)
        {
            foreach (string type in (string[])["keyDown", "keyUp"])
                await AskAsync("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = key, ["code"] = key });
        }

        internal Task<JsonNode> AskAsync(string method, JsonObject? parameters = null) =>
            _browser.AskAsync(method, parameters, _session);

        internal void Hear(JsonNode node)
        {
            string? method = (string?)node["method"];
            if (method == "Network.requestWillBeSent") Requests.Enqueue((string)node["params"]!["request"]!["url"]!);
            if (method == "Network.responseReceived")
                Answers[(string)node["params"]!["response"]!["url"]!] = (int)node["params"]!["response"]!["status"]!;
        }

        private async Task<bool> TryAsync(string condition)
        {
            try
            {
                JsonNode result = await EvaluateAsync(condition);
                return result["exceptionDetails"] is null && (string?)result["result"]!["value"] == "true";
            }
            catch (InvalidOperationException)
            {
                return false; // the page is on its way to another
            }
        }

        private Task<JsonNode> EvaluateAsync(string expression) => AskAsync("Runtime.evaluate", new()
        {
            ["expression"] = $"String({expression})",
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
    }
}
