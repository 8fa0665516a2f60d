using System.Text;
using System.Text.RegularExpressions;
using Unroll.Files;

namespace Unroll.Cli.Reproduce;

/// <summary>A place of a page that says something else than the stores.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="What">The claim and its field, or the table.</param>
/// <param name="Says">What it says.</param>
/// <param name="Should">What the stores say.</param>
internal sealed record ClaimDifference(string Page, int Line, string What, string Says, string Should);

/// <summary>
/// Pages that quote claims. A quote is <c>&lt;!--claim ID FIELD--&gt;text&lt;!--/claim--&gt;</c> on one line, the table of all
/// claims what stands between lines <c>&lt;!--claims--&gt;</c> and <c>&lt;!--/claims--&gt;</c>.
/// </summary>
internal static partial class ClaimPages
{
    private const string TableBegins = "<!--claims-->", TableEnds = "<!--/claims-->", QuoteBegins = "<!--claim ",
        QuoteEnds = "<!--/claim-->";

    private static readonly string[] Headings =
        ["claim", "the paper", "here", "runs, 95% interval", "budget", "seeds", "command", "date", "set"];

    /// <summary>The table of claims, in Markdown, with line ends.</summary>
    public static string Table(IReadOnlyList<CountedClaim> claims)
    {
        var text = new StringBuilder();
        text.Append(null, $"| {string.Join(" | ", Headings)} |\n|{string.Concat(Headings.Select(_ => "---|"))}\n");
        foreach (CountedClaim one in claims)
        {
            IEnumerable<string> links = one.Claim.Figure is { } figure ? [$"[figure]({figure.File})"]
                : one.Claim.Finding is { } finding ? [$"[figure]({finding.File})"]
                : one.Claim.Stores.Select(store => $"[{Path.GetFileNameWithoutExtension(store)}]({store})");
            string from = links.Any() ? $" ({string.Join(", ", links)})" : "";
            string[] cells = [$"{one.Claim.Text}{from}", one.Claim.Paper, one.Ours, one.Runs, one.Budget, one.Seeds,
                $"`{one.Claim.Command}`", one.Claim.Date, one.Set];
            text.Append(null, $"| {string.Join(" | ", cells)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The text of a page as the stores have it, and where it says something else.</summary>
    /// <param name="page">The page's name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="claims">The claims.</param>
    /// <exception cref="UserError">A marker is cut, or names nothing that there is.</exception>
    public static (string Text, IReadOnlyList<ClaimDifference> Differences) Compare(
        string page, string text, IReadOnlyList<CountedClaim> claims)
    {
        Dictionary<string, CountedClaim> known = claims.ToDictionary(one => one.Claim.Id);
        var differences = new List<ClaimDifference>();
        text = text.ReplaceLineEndings("\n");
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string where = FormattableString.Invariant($"{page}, line {i + 1}");
            int quotes = Quote().Count(lines[i]);
            if (quotes != Count(lines[i], QuoteBegins) || quotes != Count(lines[i], QuoteEnds))
                throw new UserError($"{where}: a quote is {QuoteBegins}ID FIELD-->text{QuoteEnds} on one line.");
            int at = i;
            lines[i] = Quote().Replace(lines[i], match =>
            {
                (string id, string field, string says) =
                    (match.Groups["id"].Value, match.Groups["field"].Value, match.Groups["text"].Value);
                if (!known.TryGetValue(id, out CountedClaim? claim))
                    throw new UserError($"{where}: there is no claim '{id}'; did you mean '{Nearest.Of(id, known.Keys)}'?");
                if (!claim.Fields.TryGetValue(field, out string? should))
                    throw new UserError($"{where}: '{id}' has no '{field}'; it has {string.Join(", ", claim.Fields.Keys)}.");
                if (says != should) differences.Add(new ClaimDifference(page, at + 1, $"{id} {field}", says, should));
                return $"{QuoteBegins}{id} {field}-->{should}{QuoteEnds}";
            });
        }

        text = string.Join('\n', lines);
        int begin = text.IndexOf(TableBegins + "\n", StringComparison.Ordinal);
        if (begin < 0) return (text, differences);
        int start = begin + TableBegins.Length + 1, end = text.IndexOf(TableEnds, start, StringComparison.Ordinal);
        if (end < 0) throw new UserError($"{page}: the table that {TableBegins} begins has no end {TableEnds}.");
        string table = $"\n{Table(claims)}\n";
        if (text[start..end] != table)
        {
            string[] says = text[start..end].Split('\n'), should = table.Split('\n');
            int row = Enumerable.Range(0, Math.Max(says.Length, should.Length))
                .First(k => says.ElementAtOrDefault(k) != should.ElementAtOrDefault(k));
            differences.Add(new ClaimDifference(page, text[..start].Count(c => c == '\n') + row + 1, "the table",
                says.ElementAtOrDefault(row) ?? "", should.ElementAtOrDefault(row) ?? ""));
        }

        return (string.Concat(text.AsSpan(0, start), table, text.AsSpan(end)), differences);
    }

    /// <summary>Compares the pages of a folder of claims, and puts in what the stores say.</summary>
    /// <param name="folder">The folder of the claims, to which the names of the pages are relative.</param>
    /// <param name="pages">The pages.</param>
    /// <param name="claims">The claims.</param>
    /// <param name="write">Whether pages that differ are written.</param>
    public static List<ClaimDifference> Compare(
        string folder, IReadOnlyList<string> pages, IReadOnlyList<CountedClaim> claims, bool write)
    {
        var all = new List<ClaimDifference>();
        var changed = new List<(string Path, string Text)>();
        foreach (string page in pages)
        {
            string path = Path.Combine(folder, page);
            try
            {
                (string text, IReadOnlyList<ClaimDifference> differences) = Compare(page, File.ReadAllText(path), claims);
                all.AddRange(differences);
                if (differences.Count > 0) changed.Add((path, text));
            }
            catch (Exception error) when (FileErrors.IsAboutFile(error))
            {
                throw new UserError($"The page {path} could not be read: {FileErrors.Cause(path, error)}.", error);
            }
        }

        if (!write) return all;
        foreach ((string path, string text) in changed) AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
        return all;
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex("<!--claim (?<id>[A-Za-z0-9-]+) (?<field>[^ >]+)-->(?<text>(?:(?!<!--).)*)<!--/claim-->")]
    private static partial Regex Quote();
}
