using System.CommandLine;
using System.CommandLine.Parsing;

namespace Unroll.Cli.Settings;

/// <summary>What was given on a command line, as text: the form in which the trials of a study have their options too.</summary>
internal static class GivenTexts
{
    /// <summary>The options that were given, by their names without dashes. A flag that was given is true.</summary>
    public static Dictionary<string, string> Of(ParseResult parsed, IEnumerable<DeclaredOption> options)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DeclaredOption option in options)
        {
            if (parsed.Given(option) is not { } result) continue;
            string text = option is DeclaredOption<bool> flag ? parsed.GetValue(flag) ? "true" : "false"
                : string.Join(',', result.Tokens.Select(token => token.Value));
            given.Add(option.Name[2..], text);
        }

        return given;
    }
}
