using System.Buffers.Binary;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>The tag before an element of a MATLAB file.</summary>
/// <param name="Type">The number of its type.</param>
/// <param name="Length">Its length in bytes, without the padding to eight.</param>
/// <param name="Small">Whether the content is in the tag itself.</param>
internal readonly record struct MatTag(int Type, long Length, bool Small)
{
    public const int Matrix = 14, Compressed = 15;
}

/// <summary>Reads a MATLAB 5 file, or the inside of a compressed variable, forwards and exactly.</summary>
internal sealed class MatReader(Stream stream, string file, long limit, bool bigEndian)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private int _next, _filled;
    private long _read;

    /// <summary>The file's name, for messages.</summary>
    public string File { get; } = file;

    /// <summary>Whether the bytes of a number are in big-endian order.</summary>
    public bool BigEndian { get; set; } = bigEndian;

    /// <summary>From where byte positions are counted, for messages; empty for the file's beginning.</summary>
    public string Where { get; init; } = "";

    /// <summary>Bytes read so far.</summary>
    public long Position => _read - (_filled - _next);

    /// <summary>Whether nothing follows.</summary>
    public bool AtEnd() => _next == _filled && !Fill();

    /// <summary>The next element's tag. A small element has its content in the tag; the content is not yet read.</summary>
    public MatTag Tag()
    {
        uint first = UInt32();
        if (first >> 16 != 0)
        {
            long length = first >> 16;
            if (length > 4) throw Wrong(
                Invariant($"has a small element of {Counted.Of(length, "byte")} at byte {Position - 4}{Where}, where 4 ")
                    + "are possible");
            return new MatTag((int)(first & 0xFFFF), length, true);
        }

        return new MatTag((int)first, UInt32(), false);
    }

    /// <summary>Skips the padding of an element: to 4 bytes for a small one, to 8 for others.</summary>
    public void SkipPadding(MatTag tag)
    {
        long unit = tag.Small ? 4 : 8;
        Skip((unit - (tag.Length % unit)) % unit);
    }

    /// <summary>The next four bytes as a number.</summary>
    public uint UInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Exactly(bytes);
        return BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Fills the span.</summary>
    public void Exactly(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> some = Some(bytes.Length);
            some.CopyTo(bytes);
            bytes = bytes[some.Length..];
        }
    }

    /// <summary>At least one and at most this many of the next bytes, valid until the next call.</summary>
    public ReadOnlySpan<byte> Some(long most)
    {
        if (_next == _filled && !Fill()) throw Wrong(Invariant($"ends too early, after byte {Position}{Where}"));
        int count = (int)Math.Min(most, _filled - _next);
        _next += count;
        return _buffer.AsSpan(_next - count, count);
    }

    /// <summary>Skips bytes. A negative number means that an element is longer than the element around it.</summary>
    public void Skip(long bytes)
    {
        if (bytes < 0) throw Wrong(Invariant($"has an element that is longer than what it is in, before byte {Position}{Where}"));
        while (bytes > 0) bytes -= Some(bytes).Length;
    }

    /// <summary>The exception that refuses the file.</summary>
    public InvalidFileException Wrong(string problem) => new(File, problem);

    private bool Fill()
    {
        if (_read >= limit) throw Wrong(Invariant($"decompresses to more than {limit} bytes{Where}"));
        (_next, _filled) = (0, stream.Read(_buffer));
        _read += _filled;
        return _filled > 0;
    }
}

/// <summary>A stretch of a <see cref="MatReader"/>'s bytes as a stream, for the decompressor.</summary>
internal sealed class MatPart(MatReader reader, long length) : ForwardStream
{
    private long _left = length;

    /// <summary>Whether reading the file itself failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Skips the bytes that were not read.</summary>
    public void SkipRest()
    {
        reader.Skip(_left);
        _left = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 || buffer.Length == 0) return 0;
        ReadOnlySpan<byte> some;
        try
        {
            some = reader.Some(Math.Min(_left, buffer.Length));
        }
        catch (IOException)
        {
            HasFailed = true;
            throw;
        }

        some.CopyTo(buffer);
        _left -= some.Length;
        return some.Length;
    }
}
