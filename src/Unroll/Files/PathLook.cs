namespace Unroll.Files;

/// <summary>What is at a path.</summary>
internal enum PathKind
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>A file, or anything else that is not a folder.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,
}

/// <summary>
/// Looks at paths and explains why one cannot be used. <see cref="File.Exists(string?)"/> and
/// <see cref="Directory.Exists(string?)"/> return false when the answer is unknown, so a folder without permission and a loop of
/// links would be called missing.
/// </summary>
internal static class PathLook
{
    /// <summary>Whether there is a file.</summary>
    /// <inheritdoc cref="At"/>
    public static bool IsFile(string path) => At(path) == PathKind.File;

    /// <summary>Whether there is a folder.</summary>
    /// <inheritdoc cref="At"/>
    public static bool IsFolder(string path) => At(path) == PathKind.Folder;

    /// <summary>What is at a path.</summary>
    /// <exception cref="IOException">The answer is unknown, or nothing can exist at such a path; the message is one
    /// sentence.</exception>
    public static PathKind At(string path)
    {
        (PathKind kind, string? trouble) = Look(path);
        return trouble is null ? kind : throw new IOException($"{path} cannot be reached: {trouble}.");
    }

    /// <summary>
    /// Why a path cannot be reached, as words that end a sentence; null when it can be reached, or when it merely does not exist.
    /// </summary>
    public static string? Trouble(string path) => Look(path).Trouble;

    /// <summary>
    /// The parent folder that does not exist, as words that end a sentence; null when only the last part is missing.
    /// </summary>
    public static string? MissingFolder(string path)
    {
        string? parent = Path.GetDirectoryName(Path.GetFullPath(path)), missing = null;
        for (string? folder = parent; folder is not null
            && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) missing = folder;
        return missing is null ? null : missing == parent ? "its folder does not exist"
            : $"the folder {Name(path, missing)} does not exist";
    }

    /// <summary>A part of a path in the form in which the user wrote the path: relative if the path is relative.</summary>
    private static string Name(string path, string part) =>
        Path.IsPathFullyQualified(path) ? part : Path.GetRelativePath(Directory.GetCurrentDirectory(), part);

    private static (PathKind Kind, string? Trouble) Look(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) return (PathKind.Nothing, null);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string root = Path.GetPathRoot(full) ?? "";
        string at = root;
        PathKind kind = PathKind.Folder;
        foreach (string part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            if (kind == PathKind.File) return (PathKind.Nothing, $"{Name(at)} is a file, not a folder");
            string folder = at;
            at = Path.Combine(at, part);
            try
            {
                FileAttributes attributes = File.GetAttributes(at);
                kind = attributes.HasFlag(FileAttributes.Directory) ? PathKind.Folder : PathKind.File;
                if (kind == PathKind.File && attributes.HasFlag(FileAttributes.ReparsePoint) && Link(at) is { } trouble)
                    return (PathKind.Nothing, trouble);
            }
            catch (UnauthorizedAccessException)
            {
                return (PathKind.Nothing, $"the folder {Name(folder)} cannot be entered, for permission is denied");
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                return (PathKind.Nothing, null);
            }
            catch (IOException error)
            {
                return (PathKind.Nothing, FileErrors.Plain(error));
            }
        }

        return (kind, null);

        string Name(string part) => PathLook.Name(path, part);

        string? Link(string link)
        {
            try
            {
                string target = RealPath.Of(link);
                return Path.Exists(target) ? null : $"{Name(link)} is a link to {target}, which does not exist";
            }
            catch (UnauthorizedAccessException)
            {
                return $"{Name(link)} is a link into a folder that cannot be entered";
            }
            catch (IOException)
            {
                return $"{Name(link)} is a link that leads back to itself";
            }
        }
    }
}
