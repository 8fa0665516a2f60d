using System.Globalization;
using System.Text.Json;
using Unroll.Numerics;

namespace Unroll.Files;

/// <summary>The append-only JSON lines of a run, opened at the first use.</summary>
/// <param name="path">The file.</param>
/// <param name="wrap">A hook around the stream that is written to, by which tests inject faults.</param>
internal sealed class MetricsLog(string path, Func<Stream, Stream>? wrap = null) : IDisposable
{
    private FileStream? _file;

    // The lines kept and appended, and the same without the last line. A check at the end of a budget writes that line, and a
    // resume drops it.
    private (long Rows, Crc64 Crc) _all, _beforeLast;
    private long _lastUpdate = long.MinValue;

    /// <summary>Appends a line; a failure leaves the file as it was.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line.ContainsAny((byte)'\n', (byte)'\r'))
            throw new ArgumentException("A metric is one line of JSON that is not empty and has no line end.", nameof(line));
        var bytes = new byte[line.Length + 1];
        line.CopyTo(bytes);
        bytes[^1] = (byte)'\n';
        long end = -1;
        try
        {
            if (_file is null) Trim(long.MaxValue);
            end = _file!.Length;
            _file.Position = end;
            Stream stream = wrap is null ? _file : wrap(_file);
            stream.Write(bytes);
            stream.Flush();
            Count(bytes);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            Restore(end);
            throw FileErrors.NotWritten(path, error);
        }
    }

    /// <summary>Drops the first line beyond an update and all that follow, and a torn last line.</summary>
    public void TruncateAfter(long update)
    {
        try
        {
            Trim(update);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotWritten(path, error);
        }
    }

    /// <summary>
    /// The number of rows up to an update, and the digest of their bytes. At most the last row may be beyond the update.
    /// </summary>
    public (long Rows, string Digest) StateAt(long update)
    {
        (long rows, Crc64 crc) = _lastUpdate > update ? _beforeLast : _all;
        return (rows, crc.Value.ToString("x16", CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Compares the first rows with a recorded number and digest. Without a digest only their presence and their syntax are
    /// checked.
    /// </summary>
    /// <returns>What is wrong, as words that follow the file's name; null when the rows are as they were written.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string? Compare(long rows, string? digest)
    {
        byte[] content = [];
        try
        {
            if (rows > 0 || PathLook.IsFile(path)) content = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return $"is missing, where the checkpoint counts {Count(rows)}";
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }

        int length = 0;
        long number = 0;
        string? wrong = null;
        for (; number < rows; number++)
        {
            int end = content.AsSpan(length).IndexOf((byte)'\n');
            if (end < 0) break;
            wrong ??= Problem(content.AsSpan(length, end), number + 1);
            length += end + 1;
        }

        if (number < rows) return Invariant($"has {Count(number)} where the checkpoint counts {rows}");
        if (digest is null || Seal.Digest(content.AsSpan(0, length)) == digest) return wrong;
        return wrong ?? $"was altered: its first {Count(rows)} are not those that the checkpoint counts";

        static string Count(long rows) => Counted.Of(rows, "row");
    }

    /// <summary>
    /// Keeps this many rows and drops what follows, and also rows that do not parse where those are to be left out.
    /// </summary>
    /// <returns>The numbers of the lines that were left out.</returns>
    public IReadOnlyList<long> Keep(long rows, bool leaveOut)
    {
        var dropped = new List<long>();
        try
        {
            _file ??= Open();
            byte[] content = Content();
            using var kept = new MemoryStream();
            int at = 0;
            for (long number = 1; number <= rows; number++)
            {
                int end = content.AsSpan(at).IndexOf((byte)'\n');
                if (end < 0) break;
                ReadOnlySpan<byte> line = content.AsSpan(at, end);
                at += end + 1;
                if (leaveOut && Problem(line, number) is not null) dropped.Add(number);
                else kept.Write(content.AsSpan(at - end - 1, end + 1));
            }

            if (dropped.Count > 0)
            {
                _file.Position = 0;
                kept.WriteTo(_file);
            }

            if (kept.Length < content.Length) _file.SetLength(kept.Length);
            Recount(kept.ToArray());
            return dropped;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotWritten(path, error);
        }
    }

    /// <summary>Waits until the appended lines are on the disk.</summary>
    public void Flush()
    {
        try
        {
            _file?.Flush(flushToDisk: true);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotWritten(path, error);
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>
    /// Opens the file, and truncates it after the last complete line up to an update (after all lines, if the update is the
    /// maximum).
    /// </summary>
    private void Trim(long update)
    {
        _file ??= Open();
        byte[] content = Content();
        int keep = 0;
        for (int number = 1; keep < content.Length; number++)
        {
            int length = content.AsSpan(keep).IndexOf((byte)'\n');
            if (length < 0 || (update != long.MaxValue && Update(content.AsSpan(keep, length), number) > update)) break;
            keep += length + 1;
        }

        if (keep < content.Length) _file.SetLength(keep);
        Recount(content.AsSpan(0, keep));
    }

    /// <summary>Unbuffered: a line is one write, and a line that could not be written does not stay in a buffer.</summary>
    private FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 0);

    private byte[] Content()
    {
        var content = new byte[_file!.Length];
        _file.Position = 0;
        _file.ReadExactly(content);
        return content;
    }

    private void Recount(ReadOnlySpan<byte> content)
    {
        (_all, _lastUpdate) = ((0, default), long.MinValue);
        while (content.Length > 0)
        {
            int length = content.IndexOf((byte)'\n') + 1;
            Count(content[..length]);
            content = content[length..];
        }
    }

    private void Count(ReadOnlySpan<byte> line)
    {
        _beforeLast = _all;
        _all.Rows++;
        _all.Crc.Append(line);
        _lastUpdate = TryUpdate(line, out long? update) ? update ?? long.MinValue : long.MinValue;
    }

    private static string? Problem(ReadOnlySpan<byte> line, long number) =>
        !TryUpdate(line, out long? update) ? Invariant($"has a line {number} that is not JSON")
        : update is null ? Invariant($"has a line {number} without a whole number 'update'") : null;

    private long Update(ReadOnlySpan<byte> line, int number)
    {
        TryUpdate(line, out long? update);
        return update ?? throw new InvalidFileException(path, Problem(line, number)!);
    }

    /// <summary>Whether a line is JSON, and the update in it.</summary>
    private static bool TryUpdate(ReadOnlySpan<byte> line, out long? update)
    {
        update = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName
                    || !reader.ValueTextEquals("update"u8))
                    continue;
                reader.Read();
                update = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : null;
            }

            return true;
        }
        catch (JsonException)
        {
            update = null;
            return false;
        }
    }

    private void Restore(long end)
    {
        if (_file is null || end < 0) return;
        try
        {
            _file.SetLength(end);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // A torn last line is dropped when the file is next opened.
        }
    }
}
