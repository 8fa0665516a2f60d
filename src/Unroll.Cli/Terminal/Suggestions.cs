using System.CommandLine;

namespace Unroll.Cli.Terminal;

/// <summary>Refusals of words that no command has, with what was probably meant: never one of another command.</summary>
internal static class Suggestions
{
    /// <summary>There is no such command below this one.</summary>
    public static UserError NoCommand(Command command, string word)
    {
        string[] names = [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)];
        string path = HelpPage.PathOf(command), all = string.Join(", ", names);
        if (names.Length == 0 || (command.Arguments.Count > 0 && Nearest.Find(word, names) is null))
            return new UserError($"{path} does not take the argument '{word}'; see {path} --help.");
        return new UserError(Nearest.Find(word, names) is { } near
            ? $"{path} has no command '{word}'; did you mean {near} (of {all})?"
            : $"{path} has no command '{word}'; its commands are {all}.");
    }

    /// <summary>There is no such option of this command.</summary>
    public static UserError NoOption(Command command, string name)
    {
        string path = HelpPage.PathOf(command);
        string[] names = [.. HelpPage.Options(command).Select(option => option.Name)];

        // A command that has no option but the help is not what was meant.
        return new UserError(names.Length > 1 && command is not RootCommand
            ? $"{path} has no option {name}; did you mean {Nearest.Of(name, names)}?"
            : Nearest.Find(name, names) is { } near ? $"{path} has no option {name}; did you mean {near}?"
            : $"{path} has no option {name}; see {path} --help.");
    }
}
