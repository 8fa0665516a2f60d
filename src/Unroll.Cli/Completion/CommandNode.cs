using System.CommandLine;
using System.CommandLine.Completions;

namespace Unroll.Cli.Completion;

/// <summary>An option as completion knows it.</summary>
/// <param name="Names">Its names, the long one last.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="TakesValue">Whether a value belongs to it.</param>
/// <param name="Choices">The values that it may have, where they are few and named.</param>
internal sealed record OptionNode(IReadOnlyList<string> Names, string Description, bool TakesValue, IReadOnlyList<string> Choices)
{
    /// <summary>The long name.</summary>
    public string Name => Names[^1];
}

/// <summary>A command as completion knows it.</summary>
/// <param name="Path">How it is typed, such as <c>unroll study run</c>.</param>
/// <param name="Commands">The commands below it, with what they do.</param>
/// <param name="Options">Its options, and those that hold in every command.</param>
/// <param name="Choices">Named values of its arguments; files may be meant too.</param>
internal sealed record CommandNode(
    string Path, IReadOnlyList<(string Name, string Description)> Commands, IReadOnlyList<OptionNode> Options,
    IReadOnlyList<string> Choices)
{
    /// <summary>A command and all below it, each before those below it.</summary>
    public static IEnumerable<CommandNode> Tree(Command command)
    {
        yield return new CommandNode(
            HelpPage.PathOf(command),
            [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub => (sub.Name, Sentence(sub.Description)))],
            [.. HelpPage.Options(command).Select(option => option.Name == ShowHelp.Name ? Help(command, option) : Of(option))],
            [.. command.Arguments.SelectMany(argument => Labels(argument.GetCompletions(CompletionContext.Empty))).Distinct()]);
        foreach (CommandNode below in command.Subcommands.Where(sub => !sub.Hidden).SelectMany(Tree)) yield return below;
    }

    private static OptionNode Help(Command command, Option option)
    {
        string[] topics = command is VerbCommand { Groups.Count: > 0 } verb ? [ShowHelp.All, .. verb.Groups] : [];
        return new OptionNode(HelpPage.Names(option), "Shows the help", topics.Length > 0, topics);
    }

    private static OptionNode Of(Option option)
    {
        bool takesValue = option is not Option<bool> && option is not VersionOption;
        IEnumerable<string> choices = !takesValue ? []
            : Literals(option.HelpName).Concat(Labels(option.GetCompletions(CompletionContext.Empty)));
        return new OptionNode(HelpPage.Names(option), Sentence(option.Description), takesValue, [.. choices.Distinct()]);
    }

    /// <summary>
    /// The words in small letters of what stands for a value in the help: those are values (<c>code|text</c>), and words in
    /// capitals stand for one (<c>THRESHOLD|auto</c>).
    /// </summary>
    private static IEnumerable<string> Literals(string? value) => value is null || !value.Contains('|') ? []
        : value.Split('|').Where(word =>
            word.Length > 0 && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'));

    private static IEnumerable<string> Labels(IEnumerable<CompletionItem> items) => items.Select(item => item.Label);

    /// <summary>The first sentence of a description, on one line, without its full stop.</summary>
    private static string Sentence(string? text)
    {
        string line = (text ?? "").ReplaceLineEndings(" ");
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }
}
