using System.IO.Compression;

namespace Unroll.Data.Text;

/// <summary>
/// Unpacks gzip and notices when the file was cut off, which the runtime's own stream takes for its end: a member of our own is
/// put
/// behind the file, and what comes out must end with it.
/// </summary>
internal sealed class GzipText : Stream
{
    private static readonly byte[] Mark = [.. Guid.Parse("6f6c5f1d-7c0e-4a6b-9d35-1b1e0c8a52f7").ToByteArray()];

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _first, _end; // what of the buffer was unpacked and not yet given on
    private bool _isOver;

    public GzipText(Stream packed) => _unpacked = new GZipStream(new Followed(packed, Member()), CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The file is damaged or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_isOver && _end - _first <= Mark.Length)
        {
            _buffer.AsSpan(_first, _end - _first).CopyTo(_buffer);
            (_first, _end) = (0, _end - _first);
            int read = _unpacked.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _isOver = read == 0;
        }

        int ready = _end - _first - Mark.Length;
        if (_isOver && (ready < 0 || !_buffer.AsSpan(_end - Mark.Length, Mark.Length).SequenceEqual(Mark)))
            throw new InvalidDataException("The file is cut off.");
        int count = Math.Min(ready, buffer.Length);
        _buffer.AsSpan(_first, count).CopyTo(buffer);
        _first += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Member()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.NoCompression)) gzip.Write(Mark);
        return member.ToArray();
    }

    /// <summary>A stream with some bytes behind it.</summary>
    private sealed class Followed(Stream first, byte[] last) : Stream
    {
        private int _given = -1; // of the bytes behind; -1 while the stream has some

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (_given < 0)
            {
                int read = first.Read(buffer);
                if (read > 0 || buffer.IsEmpty) return read;
                _given = 0;
            }

            int count = Math.Min(buffer.Length, last.Length - _given);
            last.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
