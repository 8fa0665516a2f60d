using System.IO.Compression;
using Unroll.Files;

namespace Unroll.Data.Text;

/// <summary>
/// Unpacks gzip and notices when the file was cut off, which the runtime's own stream takes for its end: a member of our own is
/// put behind the file, and what comes out must end with it.
/// </summary>
internal sealed class GzipText : ForwardStream
{
    private static readonly byte[] Mark = Guid.Parse("6f6c5f1d-7c0e-4a6b-9d35-1b1e0c8a52f7").ToByteArray();

    private readonly GZipStream _unpacked;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _first, _end; // what of the buffer was unpacked and not yet given on
    private bool _isOver;

    public GzipText(Stream packed) => _unpacked = new GZipStream(new JoinedStream(packed, Member()), CompressionMode.Decompress);

    /// <summary>The refusal of a file that is packed, by gzip or as a zip archive, and cannot be unpacked.</summary>
    public static InvalidFileException Damaged(string name) =>
        new(name, "is damaged: it cannot be unpacked to its end");

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

    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static MemoryStream Member()
    {
        var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.NoCompression, leaveOpen: true)) gzip.Write(Mark);
        member.Position = 0;
        return member;
    }
}
