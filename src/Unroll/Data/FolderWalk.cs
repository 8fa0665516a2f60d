using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// The files of a folder and of the folders in it, by their paths within it. Links are followed. A file that is reachable by
/// several paths is listed once, by the path without a link if there is one. So a folder that links to itself has each of its
/// files once.
/// </summary>
internal sealed class FolderWalk
{
    private static readonly EnumerationOptions Visible = new()
    {
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    private readonly string _root;
    private readonly Func<string, bool> _isWanted;
    private readonly int _most;
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal); // the name by the real path
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Queue<(string Path, string Name)> _links = new();
    private readonly List<LeftOutFile> _repeated = [];
    private readonly List<LeftOutFile> _unreadable = [];

    private FolderWalk(string root, Func<string, bool> isWanted, int most) => (_root, _isWanted, _most) = (root, isWanted, most);

    /// <summary>The names of the files, in ordinal order, with slashes.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Links to files and folders that are also found under another name.</summary>
    public IReadOnlyList<LeftOutFile> Repeated => _repeated;

    /// <summary>Folders and links that could not be followed.</summary>
    public IReadOnlyList<LeftOutFile> Unreadable => _unreadable;

    /// <summary>Walks a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isWanted">Whether a file's name is of interest.</param>
    /// <param name="most">The most files.</param>
    /// <exception cref="InvalidFileException">It has more files.</exception>
    /// <exception cref="IOException">The folder itself cannot be read.</exception>
    public static FolderWalk Of(string folder, Func<string, bool> isWanted, int most)
    {
        var walk = new FolderWalk(folder, isWanted, most);
        try
        {
            walk.Visit(folder, "", RealPath.Of(folder));
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(folder, error);
        }

        // Links come last, so that a file that is also present without a link has its own name.
        while (walk._links.TryDequeue(out (string Path, string Name) link)) walk.Follow(link.Path, link.Name);
        walk.Names = [.. walk._files.Values.Order(StringComparer.Ordinal)];
        return walk;
    }

    private void Visit(string path, string name, string real)
    {
        _folders[real] = name;
        IEnumerable<FileSystemInfo> items = new DirectoryInfo(path).EnumerateFileSystemInfos("*", Visible);
        foreach (FileSystemInfo item in items.OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            string itemName = name.Length == 0 ? item.Name : $"{name}/{item.Name}";
            if ((item.Attributes & FileAttributes.ReparsePoint) != 0) _links.Enqueue((item.FullName, itemName));
            else if (item is DirectoryInfo) TryVisit(item.FullName, itemName, Path.Combine(real, item.Name));
            else if (_isWanted(item.Name)) AddFile(itemName, Path.Combine(real, item.Name));
        }
    }

    private void TryVisit(string path, string name, string real)
    {
        try
        {
            Visit(path, name, real);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            _unreadable.Add(new LeftOutFile(name, $"could not be read: {FileErrors.Cause(path, error)}"));
        }
    }

    private void Follow(string path, string name)
    {
        try
        {
            string real = RealPath.Of(path);
            if (Directory.Exists(real))
            {
                if (!_folders.TryGetValue(real, out string? known)) TryVisit(path, name, real);
                else _repeated.Add(new LeftOutFile(name, known.Length == 0 ? "is a link to the folder itself"
                    : $"is a link to {known}"));
            }
            else if (_isWanted(name))
            {
                if (_files.TryGetValue(real, out string? known)) _repeated.Add(new LeftOutFile(name, $"is a link to {known}"));
                else AddFile(name, real);
            }
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            if (_isWanted(name)) _unreadable.Add(new LeftOutFile(name, $"could not be read: {FileErrors.Cause(path, error)}"));
        }
    }

    private void AddFile(string name, string real)
    {
        if (_files.Count == _most) throw new InvalidFileException(_root, Invariant($"has more than {_most} files to read"));
        _files.TryAdd(real, name);
    }
}
