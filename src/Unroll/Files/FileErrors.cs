namespace Unroll.Files;

/// <summary>Turns the runtime's file errors into one sentence that names the file and the cause.</summary>
internal static class FileErrors
{
    /// <summary>Whether an exception tells about a file or the disk, and so becomes a sentence.</summary>
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
    /// Whether somebody else has the file open in a way that excludes us. .NET carries the platform's own number in
    /// HResult: errno on Unix (EWOULDBLOCK: 11 on Linux, 35 on macOS), a wrapped code on Windows (32 and 33).
    /// </summary>
    public static bool IsInUse(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is unchecked((int)0x80070020) or unchecked((int)0x80070021)
        : error.HResult == (OperatingSystem.IsLinux() ? 11 : 35));

    /// <summary>The cause, in words that finish a sentence.</summary>
    public static string Cause(string path, Exception error) => error switch
    {
        _ when IsFull(error) => "the disk is full",
        _ when IsInUse(error) => "another process is using it",
        FileNotFoundException => "it does not exist",
        DirectoryNotFoundException => "its folder does not exist",
        PathTooLongException => "its name is too long",
        EndOfStreamException => "it became shorter while it was read",
        UnauthorizedAccessException => Directory.Exists(path) ? "it is a folder" : "permission is denied",
        _ => Plain(error.Message),
    };

    /// <summary>ENOSPC, EDQUOT and EFBIG on Unix; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.</summary>
    private static bool IsFull(Exception error) => error is IOException && (OperatingSystem.IsWindows()
        ? error.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
        : error.HResult is 28 or 27 || error.HResult == (OperatingSystem.IsLinux() ? 122 : 69));

    /// <summary>The runtime's message up to the path that it appends, as part of a sentence.</summary>
    private static string Plain(string message)
    {
        int path = message.IndexOf(" : '", StringComparison.Ordinal);
        string text = (path < 0 ? message : message[..path]).ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return text.Length == 0 ? "the system gave no reason" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
