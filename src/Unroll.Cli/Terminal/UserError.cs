using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>
/// Bad input, or a machine that fails: its message is the one sentence that the user sees, on one line and without control
/// characters whatever it quotes.
/// </summary>
internal sealed class UserError(string sentence, Exception? cause = null) : Exception(Printable.Line(sentence), cause)
{
    /// <summary>What the process says at its end, where the sentence is not about bad input.</summary>
    public int Code { get; init; } = ExitCode.BadInput;

    /// <summary>
    /// A failure of the machine in the middle of work that had begun: what was there when it began cannot be the user's mistake.
    /// </summary>
    public static UserError OfMachine(Exception error) => new(error.Message, error) { Code = ExitCode.Machine };

    /// <summary>Turns a library's refusal of an argument into the sentence alone, without the name of the C# parameter.</summary>
    public static UserError From(Exception error)
    {
        string message = error.Message.ReplaceLineEndings(" ");
        int parameter = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return new UserError(parameter < 0 ? message : message[..parameter], error);
    }
}
