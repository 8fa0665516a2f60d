using Unroll.Data;
using Unroll.Files;

namespace Unroll.Studies.Corpora;

/// <summary>
/// Finds and reads the data that a user names: a data set by its name, or a file or folder by its path (a path with the name of a
/// data set needs a <c>./</c> in front).
/// </summary>
/// <param name="around">The environment, standard input, and where notices go.</param>
/// <param name="folder">The folder of <c>--data-dir</c>, or null.</param>
internal sealed class DataSource(DataSurroundings around, string? folder = null)
{
    /// <summary>What standard input is called.</summary>
    public const string StandardInput = "-";

    private readonly DataFolders _folders = new(around, folder);

    /// <summary>Reads music: a data set, a <c>.mat</c> file, a pickle, a folder of MIDI files.</summary>
    /// <exception cref="UserError">There is no such data, or it is text.</exception>
    public MusicCorpus Music(string nameOrFile, MusicReadOptions? options = null)
    {
        options = Heard(options ?? new MusicReadOptions());
        RefuseStandardInput(nameOrFile);
        if (Named(nameOrFile, DataKind.Music) is not { } set) return Try(() => MusicFile.Read(nameOrFile, options));
        string file = _folders.Files(set)[0];
        return Try(() => MusicFile.Read(file, options with { Name = options.Name ?? set.Name }));
    }

    /// <summary>Reads music without splitting it: also one MIDI file.</summary>
    /// <exception cref="UserError">There is no such data, or it is text.</exception>
    public IReadOnlyList<PianoRoll> Pieces(string nameOrFile, MusicReadOptions? options = null)
    {
        options = Heard(options ?? new MusicReadOptions());
        RefuseStandardInput(nameOrFile);
        string file = Named(nameOrFile, DataKind.Music) is { } set ? _folders.Files(set)[0] : nameOrFile;
        return Try(() => MusicFile.ReadPieces(file, options));
    }

    /// <summary>
    /// Reads text: a data set, a file that is split, a folder with <c>train.txt</c>, <c>valid.txt</c> and <c>test.txt</c> (or
    /// other usual names, see <see cref="TextFolder"/>), or <c>-</c> for standard input. With two more files these are the other
    /// folds and the first is not split.
    /// </summary>
    /// <exception cref="UserError">There is no such data, or it is music.</exception>
    public TextCorpus Text(string nameOrFile, TextReadOptions? options = null, string? validation = null, string? test = null)
    {
        options = (options ?? new TextReadOptions()) with { Notice = around.Notice };
        if ((validation is null) != (test is null))
            throw new UserError("A text whose folds are given needs both a validation and a test file.");
        if (validation is not null && nameOrFile == StandardInput)
            throw new UserError("Standard input cannot be one of three folds; give a file.");
        if (nameOrFile == StandardInput)
            return Try(() =>
                TextFile.Read(around.OpenIn(), "standard input", options with { Name = options.Name ?? "standard input" }));
        if (Named(nameOrFile, DataKind.Text) is { } set)
        {
            if (validation is not null) throw new UserError($"The data set {set.Name} has its own folds.");
            string[] files = _folders.Files(set);
            return Try(() =>
                TextFile.Read(files[0], files[1], files[2], options with { Name = options.Name ?? set.Name, TrimLines = true }));
        }

        if (validation is not null) return Try(() => TextFile.Read(nameOrFile, validation, test!, options));
        if (!PathLook.IsFolder(nameOrFile)) return Try(() => TextFile.Read(nameOrFile, options));
        (string train, string? valid, string last) = TextFolder.Files(nameOrFile);
        string folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(nameOrFile)));
        return Try(() => TextFile.Read(train, valid, last, options with { Name = options.Name ?? folder }));
    }

    /// <summary>Reads a whole text as symbols of a known alphabet: a file, or <c>-</c> for standard input.</summary>
    /// <exception cref="UserError">There is no such file.</exception>
    public ReadOnlyMemory<ushort> Symbols(string file, TextReadOptions options) => file == StandardInput
        ? Try(() => TextFile.ReadWhole(around.OpenIn(), "standard input", options with { Notice = around.Notice }))
        : Try(() => TextFile.ReadWhole(Existing(file), options with { Notice = around.Notice }));

    /// <summary>
    /// What a name or path is of, by its data set or by its content; a pipe is of text unless its name is that of music.
    /// </summary>
    /// <exception cref="UserError">There is no such data.</exception>
    public DataKind KindOf(string nameOrFile)
    {
        if (nameOrFile == StandardInput) return DataKind.Text;
        if (DataCatalogue.Find(nameOrFile) is { } set) return set.Kind;
        if (Directory.Exists(Existing(nameOrFile))) return TextFolder.IsOne(nameOrFile) ? DataKind.Text : DataKind.Music;
        return Try(() => MusicFile.IsMusic(nameOrFile)) ? DataKind.Music : DataKind.Text;
    }

    /// <summary>The path of a file or folder that exists.</summary>
    /// <exception cref="UserError">It does not.</exception>
    public static string Existing(string path)
    {
        if (path is "/dev/stdin" or "/dev/fd/0" or "/proc/self/fd/0") Descriptors.RequireStandardInput();
        if (PathLook.At(path) != PathKind.Nothing) return path;
        if (path.Contains('/') || path.Contains('\\') || Path.HasExtension(path))
            throw new UserError($"There is no file or folder {path}.");
        throw new UserError(
            $"There is no data set and no file '{path}'; did you mean {Nearest.Of(path, DataCatalogue.Names)} (of "
                + $"{string.Join(", ", DataCatalogue.Names)})?");
    }

    /// <summary>The data set of a name, or null for the path of something that exists.</summary>
    private static DataSet? Named(string nameOrFile, DataKind kind)
    {
        if (DataCatalogue.Find(nameOrFile) is not { } set)
        {
            Existing(nameOrFile);
            return null;
        }

        return set.Kind == kind ? set : throw new UserError($"The data set {set.Name} is {Words(set.Kind)}, not {Words(kind)}.");

        static string Words(DataKind kind) => kind == DataKind.Music ? "music" : "text";
    }

    private static void RefuseStandardInput(string nameOrFile)
    {
        if (nameOrFile == StandardInput)
            throw new UserError("Music is not read from standard input; give a file, or a folder of MIDI files.");
    }

    /// <summary>Whether a file is MIDI, and so is shown and evaluated as it is: by its name, or by its first bytes.</summary>
    /// <exception cref="UserError">It cannot be read.</exception>
    public static bool IsMidi(string file) => MidiFolder.IsName(file) || (File.Exists(file) && Try(() => MusicFile.IsMidi(file)));

    private MusicReadOptions Heard(MusicReadOptions options) =>
        options with { Notice = around.Notice, LeftOut = options.LeftOut ?? around.LeftOut };

    private static T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }
}
