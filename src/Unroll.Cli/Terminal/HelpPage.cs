using System.CommandLine;

namespace Unroll.Cli.Terminal;

/// <summary>The help of a command, in the columns that there are.</summary>
/// <param name="output">Where to.</param>
/// <param name="width">Columns.</param>
internal sealed class HelpPage(TextWriter output, int width)
{
    private const int Indent = 2, Gap = 2;

    /// <summary>Writes it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="topic">Which options of many: all, those of a group, or by null the usual ones.</param>
    public void Write(Command command, string? topic)
    {
        var verb = command as VerbCommand;
        Section("Description", [command.Description ?? ""]);
        Section("Usage", Usage(command));
        Rows("Arguments", command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")));
        Rows("Commands", command.Subcommands.Where(sub => !sub.Hidden)
            .Select(sub => (sub.Name, command.Arguments.Count > 0 ? sub.Description ?? "" : Summary(sub))));
        string? group = verb?.Groups.FirstOrDefault(name => name.Equals(topic, StringComparison.OrdinalIgnoreCase));
        bool all = ShowHelp.All.Equals(topic, StringComparison.OrdinalIgnoreCase);
        if (verb is { Groups.Count: > 0 } && (all || group is not null))
        {
            foreach (string one in verb.Groups)
            {
                if (all || one == group) Rows($"Options, {one}", verb.OfGroup(one).Select(option => Row(command, option)));
            }
        }
        else
        {
            IEnumerable<Option> shown = Options(command).Where(option =>
                verb is null || verb.IsUsual(option) || !command.Options.Contains(option));
            Rows("Options", shown.Select(option => Row(command, option)));
        }

        if (verb is { Groups.Count: > 0 } && !all)
        {
            Rows("More options",
                [("--help all", "All of them."), ("--help GROUP", $"One group: {string.Join(", ", verb.Groups)}.")]);
        }

        if (verb is { Examples.Count: > 0 }) Rows("Examples", verb.Examples.Select(example => (example, "")));
        if (command is RootCommand)
        {
            output.WriteLine("The help of a command: unroll help COMMAND, or unroll COMMAND --help.");
            output.WriteLine("What a printed word means: unroll explain TERM. New here? unroll tutorial.");
        }

        verb?.Notes?.Invoke(output, width);
        if (all || verb is { Groups.Count: 0 }) verb?.AllNotes?.Invoke(output, width);
    }

    /// <summary>The command as it is typed, such as <c>unroll study run</c>.</summary>
    public static string PathOf(Command command) => command switch
    {
        RootCommand root => root.HelpName ?? root.Name,
        _ => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name,
    };

    /// <summary>The options of a command, and those of the commands above that hold in it.</summary>
    public static IEnumerable<Option> Options(Command command)
    {
        IEnumerable<Option> own = command.Options;
        for (Command? above = Above(command); above is not null; above = Above(above))
            own = own.Concat(above.Options.Where(option => option.Recursive));
        return own.Where(option => !option.Hidden);

        static Command? Above(Command command) => command.Parents.OfType<Command>().FirstOrDefault();
    }

    /// <summary>
    /// The names of an option, the long one last. A second long name is an old one: it still works, and is shown nowhere.
    /// </summary>
    public static string[] Names(Option option) =>
        [.. option.Aliases.Where(alias => alias is ['-', not ('?' or '-')]), option.Name];

    /// <summary>The description of a command and, below it, its first example.</summary>
    private static string Summary(Command command) =>
        command is VerbCommand { Examples: [string example, ..] } ? $"{command.Description}\n{example}"
            : command.Description ?? "";

    private static IEnumerable<string> Usage(Command command)
    {
        string path = PathOf(command);
        string arguments = string.Concat(command.Arguments.Select(argument =>
        {
            string name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
            return argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : $" {name}";
        }));
        if (command.Subcommands.Count == 0 || arguments.Length > 0 || command.Action is not null && command is not RootCommand)
            yield return $"{path}{arguments} [options]";
        if (command.Subcommands.Count > 0) yield return $"{path} [command] [options]";
    }

    private static (string Label, string Text) Row(Command command, Option option)
    {
        string names = string.Join(", ", Names(option));
        if (option.Name == ShowHelp.Name && command is not VerbCommand { Groups.Count: > 0 })
            return (names, "Shows this help.");
        bool takesValue = option.HelpName is { Length: > 0 } && option is not Option<bool>;
        return (takesValue ? $"{names} {option.HelpName}" : names, option.Description ?? "");
    }

    private void Section(string heading, IEnumerable<string> paragraphs)
    {
        output.WriteLine($"{heading}:");
        foreach (string line in paragraphs.SelectMany(text => Format.Wrap(text, width - Indent)))
            output.WriteLine($"{"",Indent}{line}");
        output.WriteLine();
    }

    /// <summary>Two columns: labels that are too long for the first have a line of their own.</summary>
    private void Rows(string heading, IEnumerable<(string Label, string Text)> rows)
    {
        (string Label, string Text)[] all = [.. rows];
        if (all.Length == 0) return;
        int most = width / 3;
        int column = all.Select(row => row.Label.Length).Where(length => length <= most).DefaultIfEmpty(most / 2).Max();
        int indent = Indent + column + Gap;
        output.WriteLine($"{heading}:");
        foreach ((string label, string text) in all)
        {
            string[] lines = [.. text.Split('\n').SelectMany(part => Format.Wrap(part, width - indent))];
            int next = 0;
            if (label.Length <= column && lines.Length > 0)
                output.WriteLine($"{"",Indent}{label.PadRight(column)}{"",Gap}{lines[next++]}");
            else
                WriteLong(label);
            for (; next < lines.Length; next++) output.WriteLine($"{new string(' ', indent)}{lines[next]}");
        }

        output.WriteLine();
    }

    /// <summary>A label on lines of its own, broken after a <c>|</c> where it is too long for one.</summary>
    private void WriteLong(string label)
    {
        int room = width - (2 * Indent);
        string start = new(' ', Indent);
        while (label.Length > room && label.LastIndexOf('|', room - 1) is > 0 and int at)
        {
            output.WriteLine(start + label[..(at + 1)]);
            label = label[(at + 1)..];
            start = new string(' ', 2 * Indent);
        }

        output.WriteLine(start + label);
    }
}
