using System.Text;
using System.Text.RegularExpressions;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Docs;

/// <summary>A link from one page to another leads somewhere.</summary>
public partial class LinkTests
{
    [Fact]
    public void Each_relative_link_leads_to_a_file_and_each_anchor_to_a_heading()
    {
        (string Page, string Target)[] links =
            [.. Pages.All.SelectMany(page => Targets(Pages.Read(page)).Select(target => (page, target)))];
        string[] broken = [.. links.Where(link => !Leads(link.Page, link.Target)).Select(link => $"{link.Page}: {link.Target}")];
        Assert.True(broken.Length == 0, string.Join('\n', broken));
        Assert.InRange(links.Length, 50, 10_000);
    }

    [Theory]
    [InlineData("docs/recipes.md", "results/README.md", true)]
    [InlineData("docs/recipes.md", "results", true)]
    [InlineData("docs/recipes.md", "#long", true)]
    [InlineData("docs/results/README.md", "../recipes.md#lstm-and-gru", true)]
    [InlineData("README.md", "https://example.org/nowhere", true)]
    [InlineData("docs/recipes.md", "result/README.md", false)]
    [InlineData("docs/recipes.md", "#longer", false)]
    [InlineData("docs/recipes.md", "Results/README.md", false)]
    [InlineData("docs/results/README.md", "recipes.md#long", false)]
    [InlineData("README.md", "../README.md", false)]
    public void A_broken_link_is_caught(string page, string target, bool leads) => Assert.Equal(leads, Leads(page, target));

    [Fact]
    public void Links_and_pictures_are_found_and_code_is_not_one()
    {
        const string Text = """
            [x](a.md) ![y](b.svg "title") `[n](no.md)`
            ```
            [n](no.md)
            ```
            <a href="d.md"><img width="9" src="c.png"></a>
            """;
        Assert.Equal(["a.md", "b.svg", "d.md", "c.png"], Targets(Text));
        Assert.Equal("does-it-not-learn-1-c", Slug("Does it *not* learn, `1`: [c](d.md)?"));
    }

    /// <summary>Compares the letter case of every part of the path too, because some file systems ignore it.</summary>
    private static bool Leads(string page, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal)) return true;
        string[] parts = target.Split('#', 2);
        List<string> path = [.. page.Split('/')[..^1]];
        if (parts[0].Length == 0) path.Add(page.Split('/')[^1]);
        foreach (string part in parts[0].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && path.Count == 0) return false;
            if (part == "..") path.RemoveAt(path.Count - 1);
            else if (part != ".") path.Add(part);
        }

        string at = RepositoryRoot.Path;
        foreach (string part in path)
        {
            if (!Directory.Exists(at)) return false;
            if (!Directory.GetFileSystemEntries(at).Any(entry => Path.GetFileName(entry) == part)) return false;
            at = Path.Combine(at, part);
        }

        return parts.Length == 1 || (File.Exists(at) && Headings(File.ReadAllText(at)).Contains(parts[1]));
    }

    private static IEnumerable<string> Targets(string text) =>
        Link().Matches(Span().Replace(Pages.Prose(text), "")).Select(match => match.Groups["target"].Value);

    private static HashSet<string> Headings(string text) =>
        [.. Heading().Matches(Pages.Prose(text.ReplaceLineEndings("\n"))).Select(match => Slug(match.Groups["text"].Value))];

    /// <summary>The anchor that GitHub gives a heading.</summary>
    private static string Slug(string heading)
    {
        var slug = new StringBuilder();
        foreach (char letter in LinkText().Replace(heading, "$1").Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(letter) || letter is '-' or '_') slug.Append(letter);
            else if (letter == ' ') slug.Append('-');
        }

        return slug.ToString();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)|<(?:a|img)\s(?:[^>]*\s)?(?:href|src)=""(?<target>[^""]+)""")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Span();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();
}
