using System.Globalization;
using Unroll.Files;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>
/// The state from which a run goes on: its record, its checkpoint with the times that <c>clock.json</c> keeps for it, and what is
/// wrong with the folder, where it is not as the run left it.
/// </summary>
/// <param name="Record">What <c>run.json</c> says.</param>
/// <param name="Checkpoint">The checkpoint, or null where the run never got to one.</param>
/// <param name="Entry">What <c>clock.json</c> says of the checkpoint; null where there is none, as of runs of an earlier
/// version.</param>
/// <param name="Problems">Sentences without their full stops.</param>
internal sealed record RunState(RunRecord Record, Checkpoint? Checkpoint, ClockEntry? Entry, IReadOnlyList<string> Problems)
{
    /// <summary>The property of a checkpoint that counts the rows of metrics which belong to it.</summary>
    public const string RowsName = "metrics-rows";

    /// <summary>The option of <c>unroll train</c> that goes on all the same.</summary>
    public const string Option = "--accept-altered";

    /// <summary>Looks at a folder and changes nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="own">The settings of a run of a task that the library does not know; null for none.</param>
    /// <exception cref="UserError"><c>run.json</c> does not describe a run.</exception>
    /// <exception cref="InvalidFileException">The checkpoint cannot be accepted.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static RunState Read(RunFolder folder, TrainSettings? own = null)
    {
        var problems = new List<string>();
        RunRecord record = RunRecord.Read(folder, problems, own);
        IReadOnlyList<ClockEntry>? clock = null;
        string? clockProblem = null;
        try
        {
            if (PathLook.IsFile(folder.ClockPath)) clock = RunClock.Read(folder.ClockPath);
        }
        catch (InvalidFileException error)
        {
            clockProblem = error.Message.TrimEnd('.');
        }

        if (!PathLook.IsFile(folder.CheckpointPath))
        {
            // A kill between the first entry of the clock and the first checkpoint loses nothing; from the second entry on there
            // was one.
            if (clockProblem is not null) problems.Add(clockProblem);
            if (clock is { Count: > 1 })
                problems.Add($"{folder.CheckpointPath} is missing, though the run had saved it, so that it would begin again");
            return new RunState(record, null, null, problems);
        }

        Checkpoint checkpoint = CheckpointFile.Read(folder.CheckpointPath);
        if (checkpoint.Properties.ContainsKey(TrainerState.SecondsName))
            return new RunState(record, checkpoint, null, problems); // of an earlier version
        ClockEntry? entry = clock?.LastOrDefault(one =>
            one.Update == checkpoint.Properties.GetValueOrDefault("update")
                && one.CheckedAt == checkpoint.Properties.GetValueOrDefault("checked-at"));
        if (clockProblem is not null) problems.Add(clockProblem);
        else if (clock is null) problems.Add($"{folder.ClockPath} is missing, which has the times of the run");
        else if (entry is null) problems.Add($"{folder.ClockPath} says nothing of the checkpoint and does not belong to it");
        string counted = checkpoint.Properties.GetValueOrDefault(RowsName) ?? "0";
        if (!long.TryParse(counted, NumberStyles.None, CultureInfo.InvariantCulture, out long rows))
            throw new InvalidFileException(folder.CheckpointPath,
                $"has {SafeTensorsHeader.Quote(counted)} as its {RowsName}, which is not a whole number");
        if (folder.Metrics.Compare(rows, entry?.Digest) is { } metrics) problems.Add($"{folder.MetricsPath} {metrics}");
        string zero = ExactNumber.ToText(0);
        var properties = new Dictionary<string, string>(checkpoint.Properties)
        {
            [TrainerState.SecondsName] = entry?.Seconds ?? zero,
            [TrainerState.UpdateSecondsName] = entry?.UpdateSeconds ?? zero,
        };
        return new RunState(record, checkpoint with { Properties = properties }, entry, problems);
    }

    /// <summary>Refuses a folder that is not as its run left it; or, where that is accepted, says so.</summary>
    /// <exception cref="UserError">It is not, and that is not accepted.</exception>
    public void Require(string path, bool accept, Action<string> warn)
    {
        if (Problems.Count == 0) return;
        if (!accept)
            throw new UserError(
                $"{string.Join("; ", Problems)}; put it back as it was, or continue without it: "
                + $"unroll train --resume {path} {Option}.");
        foreach (string problem in Problems) warn($"{problem}; accepted.");
    }
}
