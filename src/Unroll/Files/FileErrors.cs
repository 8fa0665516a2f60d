namespace Unroll.Files;

/// <summary>Turns the runtime's file errors into one sentence that names the file and the cause.</summary>
internal static class FileErrors
{
    private const int InputOutputError = 5; // EIO

    /// <summary>Whether an exception is about a file or the disk, and so becomes a one-sentence message.</summary>
    public static bool IsAboutFile(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>The sentence for a file that could not be written.</summary>
    public static IOException NotWritten(string path, Exception error) =>
        new(Printable.Line($"{path} could not be written: {Cause(path, error)}."), error);

    /// <summary>The sentence for a file that could not be read.</summary>
    public static IOException NotRead(string path, Exception error)
    {
        string message = Printable.Line($"{path} could not be read: {Cause(path, error)}.");
        return error is FileNotFoundException ? new FileNotFoundException(message, path, error) : new IOException(message, error);
    }

    /// <summary>
    /// Whether another process has the file open in a way that excludes this one. .NET carries the platform's own number in
    /// HResult: errno on Unix (EWOULDBLOCK: 11 on Linux, 35 on macOS), a wrapped code on Windows (32 and 33).
    /// </summary>
    public static bool IsInUse(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is unchecked((int)0x80070020) or unchecked((int)0x80070021)
        : error.HResult == (OperatingSystem.IsLinux() ? 11 : 35));

    /// <summary>The cause, as words that end a sentence.</summary>
    public static string Cause(string path, Exception error) => error switch
    {
        _ when IsFull(error) => "the disk is full",
        _ when IsInUse(error) => "another process is using it",
        PathTooLongException => "its name is too long",
        EndOfStreamException => "it became shorter while it was read",
        _ when IsLost(error) => "its disk or network folder does not answer any more",
        _ when error.HResult == InputOutputError && !OperatingSystem.IsWindows() => "the disk reports an error",
        _ when PathLook.Trouble(path) is { } trouble => trouble,
        FileNotFoundException or DirectoryNotFoundException => PathLook.MissingFolder(path) ?? "it does not exist",
        UnauthorizedAccessException => Directory.Exists(path) && CanList(path) ? "it is a folder" : "permission is denied",
        _ => Plain(error),
    };

    /// <summary>
    /// Whether the machine is the cause and not the request: a full disk, a failing or missing disk, a file that another process
    /// holds. The same command may succeed later.
    /// </summary>
    public static bool IsOfMachine(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is IOException
                && (IsFull(error) || IsInUse(error) || IsLost(error)
                || (!OperatingSystem.IsWindows() && error.HResult is InputOutputError or 23 or 24))) return true;
        }

        return false;
    }

    /// <summary>
    /// ENXIO, ENODEV, ESTALE, ENOTCONN, ESHUTDOWN, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, EREMOTEIO and ENOLCK on Unix; a drive that
    /// is not ready and a share that is gone on Windows.
    /// </summary>
    private static bool IsLost(Exception error) => error is IOException && (
        OperatingSystem.IsWindows()
            ? error.HResult is unchecked((int)0x80070015) or unchecked((int)0x80070035) or unchecked((int)0x80070040)
        : OperatingSystem.IsLinux() ? error.HResult is 6 or 19 or 37 or 107 or 108 or 110 or 112 or 113 or 116 or 121
        : error.HResult is 6 or 19 or 57 or 58 or 60 or 64 or 65 or 70 or 77);

    private static bool CanList(string folder)
    {
        try
        {
            using IEnumerator<string> entries = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
            entries.MoveNext();
            return true;
        }
        catch (Exception error) when (IsAboutFile(error))
        {
            return false;
        }
    }

    /// <summary>ENOSPC, EDQUOT and EFBIG on Unix; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.</summary>
    private static bool IsFull(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
        : error.HResult is 28 or 27 || error.HResult == (OperatingSystem.IsLinux() ? 122 : 69));

    /// <summary>The runtime's message without the path at its end, as part of a sentence.</summary>
    public static string Plain(Exception error)
    {
        string message = error.Message;
        int path = message.IndexOf(" : '", StringComparison.Ordinal);
        string text = (path < 0 ? message : message[..path]).ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return text.Length == 0 ? "the system gave no reason" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
