using System.Globalization;
using System.Text;

namespace Unroll.Data;

/// <summary>
/// The forms in which a pickle writes texts. No content makes them fail: bytes that are not text become U+FFFD.
/// </summary>
internal static class PickleText
{
    /// <summary>A text of Python 2, a character a byte.</summary>
    public static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A text of Python 3.</summary>
    public static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A text in quotes with the escapes of Python 2, a character a byte; null without the quotes.</summary>
    public static string? Quoted(ReadOnlySpan<byte> line)
    {
        if (line.Length < 2 || line[0] != line[^1] || line[0] is not ((byte)'\'' or (byte)'"')) return null;
        string quoted = Latin(line[1..^1]);
        if (!quoted.Contains('\\', StringComparison.Ordinal)) return quoted;
        var text = new StringBuilder(quoted.Length);
        for (int i = 0; i < quoted.Length; i++)
        {
            char next = i + 1 < quoted.Length ? quoted[i + 1] : '\0';
            if (quoted[i] != '\\')
            {
                text.Append(quoted[i]);
            }
            else if (next == 'x' && Hex(quoted, i + 2, 2) is { } code)
            {
                text.Append((char)code);
                i += 3;
            }
            else
            {
                int escape = "nrtabfv".IndexOf(next, StringComparison.Ordinal);
                text.Append(escape < 0 ? next : "\n\r\t\a\b\f\v"[escape]);
                i++;
            }
        }

        return text.ToString();
    }

    /// <summary>A text of protocol 0: a character a byte, others as an escape of four or eight digits.</summary>
    public static string Escaped(ReadOnlySpan<byte> line)
    {
        string raw = Latin(line);
        if (!raw.Contains('\\', StringComparison.Ordinal)) return raw;
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            int digits = raw[i] != '\\' || i + 1 == raw.Length ? 0 : raw[i + 1] == 'u' ? 4 : raw[i + 1] == 'U' ? 8 : 0;
            if (digits > 0 && Hex(raw, i + 2, digits) is { } code)
            {
                text.Append(code <= char.MaxValue ? ((char)code).ToString() : Rune.IsValid(code) ? new Rune(code).ToString()
                    : "\uFFFD");
                i += digits + 1;
            }
            else
            {
                text.Append(raw[i]);
            }
        }

        return text.ToString();
    }

    private static int? Hex(string text, int at, int digits) =>
        at + digits <= text.Length
            && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            && code >= 0 ? code : null;
}
