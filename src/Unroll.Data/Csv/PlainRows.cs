namespace Unroll.Data.Csv;

/// <summary>
/// The rows of a file as bytes, as long as they are plain: a line each, without quotes, with the same number of cells, in an
/// encoding whose first 128 characters are ASCII. From the first row that is not plain on, a reader that knows all rules goes on
/// with <see cref="Rest"/>.
/// </summary>
/// <param name="stream">The file, from its beginning.</param>
/// <param name="delimiter">What stands between cells, below 128.</param>
internal sealed class PlainRows(Stream stream, byte delimiter)
{
    private const int Size = 1 << 16; // a longer row is not plain
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    private readonly byte[] _buffer = new byte[Size];
    private int _at, _end;
    private bool _isAtEnd;

    /// <summary>The lines that were read.</summary>
    public long Lines { get; private set; }

    /// <summary>What follows the rows that were read.</summary>
    public Stream Rest() => new JoinedStream(_buffer[_at.._end], stream);

    /// <summary>Skips lines of any number of cells.</summary>
    /// <returns>Whether there are so many without quotes.</returns>
    public bool Skip(int lines)
    {
        if (Lines == 0 && Fill() && _buffer.AsSpan(0, _end).StartsWith(Mark)) _at = Mark.Length;
        for (int i = 0; i < lines; i++)
        {
            if (!Line(out _, out _)) return false;
            Lines++;
        }

        return true;
    }

    /// <summary>The next row without its end; valid until the one behind it.</summary>
    /// <param name="width">The cells that it must have.</param>
    /// <param name="row">The row.</param>
    /// <returns>Whether there is one that is plain.</returns>
    public bool Next(int width, out ReadOnlySpan<byte> row)
    {
        row = default;
        if (!Line(out int start, out int length)) return false;
        row = _buffer.AsSpan(start, length);
        if (length > 0 && row.Count(delimiter) == width - 1)
        {
            Lines++;
            return true;
        }

        _at = start;
        return false;
    }

    /// <summary>Finds the end of a line and goes behind it; stays where it is where the line is not plain.</summary>
    private bool Line(out int start, out int length)
    {
        for (int searched = 0; ;)
        {
            int found = _buffer.AsSpan(_at + searched, _end - _at - searched).IndexOfAny((byte)'\n', (byte)'\r', (byte)'"');
            int end = found < 0 ? _end : _at + searched + found;
            (start, length) = (_at, end - _at);
            if (found >= 0 && _buffer[end] == (byte)'"') return false;
            if (found >= 0 && _buffer[end] == (byte)'\n')
            {
                _at = end + 1;
                return true;
            }

            if (found >= 0 && end + 1 < _end)
            {
                if (_buffer[end + 1] != (byte)'\n') return false; // an end of a line by itself
                _at = end + 2;
                return true;
            }

            if (!Fill())
            {
                if (!_isAtEnd || found >= 0 || length == 0) return false;
                _at = _end;
                return true;
            }

            searched = length; // the line lies at the beginning of the buffer now
        }
    }

    /// <summary>Reads more; what is unread comes to the beginning.</summary>
    private bool Fill()
    {
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        if (_end == Size) return false;
        int read = stream.Read(_buffer.AsSpan(_end));
        _isAtEnd = read == 0;
        _end += read;
        return read > 0;
    }
}
