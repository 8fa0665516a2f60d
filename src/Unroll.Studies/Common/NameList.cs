using System.Text;

namespace Unroll.Studies.Common;

/// <summary>Names with commas between them. A name with a comma of its own or with spaces at its ends, or one that begins as an
/// option does, stands between double quotes, of which two are one inside.</summary>
internal static class NameList
{
    private const char Quote = '"';

    /// <summary>The names, without spaces around them.</summary>
    /// <param name="text">Such as <c>a,"b, in kW"</c>.</param>
    public static string[] Split(string text)
    {
        var names = new List<string>();
        for (int at = 0; at <= text.Length; at++)
        {
            int next = at;
            while (next < text.Length && text[next] == ' ') next++;
            names.Add(next < text.Length && text[next] == Quote && Quoted(text, ref next) is { } quoted ? quoted
                : Plain(text, at, out next));
            at = next;
        }

        return [.. names];
    }

    /// <summary>One name as a list has it.</summary>
    /// <param name="name">The name.</param>
    public static string Of(string name) =>
        name.Contains(',') || name.StartsWith(Quote) || name.StartsWith('-') || name.Trim() != name
        ? $"{Quote}{name.Replace("\"", "\"\"", StringComparison.Ordinal)}{Quote}" : name;

    private static string Plain(string text, int from, out int end)
    {
        end = text.IndexOf(',', from);
        if (end < 0) end = text.Length;
        return text[from..end].Trim();
    }

    /// <summary>A name in quotes that a comma or the end follows; null where it is not closed so, and is a plain one.</summary>
    private static string? Quoted(string text, ref int at)
    {
        var name = new StringBuilder();
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] != Quote) name.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == Quote) name.Append(text[++i]);
            else
            {
                int end = i + 1;
                while (end < text.Length && text[end] == ' ') end++;
                if (end < text.Length && text[end] != ',') return null;
                at = end;
                return name.ToString();
            }
        }

        return null;
    }
}
