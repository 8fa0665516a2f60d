using System.Text;
using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>Rows of text under headings, for terminals and files, or as Markdown.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 2;
    private readonly List<string[]> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<string> Headings { get; } = headings;

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row of as many cells as there are headings; each is kept on one line.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, Headings.Count);
        _rows.Add(Array.ConvertAll(cells, Printable.Line));
    }

    /// <summary>Writes the table in the columns that a terminal has.</summary>
    public void WriteTo(CommandHost host) => WriteTo(host.Out, host.Width);

    /// <summary>
    /// Columns aligned by spaces: the first to the left, what begins with a digit or a sign to the right. Where they are wider
    /// than the width, headings and then the widest cells are broken at spaces; where that is not enough, the columns follow in
    /// several parts, the first column again in each.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">Columns of text; cells whose words are longer exceed it.</param>
    public void WriteTo(TextWriter output, int width = int.MaxValue)
    {
        // Loops, not queries, and the narrowest columns only where the widest do not fit: most commands print one small table, and
        // to compile a query takes longer than that.
        var right = new bool[Headings.Count];
        var full = new int[Headings.Count];
        for (int c = 0; c < full.Length; c++)
        {
            right[c] = c > 0;
            full[c] = Headings[c].Length;
            foreach (string[] row in _rows)
            {
                right[c] &= row[c].Length == 0 || row[c][0] is '-' or '+' or (>= '0' and <= '9');
                full[c] = Math.Max(full[c], row[c].Length);
            }
        }

        int first = 1;
        do
        {
            List<int> part = Part(first, width, full);
            int[] widths = Shrink(part, width, full);
            if (first > 1) output.WriteLine();
            WriteRow(output, Headings, part, widths, right);
            foreach (string[] row in _rows) WriteRow(output, row, part, widths, right);
            first = part[^1] + 1;
        }
        while (first < Headings.Count);
    }

    /// <summary>As many columns from one on as fit at their narrowest, the first of the table before them.</summary>
    private List<int> Part(int first, int width, int[] full)
    {
        List<int> part = [0];
        long all = full[0];
        for (int c = first; c < full.Length; c++) all += Gap + full[c];
        bool fits = all <= width;
        long room = width - (fits ? 0 : Narrowest(0));
        for (int c = first; c < Headings.Count; c++)
        {
            if (!fits) room -= Gap + Narrowest(c);
            if (room < 0 && part.Count > 1) break;
            part.Add(c);
        }

        return part;
    }

    /// <summary>The width of each column of a part: what it needs, or as much less as the widest must give.</summary>
    private int[] Shrink(List<int> part, int width, int[] full)
    {
        var widths = new int[part.Count];
        for (int i = 0; i < widths.Length; i++) widths[i] = full[part[i]];
        if (Over() <= 0) return widths;

        // Headings are broken before cells are.
        ShrinkTo([.. part.Select(c =>
            _rows.Select(row => row[c].Length).Append(Headings[c].Split(' ').Max(word => word.Length)).Max())]);
        ShrinkTo([.. part.Select(Narrowest)]);
        return widths;

        long Over()
        {
            long all = Gap * (part.Count - 1L);
            foreach (int one in widths) all += one;
            return all - width;
        }

        void ShrinkTo(int[] least)
        {
            for (long over = Over(); over > 0; over--)
            {
                int widest = -1;
                for (int i = 0; i < widths.Length; i++)
                {
                    if (widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest])) widest = i;
                }

                if (widest < 0) break;
                widths[widest]--;
            }
        }
    }

    private int Narrowest(int column) => Cells(column).Max(cell => cell.Split(' ').Max(word => word.Length));

    private IEnumerable<string> Cells(int column) => _rows.Select(row => row[column]).Append(Headings[column]);

    private static void WriteRow(TextWriter output, IReadOnlyList<string> row, List<int> part, int[] widths, bool[] right)
    {
        var cells = new string[part.Count][];
        int lines = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            string cell = row[part[i]];
            cells[i] = cell.Length <= widths[i] ? [cell] : [.. Format.Wrap(cell, widths[i])];
            lines = Math.Max(lines, cells[i].Length);
        }

        for (int k = 0; k < lines; k++)
        {
            var line = new StringBuilder();
            for (int i = 0; i < part.Count; i++)
            {
                string text = k < cells[i].Length ? cells[i][k] : "";
                line.Append(' ', i == 0 ? 0 : Gap).Append(right[part[i]] ? text.PadLeft(widths[i]) : text.PadRight(widths[i]));
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    /// <summary>The same as a Markdown table.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))
            .Append(" |\n");
        Line(Headings);
        Line(Headings.Select(_ => "---"));
        foreach (string[] row in _rows) Line(row);
        return text.ToString();
    }
}
