using System.Text;
using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>
/// Where a command writes what it was asked for: a file, which is replaced as a whole; a link, whose file is; a device or a pipe,
/// which is written to; or <c>-</c>, which is standard output.
/// </summary>
internal static class OutputFile
{
    /// <summary>The name of standard output.</summary>
    public const string StandardOutput = "-";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Opened by these names, standard output would be written from its beginning again.
    private static readonly string[] SameAs = [StandardOutput, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    /// <summary>Whether an output is standard output.</summary>
    public static bool IsStandardOutput(string? path) => SameAs.Contains(path);

    /// <summary>Refuses what names no file.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">What was given; null for nothing.</param>
    public static void RequireName(string option, string? path)
    {
        if (path is { Length: 0 }) throw new UserError($"{option} needs the name of a file.");
        if (path is not null && path.Contains('\0'))
            throw new UserError($"{option} {path} is no name of a file: it has a character 0.");
    }

    /// <summary>Refuses what names no file, and a file that the program keeps work in: a store of studies, a file of a run, or a
    /// model. Such a file is not replaced by a page, a table or a picture.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">What was given; null for nothing.</param>
    public static void RequireReplaceable(string option, string? path)
    {
        RequireName(option, path);
        if (path is null || IsStandardOutput(path) || !PathLook.IsFile(path)) return;
        if (AtomicFile.FindTarget(path, out string target) && Kept(target) is { } what)
            throw new UserError($"{option} {path} is {what}, which would be lost; name another file.");
    }

    private static string? Kept(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "";
        if (RunFolder.Names.Contains(Path.GetFileName(file)) && PathLook.IsFile(Path.Combine(folder, RunFolder.RunName)))
            return "a file of the run in its folder";
        Span<byte> start = stackalloc byte[16];
        try
        {
            using FileStream stream = File.OpenRead(file);
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return start[..read].SequenceEqual("SQLite format 3\0"u8) ? "a store of studies"
                : read > 8 && start[8] == (byte)'{' && BitConverter.ToUInt64(start) < (ulong)stream.Length ? "a model" : null;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return null; // who writes it says why it cannot be
        }
    }

    /// <summary>Refuses standard output, or a name of nothing, where a folder is needed.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">What was given; null for nothing.</param>
    public static void RequireFolder(string option, string? path)
    {
        if (path is { Length: 0 }) throw new UserError($"{option} needs the name of a folder.");
        if (path is not null && path.Contains('\0'))
            throw new UserError($"{option} {path} is no name of a folder: it has a character 0.");
        if (path == StandardOutput)
            throw new UserError($"{option} needs a folder, and - is standard output; a folder of that name is written ./-.");
    }

    /// <summary>Refuses two products on the one standard output, or in one file.</summary>
    /// <param name="outputs">The options, each with its file or null.</param>
    public static void RequireOneStream(params ReadOnlySpan<(string Option, string? Path)> outputs)
    {
        string? first = null;
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string option, string? path) in outputs)
        {
            if (!IsStandardOutput(path))
            {
                // Devices and pipes take several.
                if (string.IsNullOrEmpty(path) || path.Contains('\0') || (!PathLook.IsFile(path) && Path.Exists(path))) continue;
                if (!files.TryAdd(Path.GetFullPath(path), option))
                    throw new UserError($"{files[Path.GetFullPath(path)]} and {option} cannot both write {path}; name another "
                        + "file for one of them.");
                continue;
            }

            if (first is not null)
                throw new UserError($"{first} and {option} cannot both write to standard output; name a file for one of them.");
            first = option;
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="path">The file, or <c>-</c>.</param>
    /// <param name="host">Where standard output is.</param>
    /// <param name="write">Writes them, forwards only.</param>
    /// <exception cref="IOException">It cannot be written; an old file is as it was.</exception>
    public static void Write(string path, CommandHost host, Action<Stream> write)
    {
        if (!IsStandardOutput(path))
        {
            AtomicFile.Write(path, write);
            return;
        }

        host.Out.Flush();
        if (host.RawOut is { } open)
        {
            using Stream stream = open();
            using var buffered = new BufferedStream(stream, 1 << 16);
            write(buffered);
            return;
        }

        using var bytes = new MemoryStream();
        write(bytes);
        host.Screen.Write(Utf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    /// <summary>Writes text in UTF-8 with the ends of lines of Unix.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, CommandHost host, Action<TextWriter> write) => Write(path, host, stream =>
    {
        using var writer = new StreamWriter(stream, Utf8, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });
}
