using System.Text;

namespace Unroll.Cli.Completion;

/// <summary>Completion for fish.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<CommandNode> commands)
    {
        var text = new StringBuilder();
        text.Append("""
            # Completion of the command unroll for fish, written by: unroll completion fish
            function __unroll_at
                set -l at unroll
                for word in (commandline -opc)[2..-1]
                    switch "$at $word"

            """.ReplaceLineEndings("\n"));
        text.Append(null, $"            case {string.Join(' ', commands.Skip(1).Select(command => Quote(command.Path)))}\n");
        text.Append("""
                            set at "$at $word"
                    end
                end
                echo $at
            end

            """.ReplaceLineEndings("\n"));
        foreach (CommandNode command in commands)
        {
            string start = $"complete -c unroll -n {Quote($"test (__unroll_at) = \"{command.Path}\"")}";
            foreach ((string name, string description) in command.Commands)
                text.Append(null, $"{start} -f -a {Quote(name)} -d {Quote(description)}\n");
            if (command.Choices.Count > 0) text.Append(null, $"{start} -a {Quote(string.Join(' ', command.Choices))}\n");
            foreach (OptionNode option in command.Options)
            {
                string names = string.Concat(option.Names.Select(name =>
                    name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));
                string value = !option.TakesValue ? ""
                    : option.Choices.Count > 0 ? $" -x -a {Quote(string.Join(' ', option.Choices))}" : " -r";
                text.Append(null, $"{start}{names}{value} -d {Quote(option.Description)}\n");
            }
        }

        return text.ToString();
    }

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
