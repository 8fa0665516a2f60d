using Unroll.Files;

namespace Unroll.Cli.Watch;

/// <summary>
/// Reads the lines that are appended to a file, while another process writes it. A file that became shorter, or that is another
/// one, is read from its beginning again. Nothing is locked, and the file may be on a disk that cannot be written.
/// </summary>
/// <param name="path">The file, which may not exist yet.</param>
/// <param name="longest">The most bytes of a line; longer ones are reported as empty.</param>
/// <param name="most">The most bytes that are read of the file.</param>
internal sealed class LineFollower(string path, int longest, long most)
{
    private const int Piece = 1 << 20;

    private byte[] _rest = []; // of the line that has no end yet
    private byte[] _last = []; // what was read last, by which another file is told
    private bool _tooLong; // the line that has no end yet
    private long _at;

    /// <summary>Reads what is new.</summary>
    /// <param name="onLine">Takes each line without its end; an empty one for a line that is too long.</param>
    /// <param name="onReset">Is called before the lines of a file that begins anew.</param>
    /// <returns>Whether anything was new.</returns>
    public bool Read(Action<ReadOnlyMemory<byte>> onLine, Action onReset)
    {
        try
        {
            // A pipe or a device, which could keep a reader for ever, has no length.
            if (PathLook.At(path) != PathKind.File || new FileInfo(path).Length == 0)
            {
                if (_at == 0) return false;
                Reset(onReset);
                return true;
            }

            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            bool reset = !Continues(file);
            if (reset) Reset(onReset);
            return ReadOn(file, onLine) || reset;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return false; // it is being replaced, or cannot be read now; the next look tells
        }
    }

    private bool Continues(FileStream file)
    {
        if (file.Length < _at) return false;
        if (_last.Length == 0) return true;
        var there = new byte[_last.Length];
        file.Position = _at - _last.Length;
        return file.ReadAtLeast(there, there.Length, throwOnEndOfStream: false) == there.Length
            && there.AsSpan().SequenceEqual(_last);
    }

    private void Reset(Action onReset)
    {
        (_at, _rest, _last, _tooLong) = (0, [], [], false);
        onReset();
    }

    private bool ReadOn(FileStream file, Action<ReadOnlyMemory<byte>> onLine)
    {
        long end = Math.Min(file.Length, most);
        if (end <= _at) return false;
        file.Position = _at;
        var buffer = new byte[(int)Math.Min(Piece, end - _at)];
        while (_at < end)
        {
            int read = file.Read(buffer, 0, (int)Math.Min(buffer.Length, end - _at));
            if (read == 0) break;
            _at += read;
            _last = buffer[Math.Max(0, read - 256)..read];
            Split(buffer.AsMemory(0, read), onLine);
        }

        return true;
    }

    private void Split(ReadOnlyMemory<byte> piece, Action<ReadOnlyMemory<byte>> onLine)
    {
        for (int end; (end = piece.Span.IndexOf((byte)'\n')) >= 0; piece = piece[(end + 1)..])
        {
            bool tooLong = _tooLong || _rest.Length + end > longest;
            onLine(tooLong ? default : _rest.Length == 0 ? piece[..end] : (byte[])[.. _rest, .. piece.Span[..end]]);
            (_rest, _tooLong) = ([], false);
        }

        if (piece.IsEmpty || _tooLong) return;
        if (_rest.Length + piece.Length > longest) (_rest, _tooLong) = ([], true);
        else _rest = [.. _rest, .. piece.Span];
    }
}
