using System.Buffers;
using System.Globalization;
using System.Text;

namespace Unroll.Files;

/// <summary>
/// The one place that makes external text (files, file names, option values) safe to show. Characters that could control a
/// terminal, reverse the order of letters or begin a new line become a visible escape such as <c>\u001B</c>, which means the same
/// inside a JSON text.
/// </summary>
internal static class Printable
{
    // C0 and DEL, C1 (including NEL), directional marks, embeddings, overrides and isolates, line and paragraph separators,
    // invisible operators, interlinear annotations, the byte order mark.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
    [
        .. Range('\u0000', '\u001F'), .. Range('\u007F', '\u009F'), '\u061C', '\u200B', '\u200E', '\u200F',
        .. Range('\u2028', '\u202E'),
        .. Range('\u2060', '\u206F'), '\uFEFF', .. Range('\uFFF9', '\uFFFB'), .. Range('\uD800', '\uDFFF'),
    ]);

    /// <summary>A text on one line: line ends and tabs also become escapes.</summary>
    public static string Line(string text) => Escape(text, lines: false);

    /// <summary>A text that may have several lines: line ends and tabs stay.</summary>
    public static string Lines(string text) => Escape(text, lines: true);

    /// <summary>A sentence on one line: line ends, which a message of the runtime may have, become spaces.</summary>
    public static string Sentence(string text) =>
        Line(text.Contains('\n') || text.Contains('\r') ? text.ReplaceLineEndings(" ") : text);

    /// <summary>Whether nothing in a text would be escaped.</summary>
    public static bool IsLine(string text) => ReferenceEquals(Line(text), text);

    /// <summary>The index of the first character that may have to be escaped; -1 for none.</summary>
    public static int Find(ReadOnlySpan<char> text) => text.IndexOfAny(Unsafe);

    private static string Escape(string text, bool lines)
    {
        int at = Find(text);
        if (at < 0) return text;
        StringBuilder? safe = null;
        int kept = 0;
        while (at < text.Length)
        {
            char c = text[at];
            int pair = char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            bool stays = pair == 2
                ? CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[at + 1])) != UnicodeCategory.Format
                : lines && c is '\n' or '\t';
            if (!stays)
            {
                safe ??= new StringBuilder(text.Length + 16);
                safe.Append(text, kept, at - kept);
                for (int i = at; i < at + pair; i++) safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
                kept = at + pair;
            }

            at += pair;
            int next = Find(text.AsSpan(at));
            at = next < 0 ? text.Length : at + next;
        }

        return safe is null ? text : safe.Append(text, kept, text.Length - kept).ToString();
    }

    private static char[] Range(char first, char last)
    {
        var range = new char[last - first + 1];
        for (int i = 0; i < range.Length; i++) range[i] = (char)(first + i);
        return range;
    }
}
