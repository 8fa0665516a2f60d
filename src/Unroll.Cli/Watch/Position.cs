using System.Globalization;

namespace Unroll.Cli.Watch;

/// <summary>
/// How far a page has read: for each run the line of its <c>metrics.jsonl</c>, and which run that was. It is the id of
/// server-sent events, so a page that comes back names the last line that it has.
/// </summary>
/// <param name="Lines">A line for each run, from 1; 0 before the first.</param>
/// <param name="Runs">A digest of the runs' records and of how often they began anew.</param>
internal sealed record Position(IReadOnlyList<long> Lines, string Runs)
{
    /// <summary>Where runs are now.</summary>
    public static Position Of(IReadOnlyList<RunView> runs)
    {
        var lines = new long[runs.Count];
        var which = new System.Text.StringBuilder();
        for (int i = 0; i < lines.Length; i++)
        {
            lock (runs[i].Gate)
            {
                lines[i] = runs[i].Metrics.Lines;
                which.Append(CultureInfo.InvariantCulture, $"{runs[i].About.Identity} {runs[i].Generation} ");
            }
        }

        return new Position(lines, Files.Seal.Digest(System.Text.Encoding.ASCII.GetBytes(which.ToString())));
    }

    /// <summary>Reads what <see cref="ToString"/> writes; null for anything else.</summary>
    public static Position? Parse(string? text, int runs)
    {
        if (text is null || text.Length > 64 + (20 * runs)) return null;
        string[] parts = text.Split('@');
        if (parts.Length != 2) return null;
        string[] lines = parts[0].Split('-');
        if (lines.Length != runs) return null;
        var values = new long[runs];
        for (int i = 0; i < runs; i++)
        {
            if (!long.TryParse(lines[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i])) return null;
        }

        return new Position(values, parts[1]);
    }

    /// <summary>Such as <c>120@0123456789abcdef</c> for one run.</summary>
    public override string ToString() => $"{string.Join('-', Lines)}@{Runs}";
}
