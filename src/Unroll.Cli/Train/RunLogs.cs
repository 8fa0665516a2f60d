using Unroll.Files;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What a run writes at each check besides the lines of its metrics.</summary>
/// <param name="TensorBoard">Where events go, this run's alone; null for nowhere.</param>
/// <param name="Csv">Whether a table of the metrics is asked for; one that is there is gone on with.</param>
internal sealed record RunLogs(EventsTo? TensorBoard, bool Csv)
{
    /// <summary>Nothing.</summary>
    public static RunLogs None { get; } = new(null, false);

    /// <summary>Events in a folder, at the time of the system; null for none.</summary>
    public static EventsTo? Events(string? folder) => folder is null ? null
        : new EventsTo(folder, () => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);

    /// <summary>Opens them, after the metrics of a resumed run were cut.</summary>
    public OpenLogs Open(TrainSettings settings, Trainer trainer, RunFolder? folder, RunState? before) => new(
        TensorBoard is null ? null
            : new RunEvents(TensorBoard.Folder, settings, trainer, before is null ? null : RunKeeper.CheckedAt(before.Checkpoint),
                TensorBoard.Now),
        folder is not null && (Csv || (before is not null && File.Exists(MetricsCsv.PathIn(folder.Path))))
            ? new MetricsCsv(folder) : null,
        RunKeeper.CheckedAt(before?.Checkpoint));
}

/// <summary>The open ones of a run.</summary>
internal sealed class OpenLogs(RunEvents? events, MetricsCsv? csv, long wasCheckedAt) : IDisposable
{
    /// <summary>Appends a check.</summary>
    public void Append(TrainingProgress progress)
    {
        events?.Append(progress);
        if (progress.Update > wasCheckedAt) csv?.Append(progress);
    }

    /// <inheritdoc/>
    public void Dispose() => events?.Dispose();
}
