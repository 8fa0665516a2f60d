using System.Text;
using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>Rows of text under headings, for terminals and files, or as Markdown.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<string> Headings { get; } = headings;

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row of as many cells as there are headings; each is kept on one line.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, Headings.Count);
        _rows.Add([.. cells.Select(Printable.Line)]);
    }

    /// <summary>Columns aligned by spaces: the first to the left, what begins with a digit or a sign to the right.</summary>
    public void WriteTo(TextWriter output)
    {
        int[] widths = [.. Headings.Select((heading, c) => _rows.Select(row => row[c].Length).Append(heading.Length).Max())];
        bool[] right = [.. Headings.Select((_, c) => c > 0 && _rows.All(row => row[c].Length == 0 || row[c][0] is '-' or '+' or (>= '0' and <= '9')))];
        foreach (IReadOnlyList<string> row in _rows.Prepend([.. Headings]))
        {
            var line = new StringBuilder();
            for (int c = 0; c < row.Count; c++) line.Append(c == 0 ? "" : "  ").Append(right[c] ? row[c].PadLeft(widths[c]) : row[c].PadRight(widths[c]));
            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    /// <summary>The same as a Markdown table.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        Line(Headings);
        Line(Headings.Select(_ => "---"));
        foreach (string[] row in _rows) Line(row);
        return text.ToString();
    }
}
