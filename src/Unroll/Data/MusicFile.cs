using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Reads music in the usual forms: the published MATLAB files and pickles of piano rolls, which have their own folds, and
/// standard MIDI files in a folder, which are split by piece.
/// </summary>
public static class MusicFile
{
    /// <summary>
    /// Reads a corpus from a <c>.mat</c> file, a pickle (both told by their content) or a folder of MIDI files.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted: damaged, of another kind, a fold without pieces, a
    /// piece shorter than two steps.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MusicCorpus Read(string path, MusicReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new()).Checked();
        if (!Directory.Exists(path)) return FileBytes.Use(path, stream => Read(stream, path, options));
        return Corpus(path, MidiFolder.Read(path, options), options);
    }

    /// <summary>Reads a corpus from the content of a <c>.mat</c> file or a pickle.</summary>
    /// <param name="stream">The content, from its beginning.</param>
    /// <param name="file">The name, for messages and for the corpus.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MusicCorpus Read(Stream stream, string file, MusicReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? new()).Checked();
        return KindOf(ref stream) switch
        {
            MusicKind.Matlab => Corpus(file, MatFile.Read(stream, file), options),
            MusicKind.Pickle => Corpus(file, PickleFile.Read(stream, file, options), options),
            MusicKind.Midi => Corpus(file, SplitTracks(MidiFile.ReadPieces(stream, file, options), file), options),
            _ => throw Unknown(file, stream),
        };
    }

    /// <summary>
    /// Reads pieces without splitting them, such as those to evaluate a model on: one MIDI file, a folder of them, or all folds
    /// of a <c>.mat</c> file or a pickle.
    /// </summary>
    /// <inheritdoc cref="Read(string, MusicReadOptions?)"/>
    public static IReadOnlyList<PianoRoll> ReadPieces(string path, MusicReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new()).Checked();
        IReadOnlyList<PianoRoll> pieces = Directory.Exists(path)
            ? MidiFolder.ReadPieces(path, options)
            : FileBytes.Use(path, Pieces);
        if (pieces.Count == 0) throw new InvalidFileException(path, "has no piece");
        foreach (PianoRoll piece in pieces) CheckLength(path, piece);
        return pieces;

        IReadOnlyList<PianoRoll> Pieces(Stream stream) => KindOf(ref stream) switch
        {
            MusicKind.Matlab => [.. MatFile.Read(stream, path).SelectMany(fold => fold)],
            MusicKind.Pickle => (IReadOnlyList<PianoRoll>)[.. PickleFile.Read(stream, path, options).SelectMany(fold => fold)],
            MusicKind.Midi => MidiFile.ReadPieces(stream, path, options),
            _ => throw Unknown(path, stream),
        };
    }

    /// <summary>
    /// Whether a file is music, by its name or its first bytes. For a pickle in text form only the name decides. For a pipe too:
    /// a pipe can be read only once, so it is not opened here, and a named pipe would lose its writer.
    /// </summary>
    internal static bool IsMusic(string path)
    {
        if (MidiFolder.IsName(path) || Path.GetExtension(path).ToLowerInvariant() is ".mat" or ".pickle" or ".pkl") return true;
        if (IsEmpty(path)) return false;
        return FileBytes.Use(path, stream =>
        {
            if (!stream.CanSeek) return false; // /dev/stdin and similar files
            MusicKind kind = KindOf(ref stream);
            return kind is MusicKind.Midi or MusicKind.Matlab || (kind == MusicKind.Pickle && stream.ReadByte() == 0x80);
        });
    }

    /// <summary>Whether a file begins like MIDI. False for a pipe, which can be read only once and is not opened.</summary>
    internal static bool IsMidi(string path) =>
        !IsEmpty(path) && FileBytes.Use(path, stream => stream.CanSeek && KindOf(ref stream) == MusicKind.Midi);

    /// <summary>Whether a file has length 0, like an empty file or a named pipe.</summary>
    internal static bool IsEmpty(string path)
    {
        try
        {
            return new FileInfo(RealPath.Of(path)) is { Exists: true, Length: 0 };
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }
    }

    /// <summary>
    /// The kind of the music by its first bytes. A stream that cannot seek is replaced by one that begins with the bytes read.
    /// </summary>
    private static MusicKind KindOf(ref Stream stream)
    {
        var start = new byte[FileContent.Length];
        long begin = stream.CanSeek ? stream.Position : 0;
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (stream.CanSeek) stream.Position = begin;
        else stream = new JoinedStream(start[..read], stream);
        start = start[..read];
        return MidiWrapper.IsMidi(start) ? MusicKind.Midi : MatFile.IsOne(start) ? MusicKind.Matlab
            : FileContent.Of(start) is not null ? MusicKind.Unknown : PickleFile.IsOne(start) ? MusicKind.Pickle
            : MusicKind.Unknown;
    }

    private static InvalidFileException Unknown(string file, Stream stream)
    {
        var start = new byte[FileContent.Length];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        FileContent? known = FileContent.OfAny(start.AsSpan(0, read));
        if (MidiFolder.IsName(file))
            return new InvalidFileException(file, known?.Not("a MIDI file") ?? "is not a MIDI file: it does not begin with MThd");
        string version = Path.GetExtension(file).Equals(".mat", StringComparison.OrdinalIgnoreCase)
            ? ", which MATLAB saves with -v7," : "";
        string read5 = $"a MATLAB 5 file{version} or a pickle of piano rolls, or MIDI";
        return new InvalidFileException(file, known?.Not($"music, which is {read5}") ?? $"is no music that is read: {read5}");
    }

    /// <summary>The pieces of a file of format 2 in three folds.</summary>
    private static IReadOnlyList<PianoRoll>[] SplitTracks(IReadOnlyList<PianoRoll> pieces, string file) => pieces.Count > 1
        ? MidiFolder.Split(pieces, file, 1)
        : throw new InvalidFileException(file,
            "is one piece, which cannot be split into three folds; give a folder with at least three MIDI files");

    private static MusicCorpus Corpus(string file, IReadOnlyList<PianoRoll>[] folds, MusicReadOptions options)
    {
        string name = options.Name ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(file));
        var corpus = new MusicCorpus(name, folds[0], folds[1], folds[2]);
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            if (corpus.Of(fold).Count == 0)
                throw new InvalidFileException(file, $"has no piece in its {fold.ToString().ToLowerInvariant()} fold");
            foreach (PianoRoll piece in corpus.Of(fold)) CheckLength(file, piece);
        }

        return corpus;
    }

    private static void CheckLength(string file, PianoRoll piece)
    {
        if (piece.Steps < 2)
            throw new InvalidFileException(
                file, $"has a piece shorter than two steps, {piece.Name}, from which nothing can be predicted");
    }

    private enum MusicKind
    {
        Unknown,
        Matlab,
        Pickle,
        Midi,
    }
}
