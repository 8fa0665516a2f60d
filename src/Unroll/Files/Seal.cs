using System.Globalization;
using System.Text;

namespace Unroll.Files;

/// <summary>
/// A checksum as the last member of a JSON file of the library, over all bytes before it. It detects damage, like the checksum of
/// a model file.
/// </summary>
internal static class Seal
{
    /// <summary>The member's name.</summary>
    public const string Key = "checksum";

    private const string Start = ",\n  \"" + Key + "\": \"", End = "\"\n}";

    /// <summary>Adds the checksum to an object that is indented by two blanks and ends its lines with a line feed.</summary>
    public static byte[] Add(ReadOnlySpan<byte> json)
    {
        if (!json.EndsWith("\n}"u8)) throw new ArgumentException("A sealed file is an indented JSON object.", nameof(json));
        ReadOnlySpan<byte> content = json[..^2];
        return [.. content, .. Encoding.ASCII.GetBytes($"{Start}{Digest(content)}{End}")];
    }

    /// <summary>Whether a file is as it was written; null when it has no checksum, like files of older versions.</summary>
    public static bool? Check(ReadOnlySpan<byte> json)
    {
        int at = json.LastIndexOf(Encoding.ASCII.GetBytes(Start));
        if (at < 0) return null;
        ReadOnlySpan<byte> content = json[..at];
        return json[at..].SequenceEqual(Encoding.ASCII.GetBytes($"{Start}{Digest(content)}{End}"));
    }

    /// <summary>The digest of some bytes as a text.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc64();
        crc.Append(bytes);
        return crc.Value.ToString("x16", CultureInfo.InvariantCulture);
    }
}
