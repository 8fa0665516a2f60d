using System.Runtime.InteropServices;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>
/// Standard output or error as bytes. The stream of .NET takes a closed pipe for success and reports a closed stream as one
/// without permission; this one reports the cause. Every write goes to the system at once.
/// </summary>
/// <param name="number">1 or 2.</param>
/// <param name="name">What it is called in a sentence.</param>
internal sealed class StandardOutputStream(int number, string name) : Stream
{
    private const int MillisecondsToWait = 5;
    private readonly bool _given = Descriptors.IsGiven(number);
    private readonly Stream? _windows = !OperatingSystem.IsWindows() ? null : number == 1 ? Console.OpenStandardOutput()
        : Console.OpenStandardError();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_given) throw new OutputException(name, "it is closed");
        if (_windows is not null)
        {
            WriteOnWindows(buffer);
            return;
        }

        while (!buffer.IsEmpty)
        {
            nint count = NativeStreams.Write(number, buffer, out int error);
            if (count >= 0) buffer = buffer[(int)count..];
            else if (error == NativeStreams.WouldBlock) Thread.Sleep(MillisecondsToWait); // somebody else has set the pipe so
            else if (error != NativeStreams.Interrupted)
                throw new OutputException(name, Cause(error), error == NativeStreams.BrokenPipe);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WriteOnWindows(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _windows!.Write(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(name, Unroll.Files.FileErrors.Plain(error));
        }
    }

    private static string Cause(int error) => error switch
    {
        NativeStreams.BrokenPipe => "nobody reads it any more",
        28 => "no space is left (the disk is full)",
        9 => "it is not open for writing",
        5 => "its terminal or disk is gone",
        27 => "the limit on the size of a file is reached",
        _ => Marshal.GetPInvokeErrorMessage(error) is { Length: > 0 } text ? char.ToLowerInvariant(text[0]) + text[1..]
            : "the system gave no reason",
    };
}
