using System.CommandLine;

namespace Unroll.Cli.Tests.Terminal;

/// <summary>Declarations of options are shared by every tree of commands; what the parser makes of them is not.</summary>
public sealed class DeclaredTests
{
    [Fact]
    public void Two_trees_share_no_symbol()
    {
        HashSet<Symbol> first = [.. Symbols(Build())];
        Assert.True(first.Count > 300, $"{first.Count} symbols");
        Assert.DoesNotContain(Symbols(Build()), first.Contains);
    }

    [Fact]
    public void A_symbol_is_in_one_command_of_its_tree()
    {
        Assert.All(
            Symbols(Build()).Where(symbol => symbol is not RootCommand), symbol => Assert.Single(symbol.Parents.Distinct()));
    }

    [Fact]
    public void Options_of_one_name_and_two_meanings_are_told_apart_by_their_declarations()
    {
        DeclaredOption<string?> units = new("--activation"), file = new("--activation");
        var command = new Command("train");
        command.Add(units);
        ParseResult parsed = command.Parse(["--activation", "relu"]);

        Assert.Equal("relu", parsed.GetValue(units));
        Assert.True(parsed.IsGiven(units));
        Assert.Null(parsed.GetValue(file));
        Assert.False(parsed.IsGiven(file));
    }

    [Fact]
    public void A_recursive_option_is_read_below_its_command()
    {
        var json = new DeclaredOption<bool>("--json") { Recursive = true };
        var above = new Command("tasks") { new Command("show") };
        above.Add(json);

        Assert.True(above.Parse(["show", "--json"]).GetValue(json));
        Assert.False(above.Parse(["show"]).GetValue(json));
    }

    private static RootCommand Build() => UnrollCommand.Build(new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null));

    private static IEnumerable<Symbol> Symbols(Command command) =>
        [command, .. command.Options, .. command.Arguments, .. command.Subcommands.SelectMany(Symbols)];
}
