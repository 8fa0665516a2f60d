using Unroll.Files;

namespace Unroll.Studies;

/// <summary>
/// A study, an option or a file that cannot be accepted, or a machine that fails. The message is one sentence on one line,
/// without control characters whatever it quotes: what was wrong, where, and what would be right.
/// </summary>
public sealed class StudyException : Exception
{
    /// <summary>Makes a refusal.</summary>
    /// <param name="sentence">What was wrong, where, and what would be right.</param>
    /// <param name="cause">The error behind it, or null.</param>
    internal StudyException(string sentence, Exception? cause = null)
        : base(Printable.Line(sentence), cause)
    {
    }

    /// <summary>
    /// Whether the machine was at fault and not what was asked for: a full disk, one that is gone, a store that is locked. The
    /// same call may succeed later.
    /// </summary>
    public bool IsOfMachine { get; internal init; }

    /// <summary>The option of the command by which the sentence can be followed; null where there is none.</summary>
    internal string? Option { get; init; }

    /// <summary>
    /// A failure of the machine in the middle of work that had begun: what was there when it began cannot be the user's mistake.
    /// </summary>
    internal static StudyException OfMachine(Exception error) => new(error.Message, error) { IsOfMachine = true };

    /// <summary>Turns a library's refusal of an argument into the sentence alone, without the name of the C# parameter.</summary>
    internal static StudyException From(Exception error)
    {
        string message = error.Message.ReplaceLineEndings(" ");
        int parameter = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return new StudyException(parameter < 0 ? message : message[..parameter], error);
    }
}
