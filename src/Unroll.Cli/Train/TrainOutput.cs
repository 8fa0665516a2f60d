using System.CommandLine;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Train;

/// <summary>The options about what a run writes, which all commands that train have.</summary>
internal sealed record TrainOutput(
    Option<string?> Out, Option<string?> Resume, Option<bool> AcceptAltered, Option<bool> Live, Option<bool> Json)
{
    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [Out, Resume, AcceptAltered, Live, Json];

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
