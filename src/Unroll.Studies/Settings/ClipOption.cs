using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>The value of <c>--clip</c>: a threshold, or <c>auto</c> with how it adapts and what it is until then.</summary>
internal static class ClipOption
{
    private const string Auto = "auto";

    /// <summary><c>THRESHOLD</c>, or <c>auto[:RULE[:THRESHOLD]]</c> where a rule is <c>F</c>, <c>pP</c> or <c>zZ</c>.</summary>
    public static Func<TrainingOptions, TrainingOptions> Parse(string text)
    {
        string[] parts = text.Split(':');
        if (!parts[0].Equals(Auto, StringComparison.OrdinalIgnoreCase))
        {
            double fixedAt = Values.Number("--clip", text, hint: "; to switch clipping off use --clip-mode none");
            return o => o with { ClipThreshold = fixedAt, AdaptiveThreshold = null };
        }

        if (parts.Length > 3)
            throw new UserError($"--clip '{text}' is no rule; write auto, auto:2, auto:p50 or auto:z2.5, and after it "
            + $":THRESHOLD for the first {AdaptiveThreshold.WarmUp} updates if you like.");
        AdaptiveThreshold rule = parts.Length == 1 ? new(ThresholdRule.Mean, 1) : Rule(parts[1]);
        double? first = parts.Length < 3 ? null : Values.Number("The first threshold of --clip", parts[2]);
        return o => o with { AdaptiveThreshold = rule, ClipThreshold = first ?? o.ClipThreshold };
    }

    /// <summary>The text that <see cref="Parse"/> would read as these options.</summary>
    public static string Text(TrainingOptions options)
    {
        string threshold = Format.Exact(options.ClipThreshold);
        return options.AdaptiveThreshold is not { } rule ? threshold : rule.Rule switch
        {
            ThresholdRule.Mean => $"{Auto}:{Format.Exact(rule.Value)}:{threshold}",
            ThresholdRule.Percentile => $"{Auto}:p{Format.Exact(rule.Value)}:{threshold}",
            _ => $"{Auto}:z{Format.Exact(rule.Value)}:{threshold}",
        };
    }

    /// <summary>The rule in words.</summary>
    public static string Describe(AdaptiveThreshold rule) => rule.Rule switch
    {
        ThresholdRule.Mean => $"{Format.Exact(rule.Value)} x its running mean",
        ThresholdRule.Percentile => $"percentile {Format.Exact(rule.Value)} of the last norms",
        _ => $"{Format.Exact(rule.Value)} deviations above its running mean",
    };

    private static AdaptiveThreshold Rule(string text)
    {
        if (text.StartsWith('p'))
        {
            double percentile = Values.Number("The percentile of --clip auto", text[1..]);
            return percentile <= 100 ? new(ThresholdRule.Percentile, percentile)
                : throw new UserError($"The percentile of --clip auto is {text[1..]}; it must be at most 100.");
        }

        return text.StartsWith('z')
            ? new(ThresholdRule.ZScore, text == "z" ? 2.5 : Values.Number("The deviations of --clip auto", text[1..]))
            : new(ThresholdRule.Mean, Values.Number("The factor of --clip auto", text));
    }
}
