using System.Text.RegularExpressions;

namespace Unroll.Cli.Tests.Samples;

/// <summary>
/// What <c>samples/README.md</c> shows of each sample, compared by shape with what the sample prints on a small budget: words as
/// they stand; every number equal to every other, because its last digits depend on the processor and its size on the budget; how
/// a run ended equal to any other end; lines that are the same then once, because their count depends on the budget too.
/// </summary>
internal static partial class SampleOutput
{
    private const int Columns = 80;

    /// <summary>Samples whose further lines are what a network has written, which is never the same.</summary>
    private static readonly string[] s_firstLineOnly = ["04-text.cs"];

    /// <summary>
    /// Samples that print more kinds of lines on their whole budget, where more of a network's states are seen.
    /// </summary>
    private static readonly string[] s_moreIsShown = ["06-dynamics.cs"];

    /// <summary>What is wrong; nothing where the README shows what the sample prints.</summary>
    /// <param name="readme">The README of the samples.</param>
    /// <param name="sample">The name of the file.</param>
    /// <param name="output">What it printed.</param>
    public static IReadOnlyList<string> Problems(string readme, string sample, string output)
    {
        Match block = Block().Matches(readme.ReplaceLineEndings("\n")).FirstOrDefault(one => one.Groups["name"].Value == sample)
            ?? Match.Empty;
        if (!block.Success) return [$"samples/README.md does not show what {sample} prints."];
        HashSet<string> shown = Shapes(sample, block.Groups["text"].Value), printed = Shapes(sample, output);
        return
        [
            .. printed.Except(shown).Select(shape => $"{sample} prints a line that the README does not show: {shape}"),
            .. shown.Except(printed).Where(_ => !s_moreIsShown.Contains(sample))
                .Select(shape => $"The README shows a line that {sample} does not print: {shape}"),
            .. Lines(sample, output).Where(line => line.Length > Columns)
                .Select(line => $"{sample} prints {line.Length} columns, over {Columns}: {line}"),
        ];
    }

    private static IEnumerable<string> Lines(string sample, string text)
    {
        IEnumerable<string> lines = text.ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0);
        return s_firstLineOnly.Contains(sample) ? lines.Take(1) : lines;
    }

    private static HashSet<string> Shapes(string sample, string text) =>
        [.. Lines(sample, text).Select(line => line.Trim()).Select(line => Blanks().Replace(Ends().Replace(Numbers().Replace(
            Left().Replace(line, "").Replace("no check", "update 1", StringComparison.Ordinal), "#"), "ended"), " "))];

    [GeneratedRegex(@"`(?<name>\d\d-[\w-]+\.cs)`[^`]*\n```\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"[-+]?\d+([,_]\d+)*(\.\d+)?(E[-+]?\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\b((un)?solved|finished)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Ends();

    /// <summary>The folder of a file, and a ratio that is there only where runs of a pair are solved.</summary>
    [GeneratedRegex(@"\S+[/\\](?=[\w-]+\.mid)|; updates x\S+ \(\d+ pairs?\)$")]
    private static partial Regex Left();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
