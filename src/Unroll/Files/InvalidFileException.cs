namespace Unroll.Files;

/// <summary>
/// A file was read whose content cannot be accepted: truncated, altered, foreign, or from a newer version. No other exception is
/// caused by the content of a file; a file that cannot be opened or read causes an <see cref="IOException"/>. The message is one
/// sentence that names the file, what is wrong and where; control characters in the message are visible escapes.
/// </summary>
public sealed class InvalidFileException : FormatException
{
    /// <summary>Refuses a file.</summary>
    /// <param name="file">The file, as the user named it.</param>
    /// <param name="problem">The rest of the sentence after the file's name, without its full stop.</param>
    public InvalidFileException(string file, string problem)
        : base(Printable.Sentence($"{Printable.Line(file)} {problem}."))
    {
        File = file;
    }

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }
}
