using Unroll.Files;

namespace Unroll.Studies.Common;

/// <summary>
/// Work in a folder that this process has locked. A disk that is taken away shows as anything: a file that does not exist, a
/// store that cannot be opened or is read-only, a folder without a run. Where the lock's file is gone, too, that is the cause,
/// and it is the machine's whatever failed first.
/// </summary>
internal static class HeldFolder
{
    /// <summary>The refusal of a folder that was there when it was locked.</summary>
    public static UserError Gone(string path, Exception? cause = null) =>
        new($"The folder {path} is gone, or its disk.", cause) { IsOfMachine = true };

    /// <summary>Looks whether the folder is still there.</summary>
    /// <exception cref="UserError">It is not.</exception>
    public static void Require(string path)
    {
        if (!FolderLock.IsThere(path)) throw Gone(path);
    }

    /// <summary>Does work that would be called bad input when it fails because the folder is gone.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="work">The work.</param>
    /// <param name="isElsewhere">Whether an error has nothing to do with any folder; null for none.</param>
    public static T Work<T>(string path, Func<T> work, Func<Exception, bool>? isElsewhere = null)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (IsCalledBadInput(error) && isElsewhere?.Invoke(error) != true && !FolderLock.IsThere(path))
        {
            throw Gone(path, error);
        }
    }

    /// <inheritdoc cref="Work{T}"/>
    public static void Work(string path, Action work, Func<Exception, bool>? isElsewhere = null) => Work(path, () =>
    {
        work();
        return true;
    }, isElsewhere);

    private static bool IsCalledBadInput(Exception error) =>
        error is UserError { IsOfMachine: false } or InvalidFileException or UnauthorizedAccessException
        || (error is IOException && !FileErrors.IsOfMachine(error));
}
