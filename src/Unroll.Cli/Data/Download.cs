using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Data;

/// <summary>
/// Downloads one pinned file. What has come lies beside the target as <c>NAME.part</c>; a download that broke off goes on from
/// there. Only a body of the pinned length and SHA-256 takes the target's name.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="stall">How long nothing may come before the download has broken off.</param>
internal sealed class Download(HttpClient client, TimeSpan stall)
{
    private const int Attempts = 3;

    /// <summary>A client without a limit on the whole, which a slow line would reach.</summary>
    public static HttpClient Client() => new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Downloads a file.</summary>
    /// <param name="file">What it is.</param>
    /// <param name="url">Where from.</param>
    /// <param name="target">Where to.</param>
    /// <param name="progress">Hears how many bytes of the file there are.</param>
    /// <param name="cancellation">Ends it; what has come stays.</param>
    /// <exception cref="UserError">It did not come, or is not the pinned one.</exception>
    public async Task RunAsync(DataFile file, Uri url, string target, Action<long> progress, CancellationToken cancellation)
    {
        string part = target + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            await using var stream = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            if (stream.Length > file.Bytes) stream.SetLength(0);
            bool resumed = stream.Length > 0;
            await FetchAsync(file, url, target, stream, progress, cancellation);
            if (resumed && !await IsRightAsync(file, stream, cancellation))
            {
                // What an earlier download left was something else; from the beginning, once.
                stream.SetLength(0);
                await FetchAsync(file, url, target, stream, progress, cancellation);
            }

            if (!await IsRightAsync(file, stream, cancellation))
            {
                Delete(stream);
                throw new UserError(
                    $"What {url} sent for {file.Path} is not the expected file (its SHA-256 differs from {file.Sha256[..12]}…) "
                        + $"and was deleted; {Elsewhere(file, target)}.");
            }

            stream.Flush(flushToDisk: true);
            stream.Dispose(); // Windows moves no file that is open
            File.Move(part, target, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{part} could not be written: {Unroll.Files.FileErrors.Cause(part, error)}.", error);
        }
    }

    /// <summary>Whether a file has the pinned content.</summary>
    public static async Task<bool> IsRightAsync(DataFile file, Stream stream, CancellationToken cancellation)
    {
        if (stream.Length != file.Bytes) return false;
        stream.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)) == file.Sha256;
    }

    /// <summary>Appends to the stream until the file is whole; goes on after an interruption as long as something came.</summary>
    private async Task FetchAsync(DataFile file, Uri url, string target, FileStream stream, Action<long> progress,
        CancellationToken cancellation)
    {
        for (int attempt = 1; stream.Length < file.Bytes; attempt++)
        {
            long before = stream.Length;
            string cause;
            try
            {
                await RequestAsync(file, url, target, stream, progress, cancellation);
                cause = $"it ended after {stream.Length} of {file.Bytes} bytes";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                cause = string.Create(CultureInfo.InvariantCulture, $"nothing came for {stall.TotalSeconds:0.#} seconds");
            }
            catch (Exception error) when (error is HttpRequestException or BodyError)
            {
                cause = Cause(error);
            }

            if (stream.Length >= file.Bytes) return;
            if (attempt < Attempts && stream.Length > before) continue;
            string kept = stream.Length > 0
                ? $"the {stream.Length} bytes that came are kept and the same command goes on from there, or " : "";
            throw new UserError($"{file.Path} could not be downloaded from {url}: {cause}; {kept}{Elsewhere(file, target)}.");
        }
    }

    private async Task RequestAsync(DataFile file, Uri url, string target, FileStream stream, Action<long> progress,
        CancellationToken cancellation)
    {
        long begin = stream.Length;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(stall);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (begin > 0) request.Headers.Range = new RangeHeaderValue(begin, null);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
            patience.Token);
        if (begin > 0 && !GoesOn(response, begin, file.Bytes))
        {
            // The server refuses to go on, or has another file: from the beginning.
            stream.SetLength(0);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                response.Dispose();
                await RequestAsync(file, url, target, stream, progress, cancellation);
                return;
            }
        }
        else if (begin == 0 && response.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"the server answered {(int)response.StatusCode} ({response.ReasonPhrase})", null,
                response.StatusCode);
        }

        stream.Position = stream.Length;
        await using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
        var buffer = new byte[1 << 15];
        while (true)
        {
            patience.CancelAfter(stall);
            int count;
            try
            {
                count = await body.ReadAsync(buffer, patience.Token);
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                await stream.FlushAsync(cancellation);
                throw new BodyError(error);
            }

            if (count == 0) break;
            if (stream.Position + count > file.Bytes)
            {
                Delete(stream);
                throw new UserError(
                    $"What {url} sent for {file.Path} is longer than the {file.Bytes} bytes of the expected file and was "
                        + $"deleted; {Elsewhere(file, target)}.");
            }

            await stream.WriteAsync(buffer.AsMemory(0, count), cancellation);
            progress(stream.Position);
        }

        await stream.FlushAsync(cancellation);
    }

    /// <summary>Whether an answer is the rest of the same file: from where it was asked for, of the pinned length.</summary>
    private static bool GoesOn(HttpResponseMessage response, long begin, long length) =>
        response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange is { } range
        && range.From == begin && (range.Length is null || range.Length == length);

    private static void Delete(FileStream stream)
    {
        stream.Dispose();
        File.Delete(stream.Name);
    }

    private static string Elsewhere(DataFile file, string target) => $"get the file elsewhere and put it at {target}";

    private static string Cause(Exception error)
    {
        if (error is BodyError body)
            return $"the connection broke off ({Plain((body.InnerException!.InnerException ?? body.InnerException).Message)})";
        var failure = (HttpRequestException)error;
        return failure.StatusCode is not null ? failure.Message : failure.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "its host was not found",
            HttpRequestError.ConnectionError => "there is no connection to its host",
            HttpRequestError.SecureConnectionError => "no secure connection could be made",
            HttpRequestError.ProxyTunnelError => "the proxy refused",
            _ => Plain(failure.Message),
        };

        static string Plain(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ') is { Length: > 0 } text
            ? char.ToLowerInvariant(text[0]) + text[1..] : "no reason was given";
    }

    /// <summary>An error while the body came.</summary>
    private sealed class BodyError(Exception cause) : Exception(cause.Message, cause);
}
