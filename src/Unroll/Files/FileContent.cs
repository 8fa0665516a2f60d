using System.Buffers.Binary;
using System.Text;

namespace Unroll.Data;

/// <summary>
/// Names the content of a file that is not what was expected, by the signature at the beginning of its format. An error message
/// then says what the file is, and not at which byte it became invalid.
/// </summary>
/// <param name="What">What the file is, as words that follow the name in a sentence.</param>
/// <param name="Remedy">What would make it readable, or null.</param>
internal sealed record FileContent(string What, string? Remedy = null)
{
    /// <summary>The number of bytes at the beginning of a file that are looked at; a shorter file is looked at whole.</summary>
    public const int Length = 520;

    private const int HdfUserBlock = 512, TarMagic = 257, ZipName = 30;

    /// <summary>Signatures at the beginning of a file, the longer before the shorter, with what each is in words.</summary>
    private static readonly (byte[] Signature, FileContent Content)[] Binary =
    [
        ([0x1F, 0x8B], new("is compressed with gzip", "decompress it first, such as with gunzip")),
        ([.. "BZh"u8], new("is compressed with bzip2", "decompress it first, such as with bunzip2")),
        ([0xFD, .. "7zXZ\0"u8], new("is compressed with xz", "decompress it first, such as with unxz")),
        ([0x28, 0xB5, 0x2F, 0xFD], new("is compressed with Zstandard", "decompress it first, such as with unzstd")),
        ([0x1F, 0x9D], new("is compressed with compress", "decompress it first, such as with uncompress")),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], new("is a 7-Zip archive", "unpack it first")),
        ([.. "Rar!"u8, 0x1A, 0x07], new("is a RAR archive", "unpack it first")),
        ([.. "%PDF-"u8], new("is a PDF document", "save its content as plain text first, such as with pdftotext")),
        ([0x89, .. "PNG\r\n"u8], new("is a PNG image")),
        ([0xFF, 0xD8, 0xFF], new("is a JPEG image")),
        ([.. "GIF87a"u8], new("is a GIF image")),
        ([.. "GIF89a"u8], new("is a GIF image")),
        ([.. "II*\0"u8], new("is a TIFF image")),
        ([.. "MM\0*"u8], new("is a TIFF image")),
        ([0x89, .. "HDF\r\n"u8, 0x1A, 0x0A],
            new("is an HDF5 file (such as MATLAB 7.3 and Keras write)", "from MATLAB, save with -v7")),
        ([0x93, .. "NUMPY"u8], new("is a NumPy array (.npy)")),
        ([.. "SQLite format 3\0"u8], new("is an SQLite database")),
        ([0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19], new("is a PyTorch file (.pt)")),
        ([.. "MThd"u8], new("is a MIDI file")),
        ([.. "ID3"u8], new("is an MP3 recording")),
        ([0xFF, 0xFB], new("is an MP3 recording")),
        ([.. "OggS"u8], new("is an Ogg recording")),
        ([.. "fLaC"u8], new("is a FLAC recording")),
        ([.. "PAR1"u8], new("is a Parquet file")),
        ([.. "ARROW1"u8], new("is an Arrow file")),
        ([0x7F, .. "ELF"u8], new("is a program")),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            new("is a Microsoft Office document", "save its content as plain text first")),
    ];

    /// <summary>The rest of a sentence that begins with the file's name.</summary>
    /// <param name="wanted">The expected content.</param>
    public string Not(string wanted) => $"{What}, not {wanted}{(Remedy is null ? "" : $"; {Remedy}")}";

    /// <summary>What a binary file is, or null for unknown content.</summary>
    /// <param name="start">Its first <see cref="Length"/> bytes, or all of them.</param>
    public static FileContent? Of(ReadOnlySpan<byte> start)
    {
        foreach ((byte[] signature, FileContent content) in Binary)
        {
            if (start.StartsWith(signature)) return content;
        }

        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8)) return Zip(start);
        if (start.StartsWith("RIFF"u8) && start.Length >= 12) return Riff(start.Slice(8, 4));
        if (start.Length >= TarMagic + 5 && start[TarMagic..].StartsWith("ustar"u8))
            return new("is a tar archive", "unpack it first");
        if (start.Length >= HdfUserBlock + 8 && start[HdfUserBlock..].StartsWith(Signature("HDF")))
            return new("is an HDF5 file, such as MATLAB 7.3 writes", "from MATLAB, save with -v7");
        if (IsSafeTensors(start)) return new("is a safetensors file, which holds a model");
        return IsOnnx(start) ? new("is an ONNX model") : null;
    }

    /// <summary>
    /// What a file is where text is not expected either, as for music: also recognizes a web page and other markup.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    public static FileContent? OfAny(ReadOnlySpan<byte> start)
    {
        if (Of(start) is { } binary) return binary;
        if (Markup(start) is { } markup) return markup;
        ReadOnlySpan<byte> text = Trimmed(start);
        if (text.Length == 0) return start.Length < Length ? new("is empty") : null;
        return text.StartsWith("X:"u8) && Contains(text, "\nK:")
            ? new("is a tune in ABC notation", "convert it to MIDI, such as with abc2midi") : null;
    }

    /// <summary>What a text in a markup language is; null for other texts.</summary>
    /// <inheritdoc cref="Of"/>
    public static FileContent? Markup(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = Trimmed(start);
        if (text.StartsWith("{\\rtf"u8)) return new("is an RTF document", "save its content as plain text");
        bool markup = Begins(text, "<?xml") || Begins(text, "<!--");
        if (Begins(text, "<!doctype html") || Begins(text, "<html") || Begins(text, "<head") || Begins(text, "<body")
            || (markup && Contains(text, "<html"))) return new("is a web page");
        if (markup && (Contains(text, "score-partwise") || Contains(text, "score-timewise"))) return new("is a MusicXML score");
        return markup ? new("is an XML document") : null;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        while (text.Length > 0 && text[0] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') text = text[1..];
        return text;
    }

    private static FileContent Zip(ReadOnlySpan<byte> start)
    {
        int length = start.Length >= ZipName ? BinaryPrimitives.ReadUInt16LittleEndian(start[26..]) : 0;
        string name = Encoding.Latin1.GetString(start[Math.Min(ZipName, start.Length)..Math.Min(ZipName + length, start.Length)]);
        if (name.EndsWith("/data.pkl", StringComparison.Ordinal) || name.EndsWith("/version", StringComparison.Ordinal)
            || name.EndsWith("/byteorder", StringComparison.Ordinal)
            || name.EndsWith("/.format_version", StringComparison.Ordinal))
            return new("is a PyTorch file (.pt)", "unroll diagnose, evaluate, predict and export read those");
        if (name.EndsWith(".npy", StringComparison.Ordinal)) return new("is an archive of NumPy arrays (.npz)");
        if (name is "mimetype" or "[Content_Types].xml" || name.StartsWith("_rels/", StringComparison.Ordinal))
            return new("is an office document or an e-book", "save its content as plain text first");
        return new("is a zip archive", "unpack it first");
    }

    private static FileContent Riff(ReadOnlySpan<byte> kind) => new(
        kind.SequenceEqual("WAVE"u8) ? "is a WAV recording" : kind.SequenceEqual("WEBP"u8) ? "is a WebP image"
            : kind.SequenceEqual("AVI "u8) ? "is an AVI film"
        : kind.SequenceEqual("RMID"u8) ? "is a MIDI file in a RIFF wrapper" : "is a RIFF file");

    /// <summary>A length in eight bytes, then a JSON object.</summary>
    private static bool IsSafeTensors(ReadOnlySpan<byte> start) =>
        start.Length > 10 && BinaryPrimitives.ReadUInt64LittleEndian(start) is > 1 and < 1UL << 32 && start[8] == '{'
            && start[9] is (byte)'"' or (byte)'}' or (byte)' ';

    /// <summary>
    /// A protocol buffer with the version first (field 1, a small number), then the producer's name (field 2) or the graph (field
    /// 7).
    /// </summary>
    private static bool IsOnnx(ReadOnlySpan<byte> start)
    {
        if (start.Length < 8 || start[0] != 0x08 || start[1] is 0 or > 30) return false;
        if (start[2] == 0x3A) return true;
        int length = start[3];
        if (start[2] != 0x12 || length is 0 or > 60 || start.Length < 4 + length) return false;
        foreach (byte b in start.Slice(4, length))
        {
            if (b is < 32 or > 126) return false;
        }

        return true;
    }

    private static bool Begins(ReadOnlySpan<byte> text, string word) =>
        text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    private static bool Contains(ReadOnlySpan<byte> text, string word)
    {
        for (int i = 0; i + word.Length <= text.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(i, word.Length), word)) return true;
        }

        return false;
    }

    private static byte[] Signature(string name) => [0x89, .. Encoding.ASCII.GetBytes(name), (byte)'\r', (byte)'\n'];
}
