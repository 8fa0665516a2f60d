namespace Unroll.Cli.Terminal.Streams;

/// <summary>A standard stream takes no more bytes.</summary>
/// <param name="name">The stream, as it begins a sentence.</param>
/// <param name="cause">Why, as it ends one.</param>
/// <param name="isAbandoned">Whether it is a pipe whose reader has gone, which is no error.</param>
internal sealed class OutputException(string name, string cause, bool isAbandoned = false)
    : IOException($"{name} could not be written: {cause}.")
{
    /// <summary>Whether an error is of this kind.</summary>
    public static bool IsOne(Exception error) => error is OutputException;

    /// <summary>Why, as it ends a sentence.</summary>
    public string Cause { get; } = cause;

    /// <summary>Whether it is a pipe whose reader has gone.</summary>
    public bool IsAbandoned { get; } = isAbandoned;
}
