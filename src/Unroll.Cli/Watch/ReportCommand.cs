using System.CommandLine;
using System.CommandLine.Parsing;

namespace Unroll.Cli.Watch;

/// <summary><c>unroll report RUN_FOLDER</c>: one page about a run, or about several laid over each other.</summary>
internal static class ReportCommand
{
    /// <summary>The name of the page in a run's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>The folders.</summary>
    public static readonly DeclaredArgument<string[]> Folders = new("RUN_FOLDER")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "The folder of a run, also of an earlier version, or of several runs, which the page lays over each other.",
    };

    private static readonly DeclaredOption<string?> Out = new("--out")
    {
        HelpName = "FILE",
        Description = $"Where to write; - is standard output. Default: {FileName} in the run's folder.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("report", "Writes a run's curves, gradients and options as one page.")
        {
            Examples = ["unroll report runs/addition", "unroll report runs/a runs/b --out both.html"],
        };
        command.Add(Folders);
        command.Add(Out);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    /// <summary>The runs in the folders that were named.</summary>
    /// <exception cref="UserError">One of them is no run, or there are too many.</exception>
    public static IReadOnlyList<RunView> Open(ParseResult parsed)
    {
        string[] folders = parsed.GetValue(Folders) ?? [];
        return folders.Length <= RunPageData.MostRuns ? [.. folders.Select(RunView.Open)]
            : throw new UserError($"There are {folders.Length} folders; a page shows at most {RunPageData.MostRuns} runs.");
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        string? target = parsed.GetValue(Out);
        OutputFile.RequireReplaceable("--out", target);
        IReadOnlyList<RunView> runs = Open(parsed);
        target ??= runs.Count == 1 ? Path.Combine(runs[0].Folder!, FileName)
            : throw new UserError("A page of several runs needs the name of its file; give --out FILE.");
        OutputFile.Write(target, host, page => RunPage.Write(page, runs, live: false));
        if (!OutputFile.IsStandardOutput(target)) host.Out.WriteLine($"written: {target}");
        return ExitCode.Success;
    }
}
