using System.Text.Json;
using System.Text.RegularExpressions;

namespace Unroll.Cli.Tests.Report;

/// <summary>A page taken apart as a browser would: scripts end at the first <c>&lt;/script</c>.</summary>
internal static partial class PageText
{
    public static JsonElement Study(string page) => Island(page, "study-data");

    public static JsonElement Curves(string page) => Island(page, "curve-data");

    /// <summary>The scripts' attributes and texts.</summary>
    public static (string Attributes, string Text)[] Scripts(string page) =>
        [.. Script().Matches(page).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    private static JsonElement Island(string page, string id)
    {
        string tag = $"<script type=\"application/json\" id=\"{id}\">";
        int start = page.IndexOf(tag, StringComparison.Ordinal) + tag.Length;
        Assert.Equal(-1, page.IndexOf(tag, start, StringComparison.Ordinal));
        string text = page[start..page.IndexOf('<', start)];
        Assert.Equal("</script>", page.Substring(start + text.Length, 9));
        return JsonDocument.Parse(text).RootElement;
    }

    [GeneratedRegex("<script([^>]*)>(.*?)</script", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}
