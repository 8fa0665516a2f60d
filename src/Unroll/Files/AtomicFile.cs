using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Unroll.Files;

/// <summary>
/// Replaces a file as a whole: a crash or a power failure at any instant leaves either the old file or the new one. The content
/// goes to a temporary name in the same folder (<c>.NAME.PROCESS-RANDOM.0.tmp</c>), is flushed to the disk, and then renamed over
/// the target. A temporary file that an earlier crash left is harmless and is removed by the next write of the same file. When
/// the target is a symbolic link, the file that the link points to is replaced, and the link stays. A target that is not a
/// regular file, such as a device or a pipe, is written to and not replaced.
/// </summary>
public static class AtomicFile
{
    /// <summary>How often a writer begins again whose new temporary file was taken for a stale one.</summary>
    private const int Tries = 8;

    /// <summary>Replaces a file by these bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span), null);

    /// <summary>
    /// Replaces a file by what <paramref name="write"/> writes. It must not seek, because the target may be a pipe.
    /// </summary>
    /// <exception cref="IOException">It could not be written (full disk, no permission, no such folder); the message names the
    /// file and the cause, the old file is unchanged and the temporary file is deleted.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, null);

    /// <summary>The same with a hook around the stream, by which tests observe every moment and inject faults.</summary>
    internal static void Write(string path, Action<Stream> write, Func<Stream, Stream>? wrap)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        if (Directory.Exists(path)) throw new IOException(Printable.Line($"{path} could not be written: it is a folder."));
        FileStream? file = null;
        bool replaces = false;
        try
        {
            replaces = FindTarget(path, out string target);
            file = replaces ? CreateTemporary(target) : new FileStream(target, FileMode.Open, FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            Stream stream = wrap is null ? file : wrap(file);
            write(stream);
            stream.Flush();
            file.Flush(flushToDisk: replaces);

            // Renamed while still open and locked: otherwise another writer could take the temporary file for a stale one between
            // the closing and the renaming, and a torn file would get the target's name. The folder's entry is not flushed: .NET
            // opens no handle on a folder (File.OpenHandle refuses it), so flushing would take a native call. Without it a power
            // failure just after the rename may bring back the old file, complete.
            if (replaces) File.Move(file.Name, target, overwrite: true);
            file.Dispose();
        }
        catch (Exception error)
        {
            Discard(file, delete: replaces);
            if (FileErrors.IsAboutFile(error)) throw FileErrors.NotWritten(path, error);
            throw;
        }
    }

    /// <summary>Whether writing replaces the file at a path, and does not only write to it.</summary>
    /// <param name="path">As the user named it.</param>
    /// <param name="target">The final target: the path itself, or the end of the chain of links that begins there.</param>
    /// <exception cref="IOException">The links form a loop.</exception>
    internal static bool FindTarget(string path, out string target)
    {
        target = path;
        if (new FileInfo(path).LinkTarget is not null)
        {
            target = RealPath.Of(path);

            // The system's names of open files (/dev/stdout, /dev/fd/3) are links to names that are not paths, such as pipe:[5].
            if (target.StartsWith("/proc/", StringComparison.Ordinal)) target = path;
        }

        return !IsSpecial(target);
    }

    /// <summary>
    /// Whether the path is neither a regular file nor a folder. The runtime tells this only when it writes an archive.
    /// </summary>
    private static bool IsSpecial(string path)
    {
        var file = new FileInfo(path);
        if (OperatingSystem.IsWindows() || !file.Exists) return false;
        if (file.LinkTarget is not null) return true; // one of the system's names of open files
        if (file.Length > 0) return false;
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            try
            {
                writer.WriteEntry(path, "entry");
            }
            catch (Exception error) when (FileErrors.IsAboutFile(error))
            {
                return error is not UnauthorizedAccessException; // an archive cannot hold a socket
            }
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry() is
        {
            EntryType: TarEntryType.CharacterDevice or TarEntryType.BlockDevice
            or TarEntryType.Fifo
        };
    }

    private static FileStream CreateTemporary(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new IOException("it is the root of a disk");
        string start = $".{Path.GetFileName(path)}.";
        RemoveStaleIn(folder, start);

        for (int i = 0; ; i++)
        {
            // No two writes have a name in common, not even two of one thread. Whoever removes stale files may open one, lock it
            // after its writer has renamed it, and then remove the name: it must not be the name of a later write by then.
#pragma warning disable RS0030 // The name does not outlive the write, so that the same seed still gives the same files.
            string random = Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
#pragma warning restore RS0030
            string temporary = Path.Combine(folder, Invariant($"{start}{Environment.ProcessId}-{random}.0.tmp"));
            try
            {
                // FileShare.Delete allows the rename while open on Windows; on Unix it holds the shared lock that RemoveStale
                // tests.
                var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 1 << 16);
                if (i == Tries || File.Exists(temporary)) return file;

                // Between the creation and the lock it was taken for a stale one and removed.
                file.Dispose();
            }
            catch (IOException) when (i < Tries)
            {
                // The same, and it is being removed now; or the disk or the folder refuses, and will again.
            }
        }
    }

    /// <summary>Deletes the temporary files in a folder whose writers are gone: files left by a killed run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="start">What the names begin with: <c>.NAME.</c>, or nothing for those of all files.</param>
    internal static void RemoveStaleIn(string folder, string start = "")
    {
        try
        {
            foreach (string temporary in Directory.EnumerateFiles(folder, ".*.?.tmp"))
            {
                if (char.IsAsciiDigit(temporary[^5]) && Path.GetFileName(temporary).StartsWith(start, StringComparison.Ordinal))
                    RemoveStale(temporary);
            }
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // Harmless: the next writer tries again.
        }
    }

    /// <summary>
    /// Deletes a temporary file whose writer is gone. A live process is known by its number in the name; where the writer is on
    /// another machine or in another container, its lock keeps the file from being opened.
    /// </summary>
    private static void RemoveStale(string temporary)
    {
        // The lock alone would do for the writer, but it is a hindrance to readers: it may be had a moment after the renaming.
        if (!File.Exists(temporary) || IsWriterAlive(temporary)) return;
        try
        {
            // Removed before its lock is given back: a writer that gets the lock can trust that the name stays.
            using var stale = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // Its writer lives, or it cannot be removed: the next write of the same file tries again.
        }
    }

    private static bool IsWriterAlive(string temporary)
    {
        string name = Path.GetFileName(temporary);
        int end = name.LastIndexOf('-');
        int start = name.LastIndexOf('.', Math.Max(end, 0)) + 1;
        ReadOnlySpan<char> number = end < 0 ? [] : name.AsSpan(start, end - start);
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id)) return false;
        if (id == Environment.ProcessId) return true;
        try
        {
            using Process writer = Process.GetProcessById(id);
            return !writer.HasExited;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or ExternalException)
        {
            return false; // no such process, or it ends now
        }
    }

    private static void Discard(FileStream? file, bool delete)
    {
        if (file is null) return;
        string name = file.Name;
        try
        {
            file.Dispose();
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // The rest of the buffer does not fit on the full disk either.
        }

        if (delete) TryDelete(name);
    }

    private static void TryDelete(string name)
    {
        try
        {
            File.Delete(name);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // Harmless: the next write of the same file tries again.
        }
    }
}
