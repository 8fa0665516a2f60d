using System.Text;
using System.Text.Unicode;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Converts the bytes of a text to UTF-8: from UTF-8 itself, from UTF-16 or UTF-32 with a byte order mark, and from UTF-16
/// without one where it is evident.
/// </summary>
internal static class TextBytes
{
    private const int Sample = 1024, LeastEvident = 16;

    /// <summary>The bytes as UTF-8.</summary>
    /// <param name="bytes">The bytes; the same array may be returned.</param>
    /// <param name="length">How many of them count.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="notice">Called with a sentence when the encoding was inferred, or the text is of a markup language.</param>
    /// <exception cref="InvalidFileException">The bytes are not text; the message names what they are if that is
    /// known.</exception>
    public static (byte[] Bytes, int Length) ToUtf8(byte[] bytes, int length, string file, Action<string>? notice)
    {
        ReadOnlySpan<byte> text = bytes.AsSpan(0, length);
        if (text.StartsWith("%PDF-"u8)) throw Foreign(file, text)!;
        if (text.StartsWith((byte[])[0xFF, 0xFE, 0, 0]))
            return Convert(text[4..], new UTF32Encoding(false, false, true), "UTF-32", 4, file);
        if (text.StartsWith((byte[])[0, 0, 0xFE, 0xFF]))
            return Convert(text[4..], new UTF32Encoding(true, false, true), "UTF-32", 4, file);
        if (text.StartsWith((byte[])[0xFF, 0xFE]))
            return Convert(text[2..], new UnicodeEncoding(false, false, true), "UTF-16", 2, file);
        if (text.StartsWith((byte[])[0xFE, 0xFF]))
            return Convert(text[2..], new UnicodeEncoding(true, false, true), "UTF-16", 2, file);
        if (EvidentOrder(text) is { } bigEndian)
        {
            notice?.Invoke(
                $"{file} has no byte order mark and is read as UTF-16 in {(bigEndian ? "big" : "little")}-endian order.");
            return Convert(text, new UnicodeEncoding(bigEndian, false, true), "UTF-16", 0, file);
        }

        ReadOnlySpan<byte> start = text[..Math.Min(length, FileContent.Length)];
        if (Utf8.IsValid(text) && !start.Contains((byte)0))
        {
            if (FileContent.Markup(start) is { } markup)
                notice?.Invoke(
                    $"{file} {markup.What}, and its markup is learned as text; save its words as plain text to leave it out.");
            return (bytes, length);
        }

        if (Foreign(file, text) is { } foreign) throw foreign;
        if (Utf8.IsValid(text)) return (bytes, length);
        throw new InvalidFileException(file,
            Invariant($"is not UTF-8 text at byte {FirstInvalid(text)}; --bytes reads it as bytes, ")
                + "and iconv -f LATIN1 -t UTF-8 converts it if it is in that encoding");
    }

    /// <summary>The position of the first byte that is not UTF-8.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length
            && Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
            at += length;
        return at;
    }

    private static InvalidFileException? Foreign(string file, ReadOnlySpan<byte> text) =>
        FileContent.Of(text[..Math.Min(text.Length, FileContent.Length)]) is { } content
            ? new InvalidFileException(file, content.Not("text")) : null;

    private static (byte[] Bytes, int Length) Convert(ReadOnlySpan<byte> text, Encoding encoding, string name, int mark,
        string file)
    {
        try
        {
            char[] characters = GC.AllocateUninitializedArray<char>(encoding.GetCharCount(text));
            int count = encoding.GetChars(text, characters);
            byte[] utf8 = GC.AllocateUninitializedArray<byte>(
                Encoding.UTF8.GetByteCount(characters, 0, count) + 1); // one more for a newline at the end
            return (utf8, Encoding.UTF8.GetBytes(characters, 0, count, utf8, 0));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidFileException(file,
                Invariant($"is not {name} text at byte {mark + FirstInvalid(text, encoding)}, though it begins like it; ")
                    + "--bytes reads it as bytes");
        }
    }

    /// <summary>The position of the first character that cannot be decoded: everything before it can.</summary>
    private static int FirstInvalid(ReadOnlySpan<byte> text, Encoding encoding)
    {
        int unit = encoding is UTF32Encoding ? 4 : 2, good = 0, bad = (text.Length / unit) + 1;
        while (bad - good > 1)
        {
            int middle = (good + bad) / 2;
            if (IsValid(text[..(middle * unit)])) good = middle;
            else bad = middle;
        }

        // Half of a surrogate pair is detected by the unit after it.
        bool isHalf = unit == 2 && good > 0
            && encoding.GetDecoder().GetCharCount(text.Slice((good - 1) * unit, unit), flush: false) == 0;
        return (isHalf ? good - 1 : good) * unit;

        bool IsValid(ReadOnlySpan<byte> start)
        {
            try
            {
                encoding.GetDecoder().GetCharCount(start, flush: false);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Whether nearly every second byte is 0 and nearly no other byte is: Latin letters in UTF-16. True for the most significant
    /// byte first, false for the least significant byte first, null for neither.
    /// </summary>
    private static bool? EvidentOrder(ReadOnlySpan<byte> text)
    {
        int pairs = Math.Min(text.Length, Sample) / 2, first = 0, second = 0;
        if (text.Length < LeastEvident || text.Length % 2 != 0) return null;
        for (int i = 0; i < pairs; i++)
        {
            first += text[2 * i] == 0 ? 1 : 0;
            second += text[(2 * i) + 1] == 0 ? 1 : 0;
        }

        return second > 0.9 * pairs && first < 0.02 * pairs ? false : first > 0.9 * pairs && second < 0.02 * pairs ? true : null;
    }
}
