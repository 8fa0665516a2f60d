using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Unroll.Cli.Bench;
using Unroll.Cli.Completion;
using Unroll.Cli.Data;
using Unroll.Cli.Diagnosis;
using Unroll.Cli.Evaluate;
using Unroll.Cli.Export;
using Unroll.Cli.Help;
using Unroll.Cli.Learn;
using Unroll.Cli.Predict;
using Unroll.Cli.Reproduce;
using Unroll.Cli.Sampling;
using Unroll.Cli.Study;
using Unroll.Cli.Tasks;
using Unroll.Cli.Terminal.Streams;
using Unroll.Cli.Train;
using Unroll.Cli.Watch;
using Unroll.Files;
using Unroll.Kernels;

namespace Unroll.Cli;

/// <summary>The root of the command line: it parses, runs one command, and turns every refusal into one sentence.</summary>
internal static class UnrollCommand
{
    private const string Program = "unroll", Version = "--version";
    private const string Purpose =
        "Trains recurrent networks to remember over hundreds of steps (Pascanu, Mikolov and Bengio, 2013).";
    private static readonly (string Name, Func<CommandHost, Command> Build)[] Verbs =
    [
        ("train", TrainCommand.Build), ("evaluate", EvaluateCommand.Build), ("predict", PredictCommand.Build),
        ("sample", SampleCommand.Build), ("export", ExportCommand.Build), ("diagnose", DiagnoseCommand.Build),
        ("probe", ProbeCommand.Build),
        ("tasks", TasksCommand.Build), ("data", DataCommand.Build), ("study", StudyCommand.Build),
        ("reproduce", ReproduceCommand.Build), ("bench", BenchCommand.Build), ("watch", WatchCommand.Build),
        ("report", ReportCommand.Build), ("explain", ExplainCommand.Build), ("tutorial", TutorialCommand.Build),
    ];

    /// <summary>Runs the command line and returns the exit code (<see cref="ExitCode"/>).</summary>
    public static int Run(IReadOnlyList<string> args, CommandHost host)
    {
        host = host.Printing();
        return Run(args, host, only => only is null ? Build(host) : BuildOne(host, only));
    }

    /// <summary>The same with commands that may have been built before, for whoever runs many command lines.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="host">The host that the commands were built for; what it shows is printable.</param>
    /// <param name="build">Gives every command, or what the named one needs.</param>
    internal static int Run(IReadOnlyList<string> args, CommandHost host, Func<string?, Command> build)
    {
        try
        {
            bool isOne = args is [Version] || (args.Count > 0 && Array.Exists(Verbs, verb => verb.Name == args[0]));
            string? only = isOne ? args[0] : null;
            var configuration = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
            ParseResult parsed = build(only).Parse(args, configuration);
            if (parsed.Action is not ShowHelp)
            {
                if (UnknownOption(parsed) is { } option) throw option;
                if (parsed.Errors.Count > 0) throw Refusal(parsed);
                CheckKernel();
            }

            return parsed.Invoke(new InvocationConfiguration
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (OperationCanceledException)
        {
            host.Error.WriteLine("unroll: cancelled.");
            return ExitCode.Cancelled;
        }
        catch (OutputException error)
        {
            return error.IsAbandoned ? ExitCode.Abandoned : Report(host, error.Message, error, ExitCode.BadInput);
        }
        catch (Exception error) when (error is UserError or InvalidFileException or IOException or UnauthorizedAccessException)
        {
            bool isOfMachine = error is UserError { IsOfMachine: true } || FileErrors.IsOfMachine(error);
            string sentence = error is UserError { Option: { } option }
                ? $"{error.Message.TrimEnd('.')} ({option})." : error.Message;
            return Report(host, sentence, error, isOfMachine ? ExitCode.Machine : ExitCode.BadInput);
        }
        catch (OutOfMemoryException error)
        {
            return Report(host, "There is not enough memory for these sizes; take a smaller --hidden, --batch or --length.",
                error, ExitCode.BadInput);
        }
        catch (Exception error)
        {
            string sentence = $"An unexpected {error.GetType().Name} ended the program: {error.Message}";
            if (!Debugging(host)) sentence += " Set UNROLL_DEBUG=1 to see where.";
            return Report(host, sentence, error, ExitCode.Defect);
        }
    }

    /// <summary>Refuses a kernel that the environment names and this machine does not have, whatever the command.</summary>
    private static void CheckKernel()
    {
        try
        {
            KernelFactory.Choose(null);
        }
        catch (ArgumentException error)
        {
            throw new UserError($"{error.Message.TrimEnd('.')} (the environment variable {KernelFactory.Variable} names it).",
                error);
        }
    }

    /// <summary>Every command there is.</summary>
    /// <param name="host">What surrounds them.</param>
    internal static RootCommand Build(CommandHost host)
    {
        var root = new RootCommand(Purpose) { HelpName = Program };
        foreach ((_, Func<CommandHost, Command> build) in Verbs) root.Add(build(host));
        root.Add(CompletionCommand.Build(host));
        root.Add(HelpCommand.Build(host, root));
        root.SetAction(_ =>
        {
            ShowHelp.Write(host, root, null);
            return ExitCode.Success;
        });
        VersionOption version = root.Options.OfType<VersionOption>().Single();
        version.Action = new PrintVersion();
        version.Description = "Shows the version.";
        root.Options.Clear();
        root.Add(ShowHelp.Option(host));
        root.Add(version);
        return root;
    }

    /// <summary>
    /// What is needed for one verb, or for the version: half of a start is commands and options. A root of the parser's own would
    /// first look up texts for its help and its version, which takes as long as to parse.
    /// </summary>
    private static Command BuildOne(CommandHost host, string only)
    {
        var root = new Command(Program, Purpose) { ShowHelp.Option(host) };
        foreach ((string name, Func<CommandHost, Command> build) in Verbs)
        {
            if (only == name) root.Add(build(host));
        }

        if (only == Version) root.Add(new Option<bool>(Version) { Action = new PrintVersion() });
        return root;
    }

    /// <summary>The first parse error as a sentence, with the nearest valid name for an unknown word.</summary>
    private static UserError Refusal(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string verb = HelpPage.PathOf(command);
        if (parsed.UnmatchedTokens.Count > 0) return Suggestions.NoCommand(command, parsed.UnmatchedTokens[0]);
        ParseError error = parsed.Errors[0];
        if (error.SymbolResult is OptionResult option)
        {
            int values = option.Tokens.Count;
            string say = values == 0 ? "needs a value" : "was given more than once";
            return new UserError($"The option {option.Option.Name} {say}; see {verb} --help.");
        }

        if (error.SymbolResult is CommandResult or ArgumentResult && command.Subcommands.Count > 0 && command.Action is null)
            return new UserError($"{verb} needs a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}.");
        if (error.SymbolResult is ArgumentResult { Tokens.Count: 0 } argument)
            return new UserError($"{verb} needs {argument.Argument.Name}; see {verb} --help.");
        return new UserError($"{error.Message.ReplaceLineEndings(" ").TrimEnd('.')}; see {verb} --help.");
    }

    /// <summary>
    /// The refusal of the first word that looks like an option and is not one. The parser would take it for an argument or for
    /// the value of the option before it; only after a lone <c>--</c> that is what it is.
    /// </summary>
    private static UserError? UnknownOption(ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Name == ExplainCommand.Name) return null; // options are what is asked about
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) return null;
            if (token.Type != TokenType.Argument || !token.Value.StartsWith("--", StringComparison.Ordinal)) continue;
            string name = token.Value.Split('=', ':')[0];
            return Suggestions.NoOption(parsed.CommandResult.Command, name);
        }

        return null;
    }

    private static int Report(CommandHost host, string sentence, Exception error, int code)
    {
        host.Error.WriteLine($"unroll: {Printable.Sentence(sentence)}");
        if (Debugging(host)) host.Error.WriteLine(error.ToString());
        return code;
    }

    private static bool Debugging(CommandHost host) => host.Variable("UNROLL_DEBUG") is { Length: > 0 } and not "0";

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProgramVersion.Text);
            return ExitCode.Success;
        }
    }
}
