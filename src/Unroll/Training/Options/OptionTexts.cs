using System.Globalization;
using Unroll.Files;
using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>Options of several parts as one text; a reader gives null for what is none.</summary>
internal static class OptionTexts
{
    private const string None = "none";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Pairs as <c>NAME:TEXT,...</c>, or none.</summary>
    public static string Pairs<T>(IReadOnlyList<T> values, Func<T, (string Name, string Text)> pair) =>
        values.Count == 0 ? None : string.Join(',', values.Select(pair).Select(one => $"{one.Name}:{one.Text}"));

    /// <summary>What <see cref="Pairs"/> wrote.</summary>
    public static IReadOnlyList<T>? ReadPairs<T>(string text, Func<string, string, T?> read)
        where T : class
    {
        if (text == None) return [];
        var values = new List<T>();
        foreach (string part in text.Split(','))
        {
            if (part.Split(':') is not [{ Length: > 0 } name, string value] || read(name, value) is not { } one) return null;
            values.Add(one);
        }

        return values;
    }

    /// <summary>Penalties by block.</summary>
    public static string Penalties(IReadOnlyList<BlockPenalty> penalties) =>
        Pairs(penalties, penalty => (penalty.Block, ExactNumber.ToText(penalty.Weight)));

    /// <summary>What <see cref="Penalties"/> wrote.</summary>
    public static IReadOnlyList<BlockPenalty>? ReadPenalties(string text) =>
        ReadPairs(
            text, (block, weight) => ExactNumber.TryParse(weight, out double value) ? new BlockPenalty(block, value) : null);

    /// <summary>How a threshold adapts.</summary>
    public static string Threshold(AdaptiveThreshold rule) => $"{OptionsText.Name(rule.Rule)}:{ExactNumber.ToText(rule.Value)}";

    /// <summary>What <see cref="Threshold"/> wrote.</summary>
    public static AdaptiveThreshold? ReadThreshold(string text) =>
        text.Split(':') is [string name, string number] && ValueNames.Find<ThresholdRule>(name) is { } rule
            && ExactNumber.TryParse(number, out double value)
            ? new AdaptiveThreshold(rule, value) : null;

    /// <summary>How signals are clipped as they flow back.</summary>
    public static string TemporalClip(TemporalClipping clip) =>
        $"{ExactNumber.ToText(clip.Threshold)},{OptionsText.Name(clip.Mode)}";

    /// <summary>What <see cref="TemporalClip"/> wrote.</summary>
    public static TemporalClipping? ReadTemporalClip(string text) =>
        text.Split(',') is [string number, string name] && ValueNames.Find<ClipMode>(name) is { } mode
            && ExactNumber.TryParse(number, out double threshold)
            ? new TemporalClipping(threshold, mode) : null;

    /// <summary>A curriculum.</summary>
    public static string Curriculum(LengthCurriculum c) =>
        string.Join(
            ',', c.Start.ToString(Culture), ExactNumber.ToText(c.Growth), ExactNumber.ToText(c.Threshold),
            c.Every.ToString(Culture));

    /// <summary>What <see cref="Curriculum"/> wrote, or the same without its end.</summary>
    public static LengthCurriculum? ReadCurriculum(string text)
    {
        string[] parts = text.Split(',');
        int every = 200;
        return parts.Length is 3 or 4 && int.TryParse(parts[0], NumberStyles.None, Culture, out int start)
            && ExactNumber.TryParse(parts[1], out double growth) && ExactNumber.TryParse(parts[2], out double threshold)
            && (parts.Length == 3 || int.TryParse(parts[3], NumberStyles.None, Culture, out every))
            ? new LengthCurriculum(start, growth, threshold, every) : null;
    }

    /// <summary>Lengths, or none.</summary>
    public static string Lengths(IReadOnlyList<int> lengths) =>
        lengths.Count == 0 ? None : string.Join(',', lengths.Select(length => length.ToString(Culture)));

    /// <summary>What <see cref="Lengths"/> wrote.</summary>
    public static IReadOnlyList<int>? ReadLengths(string text)
    {
        if (text == None) return [];
        int[] lengths = [.. text.Split(',').Select(part =>
            int.TryParse(part, NumberStyles.None, Culture, out int length) ? length : -1)];
        return lengths.Contains(-1) ? null : lengths;
    }

    /// <summary>Numbers.</summary>
    public static string Numbers(params IEnumerable<double> values) => string.Join(',', values.Select(ExactNumber.ToText));

    /// <summary>So many numbers.</summary>
    public static double[]? ReadNumbers(string text, int count)
    {
        string[] parts = text.Split(',');
        var values = new double[count];
        if (parts.Length != count) return null;
        for (int i = 0; i < count; i++)
        {
            if (!ExactNumber.TryParse(parts[i], out values[i])) return null;
        }

        return values;
    }
}
