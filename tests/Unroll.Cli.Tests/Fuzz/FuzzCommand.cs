using System.CommandLine;

namespace Unroll.Cli.Tests.Fuzz;

/// <summary>
/// The command, built once for many command lines: every building adds a parent to the options that all commands share, so that
/// the next one takes longer. For one thread.
/// </summary>
internal sealed class FuzzCommand
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly Input _input = new();
    private readonly CommandHost _host;
    private readonly RootCommand _root;

    public FuzzCommand()
    {
        _host = new CommandHost(_input, _output, _error).Printing();
        _root = UnrollCommand.Build(_host);
    }

    /// <summary>Runs a command line.</summary>
    public (int Code, string Output, string Error) Run(string[] args, string input)
    {
        _input.Text = new StringReader(input);
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        int code = UnrollCommand.Run(args, _host, _ => _root);
        return (code, _output.ToString(), _error.ToString());
    }

    private sealed class Input : TextReader
    {
        public TextReader Text { get; set; } = Null;

        public override int Peek() => Text.Peek();

        public override int Read() => Text.Read();
    }
}
