using System.Text;
using System.Text.Unicode;
using Unroll.Data.Text;
using Unroll.Files;

namespace Unroll.Data.Csv;

/// <summary>The text of a file: unpacked, its encoding known, its beginning looked at; what is no text is refused.</summary>
internal sealed class CsvSource : IDisposable
{
    private const int Looked = 1 << 18;
    private const int MostExpected = 1 << 30;
    private static readonly (byte[] Magic, string What)[] Binaries =
    [
        ([(byte)'P', (byte)'K', 3, 4], "a zip archive, such as Excel's .xlsx"),
        ([0xD0, 0xCF, 0x11, 0xE0], "a file of an old Excel"),
        ("%PDF"u8.ToArray(), "a PDF"),
        ("PAR1"u8.ToArray(), "a Parquet file"),
        ("ARROW1"u8.ToArray(), "an Arrow file"),
        ("SQLite format 3"u8.ToArray(), "a SQLite database"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a picture"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array (name it .npy)"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file"),
    ];

    private readonly Stream _stream;
    private readonly byte[] _start;
    private readonly Encoding _encoding;
    private readonly long _length, _likelyRows;

    private CsvSource(Stream stream, byte[] start, Encoding encoding, string beginning, long length)
    {
        (_stream, _start, _encoding, Beginning) = (stream, start, encoding, beginning);
        IsWhole = start.Length < Looked;
        long lines = 1 + start.AsSpan().Count((byte)'\n');
        _length = Math.Max(length, start.Length);
        _likelyRows = (long)Math.Min(MostExpected, 16 + (1.02 * lines * _length / start.Length));
    }

    /// <summary>The first characters.</summary>
    public string Beginning { get; }

    /// <summary>Whether <see cref="Beginning"/> is all there is.</summary>
    public bool IsWhole { get; }

    /// <summary>
    /// About how many rows of so many cells there are, from the length of the file and of its first rows, and never more
    /// than fit into the file; those of the beginning where no length is known, as of what is packed.
    /// </summary>
    public int ExpectedRows(int cells) => (int)Math.Min(_likelyRows, 1 + (_length / cells));

    /// <summary>Looks at a stream and reads it.</summary>
    /// <param name="stream">The stream; it is read from where it is.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="read">Reads its rows.</param>
    /// <exception cref="InvalidFileException">It is empty, no text, cannot be unpacked, or has a quote that does not
    /// end.</exception>
    public static T Use<T>(Stream stream, string name, Func<CsvSource, T> read)
    {
        try
        {
            using CsvSource source = Open(stream, name);
            return read(source);
        }
        catch (InvalidDataException)
        {
            throw GzipText.Damaged(name);
        }
        catch (NotSupportedException)
        {
            throw new InvalidFileException(name, "has a row of more than 16 million characters; a quote may not be closed");
        }
    }

    private static CsvSource Open(Stream stream, string name)
    {
        long length = stream.CanSeek ? stream.Length - stream.Position : 0;
        byte[] start = Start(stream, 2);
        Stream whole = new JoinedStream(start, stream);
        if (start is [0x1F, 0x8B]) (whole, length) = (new GzipText(whole), 0);
        start = Start(whole, Looked);
        if (start.Length == 0) throw new InvalidFileException(name, "is empty; it must have a row of names and rows of numbers");
        foreach ((byte[] magic, string what) in Binaries)
        {
            if (start.AsSpan().StartsWith(magic)) throw new InvalidFileException(name, $"is no text but {what}; save it as CSV");
        }

        Encoding encoding = EncodingOf(start, name);
        string text = encoding.GetString(start);
        text = text.TrimStart('\uFEFF');
        int controls = text.Count(c => c < ' ' && c is not ('\t' or '\n' or '\r' or '\f' or '\v'));
        if (controls > 0 && controls * 100L > text.Length)
            throw new InvalidFileException(name, "is no text (it has control characters); save it as CSV");
        return new CsvSource(whole, start, encoding, text, length);
    }

    /// <summary>The whole text, from its beginning; once.</summary>
    public StreamReader Reader() => new(new JoinedStream(_start, _stream), _encoding, detectEncodingFromByteOrderMarks: true,
        1 << 16);

    public void Dispose() => _stream.Dispose();

    private static Encoding EncodingOf(byte[] start, string name)
    {
        if (start is [0xFF, 0xFE, ..]) return Encoding.Unicode;
        if (start is [0xFE, 0xFF, ..]) return Encoding.BigEndianUnicode;
        if (start.AsSpan().Contains((byte)0)) throw new InvalidFileException(name,
            "is no text (it has bytes of 0); save it as CSV in UTF-8");

        // The last character may be cut off.
        for (int cut = 0; cut < Math.Min(4, start.Length); cut++)
        {
            if (Utf8.IsValid(start.AsSpan(0, start.Length - cut))) return new UTF8Encoding(
                encoderShouldEmitUTF8Identifier: false);
        }

        return Encoding.Latin1;
    }

    private static byte[] Start(Stream stream, int most)
    {
        byte[] bytes = new byte[most];
        int length = stream.ReadAtLeast(bytes, most, throwOnEndOfStream: false);
        return length == most ? bytes : bytes[..length];
    }
}
