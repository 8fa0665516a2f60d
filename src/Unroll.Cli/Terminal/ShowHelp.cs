using System.CommandLine;
using System.CommandLine.Invocation;

namespace Unroll.Cli.Terminal;

/// <summary><c>--help</c> of every command; with <c>all</c> or the name of a group after it, the rest of the options.</summary>
internal sealed class ShowHelp(CommandHost host) : SynchronousCommandLineAction
{
    /// <summary>The option's name.</summary>
    public const string Name = "--help";

    /// <summary>The topic that is all of the options.</summary>
    public const string All = "all";

    /// <summary>A command line that asks for help is right whatever else it lacks.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>The option, for the root: it holds in every command.</summary>
    public static Option Option(CommandHost host) => new Option<string?>(Name, "-h", "-?", "/h", "/?")
    {
        HelpName = "all|GROUP",
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Shows this help, all options, or those of a group.",
        Recursive = true,
        Action = new ShowHelp(host),
    };

    /// <summary>Writes the help of a command.</summary>
    /// <param name="host">Where to.</param>
    /// <param name="command">The command.</param>
    /// <param name="topic">What was asked for: <see cref="All"/>, a group, or nothing.</param>
    public static void Write(CommandHost host, Command command, string? topic) =>
        new HelpPage(host.Out, host.Width).Write(command, topic);

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(host, parseResult.CommandResult.Command, parseResult.GetResult(Name)?.Tokens.FirstOrDefault()?.Value);
        return ExitCode.Success;
    }
}
