using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Unroll.Cli.Tests.Docs;

/// <summary>What the pages tell a reader to type is what the command takes.</summary>
public partial class CommandTests
{
    /// <summary>The change log tells what earlier versions had.</summary>
    private static readonly string[] s_history = ["CHANGELOG.md"];

    /// <summary>Options of other programs that the prose names by themselves.</summary>
    private static readonly string[] s_others =
        ["--array", "--case", "--cpus-per-task", "--inputs", "--repetitions", "--side"];

    /// <summary>What a shell has before the first word of a command.</summary>
    private const string Before = @"(?:^|[|;&(] *|\b(?:do|time -v|nice) |\b\w+=\S+ )";

    private static readonly RootCommand s_root =
        UnrollCommand.Build(new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null));

    [Fact]
    public void Each_command_in_a_page_exists_with_its_options()
    {
        int commands = 0;
        List<string> problems = [];
        foreach (string page in Pages.All.Except(s_history))
        {
            string text = Pages.Read(page);
            foreach ((string command, bool whole) in All(text))
            {
                commands++;
                if (Problem(command, whole) is { } problem) problems.Add($"{page}: unroll {command}: {problem}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.InRange(commands, 100, 10_000);
    }

    [Fact]
    public void Each_option_that_a_page_names_by_itself_is_one_of_some_command()
    {
        HashSet<string> options = [.. Names(s_root), .. s_others];
        string[] unknown =
        [
            .. from page in Pages.All.Except(s_history)
               from span in Pages.Spans(Pages.Read(page))
               where span.StartsWith("--", StringComparison.Ordinal)
               from Match option in Option().Matches(span)
               where !options.Contains(option.Value)
               select $"{page}: {option.Value} in `{span}`",
        ];
        Assert.True(unknown.Length == 0, string.Join('\n', unknown));
    }

    [Theory]
    [InlineData("./unroll train --steps 3", "--steps")]
    [InlineData("unroll study merged DIR", "merged")]
    [InlineData("x=1 ./unroll evaluate --length 50", "argument")]
    [InlineData("echo 1 | ./unroll predict --jsonl MODEL  # a comment", "--jsonl")]
    [InlineData("unroll trains", "trains")]
    [InlineData("unroll train addition multiplication", "multiplication")]
    [InlineData("unroll study run addition --set rate=0.1", "rate")]
    public void A_command_that_does_not_exist_is_caught(string code, string wrong) =>
        Assert.Contains(wrong, Problem(Assert.Single(Commands(code)), whole: true));

    [Fact]
    public void Commands_are_found_where_a_shell_would_find_them()
    {
        const string Line = "for s in 1 2; do ./unroll train --out 'a b'; done | unroll data list > x # unroll y";
        Assert.Equal(["train --out 'a b'", "data list"], Commands(Line));
        Assert.Empty(Commands("UNROLL=$PWD/unroll sbatch study.sbatch"));
        Assert.Empty(Commands("aws batch submit-job --job-name unroll --job-queue QUEUE"));
        string continued = Assert.Single(Pages.ShellLines("```sh\na \\\n--b\n```\n```json\n1\n```\n"));
        Assert.Equal("a --b", Space().Replace(continued, " "));
        Assert.Equal(["x", "y", "z"], Pages.ShellLines("    x\n    y\n\ntext\n    not code\n\n```\n$ z\noutput\n```\n"));
        Assert.Equal(["a b", "c\nd"], Pages.Spans("`a b` and\n```sh\n`no`\n```\n`c\nd`"));
    }

    /// <summary>
    /// The commands in a page, and whether each is written out: one in the prose may stop after what the sentence is about.
    /// </summary>
    private static IEnumerable<(string Command, bool Whole)> All(string text) =>
    [
        .. Pages.ShellLines(text).SelectMany(Commands)
            .Select(command => (command, !command.Contains("...", StringComparison.Ordinal))),
        .. Pages.Spans(text).SelectMany(Commands).Select(command => (command, false)),
    ];

    /// <summary>The commands in a line of shell, without their first word.</summary>
    private static IEnumerable<string> Commands(string code)
    {
        code = Space().Replace(Comment().Replace(code, ""), " ");
        return Command().Matches(code).Select(match => match.Groups["rest"].Value.Trim());
    }

    /// <summary>What is wrong with a command; null when nothing is.</summary>
    private static string? Problem(string line, bool whole)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line.Replace('\'', '"'))];
        Command command = s_root;
        int at = 0;
        while (at < words.Length && command.Subcommands.FirstOrDefault(sub => sub.Name == words[at]) is { } sub)
        {
            command = sub;
            at++;
        }

        if (command is { Subcommands.Count: > 0, Arguments.Count: 0 } && at < words.Length && !words[at].StartsWith('-'))
            return $"there is no command {words[at]}";
        HashSet<string> options = [.. Names(command, below: false), .. Names(s_root, below: false)];
        string[] unknown =
        [
            .. words[at..].Where(word => Option().IsMatch(word)).Select(word => word.Split('=')[0]).Except(options),
            .. command.Name == "run" ? Varied(words).Except(Names(s_root.Subcommands.Single(verb => verb.Name == "train"))) : [],
        ];
        if (unknown.Length > 0) return $"{command.Name} has no option {string.Join(", ", unknown)}";
        var configuration = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        return whole ? s_root.Parse(words, configuration).Errors.FirstOrDefault()?.Message : null;
    }

    /// <summary>The options of training that a study's <c>--set</c> varies, without the task, which is an argument.</summary>
    private static IEnumerable<string> Varied(string[] words) =>
        words.Skip(1).Zip(words).Where(pair => pair.Second == "--set")
            .Select(pair => $"--{pair.First.Split('=')[0]}").Except(["--task"]);

    private static IEnumerable<string> Names(Command command, bool below = true) =>
        [
            .. command.Options.SelectMany(option => (string[])[option.Name, .. option.Aliases]),
            .. below ? command.Subcommands.SelectMany(sub => Names(sub)) : [],
        ];

    [GeneratedRegex(Before + @"(?:\./)?unroll (?<rest>(?:'[^']*'|""[^""]*""|[^;|<>&'""]|<\(|\\\|)+)")]
    private static partial Regex Command();

    [GeneratedRegex(@"(^|\s)#\s.*$", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^--[a-z][a-z0-9-]*|(?<=[ |])--[a-z][a-z0-9-]*")]
    private static partial Regex Option();
}
