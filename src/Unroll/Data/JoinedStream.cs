namespace Unroll.Data;

/// <summary>One stream behind another: a pipe behind the bytes that were already read from it, or a mark behind a file.</summary>
internal sealed class JoinedStream(Stream first, Stream second) : ForwardStream
{
    private bool _isFirstOver;

    /// <param name="start">Bytes.</param>
    /// <param name="rest">What is behind them.</param>
    public JoinedStream(byte[] start, Stream rest)
        : this(new MemoryStream(start), rest)
    {
    }

    public override int Read(Span<byte> buffer)
    {
        if (!_isFirstOver)
        {
            int read = first.Read(buffer);
            if (read > 0 || buffer.IsEmpty) return read;
            _isFirstOver = true;
        }

        return second.Read(buffer);
    }
}
