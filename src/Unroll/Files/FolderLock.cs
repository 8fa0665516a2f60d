namespace Unroll.Files;

/// <summary>
/// An exclusive lock on a folder: a file in it that is held open. The system releases it when the process ends, however it ends;
/// the file stays, because removing it could give one folder to two processes.
/// </summary>
internal static class FolderLock
{
    private const string Name = ".lock";
    private const int Attempts = 4, MillisecondsBetween = 50;

    /// <summary>
    /// Whether the lock is held. Reading the lock's file is enough to know, so this also works without permission to write the
    /// folder.
    /// </summary>
    /// <param name="path">The folder.</param>
    public static bool IsHeld(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                new FileStream(Path.Combine(path, Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0).Dispose();
                return false;
            }
            catch (Exception error) when (FileErrors.IsInUse(error))
            {
                if (attempt == Attempts) return true;
                Thread.Sleep(MillisecondsBetween);
            }
            catch (Exception error) when (FileErrors.IsAboutFile(error))
            {
                return false; // the lock was never taken, or its state is unknown
            }
        }
    }

    /// <summary>Whether the file of a lock that was taken still exists.</summary>
    public static bool IsThere(string path) => File.Exists(Path.Combine(path, Name));

    /// <summary>Deletes the lock's file, for a folder that no other process knows.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public static void Remove(string path) => File.Delete(Path.Combine(path, Name));

    /// <summary>Takes the lock.</summary>
    /// <param name="path">The folder, which exists.</param>
    /// <param name="holder">What could hold the lock, such as "run".</param>
    /// <exception cref="IOException">It is held, or the folder cannot be written; the message is one sentence.</exception>
    public static FileStream Take(string path, string holder)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(Path.Combine(path, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
            }
            catch (Exception error) when (FileErrors.IsInUse(error) && attempt < Attempts)
            {
                Thread.Sleep(MillisecondsBetween); // another process that only checks the lock holds it for an instant
            }
            catch (Exception error) when (FileErrors.IsInUse(error))
            {
                throw new IOException(
                    $"The folder {path} is in use by another {holder}; wait until it ends or use another folder.", error);
            }
            catch (Exception error) when (FileErrors.IsAboutFile(error))
            {
                throw new IOException(
                    $"The folder {path} cannot be written: {FileErrors.Cause(Path.Combine(path, Name), error)}.", error);
            }
        }
    }
}
