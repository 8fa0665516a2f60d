using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>
/// Work in a folder that this process has locked. A disk that is taken away shows as anything: a file that does not exist, a
/// store that cannot be opened or is read-only, a folder without a run. Where the lock's file is gone, too, that is the cause,
/// and it is the machine's whatever failed first.
/// </summary>
internal static class HeldFolder
{
    /// <summary>The refusal of a folder that was there when it was locked.</summary>
    public static UserError Gone(string path, Exception? cause = null) =>
        new($"The folder {path} is gone, or its disk.", cause) { Code = ExitCode.Machine };

    /// <summary>Looks whether the folder is still there.</summary>
    /// <exception cref="UserError">It is not.</exception>
    public static void Require(string path)
    {
        if (!FolderLock.IsThere(path)) throw Gone(path);
    }

    /// <summary>Does work that would be called bad input when it fails because the folder is gone.</summary>
    public static T Work<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (IsCalledBadInput(error) && !FolderLock.IsThere(path))
        {
            throw Gone(path, error);
        }
    }

    /// <inheritdoc cref="Work{T}(string, Func{T})"/>
    public static void Work(string path, Action work) => Work(path, () =>
    {
        work();
        return true;
    });

    private static bool IsCalledBadInput(Exception error) =>
        error is UserError { Code: ExitCode.BadInput } or InvalidFileException or UnauthorizedAccessException
        || (error is IOException and not Streams.OutputException && !FileErrors.IsOfMachine(error));
}
