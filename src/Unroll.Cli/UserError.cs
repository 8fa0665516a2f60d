using Unroll.Files;

namespace Unroll.Cli;

/// <summary>
/// Bad input: its message is the one sentence that the user sees, on one line and without control characters whatever it quotes.
/// </summary>
internal sealed class UserError(string sentence, Exception? cause = null) : Exception(Printable.Line(sentence), cause)
{
    /// <summary>Turns a library's refusal of an argument into the sentence alone, without the name of the C# parameter.</summary>
    public static UserError From(Exception error)
    {
        string message = error.Message.ReplaceLineEndings(" ");
        int parameter = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return new UserError(parameter < 0 ? message : message[..parameter], error);
    }
}
