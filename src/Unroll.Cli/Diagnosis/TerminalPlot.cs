using System.Globalization;
using Unroll.Analysis;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// A curve of quantiles on a logarithmic axis, in letters: the median, and where eight in ten sequences lie around it. Exact
/// zeros, which such an axis has no place for, have a line of their own below it.
/// </summary>
internal static class TerminalPlot
{
    private const int LabelWidth = 8;

    /// <summary>The lines of the plot.</summary>
    /// <param name="curve">One value a step from <paramref name="first"/> on.</param>
    /// <param name="first">The first step's number.</param>
    /// <param name="width">Letters, labels included.</param>
    /// <param name="height">Lines of the plot, without the axis.</param>
    /// <param name="unicode">Whether the terminal has more than ASCII.</param>
    public static IReadOnlyList<string> Draw(IReadOnlyList<Quantiles> curve, int first, int width, int height, bool unicode)
    {
        int columns = Math.Min(width - LabelWidth - 2, curve.Count);
        if (columns < 1) return ["  (no step to show)"];
        double[] finite = [.. curve.SelectMany(q => new[] { q.Lower, q.Median, q.Upper }).Where(v => v > 0 && double.IsFinite(v))
            .Select(Math.Log10)];
        if (finite.Length == 0) return [curve.All(q => q.Median == 0) ? "  (all zero)" : "  (not finite)"];
        double low = Math.Floor(finite.Min()), high = Math.Max(low + 1, Math.Ceiling(finite.Max()));
        bool zeros = curve.Any(q => q.Lower <= 0);
        int total = zeros ? height + 1 : height;
        var cells = new char[total, columns];
        for (int c = 0; c < columns; c++)
        {
            Quantiles q = curve[(int)((long)c * curve.Count / columns)];
            int bottom = Line(q.Lower), top = Line(q.Upper);
            for (int line = 0; line < total; line++)
                cells[line, c] = line < top || line > bottom ? ' ' : unicode ? '░' : ':';
            if (q.Median >= 0 && double.IsFinite(q.Median)) cells[Line(q.Median), c] = unicode ? '●' : '*';
        }

        var lines = new List<string>();
        for (int line = 0; line < total; line++)
        {
            double value = high - ((high - low) * line / (height - 1));
            string label = line == height ? "0" : line == 0 || line == height - 1 || line == height / 2
                ? Math.Pow(10, value).ToString("0e+0", CultureInfo.InvariantCulture) : "";
            string marks = string.Concat(Enumerable.Range(0, columns).Select(c => cells[line, c]));
            lines.Add($"{label,LabelWidth} {(unicode ? '│' : '|')}{marks}".TrimEnd());
        }

        lines.Add($"{new string(' ', LabelWidth + 1)}{(unicode ? '└' : '+')}{new string(unicode ? '─' : '-', columns)}");
        string last = (first + curve.Count - 1).ToString(CultureInfo.InvariantCulture);
        string middle = (first + ((curve.Count - 1) / 2)).ToString(CultureInfo.InvariantCulture);
        string begin = first.ToString(CultureInfo.InvariantCulture);
        int gap = (columns / 2) - begin.Length - (middle.Length / 2);
        lines.Add(gap < 1 ? $"{new string(' ', LabelWidth + 2)}{begin}..{last}"
            : $"{new string(' ', LabelWidth + 2)}{begin}{new string(' ', gap)}{middle}".PadRight(LabelWidth + 2
                + columns - last.Length) + last);
        return lines;

        int Line(double value)
        {
            if (double.IsNaN(value)) return height - 1;
            if (value <= 0) return total - 1;
            if (double.IsInfinity(value)) return 0;
            return Math.Clamp((int)Math.Round((high - Math.Log10(value)) / (high - low) * (height - 1)), 0, height - 1);
        }
    }
}
