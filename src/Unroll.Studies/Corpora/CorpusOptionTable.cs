using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Studies.Corpora;

/// <summary>Every knob of <see cref="CorpusSettings"/> as an option, in the order of the help.</summary>
internal static class CorpusOptionTable
{
    /// <summary>The option that names the data.</summary>
    public const string Data = "--data";

    /// <summary>The option that refuses what would be left out.</summary>
    public const string Strict = "--strict";

    /// <summary>Options that decide the alphabet of a text, which a model of text has already.</summary>
    public static IReadOnlyList<string> OfAlphabet { get; } = ["--bytes", "--rare", "--map-unknown"];

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
            "",
            text => text.Length > 0 ? settings => settings with
            {
                Data = text,
            } : throw new UserError("--data needs the name of a data set or file.")),
        new("--valid-data", "FILE", "For a text in three files: its validation fold. Without it one file is split 80/10/10.",
            TextTask.TaskName, text => settings => settings with { ValidationFile = text }),
        new("--test-data", "FILE", "For a text in three files: its test fold.", TextTask.TaskName,
            text => settings => settings with { TestFile = text }),
        new("--window", "N", "For music and text: steps of a training window. Default: the recipe's.", "",
            Whole("--window", 1, 65_536, (settings, v) => settings with { Window = v })),
        new("--ahead", "N", "For text: predict the Nth symbol ahead. Default: 1, the next one.", TextTask.TaskName,
            Whole("--ahead", 1, 65_536, (settings, v) => settings with { Ahead = v })),
        new("--bytes", "", "For text: symbols are bytes, not Unicode characters.", TextTask.TaskName,
            Flag("--bytes", (settings, on) => settings with { Bytes = on })),
        new("--trim-lines", "", "For text: leave out the blanks at both ends of each line, as Penn Treebank is read.",
            TextTask.TaskName, Flag("--trim-lines", (settings, on) => settings with { TrimLines = on })),
        new("--rare", "N", "For text: symbols that come fewer than N times become one unknown symbol. Default: 0, none.",
            TextTask.TaskName, Whole("--rare", 0, int.MaxValue, (settings, v) => settings with { Rare = v })),
        new("--map-unknown", "", "For text: have an unknown symbol even where no fold has symbols that the training fold lacks.",
            TextTask.TaskName, Flag("--map-unknown", (settings, on) => settings with { MapUnknown = on })),
        new("--step", "BEATS", "For MIDI files: the time step in beats. Default: 0.5.", MusicTask.TaskName,
            text =>
            {
                double step = Step(text);
                return settings => settings with { Step = step };
            }),
        new("--drop-notes", "", "For MIDI files: leave out notes that a piano does not have; otherwise they are refused.",
            MusicTask.TaskName, Flag("--drop-notes", (settings, on) => settings with { DropNotes = on })),
        new(Strict, "", "For folders of MIDI files and for text: refuse what would be left out, or read as the unknown symbol.",
            "", Flag(Strict, (settings, on) => settings with { Strict = on })),
    ];

    /// <summary>The value of a <c>--step</c>; also of the commands that write MIDI files.</summary>
    /// <exception cref="UserError">It is no step.</exception>
    public static double Step(string text)
    {
        double step = Values.Number("--step", text, maximum: MusicReadOptions.MaximumStep);
        return step >= MusicReadOptions.MinimumStep ? step
            : throw new UserError($"--step {text} must be at least 1/96 of a beat.");
    }

    private static Func<string, Func<CorpusSettings,
        CorpusSettings>> Flag(string option, Func<CorpusSettings, bool, CorpusSettings> set) => text =>
    {
        bool on = Values.Choice(option, text, [("true", true), ("false", false)]);
        return settings => set(settings, on);
    };

    private static Func<string, Func<CorpusSettings,
        CorpusSettings>> Whole(string option, int minimum, int maximum, Func<CorpusSettings, int, CorpusSettings> set) => text =>
    {
        int value = (int)Values.Whole(option, text, minimum, maximum);
        return settings => set(settings, value);
    };
}
