using System.Globalization;
using Unroll.Files;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>
/// Keeps the folder of a run: <c>run.json</c> at its beginning, a line of metrics a check, the models, and the checkpoint, which
/// comes last: whatever a crash leaves of the others, a resume drops or replaces.
/// </summary>
internal sealed class RunKeeper(TrainSettings settings, Trainer trainer, RunFolder folder, Action<string> warn)
{
    private readonly Dictionary<string, string> _properties =
        settings.Own is { } own ? own.Properties().ToDictionary() : settings.Corpus is { } corpus
        ? corpus.Properties().ToDictionary()
        : new() { [ModelInfo.VariantKey] = OptionsText.Name(settings.Variant) };
    private readonly long _wasCheckedAt;
    private ClockEntry? _clock;
    private bool _warned;

    /// <summary>The state of the run that is resumed, or null for a new one.</summary>
    public RunState? Before
    {
        get;
        init
        {
            field = value;
            (_clock, _wasCheckedAt) = (value?.Entry, CheckedAt(value?.Checkpoint));
        }
    }

    /// <summary>The update at which a checkpoint's run met its stop rule, or null.</summary>
    public static long? SolvedAt(Checkpoint? checkpoint) =>
        Counter(checkpoint, "solved-at") is { } update and >= 0 ? update : null;

    /// <summary>
    /// The update of the last regular check in a checkpoint, which is the last one that belongs into the metrics; 0 before any. A
    /// check off that grid, at a budget's end, is not part of the run that continues.
    /// </summary>
    public static long CheckedAt(Checkpoint? checkpoint) => Math.Max(0, Counter(checkpoint, "checked-at") ?? 0);

    /// <summary>Writes the record and drops the metrics that the run makes again.</summary>
    public void Begin(RunRecord record)
    {
        record.Write(folder, trainer.Shape);
        DropMetrics();
    }

    /// <summary>Drops the metrics that the run makes again, and rows that do not parse, which only an option lets pass.</summary>
    public void DropMetrics()
    {
        if (Before?.Checkpoint is { } checkpoint && Counter(checkpoint, RunState.RowsName) is { } rows)
        {
            foreach (long line in folder.Metrics.Keep(rows, leaveOut: Before.Problems.Count > 0))
                warn(Invariant($"line {line} of {folder.MetricsPath} is left out."));
        }
        else
        {
            folder.TruncateMetricsAfter(_wasCheckedAt);
        }
    }

    /// <summary>Appends a check; one that is repeated at a resume has its line.</summary>
    public void Append(TrainingProgress progress)
    {
        if (progress.Update > _wasCheckedAt) folder.AppendMetric(ProgressJson.Line(progress));
    }

    /// <summary>Writes the models, then the checkpoint.</summary>
    public void Save()
    {
        SaveModels();
        SaveCheckpoint();
    }

    /// <summary>Writes the last and the best model; weights that are no longer finite make none.</summary>
    public void SaveModels()
    {
        try
        {
            trainer.SaveLast(folder.ModelPath, _properties);
            if (trainer.HasBest) trainer.SaveBest(folder.BestPath, _properties);
        }
        catch (ArgumentException error)
        {
            // The next update will end the run and say why.
            if (!_warned) warn(UserError.From(error).Message);
            _warned = true;
        }
    }

    /// <summary>
    /// Writes the checkpoint, behind the metrics that belong to it and its times, which are in a file of their own.
    /// </summary>
    public void SaveCheckpoint()
    {
        folder.FlushMetrics();
        Checkpoint checkpoint = trainer.Capture();
        (long rows, string digest) = folder.Metrics.StateAt(CheckedAt(checkpoint));
        Dictionary<string, string> properties = new(checkpoint.Properties)
        {
            [RunState.RowsName] = rows.ToString(CultureInfo.InvariantCulture),
        };
        properties.Remove(TrainerState.SecondsName, out string? seconds);
        properties.Remove(TrainerState.UpdateSecondsName, out string? updateSeconds);
        var entry = new ClockEntry(properties["update"], properties["checked-at"], seconds!, updateSeconds!, rows, digest);
        RunClock.Write(folder.ClockPath, _clock is null ? [entry] : [_clock, entry]);
        CheckpointFile.Write(folder.CheckpointPath, checkpoint with { Properties = properties });
        _clock = entry;
    }

    private static long? Counter(Checkpoint? checkpoint, string name) =>
        checkpoint is not null && checkpoint.Properties.TryGetValue(name, out string? text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long update) ? update : null;
}
