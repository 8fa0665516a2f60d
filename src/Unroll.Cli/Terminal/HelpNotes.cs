using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Unroll.Cli.Terminal;

/// <summary>A command's help with notes behind it, which System.CommandLine's own help cannot say.</summary>
internal sealed class HelpNotes : SynchronousCommandLineAction
{
    private readonly Action<TextWriter> _write;

    private HelpNotes(Action<TextWriter> write) => _write = write;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Gives a command's help its notes.</summary>
    public static void AddTo(Command command, Action<TextWriter> write) => command.Add(new HelpOption { Action = new HelpNotes(write) });

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = new HelpAction().Invoke(parseResult);
        _write(parseResult.InvocationConfiguration.Output);
        return code;
    }
}
