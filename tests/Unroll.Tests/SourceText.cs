using System.Text;

namespace Unroll.Tests;

/// <summary>Reads C# far enough to tell code from comments and text.</summary>
internal static class SourceText
{
    /// <summary>
    /// The source without comments and without the text of strings. Expressions in interpolated strings are kept.
    /// </summary>
    public static string Code(string source)
    {
        var code = new StringBuilder();
        int at = 0;
        Read(source, ref at, code, closing: 0);
        return code.ToString();
    }

    /// <summary>Reads code to the end, or to the closing braces that end an expression in an interpolated string.</summary>
    private static void Read(string source, ref int at, StringBuilder code, int closing)
    {
        int depth = 0;
        while (at < source.Length)
        {
            char c = source[at];
            if (Is(source, at, "//")) at = EndOf(source, at, "\n") - 1;
            else if (Is(source, at, "/*")) at = EndOf(source, at, "*/");
            else if (c == '\'') at = EndOfCharacter(source, at);
            else if (OpensString(source, at)) ReadString(source, ref at, code);
            else if (closing > 0 && c == '}' && depth == 0) return;
            else
            {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                code.Append(c);
                at++;
            }
        }
    }

    private static bool OpensString(string source, int at)
    {
        while (at < source.Length && source[at] is '$' or '@') at++;
        return at < source.Length && source[at] == '"';
    }

    private static void ReadString(string source, ref int at, StringBuilder code)
    {
        int holes = 0;
        bool verbatim = false;
        for (; source[at] != '"'; at++)
        {
            if (source[at] == '$') holes++;
            else verbatim = true;
        }

        int quotes = Run(source, at, '"');
        bool raw = quotes >= 3;
        if (!raw) quotes = 1;
        at += quotes;
        code.Append(' ');
        while (at < source.Length)
        {
            char c = source[at];
            if (c == '"' && verbatim && !raw && Is(source, at, "\"\"")) at += 2;
            else if (c == '"' && Run(source, at, '"') >= quotes)
            {
                at += raw ? Run(source, at, '"') : 1;
                return;
            }
            else if (c == '\\' && !verbatim && !raw) at += 2;
            else if (c == '{' && holes > 0)
            {
                // In an ordinary string two braces in a row are one brace of the text. In a raw string, fewer braces than dollars
                // are text.
                int braces = Run(source, at, '{');
                at += braces;
                if (raw ? braces < holes : braces % 2 == 0) continue;
                Read(source, ref at, code, closing: holes);
                at += raw ? holes : 1;
                code.Append(' ');
            }
            else at++;
        }
    }

    private static int EndOfCharacter(string source, int at)
    {
        at++;
        if (source[at] == '\\') at++;
        return EndOf(source, at + 1, "'");
    }

    private static int EndOf(string source, int at, string end)
    {
        int found = source.IndexOf(end, at, StringComparison.Ordinal);
        return found < 0 ? source.Length : found + end.Length;
    }

    private static bool Is(string source, int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static int Run(string source, int at, char c)
    {
        int end = at;
        while (end < source.Length && source[end] == c) end++;
        return end - at;
    }
}
