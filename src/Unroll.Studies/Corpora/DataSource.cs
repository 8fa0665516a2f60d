using Unroll.Data;
using Unroll.Files;

namespace Unroll.Studies.Corpora;

/// <summary>
/// Finds the data that a user names: a data set by its name, or a file or folder by its path. A path that is also the name of a
/// data set needs <c>./</c> in front.
/// </summary>
/// <param name="around">The environment, standard input, and where notices go.</param>
/// <param name="folder">The folder of <c>--data-dir</c>, or null.</param>
internal sealed class DataSource(DataSurroundings around, string? folder = null)
{
    /// <summary>What standard input is called.</summary>
    public const string StandardInput = "-";

    private readonly DataFolders _folders = new(around, folder);

    /// <summary>Takes a sentence about the data.</summary>
    public Action<string> Notice => around.Notice;

    /// <summary>Takes every file that is left out; null where the notice with the first few is enough.</summary>
    public Action<LeftOutFile>? LeftOut => around.LeftOut;

    /// <summary>Opens standard input as bytes.</summary>
    public Stream OpenIn() => around.OpenIn();

    /// <summary>The files of a data set, where they lie.</summary>
    /// <exception cref="UserError">They are nowhere; the sentence says how to get them.</exception>
    public string[] Files(DataSet set) => _folders.Files(set);

    /// <summary>The kind of a data set, or of a file or folder by its content.</summary>
    /// <exception cref="UserError">There is no such data.</exception>
    public CorpusKind KindOf(string nameOrFile)
    {
        if (nameOrFile == StandardInput) return CorpusKind.All.First(kind => kind.ReadsStandardInput);
        if (DataCatalogue.Find(nameOrFile) is { } set) return set.Kind;
        string path = Existing(nameOrFile);
        return CorpusKind.All.FirstOrDefault(kind => kind.Recognizes(path)) ?? CorpusKind.All[^1];
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
    /// <exception cref="UserError">The data set is of another kind, or there is nothing.</exception>
    public static DataSet? Named(string nameOrFile, CorpusKind kind)
    {
        if (DataCatalogue.Find(nameOrFile) is not { } set)
        {
            Existing(nameOrFile);
            return null;
        }

        return set.Kind == kind ? set : throw new UserError($"The data set {set.Name} is {set.Kind.Name}, not {kind.Name}.");
    }

    /// <summary>Reads; what the library refuses is refused with its sentence.</summary>
    /// <exception cref="UserError">It is refused.</exception>
    public static T Try<T>(Func<T> read)
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
