using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads music in the forms it comes in: the published MATLAB files and pickles of piano rolls, which have their own folds, and
/// standard MIDI files in a folder, which are split by piece.
/// </summary>
public static class MusicFile
{
    /// <summary>Reads a corpus from a <c>.mat</c> file, a pickle or a folder of MIDI files; files are told apart by content.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MusicCorpus Read(string path, MusicReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new()).Checked();
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path, options);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }
    }

    /// <summary>Reads a corpus from the content of a <c>.mat</c> file or a pickle.</summary>
    /// <param name="stream">The content, which can seek.</param>
    /// <param name="file">The name, for messages and for the corpus.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    public static MusicCorpus Read(Stream stream, string file, MusicReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? new()).Checked();
        IReadOnlyList<PianoRoll>[] folds = MatFile.Read(stream, file);
        return Checked(file, new MusicCorpus(options.Name ?? Path.GetFileNameWithoutExtension(file), folds[0], folds[1], folds[2]));
    }

    private static MusicCorpus Checked(string file, MusicCorpus corpus)
    {
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            if (corpus.Of(fold).Count == 0) throw new InvalidFileException(file, $"has no piece in its {fold.ToString().ToLowerInvariant()} fold");
            foreach (PianoRoll piece in corpus.Of(fold))
            {
                if (piece.Steps < 2) throw new InvalidFileException(file, $"has a piece of {piece.Steps} steps, {piece.Name}; a piece needs two");
            }
        }

        return corpus;
    }
}
