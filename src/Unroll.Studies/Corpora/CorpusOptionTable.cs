using Unroll.Data;

namespace Unroll.Studies.Corpora;

/// <summary>
/// Every option of <see cref="CorpusSettings"/>, in the order of the help: those of all kinds, and of each kind its own.
/// </summary>
internal static class CorpusOptionTable
{
    /// <summary>The option that names the data.</summary>
    public const string Data = "--data";

    /// <summary>The option that refuses what would be left out.</summary>
    public const string Strict = "--strict";

    /// <summary>
    /// Whether the values of an option, named without its dashes, are files or folders, whose names may have spaces.
    /// </summary>
    public static bool IsPath(string name) => name is "data" or "valid-data" or "test-data" or "data-dir";

    /// <summary>One of them by its name.</summary>
    public static CorpusOption Named(string name) => All.First(option => option.Name == name);

    public static IReadOnlyList<CorpusOption> All { get; } =
    [
        new(Data, "NAME|FILE",
            "For music and text: a data set (see unroll data list), or your own file or folder; - is a text on standard input.",
            "", text => text.Length > 0 ? settings => settings with { Data = text }
                : throw new UserError("--data needs the name of a data set or file.")),
        CorpusOption.Whole<CorpusSettings>(
            "--window", 1, CorpusSettings.LongestWindow,
            "For music and text: steps of a training window. Default: the recipe's.", "",
            (settings, value) => settings with { Window = value }),
        .. CorpusKind.All.Reverse().SelectMany(kind => kind.Options),
        CorpusOption.Flag<CorpusSettings>(
            Strict, "For folders of MIDI files and for text: refuse what would be left out, or read as the unknown symbol.", "",
            (settings, on) => settings with { Strict = on }),
    ];

    /// <summary>The value of a <c>--step</c>; also of the commands that write MIDI files.</summary>
    /// <exception cref="UserError">It is no step.</exception>
    public static double Step(string text)
    {
        double step = Values.Number("--step", text, maximum: MusicReadOptions.MaximumStep);
        return step >= MusicReadOptions.MinimumStep
            ? step : throw new UserError($"--step {text} must be at least 1/96 of a beat.");
    }
}
