using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Help;

public class HelpTests
{
    private static readonly CommandHost Nowhere = new(TextReader.Null, TextWriter.Null, TextWriter.Null);

    /// <summary>Every command, as it is typed.</summary>
    public static TheoryData<string> Commands => [.. Tree(UnrollCommand.Build(Nowhere)).Select(HelpPage.PathOf)];

    [Fact]
    public void Alone_and_by_help_it_shows_every_verb_with_an_example()
    {
        CliResult alone = Cli.Run(), help = Cli.Run("help"), option = Cli.Run("--help");
        Assert.Equal((ExitCode.Success, ""), (alone.Code, alone.Error));
        Assert.Equal(alone, help);
        Assert.Equal(alone, option);
        foreach (Command verb in UnrollCommand.Build(Nowhere).Subcommands)
        {
            Assert.Contains($"\n  {verb.Name} ", alone.Out);
            Assert.Contains($" unroll {verb.Name}", alone.Out);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_every_command_fits_the_width_and_uses_it(string path)
    {
        string[] words = path.Split(' ')[1..];
        Dictionary<int, string> helps = ((int[])[80, 100, 120]).ToDictionary(width => width,
            width => WithWidth(width, [.. words, "--help", "all"]));
        foreach ((int width, string help) in helps)
        {
            Assert.All(help.Split('\n'), line => Assert.True(line.Length <= width, $"{line.Length} columns of {width}: {line}"));
            Assert.Contains($"  {path}", help);
        }

        Assert.True(helps[120].Split('\n').Length <= helps[80].Split('\n').Length);
        string usual = Cli.Run([.. words, "--help"]).Out;
        Assert.Equal(usual, Cli.Run(["help", .. words]).Out);
        Assert.Equal(usual, Cli.Run([.. words, "-h"]).Out);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_names_every_option_and_every_argument(string path)
    {
        RootCommand root = UnrollCommand.Build(Nowhere);
        Command command = Tree(root).Single(one => HelpPage.PathOf(one) == path);
        string all = Cli.Run([.. path.Split(' ')[1..], "--help", "all"]).Out;
        foreach (Option option in command.Options)
        {
            Assert.Matches($@"\n  (-\w, )?{option.Name}( |\n)", all);
            Assert.True(option.Description is { Length: > 0 }, option.Name);
        }

        foreach (Argument argument in command.Arguments) Assert.Contains(argument.Name, all);
    }

    [Fact]
    public void Examples_are_right_command_lines_that_fit_and_begin_with_the_command()
    {
        RootCommand root = UnrollCommand.Build(Nowhere);
        int examples = 0;
        foreach (Command command in Tree(root).Where(command => command is not RootCommand))
        {
            VerbCommand verb = Assert.IsType<VerbCommand>(command);
            Assert.NotEmpty(verb.Examples);
            foreach (string example in verb.Examples)
            {
                Assert.StartsWith(HelpPage.PathOf(verb), example);
                Assert.True(example.Length <= (example == verb.Examples[0] ? 66 : 78), example);
                string[] words = [.. CommandLineParser.SplitCommandLine(example).Skip(1).Where(word => !word.StartsWith('<'))];
                ParseResult parsed = root.Parse(words);
                Assert.True(parsed.Errors.Count == 0, $"{example}: {parsed.Errors.FirstOrDefault()?.Message}");
                examples++;
            }
        }

        Assert.True(examples > 25);
    }

    [Fact]
    public void Train_shows_the_usual_options_and_all_of_them_in_groups()
    {
        string usual = Cli.Run("train", "--help").Out, all = Cli.Run("train", "--help", "all").Out;
        string[] shown = [.. UnrollCommand.Build(Nowhere).Subcommands.Single(verb => verb.Name == "train").Options
            .Select(option => option.Name).Where(name => usual.Contains($"\n  {name}"))];
        Assert.InRange(shown.Length, 10, 15);
        foreach (string option in (string[])["--recipe", "--method", "--length", "--lr", "--clip", "--omega",
            "--out", "--resume"])
            Assert.Contains(option, shown);
        Assert.True(usual.Split('\n').Length < 65, "more than a screen");
        Assert.Contains("--help all", usual);
        foreach (string group in (string[])["task", "network", "remedies", "optimizer", "data", "budget", "output"])
        {
            Assert.Contains($"\nOptions, {group}:\n", all);
            string one = Cli.Run("train", "--help", group).Out;
            Assert.Contains($"\nOptions, {group}:\n", one);
            Assert.Equal(1, one.Split("\nOptions, ").Length - 1);
            Assert.Equal(one, Cli.Run("help", "train", group.ToUpperInvariant()).Out);
        }

        foreach (TrainOption option in TrainOptionTable.All) Assert.Contains($"\n  {option.Name}", all);
        Assert.Equal(usual, Cli.Run("train", "--help", "addition").Out);
        Assert.Equal(usual, Cli.Run("train", "addition", "--lr", "x", "--help").Out);
    }

    [Theory]
    [InlineData("x", "unroll has no command 'x'; its commands are train, ")]
    [InlineData("eval", "did you mean evaluate (of ")]
    [InlineData("evalaute", "did you mean evaluate (of ")]
    [InlineData("help stduy", "unroll has no command 'stduy'; did you mean study (of ")]
    [InlineData("help study rnu", "unroll study has no command 'rnu'; did you mean run (of ")]
    [InlineData("help nothing", "unroll has no command 'nothing'; its commands are ")]
    [InlineData("help train network more", "unroll train does not take the argument 'network'")]
    [InlineData("study --jobs 2", "unroll study has no option --jobs; see unroll study --help.")]
    [InlineData("--lr 3", "unroll has no option --lr; see unroll --help.")]
    [InlineData("--verison", "unroll has no option --verison; did you mean --version?")]
    [InlineData("evaluate m --batches 2", "unroll evaluate has no option --batches; did you mean --")]
    [InlineData("completion tcsh", "completion has no value 'tcsh'")]
    [InlineData("completion", "unroll completion needs SHELL")]
    public void A_wrong_word_leads_to_a_near_one_of_the_same_command_or_to_the_list(string line, string expected) =>
        Assert.Contains(expected, Cli.Run(line.Split(' ')).RefusedWith());

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_wrong_option_leads_to_an_option_of_its_own_command(string path)
    {
        Command command = Tree(UnrollCommand.Build(Nowhere)).Single(one => HelpPage.PathOf(one) == path);
        string[] own = [.. HelpPage.Options(command).Select(option => option.Name)];
        foreach (string wrong in (string[])["--momentun", "--shard-of", "--orthogonal-mop", "--q"])
        {
            string refusal = Cli.Run([.. path.Split(' ')[1..], wrong]).RefusedWith();
            if (path == "unroll explain") Assert.EndsWith("unroll explain lists all.\n", refusal); // options are its subject
            else if (refusal.Split("did you mean ") is [_, string meant]) Assert.Contains(meant.Trim().TrimEnd('?'), own);
            else Assert.EndsWith($"see {path} --help.\n", refusal);
        }
    }

    private static IEnumerable<Command> Tree(Command command) => command.Subcommands.SelectMany(Tree).Prepend(command);

    private static string WithWidth(int width, string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        int code = UnrollCommand.Run(args,
            new CommandHost(TextReader.Null, output, TextWriter.Null) { OutIsTerminal = true, Columns = () => width });
        Assert.Equal(ExitCode.Success, code);
        return output.ToString();
    }
}
