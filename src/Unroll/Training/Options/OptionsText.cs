using Unroll.Files;

namespace Unroll.Training;

/// <summary>
/// Training options as named texts, for files, run headers and comparisons: the names are those of the command line, numbers
/// read back bit for bit.
/// </summary>
public static class OptionsText
{
    /// <summary>
    /// Beside the options in checkpoints and models: the name of a user's own optimizer, and whether a callback saw gradients.
    /// </summary>
    internal const string OwnOptimizerKey = "own-optimizer", OwnGradientKey = "own-gradient";

    /// <summary>Every option as (name, text) in a fixed order.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ToProperties(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. TrainingOptions.Declared.Select(option => KeyValuePair.Create(option.Key, option.Write(options)))];
    }

    /// <summary>
    /// The options that tell one run from another, for hashes and checkpoints. Options that came with a later version are left
    /// out at their defaults, so that what was made before them is still known as the same.
    /// </summary>
    internal static IEnumerable<KeyValuePair<string, string>> Identity(TrainingOptions options) =>
        from option in TrainingOptions.Declared
        where option.ChangesBits
        let text = option.Write(options)
        where text != option.Before
        select new KeyValuePair<string, string>(option.Key, text);

    /// <summary>What <see cref="Identity"/> leaves out: the options that came with a later version, at their defaults.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> LaterDefaults() =>
        ToProperties(new TrainingOptions()).Where(option => option.Value == DefaultOfLater(option.Key));

    /// <summary>
    /// The value of an option in files that were written before there was one; null for those that were always there.
    /// </summary>
    internal static string? DefaultOfLater(string name) =>
        name is OwnOptimizerKey or OwnGradientKey ? "none" : Find(name)?.Before;

    /// <summary>Whether a run that is resumed may have another value of an option.</summary>
    internal static bool MayChange(string name) => Find(name)?.MayChange == true;

    /// <summary>The options that <see cref="ToProperties"/> wrote; names that are missing keep their defaults.</summary>
    /// <exception cref="FormatException">A text is not a value of its option; the message names both.</exception>
    public static TrainingOptions FromProperties(IReadOnlyDictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var options = new TrainingOptions();
        foreach (TrainingOption option in TrainingOptions.Declared)
        {
            if (!properties.TryGetValue(option.Key, out string? text)) continue;
            try
            {
                options = option.Read(options, text);
            }
            catch (FormatException error)
            {
                throw new FormatException($"The option {option.Key} is '{text}'; it must be {error.Message}.", error);
            }
        }

        return options;
    }

    /// <summary>An option's value as it is written on the command line: <c>SmartTanh</c> is <c>smart-tanh</c>.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => ValueNames.Of(value);

    /// <summary>Layers that are not all alike as one word, such as <c>leaky:50:tanh:0.3,lstm:50</c>, from the input up.</summary>
    internal static string Stack(LayerList layers) =>
        LayerText.Of(layers).Replace(", ", ",", StringComparison.Ordinal).Replace(' ', ':');

    /// <summary>What <see cref="Stack"/> wrote; null when the text is none of it.</summary>
    internal static LayerList? TryReadStack(string text) =>
        text.Contains(' ') ? null : LayerText.TryRead(text.Replace(':', ' ').Replace(",", ", ", StringComparison.Ordinal));

    private static TrainingOption? Find(string name) => TrainingOptions.Declared.FirstOrDefault(option => option.Key == name);
}
