using System.Text;

namespace Unroll.Data;

/// <summary>Turns symbols into text one by one, for a text that is shown while it is made.</summary>
/// <param name="alphabet">The alphabet.</param>
public sealed class SymbolDecoder(Alphabet alphabet)
{
    private const string Unknown = "\uFFFD";
    private readonly Decoder? _bytes = alphabet.Kind == SymbolKind.Byte ? Encoding.UTF8.GetDecoder() : null;

    /// <summary>
    /// The text that a symbol adds: nothing while the bytes of a character are incomplete; U+FFFD for the unknown symbol and for
    /// bytes that are not UTF-8.
    /// </summary>
    /// <param name="symbol">Its index in the alphabet.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such symbol.</exception>
    public string Next(int symbol)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(symbol);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(symbol, alphabet.Count);
        if (symbol == alphabet.Unknown) return End() + Unknown;
        return _bytes is null ? new Rune(alphabet[symbol]).ToString() : Decode([(byte)alphabet[symbol]], false);
    }

    /// <summary>The text of an unfinished character at the end.</summary>
    public string End() => _bytes is null ? "" : Decode([], true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> text = stackalloc char[8];
        return new string(text[.._bytes!.GetChars(bytes, text, flush)]);
    }
}
