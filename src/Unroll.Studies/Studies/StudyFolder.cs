using Unroll.Files;

namespace Unroll.Studies;

/// <summary>The folder of a study, held by one process: the store, and a run folder for each trial under <c>trials</c>.</summary>
internal sealed class StudyFolder : IDisposable
{
    private readonly FileStream _lock;

    private StudyFolder(string path, FileStream held, StudyStore store) => (Path, _lock, Store) = (path, held, store);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The store, open to write.</summary>
    public StudyStore Store { get; }

    /// <summary>Makes the folder where there is none, and takes it.</summary>
    /// <exception cref="IOException">It is in use, is a file, or cannot be written.</exception>
    /// <exception cref="UserError">Its store cannot be opened.</exception>
    public static StudyFolder Open(string path, int secondsToWait = StudyStore.SecondsToWait)
    {
        if (PathLook.Trouble(path) is { } trouble) throw new UserError($"The folder {path} could not be made: {trouble}.");
        if (PathLook.IsFile(path)) throw new UserError($"{path} is a file; a study needs a folder.");
        if (PathLook.IsFile(System.IO.Path.Combine(path, RunFolder.RunName)))
            throw new UserError($"The folder {path} holds a run of unroll train; a study needs a folder of its own.");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw new UserError($"The folder {path} could not be made: {FileErrors.Cause(path, error)}.", error);
        }

        FileStream held = FolderLock.Take(path, "study");
        try
        {
            AtomicFile.RemoveStaleIn(path);
            return HeldFolder.Work(path, () => new StudyFolder(path, held, StudyStore.OpenToWrite(path, secondsToWait)));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether some process is at work on the folder.</summary>
    public static bool IsInUse(string path) => FolderLock.IsHeld(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _lock.Dispose();
    }

    /// <summary>The shards that have a store in a study's folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static string[] Shards(string folder)
    {
        if (!PathLook.IsFolder(folder)) return [];
        try
        {
            return [.. Directory.GetDirectories(folder, "shard-*-of-*")
                .Where(shard => PathLook.IsFile(System.IO.Path.Combine(shard, StudyStore.FileName)))
                .Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException error)
        {
            throw FileErrors.NotRead(folder, error);
        }
    }
}
