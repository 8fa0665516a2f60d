namespace Unroll.Tests.Files;

/// <summary>A temporary folder for one test, deleted afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("unroll-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A message is one sentence: one full stop at its end, one line, and it names the file.</summary>
    public static void AssertSentence(Exception error, string file)
    {
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        string rest = error.Message.Replace(file, "FILE", StringComparison.Ordinal);
        Assert.DoesNotContain(". ", rest, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', rest);
        Assert.False(error.Message.EndsWith("..", StringComparison.Ordinal), error.Message);
    }
}

/// <summary>A disk that is full after some bytes: the bytes before are written, as on a real disk.</summary>
internal sealed class FullDisk(Stream inner, long room, Action? seen = null) : Stream
{
    private long _room = room;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override void Flush()
    {
        seen?.Invoke();
        inner.Flush();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        seen?.Invoke();
        int fits = (int)Math.Min(_room, buffer.Length);
        inner.Write(buffer[..fits]);
        _room -= fits;
        if (fits < buffer.Length)
            throw new IOException("There is not enough space on the disk. : '/x'",
                OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
