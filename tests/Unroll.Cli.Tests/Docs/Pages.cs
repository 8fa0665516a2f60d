using System.Text.RegularExpressions;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Docs;

/// <summary>The Markdown pages of the repository, and the code in them.</summary>
internal static partial class Pages
{
    private static readonly string[] s_folders = [".github", "benchmarks", "docs", "samples", "src", "tests"];

    /// <summary>All pages, relative to the root, with '/' between folders.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Files("", SearchOption.TopDirectoryOnly),
        .. s_folders.Where(folder => Directory.Exists(Path.Combine(RepositoryRoot.Path, folder)))
            .SelectMany(folder => Files(folder, SearchOption.AllDirectories)),
    ];

    /// <summary>The text of a page, with Unix line ends.</summary>
    public static string Read(string page) =>
        File.ReadAllText(Path.Combine(RepositoryRoot.Path, page)).ReplaceLineEndings("\n");

    /// <summary>
    /// The lines of shell in a text: those of <c>```sh</c> blocks, of indented blocks, and of other fenced blocks after a
    /// <c>$</c>. A line that ends in a backslash has its continuation.
    /// </summary>
    public static IEnumerable<string> ShellLines(string text)
    {
        string? fence = null;
        bool afterBlank = true;
        foreach (string line in text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence is null ? line[3..] : null;
                continue;
            }

            string code = line.Trim();
            if (fence == "sh") yield return code;
            else if (fence is not null && code.StartsWith("$ ", StringComparison.Ordinal)) yield return code[2..];
            else if (fence is null && afterBlank && line.StartsWith("    ", StringComparison.Ordinal)) yield return code;
            afterBlank = fence is null && (code.Length == 0 || (afterBlank && line.StartsWith("    ", StringComparison.Ordinal)));
        }
    }

    /// <summary>The <c>`spans`</c> of code in the prose.</summary>
    public static IEnumerable<string> Spans(string text) =>
        Span().Matches(Prose(text)).Select(match => match.Groups["code"].Value);

    /// <summary>A text without its fenced blocks.</summary>
    public static string Prose(string text) => Block().Replace(text, "");

    private static IEnumerable<string> Files(string folder, SearchOption depth) =>
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, folder), "*.md", depth)
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex("`(?<code>[^`\n]+(?:\n(?!\n)[^`\n]+)?)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"^```.*?^```[ ]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
