using Unroll.Files;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>Standard input as bytes, opened at the first use, so that who reads none does not care whether it is there.</summary>
internal sealed class StandardInputStream : Stream
{
    private Stream? _stream;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_stream is null)
        {
            Descriptors.RequireStandardInput();
            _stream = Console.OpenStandardInput();
        }

        try
        {
            return _stream.Read(buffer);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException("Standard input could not be read: it is not open for reading.", error); // EBADF
        }
        catch (IOException error)
        {
            throw new IOException(
                $"Standard input could not be read: {(error.HResult == 21 ? "it is a folder" : FileErrors.Plain(error))}.",
                error); // EISDIR
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
