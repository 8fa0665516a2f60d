using System.Text.Json;

namespace Unroll.Files;

/// <summary>The append-only JSON lines of a run, opened at the first use.</summary>
/// <param name="path">The file.</param>
/// <param name="wrap">A hook around the stream that is written to, by which tests inject faults.</param>
internal sealed class MetricsLog(string path, Func<Stream, Stream>? wrap = null) : IDisposable
{
    private FileStream? _file;

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

    /// <summary>Waits until what was appended is on the disk.</summary>
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

    /// <summary>Opens the file, and cuts it behind the last complete line up to an update (all of them, if it is the maximum).</summary>
    private void Trim(long update)
    {
        // Unbuffered: a line is one write, and what could not be written does not linger in a buffer.
        _file ??= new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 0);
        var content = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(content);
        int keep = 0;
        for (int number = 1; keep < content.Length; number++)
        {
            int length = content.AsSpan(keep).IndexOf((byte)'\n');
            if (length < 0 || (update != long.MaxValue && Update(content.AsSpan(keep, length), number) > update)) break;
            keep += length + 1;
        }

        if (keep < content.Length) _file.SetLength(keep);
    }

    private long Update(ReadOnlySpan<byte> line, int number)
    {
        long? update = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("update"u8)) continue;
                reader.Read();
                update = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : null;
            }
        }
        catch (JsonException)
        {
            throw new InvalidFileException(path, $"has a line {number} that is not JSON");
        }

        return update ?? throw new InvalidFileException(path, $"has a line {number} without a whole number 'update'");
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
