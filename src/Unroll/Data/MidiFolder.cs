using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// A folder of MIDI files, its own folders included, as pieces in the ordinal order of their names. Without folds of their own, n pieces are
/// split in this order: the last tenth (rounded, at least one) is the test fold, the tenth before it the validation fold. If the folder has
/// folders <c>train</c>, <c>valid</c> and <c>test</c>, these are the folds.
/// </summary>
internal static class MidiFolder
{
    /// <summary>The most files of one folder.</summary>
    public const int MaximumFiles = 1 << 17;

    /// <summary>The most steps of all files together: each of a few bytes can claim <see cref="MidiFile.MaximumSteps"/>, which take 4 MB.</summary>
    public const long MaximumSteps = 1 << 25;

    private const int LeastPieces = 3, Deepest = 16;
    private static readonly string[] FoldNames = ["train", "valid", "test"];

    /// <summary>Whether a file's name is that of a MIDI file.</summary>
    public static bool IsName(string path) => Path.GetExtension(path).ToLowerInvariant() is ".mid" or ".midi";

    /// <summary>Reads the three folds.</summary>
    public static IReadOnlyList<PianoRoll>[] Read(string folder, MusicReadOptions options)
    {
        string[] folds = [.. FoldNames.Select(name => Path.Combine(folder, name))];
        if (folds.All(Directory.Exists)) return [.. folds.Select(fold => ReadPieces(fold, options))];
        return Split(ReadPieces(folder, options), folder);
    }

    /// <summary>Reads all pieces of a folder.</summary>
    public static List<PianoRoll> ReadPieces(string folder, MusicReadOptions options, long mostSteps = MaximumSteps)
    {
        var pieces = new List<PianoRoll>();
        long steps = 0;
        foreach (string name in Names(folder))
        {
            string path = Path.Combine(folder, name);
            PianoRoll piece = MidiFile.Read(path, options with { Name = name });
            if (IsSilent(piece)) throw new InvalidFileException(path, "has no note of a piano");
            steps += piece.Steps;
            if (steps > mostSteps) throw new InvalidFileException(folder, $"has more than {mostSteps} steps in its MIDI files; a longer step makes fewer of them");
            pieces.Add(piece);
        }

        return pieces;
    }

    private static IReadOnlyList<PianoRoll>[] Split(List<PianoRoll> pieces, string folder)
    {
        if (pieces.Count < LeastPieces)
            throw new InvalidFileException(folder, $"has {pieces.Count} MIDI {(pieces.Count == 1 ? "file" : "files")} (.mid, .midi), where at least {LeastPieces} are needed for three folds");
        int tenth = Math.Max(1, (pieces.Count + 5) / 10), train = pieces.Count - (2 * tenth);
        return [pieces[..train], pieces[train..(train + tenth)], pieces[(train + tenth)..]];
    }

    private static List<string> Names(string folder)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Deepest, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        var names = new List<string>();
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*", all))
            {
                if (!IsName(path)) continue;
                if (names.Count == MaximumFiles) throw new InvalidFileException(folder, $"has more than {MaximumFiles} MIDI files");
                names.Add(Path.GetRelativePath(folder, path).Replace('\\', '/'));
            }
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(folder, error);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static bool IsSilent(PianoRoll piece)
    {
        for (int t = 0; t < piece.Steps; t++)
        {
            foreach (ulong word in piece.Words(t))
            {
                if (word != 0) return false;
            }
        }

        return true;
    }
}
