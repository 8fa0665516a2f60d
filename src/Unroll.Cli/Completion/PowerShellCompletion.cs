using System.Text;

namespace Unroll.Cli.Completion;

/// <summary>Completion for PowerShell 5.1 and later.</summary>
internal static class PowerShellCompletion
{
    public static string Write(IReadOnlyList<CommandNode> commands)
    {
        var text = new StringBuilder();
        text.Append("""
            # Completion of the command unroll for PowerShell, written by: unroll completion pwsh
            Register-ArgumentCompleter -Native -CommandName unroll -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $commands = @{

            """.ReplaceLineEndings("\n"));
        foreach (CommandNode command in commands)
        {
            IEnumerable<(string, string)> words = command.Commands.Concat(command.Choices.Select(choice => (choice, choice)));
            text.Append(null, $"        {Quote(command.Path)} = @({List(words)})\n");
        }

        text.Append("    }\n    $options = @{\n");
        foreach (CommandNode command in commands)
        {
            IEnumerable<(string, string)> words =
                command.Options.SelectMany(option => option.Names.Select(name => (name, option.Description)));
            text.Append(null, $"        {Quote(command.Path)} = @({List(words)})\n");
        }

        text.Append("    }\n    $values = @{\n");
        foreach (CommandNode command in commands)
        {
            foreach (OptionNode option in command.Options.Where(option => option.TakesValue))
            {
                foreach (string name in option.Names)
                {
                    string values = List(option.Choices.Select(choice => (choice, choice)));
                    text.Append(null, $"        {Quote($"{command.Path} {name}")} = @({values})\n");
                }
            }
        }

        return text.Append("""
                }
                $at = 'unroll'
                $before = ''
                foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
                    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
                    $before = "$($element.Extent.Text)"
                    if ($commands.ContainsKey("$at $before")) { $at = "$at $before" }
                }
                $words = if ($values.ContainsKey("$at $before")) { $values["$at $before"] }
                    elseif ("$wordToComplete".StartsWith('-')) { $options[$at] } else { $commands[$at] }
                foreach ($entry in $words) {
                    $word, $description = $entry -split ' ', 2
                    if ($word -like "$wordToComplete*") {
                        $kind = if ($word.StartsWith('-')) { 'ParameterName' } else { 'ParameterValue' }
                        [System.Management.Automation.CompletionResult]::new($word, $word, $kind, $description)
                    }
                }
            }

            """.ReplaceLineEndings("\n")).ToString();
    }

    /// <summary>A word and what it does in one text each: words have no space.</summary>
    private static string List(IEnumerable<(string Word, string Description)> words) => string.Join(
        ", ", words.Select(word => Quote($"{word.Word} {(word.Description.Length == 0 ? word.Word : word.Description)}")));

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
