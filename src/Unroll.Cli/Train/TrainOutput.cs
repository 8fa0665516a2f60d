using System.CommandLine;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Train;

/// <summary>The options about what a run writes, which all commands that train have.</summary>
internal sealed record TrainOutput(
    DeclaredOption<string?> Out, DeclaredOption<string?> Resume, DeclaredOption<bool> AcceptAltered, DeclaredOption<bool> Live,
    DeclaredOption<bool> Json)
{
    private static readonly DeclaredOption<string?> TensorBoard = new("--tensorboard")
    {
        HelpName = "DIR",
        Description = "A folder for the run's events for TensorBoard: every metric, histograms of weights and of the error "
            + "signal by lag, the options. A run that is resumed goes on with them where the option is given again.",
    };

    private static readonly DeclaredOption<bool> MetricsCsv = new("--metrics-csv")
    {
        Description = "With --out: the metrics as a table, too (metrics.csv). A run that is resumed goes on with it.",
    };

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<DeclaredOption> All => [Out, Resume, AcceptAltered, Live, .. Rare, Json];

    /// <summary>Those that few need.</summary>
    public IReadOnlyList<DeclaredOption> Rare => [TensorBoard, MetricsCsv];

    /// <summary>What else is written at each check.</summary>
    /// <exception cref="UserError">There is no folder for it.</exception>
    public RunLogs Logs(ParseResult parsed)
    {
        string? events = parsed.GetValue(TensorBoard);
        OutputFile.RequireFolder("--tensorboard", events);
        bool csv = parsed.GetValue(MetricsCsv);
        return csv && parsed.GetValue(Out) is null && parsed.GetValue(Resume) is null
            ? throw new UserError("--metrics-csv writes into the folder of the run, and there is no --out.")
            : new RunLogs(RunLogs.Events(events), csv);
    }

    /// <summary>The folders of a new run and of one that is resumed, at most one of them given.</summary>
    /// <exception cref="UserError">They name no folders, or do not go together.</exception>
    public (string? Out, string? Resume) Folders(ParseResult parsed)
    {
        string? target = parsed.GetValue(Out), resume = parsed.GetValue(Resume);
        if (resume is not null && target is not null)
            throw new UserError("--resume continues in its own folder, so --out cannot be given with it.");
        if (resume is null && parsed.GetValue(AcceptAltered))
            throw new UserError($"{RunState.Option} is for --resume, and there is none.");
        OutputFile.RequireFolder("--out", target);
        OutputFile.RequireFolder("--resume", resume);
        return (target, resume);
    }
}
