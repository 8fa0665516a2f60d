using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Unroll.Cli.Tests.Data;

/// <summary>How the server answers one request.</summary>
/// <param name="Body">What it has.</param>
/// <param name="Status">What it says; 200 becomes 206 for a range that it serves.</param>
/// <param name="Ranges">Whether it serves ranges.</param>
/// <param name="BreakAfter">Closes the connection after so many bytes of a body whose whole length it announced.</param>
/// <param name="StallAfter">Sends nothing more after so many bytes, and keeps the connection.</param>
/// <param name="Announced">The length it announces; null for the true one.</param>
/// <param name="PauseEvery">Milliseconds between pieces of a tenth.</param>
internal sealed record Answer(byte[] Body, int Status = 200, bool Ranges = true, int? BreakAfter = null, int? StallAfter = null,
    long? Announced = null, int PauseEvery = 0);

/// <summary>An HTTP server on this machine whose answers a test decides, one a request; the last one again and again.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, Queue<Answer>> _answers;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;

    public TestServer(params (string Path, Answer[] Answers)[] answers)
    {
        _answers = answers.ToDictionary(pair => "/" + pair.Path, pair => new Queue<Answer>(pair.Answers));
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>The address, such as for UNROLL_DATA_URL.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The requests so far: the path and the first byte asked for.</summary>
    public List<(string Path, long From)> Requests { get; } = [];

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _loop.Wait();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync(_end.Token))!.Split(' ')[1];
                long from = 0;
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } header)
                {
                    if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                        from = long.Parse(header["Range: bytes=".Length..].TrimEnd('-'));
                }

                Answer? answer;
                lock (Requests)
                {
                    Requests.Add((path, from));
                    answer = _answers.TryGetValue(path, out Queue<Answer>? queue) ? queue.Count > 1 ? queue.Dequeue()
                        : queue.Peek() : null;
                }

                await AnswerAsync(stream, answer ?? new Answer([], 404), from);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                // The other side went away, which some tests want.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, Answer answer, long from)
    {
        bool part = answer.Ranges && from > 0 && answer.Status == 200;
        byte[] body = part ? answer.Body[(int)Math.Min(from, answer.Body.Length)..] : answer.Body;
        if (part && body.Length == 0) (answer, body, part) = (answer with { Status = 416 }, [], false);
        string range = part ? $"Content-Range: bytes {from}-{answer.Body.Length - 1}/{answer.Body.Length}\r\n" : "";
        string head = $"HTTP/1.1 {(part ? 206 : answer.Status)} Words\r\nContent-Length: "
            + $"{answer.Announced ?? body.Length}\r\n{range}Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _end.Token);
        int sent = Math.Min(body.Length, answer.BreakAfter ?? answer.StallAfter ?? body.Length),
            chunk = answer.PauseEvery > 0 ? Math.Max(1, body.Length / 10) : Math.Max(1, sent);
        for (int at = 0; at < sent; at += chunk)
        {
            await stream.WriteAsync(body.AsMemory(at, Math.Min(chunk, sent - at)), _end.Token);
            await stream.FlushAsync(_end.Token);
            if (answer.PauseEvery > 0) await Task.Delay(answer.PauseEvery, _end.Token);
        }

        if (answer.StallAfter is not null) await Task.Delay(Timeout.Infinite, _end.Token);
    }
}
