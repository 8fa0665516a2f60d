using Unroll.Files;

namespace Unroll.Data;

/// <summary>Reads files whole, up to a limit.</summary>
internal static class FileBytes
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; its length is only the first size of the buffer, and reading continues to the end of the
    /// stream.</param>
    /// <param name="file">The name, for messages.</param>
    /// <param name="most">The most bytes.</param>
    /// <returns>A buffer and how much of it is filled; at least one byte is free, up to the limit.</returns>
    /// <exception cref="InvalidFileException">The stream has more bytes.</exception>
    public static (byte[] Bytes, int Length) Read(Stream stream, string file, int most)
    {
        long expected = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (expected > most) throw TooLong();
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Max(expected + 1, 1 << 10));
        int length = 0;
        for (int read; (read = stream.Read(bytes, length, bytes.Length - length)) > 0;)
        {
            length += read;
            if (length > most) throw TooLong();
            if (length == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, most + 1L));
        }

        return (bytes, length);

        InvalidFileException TooLong() => new(file, Invariant($"has more than {most} bytes, the most that is read"));
    }

    /// <summary>Opens a file to be read once from beginning to end, and turns errors into one sentence.</summary>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static T Use<T>(string path, Func<Stream, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            return read(stream);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }
    }
}
