namespace Unroll.Files;

/// <summary>
/// The path without links in any of its parts. The runtime's own resolution takes a relative link by a relative name for one in
/// the root folder, and a link <c>../x</c> in a linked folder for one beside the link.
/// </summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux follows

    /// <summary>Follows the links. What does not exist has none.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        int links = 0;
        return Of(path, ref links);
    }

    private static string Of(string path, ref int links)
    {
        string full = Path.GetFullPath(path), real = Path.GetPathRoot(full)!;
        return Follow(real, full[real.Length..], ref links);
    }

    /// <summary>Goes on from a folder without links. A part <c>..</c> of a link's text is the parent of where it led.</summary>
    private static string Follow(string real, string rest, ref int links)
    {
        foreach (string part in rest.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar],
            StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks) throw new IOException("its links lead in a circle");
            string root = Path.GetPathRoot(target)!;
            real = Follow(root.Length > 0 ? Path.GetFullPath(root) : real, target[root.Length..], ref links);
        }

        return real;
    }
}
