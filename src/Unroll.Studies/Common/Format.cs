using System.Globalization;
using Unroll.Studies.Statistics;

namespace Unroll.Studies.Common;

/// <summary>Numbers as people read them; the same in every culture.</summary>
internal static class Format
{
    private const double Long = 1e15; // from here on all digits are more than anybody reads

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Four significant digits; <c>-</c> for nothing.</summary>
    public static string Number(double? value) =>
        value is { } v ? v.ToString(Math.Abs(v) is >= 1000 and < 1e6 ? "F0" : "G4", Culture) : "-";

    /// <summary>A number with so many decimals, as long as that is short; four significant digits beyond.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString(Math.Abs(value) < 1e4 ? Invariant($"F{decimals}") : "G4", Culture);

    /// <summary>A number in full, as the user would write it.</summary>
    public static string Exact(double value) => value.ToString("R", Culture);

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double? share) => share is { } v ? Fixed(v * 100, v is > 0 and < 0.1 ? 2 : 1) + "%" : "-";

    /// <summary>An interval of shares, such as <c>[44%, 100%]</c>.</summary>
    public static string Percent(Interval interval) => $"[{Bound(100 * interval.Low)}%, {Bound(100 * interval.High)}%]";

    /// <summary>An interval of numbers with so many decimals, such as <c>[3.057, 3.073]</c>.</summary>
    public static string Fixed(Interval interval, int decimals) =>
        $"[{Fixed(interval.Low, decimals)}, {Fixed(interval.High, decimals)}]";

    /// <summary>A count with separators.</summary>
    public static string Count(double value) => value.ToString(Math.Abs(value) < Long ? "N0" : "G4", Culture);

    /// <summary>A count with separators and the noun of what is counted: <c>1 step</c>, <c>2,000 steps</c>.</summary>
    public static string Counted(double value, string one) => $"{Count(value)} {Numerics.Counted.Noun(value, one)}";

    /// <summary>A speed a second.</summary>
    public static string Rate(double value) => (value is >= 0 and < 10 ? Fixed(value, 2) : Count(value)) + "/s";

    /// <summary>A span of time, such as <c>3.2 s</c>, <c>4 min 05 s</c>, <c>2 h 07 min</c>.</summary>
    public static string Time(double seconds)
    {
        if (!double.IsFinite(seconds)) return "-";
        if (seconds < 60) return Fixed(seconds, 1) + " s";
        long whole = (long)Math.Min(seconds, 1e15);
        return whole < 3600
            ? Invariant($"{whole / 60} min {whole % 60:00} s")
            : Invariant($"{whole / 3600} h {whole / 60 % 60:00} min");
    }

    /// <summary>Text broken at spaces into lines of a width.</summary>
    public static IEnumerable<string> Wrap(string text, int width) =>
        Wrap(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), width);

    /// <summary>Words in lines of a width, none of them broken.</summary>
    public static IEnumerable<string> Wrap(IEnumerable<string> words, int width)
    {
        string line = "";
        foreach (string word in words)
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        if (line.Length > 0) yield return line;
    }

    /// <summary>
    /// A line as it is where it fits; otherwise broken at spaces into lines of a width, those behind the first indented. What has
    /// no space, such as a path, stays whole.
    /// </summary>
    public static IEnumerable<string> Fold(string line, int width, int indent)
    {
        string margin = "";
        while (line.Length > width)
        {
            int begins = line.Length - line.AsSpan().TrimStart(' ').Length;
            int at = line.LastIndexOf(' ', width);
            if (at <= begins) at = line.IndexOf(' ', Math.Min(Math.Max(begins, width), line.Length));
            if (at < 0) break;
            yield return line[..at].TrimEnd();
            margin = new string(' ', indent);
            line = margin + line[at..].TrimStart();
        }

        if (line.Length > margin.Length) yield return line;
    }

    /// <summary>
    /// A bound of an interval: whole, but with a digit more where it would seem to be 0, which is what it is compared with.
    /// </summary>
    private static string Bound(double value)
    {
        string text = value.ToString("F0", Culture);
        if (text is not ("0" or "-0")) return text;
        text = value.ToString("F1", Culture);
        return text is "0.0" or "-0.0" ? "0" : text;
    }
}
