using Unroll.Data;
using Unroll.Files;

namespace Unroll.Studies.Corpora;

/// <summary>
/// A folder whose text files are folds: <c>train.txt</c>, <c>valid.txt</c> and <c>test.txt</c>, or other usual names in any
/// capitals. Where there is none for validation, the last tenth of the training text is that fold.
/// </summary>
internal static class TextFolder
{
    private const string Extension = ".txt";

    /// <summary>
    /// Whether a folder has texts for training and for test, or at least one that is named like a fold, and no MIDI files.
    /// </summary>
    /// <exception cref="UserError">It cannot be read.</exception>
    public static bool IsOne(string folder)
    {
        string[] texts = Texts(folder);
        Fold?[] folds = [.. texts.Select(Of)];
        if (folds.Contains(Fold.Train) && folds.Contains(Fold.Test)) return true;
        bool named = texts.Any(file => Of(file) is not null || FoldNames.LooksLikeOne(Path.GetFileNameWithoutExtension(file)));
        return named && FolderWalk.Of(folder, MidiFolder.IsName, MidiFolder.MaximumFiles).Names.Count == 0;
    }

    /// <summary>The files of the folds.</summary>
    /// <exception cref="UserError">A fold is missing or there twice, or a file looks like a fold and is not one.</exception>
    public static (string Train, string? Validation, string Test) Files(string folder)
    {
        string[] texts = Texts(folder),
            odd = [.. texts.Where(file => FoldNames.LooksLikeOne(Path.GetFileNameWithoutExtension(file))).Select(file =>
            Path.GetFileName(file))];
        if (odd.Length > 0)
            throw new UserError(
                $"The folder {folder} has texts that look like folds and are not: {string.Join(", ", odd)}; folds are "
                    + $"{FoldNames.Usual}, each with {Extension}.");
        string? train = Only(Fold.Train), validation = Only(Fold.Validation), test = Only(Fold.Test);
        return (train ?? throw Lacks("train.txt"), validation, test ?? throw Lacks("test.txt"));

        string? Only(Fold fold)
        {
            string[] files = [.. texts.Where(file => Of(file) == fold)];
            return files.Length < 2 ? files.FirstOrDefault()
                : throw new UserError(
                $"The folder {folder} has {string.Join(" and ", files.Select(file => Path.GetFileName(file)))}, which are of the "
                    + "same fold.");
        }

        UserError Lacks(string name) =>
            new($"The folder {folder} is no text: it lacks {name}; folds are {FoldNames.Usual}, each with {Extension}.");
    }

    private static Fold? Of(string file) => FoldNames.Of(Path.GetFileNameWithoutExtension(file));

    private static string[] Texts(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Where(file =>
                Path.GetExtension(file).Equals(Extension, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder} could not be read: {FileErrors.Cause(folder, error)}.", error);
        }
    }
}
