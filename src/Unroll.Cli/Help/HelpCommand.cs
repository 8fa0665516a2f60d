using System.CommandLine;

namespace Unroll.Cli.Help;

/// <summary><c>unroll help [COMMAND]</c>: what <c>--help</c> says, for those who ask in words.</summary>
internal static class HelpCommand
{
    /// <summary>The command.</summary>
    /// <param name="host">What surrounds it.</param>
    /// <param name="root">All commands.</param>
    public static Command Build(CommandHost host, Command root)
    {
        Argument<string[]> words = new Argument<string[]>("COMMAND")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "The command, such as train or study run. Default: all of them.",
        }.Completes(() => root.Subcommands.Select(command => command.Name));
        var command = new VerbCommand("help", "Shows the commands, or the help of one.") { Examples = ["unroll help study run"] };
        command.Add(words);
        command.SetAction(parsed => Execute(root, parsed.GetValue(words) ?? [], host));
        return command;
    }

    private static int Execute(Command root, string[] words, CommandHost host)
    {
        Command at = root;
        for (int i = 0; i < words.Length; i++)
        {
            if (at.Subcommands.FirstOrDefault(sub => sub.Name.Equals(words[i], StringComparison.OrdinalIgnoreCase)) is { } found)
            {
                at = found;
                continue;
            }

            // What is behind the name of a command is a topic of its help.
            if (at == root || i < words.Length - 1 || at.Subcommands.Count > 0 && !HasTopic(at, words[i]))
                throw Suggestions.NoCommand(at, words[i]);
            ShowHelp.Write(host, at, words[i]);
            return ExitCode.Success;
        }

        ShowHelp.Write(host, at, null);
        return ExitCode.Success;
    }

    private static bool HasTopic(Command command, string word) => command is VerbCommand { Groups.Count: > 0 } verb
        && verb.Groups.Append(ShowHelp.All).Contains(word, StringComparer.OrdinalIgnoreCase);
}
