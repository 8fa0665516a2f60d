using System.CommandLine;

namespace Unroll.Cli.Learn;

/// <summary><c>unroll explain [TERM]</c>: what a word means that the program prints.</summary>
internal static class ExplainCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "explain";

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        Argument<string[]> words = new Argument<string[]>("TERM")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "The word, such as kept, spectral radius or --chrono. Default: the list of all.",
        }.Completes(() => Glossary.All.Select(term => term.Name));
        var command = new VerbCommand(Name, "Says what a word means that the program prints.")
        {
            Examples = ["unroll explain spectral radius"],
        };
        command.Add(words);
        command.SetAction(parsed => Execute(string.Join(' ', parsed.GetValue(words) ?? []).Trim(), host));
        return command;
    }

    private static int Execute(string word, CommandHost host)
    {
        if (word.Length == 0)
        {
            WriteList(host);
            return ExitCode.Success;
        }

        Term term = Glossary.Find(word) ?? throw Unknown(word);
        host.Out.WriteLine(term.Name);
        foreach (string line in Format.Wrap(term.Meaning, host.Width - 2)) host.Out.WriteLine($"  {line}");
        string[] more = [.. ((string?[])[term.Also.Count > 0 ? $"also: {string.Join(", ", term.Also)}" : null,
            term.See is { } page ? $"more: docs/{page}" : null]).OfType<string>()];
        foreach (string line in more.SelectMany(text => Format.Wrap(text, host.Width - 2))) host.Out.WriteLine($"  {line}");
        return ExitCode.Success;
    }

    private static void WriteList(CommandHost host)
    {
        foreach ((string heading, IReadOnlyList<Term> terms) in Glossary.Groups)
        {
            host.Out.WriteLine(heading);
            foreach (string line in Format.Wrap(string.Join(", ", terms.Select(term => term.Name)), host.Width - 2))
                host.Out.WriteLine($"  {line}");
            host.Out.WriteLine();
        }

        host.Say("unroll explain TERM explains one. Options of training have an entry too: unroll explain --omega.");
    }

    private static UserError Unknown(string word)
    {
        IReadOnlyList<string> near = Glossary.Near(word);
        return new UserError(near.Count > 0
            ? $"The glossary has no entry '{word}'; did you mean {string.Join(" or ", near)}? unroll explain lists all."
            : $"The glossary has no entry '{word}'; unroll explain lists all.");
    }
}
