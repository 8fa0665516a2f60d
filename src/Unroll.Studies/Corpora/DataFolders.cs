using Unroll.Files;

namespace Unroll.Studies.Corpora;

/// <summary>
/// Where data sets lie: <c>--data-dir</c>, the folder that <c>UNROLL_DATA</c> names, the user's cache. All have the same layout.
/// </summary>
/// <param name="around">Whose environment counts.</param>
/// <param name="given">The folder of <c>--data-dir</c>, or null.</param>
internal sealed class DataFolders(DataSurroundings around, string? given)
{
    /// <summary>The environment variable that names a folder.</summary>
    public const string Variable = "UNROLL_DATA";

    /// <summary>The folders in the order in which they are searched.</summary>
    public IEnumerable<string> All
    {
        get
        {
            if (given is { Length: > 0 }) yield return given;
            if (around.Variable(Variable) is { Length: > 0 } named) yield return named;
            if (Cache is { } cache) yield return cache;
        }
    }

    /// <summary>Where a download goes: the first of them.</summary>
    public string Target => All.FirstOrDefault() ?? throw new UserError(
        "There is no folder for data; name one, or set the environment variable UNROLL_DATA, XDG_CACHE_HOME or HOME.")
    {
        Option = "--data-dir",
    };

    /// <summary>The user's cache folder by the custom of the system; null where nothing says whose.</summary>
    private string? Cache
    {
        get
        {
            if (around.Variable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg))
                return Path.Combine(xdg, "unroll");
            if (OperatingSystem.IsWindows())
                return around.Variable("LOCALAPPDATA") is { Length: > 0 } local ? Path.Combine(local, "unroll", "cache") : null;
            if (around.Variable("HOME") is not { Length: > 0 } home) return null;
            return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", "unroll")
                : Path.Combine(home, ".cache", "unroll");
        }
    }

    /// <summary>The first folder that has all files of a set; null if none has.</summary>
    public string? Find(DataSet set) => All.FirstOrDefault(folder => set.Files.All(file => File.Exists(At(folder, file))));

    /// <summary>The files of a set, where they lie.</summary>
    /// <exception cref="UserError">They are nowhere; the sentence says how to get them.</exception>
    public string[] Files(DataSet set)
    {
        if (Find(set) is { } folder) return [.. set.Files.Select(file => At(folder, file))];
        if (All.Select(folder => PathLook.Trouble(At(folder, set.Files[0])))
            .FirstOrDefault(trouble => trouble is not null) is { } trouble)
            throw new UserError($"The data set {set.Name} cannot be read: {trouble}.");
        string missing = string.Join(", ", set.Files.Select(file => file.Path));
        string where = All.Any() ? $" or put {missing} into {string.Join(" or ", All)}" : "";
        throw new UserError($"The data set {set.Name} is not here: run unroll data get {set.Name}{where}.");
    }

    /// <summary>Where a file lies in a folder.</summary>
    public static string At(string folder, DataFile file) => Path.Combine([folder, .. file.Path.Split('/')]);
}
