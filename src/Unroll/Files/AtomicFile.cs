namespace Unroll.Files;

/// <summary>
/// Replaces a file as a whole: a crash or a power failure at any instant leaves either the old file or the new one. The
/// content goes to a temporary name in the same folder (<c>.NAME.0.tmp</c>), is flushed to the disk, and then renamed over
/// the target. What an earlier crash left under a temporary name is harmless and is removed by the next write of that file.
/// </summary>
public static class AtomicFile
{
    /// <summary>Temporary names tried, so as many processes may write the same file at the same time; the last to finish wins.</summary>
    private const int Names = 8;

    /// <summary>Replaces a file by these bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span), null);

    /// <summary>Replaces a file by what <paramref name="write"/> writes.</summary>
    /// <exception cref="IOException">
    /// It could not be written (full disk, no permission, no such folder); the sentence names the file and the cause, the old
    /// file is as it was and the temporary one is gone.
    /// </exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, null);

    /// <summary>The same with a hook around the stream, by which tests see every instant and inject faults.</summary>
    internal static void Write(string path, Action<Stream> write, Func<Stream, Stream>? wrap)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        if (Directory.Exists(path)) throw new IOException($"{path} could not be written: it is a folder.");
        FileStream? file = null;
        try
        {
            file = CreateTemporary(path);
            Stream stream = wrap is null ? file : wrap(file);
            write(stream);
            stream.Flush();
            file.Flush(flushToDisk: true);

            // Renamed while still open and locked: otherwise another writer could take the temporary file for a stale one
            // between the closing and the renaming, and a torn file would get the target's name.
            //
            // The folder's own entry is not flushed: .NET opens no handle on a folder (File.OpenHandle refuses it), so this
            // takes a native call. Without it a power failure just after the rename may bring the old file back, whole.
            File.Move(file.Name, path, overwrite: true);
            file.Dispose();
        }
        catch (Exception error)
        {
            Discard(file);
            if (FileErrors.IsAboutFile(error)) throw FileErrors.NotWritten(path, error);
            throw;
        }
    }

    private static FileStream CreateTemporary(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new IOException("it is the root of a disk");
        string name = Path.GetFileName(path);
        for (int i = 0; i < Names; i++) RemoveStale(Temporary(i));
        for (int i = 0; ; i++)
        {
            try
            {
                // FileShare.Delete allows the rename while open on Windows; on Unix it holds the shared lock that RemoveStale tests.
                return new FileStream(Temporary(i), FileMode.CreateNew, FileAccess.Write, FileShare.Delete, 1 << 16);
            }
            catch (IOException) when (i < Names - 1 && File.Exists(Temporary(i)))
            {
                // Another writer of the same file is at work under this name.
            }
        }

        string Temporary(int i) => Path.Combine(folder, $".{name}.{i}.tmp");
    }

    /// <summary>Deletes the temporary files in a folder whose writers are gone: what a run that was killed left behind.</summary>
    internal static void RemoveStaleIn(string folder)
    {
        try
        {
            foreach (string temporary in Directory.EnumerateFiles(folder, ".*.?.tmp"))
            {
                if (char.IsAsciiDigit(temporary[^5])) RemoveStale(temporary);
            }
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // Harmless: who comes next tries again.
        }
    }

    /// <summary>Deletes a temporary file whose writer is gone: the lock of a live one keeps it from being opened.</summary>
    private static void RemoveStale(string temporary)
    {
        if (!File.Exists(temporary)) return;
        try
        {
            using var probe = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return;
        }

        TryDelete(temporary);
    }

    private static void Discard(FileStream? file)
    {
        if (file is null) return;
        string name = file.Name;
        try
        {
            file.Dispose();
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // What is left in the buffer does not fit on the full disk either.
        }

        TryDelete(name);
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
