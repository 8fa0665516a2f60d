using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;

namespace Unroll.Cli.Settings;

/// <summary>What the file of a model of music or text says about the data that it was trained on.</summary>
internal static class CorpusModel
{
    /// <summary>Whether the file says that it is a model of music or text, and not of a synthetic task.</summary>
    public static bool IsOne(ModelInfo info) => info.Task is { } task && TaskCatalogue.Corpora.Contains(task);

    /// <summary>The data's name or file; null where the file does not say.</summary>
    public static string? Data(ModelInfo info) => info.Properties.GetValueOrDefault("data") is { Length: > 0 } data
        ? Path("data", data) : null;

    /// <summary>Steps of a training window; for use where they decide nothing.</summary>
    public static int Window(ModelInfo info) =>
        int.TryParse(info.Properties.GetValueOrDefault("window"), NumberStyles.None, CultureInfo.InvariantCulture, out int window)
        && window is >= 1 and <= 65_536 ? window : 200;

    /// <summary>The step of MIDI files in beats, as in training.</summary>
    public static double Step(ModelInfo info) =>
        double.TryParse(info.Properties.GetValueOrDefault("step"), NumberStyles.Float, CultureInfo.InvariantCulture,
            out double step)
        && step is >= MusicReadOptions.MinimumStep and <= MusicReadOptions.MaximumStep ? step : new MusicReadOptions().Step;

    /// <summary>What becomes of notes that a piano lacks, as in training.</summary>
    public static OutOfRangeNotes Notes(ModelInfo info) => Is(info, "drop-notes") ? OutOfRangeNotes.Drop : OutOfRangeNotes.Refuse;

    /// <summary>
    /// How its data were read, for reading the same or other data: all that the file says but for an alphabet, which a model
    /// brings itself.
    /// </summary>
    /// <param name="info">What the file says.</param>
    /// <param name="keepsFolds">Whether the files of its validation and test folds count too.</param>
    public static CorpusSettings Settings(ModelInfo info, bool keepsFolds) => new()
    {
        Data = Data(info) ?? "",
        ValidationFile = keepsFolds && info.Properties.GetValueOrDefault("valid-data") is { } valid ? Path("valid-data", valid)
            : null,
        TestFile = keepsFolds && info.Properties.GetValueOrDefault("test-data") is { } test ? Path("test-data", test) : null,
        TrimLines = Is(info, "trim-lines"),
        Step = Step(info),
        DropNotes = Notes(info) == OutOfRangeNotes.Drop,
    };

    /// <summary>Refuses a model of a corpus where sequences of a synthetic task are needed.</summary>
    public static void Refuse(ModelInfo info, string path, string verb)
    {
        if (IsOne(info))
            throw new UserError(
                $"{path} is a model of {info.Task}, for which there is no {verb}; write with unroll sample {path}, or measure it "
                    + $"with unroll evaluate {path}.");
    }

    private static string Path(string property, string value) => Values.Path($"The model's {property}", value);

    private static bool Is(ModelInfo info, string property) => info.Properties.GetValueOrDefault(property) == "true";
}
