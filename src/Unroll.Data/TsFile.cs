using Unroll.Data.Archive;
using Unroll.Data.Text;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads the .ts format of the time-series-classification archive: lines of a header that begin with @, then a sequence a
/// line, dimensions separated by colons, values by commas, <c>?</c> for a missing one, and the class or the number of the
/// sequence last.
/// </summary>
public static class TsFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A .ts file, also packed by gzip.</param>
    /// <exception cref="InvalidFileException">Its content cannot be accepted; the message has line, dimension and
    /// value.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SequenceData Read(string path) => FileBytes.Use(path, stream => Read(stream, path));

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="InvalidFileException">Its content cannot be accepted.</exception>
    public static SequenceData Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        byte[] start = new byte[2];
        int length = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        Stream whole = new JoinedStream(start[..length], stream);
        if (length == 2 && start is [0x1F, 0x8B]) whole = new GzipText(whole);
        try
        {
            using var reader = new StreamReader(whole, bufferSize: 1 << 16);
            return new TsReader(name).Read(reader);
        }
        catch (InvalidDataException)
        {
            throw GzipText.Damaged(name);
        }
    }
}
