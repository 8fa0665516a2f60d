using System.Text;

namespace Unroll.Data;

/// <summary>Turns text into symbols of a known alphabet, such as a prompt.</summary>
public static class TextCodec
{
    /// <summary>Turns text into symbols.</summary>
    /// <param name="text">The text; for an alphabet of bytes its UTF-8 form.</param>
    /// <param name="alphabet">The alphabet. If it has an unknown symbol, that symbol stands for all symbols that the alphabet
    /// lacks.</param>
    /// <param name="replacement">A symbol (code point or byte) that stands for the symbols that the alphabet lacks; null to
    /// refuse them.</param>
    /// <param name="what">What an error message calls the text.</param>
    /// <exception cref="ArgumentException">The text has symbols that the alphabet lacks, each named with its first position; or
    /// the replacement is not in the alphabet, or the text has half a surrogate pair.</exception>
    public static ushort[] Encode(string text, Alphabet alphabet, int? replacement = null, string what = "The text")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(alphabet);
        byte[] bytes;
        try
        {
            bytes = new UTF8Encoding(false, true).GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException($"{what} is not valid Unicode: it has half of a surrogate pair.");
        }

        int index = -1;
        if (replacement is { } symbol && ((index = alphabet.IndexOf(symbol)) < 0 || index == alphabet.Unknown))
            throw new ArgumentException(
                $"The replacement {TextFile.Describe(alphabet.Kind, symbol)} is not in the alphabet itself.");
        SymbolText symbols = SymbolText.Of(bytes, bytes.Length, what, alphabet.Kind, trimLines: false);
        return symbols.Encode(alphabet, index)
            ?? throw new ArgumentException($"{what} has symbols that the alphabet lacks: {symbols.DescribeMissing(alphabet)}.");
    }

    /// <summary>Turns symbols into text; the unknown symbol becomes U+FFFD, and so do bytes that are not UTF-8.</summary>
    public static string Decode(ReadOnlySpan<ushort> symbols, Alphabet alphabet)
    {
        var decoder = new SymbolDecoder(alphabet);
        var text = new StringBuilder();
        foreach (ushort symbol in symbols) text.Append(decoder.Next(symbol));
        return text.Append(decoder.End()).ToString();
    }
}
