using Unroll.Data;
using Unroll.Files;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>Standard input as bytes, opened at the first use: a command that reads none does not need it.</summary>
internal sealed class StandardInputStream : ForwardStream
{
    private Stream? _stream;

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
}
