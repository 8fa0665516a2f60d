using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>Options as a user types them.</summary>
internal static class TypedOptions
{
    /// <summary>The options of <c>unroll train</c> that would give these values.</summary>
    public static IEnumerable<string> Of(TrainingOptions options)
    {
        foreach (TrainOption option in TrainOptionTable.All)
        {
            TrainingOption declared = option.Declared;
            if (!IsInForce(declared, options)) continue;
            if (option.IsFlag) yield return option.Name;
            else if (option.Name == "--clip") yield return $"{option.Name} {ClipOption.Text(options)}";
            else yield return $"{option.Name} {declared.Typed(options)}";
        }
    }

    /// <summary>Whether an option does anything at these values; otherwise nobody need be told its own.</summary>
    public static bool IsInForce(TrainingOption declared, TrainingOptions options) =>
        declared.Write(options) != declared.Off && declared.NoEffect(options) is null && !IsReplaced(declared.Key, options);

    /// <summary>Whether another option takes an option's place, so that its default does nothing.</summary>
    private static bool IsReplaced(string key, TrainingOptions options) => key switch
    {
        "hidden" => options.Stack is not null,
        "activation" => options.Stack is not null || !OptionsRules.HasActivation(options.Cell),
        "validation" or "curriculum" or "stop" or "updates" => options.MaximumEpochs is not null,
        "clip" => options.ClipMode == ClipMode.None,
        _ => false,
    };
}
