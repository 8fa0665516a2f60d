using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary><c>--clip-temporal T[,norm|value]</c>.</summary>
internal static class TemporalClipOption
{
    private const string Name = "--clip-temporal";

    /// <summary>Words for the header, behind those of clipping; empty for none.</summary>
    public static string Words(TrainingOptions options) => options.TemporalClip is not { } clip ? ""
        : $"; error signals clipped at {Format.Exact(clip.Threshold)} by "
            + $"{(clip.Mode == ClipMode.Norm ? "norm" : "element")} at every step";

    /// <summary>A threshold, and norm or value behind a comma; or none.</summary>
    public static Func<TrainingOptions, TrainingOptions> Parse(string text)
    {
        if (text == "none") return o => o with { TemporalClip = null };
        string[] parts = text.Split(',');
        if (parts.Length > 2)
            throw new UserError($"{Name} '{text}' is not a threshold and norm or value; write {Name} 1 or {Name} 1,value.");
        var clip = new TemporalClipping(
            Values.Number(Name, parts[0]),
            parts.Length == 1 ? ClipMode.Norm
                : Values.Choice(Name, parts[1], [("norm", ClipMode.Norm), ("value", ClipMode.Value)]));
        return o => o with { TemporalClip = clip };
    }
}
