using System.CommandLine;

namespace Unroll.Cli.Terminal;

/// <summary>Names that a shell completes where a value stands, beside those in the help.</summary>
internal static class CompletionNames
{
    /// <summary>The argument, with the names that it may have.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="names">The names, which are asked for only when a shell completes.</param>
    public static Argument<T> Completes<T>(this Argument<T> argument, Func<IEnumerable<string>> names)
    {
        argument.CompletionSources.Add(_ => names());
        return argument;
    }
}
