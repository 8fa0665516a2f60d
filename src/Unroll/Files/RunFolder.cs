namespace Unroll.Files;

/// <summary>
/// The folder of one run, the same for training and everything that looks at it: <c>run.json</c> (resolved options, version,
/// machine), <c>metrics.jsonl</c> (a progress object a line), <c>model.safetensors</c>, <c>best.safetensors</c>,
/// <c>checkpoint.safetensors</c>, and <c>clock.json</c> (its times). While open it holds an exclusive lock, so that two runs
/// never share a folder; the system releases the lock when the process ends, however it ends. To look at a run without holding
/// it, use the file names. Not safe for concurrent use.
/// </summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>The file of the run's options.</summary>
    public const string RunName = "run.json";

    /// <summary>The file of the progress objects.</summary>
    public const string MetricsName = "metrics.jsonl";

    /// <summary>The file of the last model.</summary>
    public const string ModelName = "model.safetensors";

    /// <summary>The file of the best model.</summary>
    public const string BestName = "best.safetensors";

    /// <summary>The file from which the run is resumed.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    private const string StudyName = "study.db"; // of a study, which has a folder of its own

    private readonly FileStream _lock;
    private readonly MetricsLog _metrics;
    private readonly IReadOnlyList<string> _made; // folders that were not there before, the innermost first

    private RunFolder(string path, FileStream lockFile, IReadOnlyList<string> made)
    {
        (Path, _made) = (path, made);
        _lock = lockFile;
        AtomicFile.RemoveStaleIn(path);
        _metrics = new MetricsLog(MetricsPath);
    }

    /// <summary>The names of its files.</summary>
    internal static IReadOnlyList<string> Names { get; } =
        [RunName, MetricsName, ModelName, BestName, CheckpointName, RunClock.FileName];

    /// <summary>The folder, as it was named.</summary>
    public string Path { get; }

    /// <summary>The path of <c>run.json</c>.</summary>
    public string RunPath => File(RunName);

    /// <summary>The path of <c>metrics.jsonl</c>.</summary>
    public string MetricsPath => File(MetricsName);

    /// <summary>The path of <c>model.safetensors</c>.</summary>
    public string ModelPath => File(ModelName);

    /// <summary>The path of <c>best.safetensors</c>.</summary>
    public string BestPath => File(BestName);

    /// <summary>The path of <c>checkpoint.safetensors</c>.</summary>
    public string CheckpointPath => File(CheckpointName);

    /// <summary>The path of <c>clock.json</c>, the times of the checkpoint.</summary>
    internal string ClockPath => File(RunClock.FileName);

    /// <summary>The rows of <c>metrics.jsonl</c>.</summary>
    internal MetricsLog Metrics => _metrics;

    /// <summary>Makes a folder (and those above it) for a new run, or takes one that holds no run.</summary>
    /// <exception cref="IOException">It holds a run, is in use, is a file, or cannot be written; the message is one
    /// sentence.</exception>
    public static RunFolder Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (PathLook.Trouble(path) is { } trouble) throw new IOException($"The folder {path} could not be made: {trouble}.");
        RefuseFile(path);
        RefuseRun(path);
        IReadOnlyList<string> made = Missing(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw new IOException($"The folder {path} could not be made: {FileErrors.Cause(path, error)}.", error);
        }

        var folder = new RunFolder(path, FolderLock.Take(path, "run"), made);
        try
        {
            RefuseRun(path); // Again: another process may have begun a run before this one held the lock.
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Opens the folder of an earlier run to continue the run.</summary>
    /// <exception cref="IOException">There is no run in it, it is in use, or it cannot be written; the message is one
    /// sentence.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RefuseFile(path);
        if (!PathLook.IsFolder(path)) throw new DirectoryNotFoundException($"The folder {path} does not exist.");
        if (PathLook.At(System.IO.Path.Combine(path, RunName)) == PathKind.Nothing)
            throw new FileNotFoundException(
                $"The folder {path} holds no run: it has no {RunName}.", System.IO.Path.Combine(path, RunName));
        return new RunFolder(path, FolderLock.Take(path, "run"), []);
    }

    /// <summary>Replaces <c>run.json</c> as a whole.</summary>
    /// <param name="utf8">Its content, UTF-8.</param>
    /// <exception cref="IOException">It could not be written; the old one is as it was.</exception>
    public void WriteRun(ReadOnlyMemory<byte> utf8) => AtomicFile.Write(RunPath, utf8);

    /// <summary>The content of <c>run.json</c>.</summary>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public byte[] ReadRun()
    {
        try
        {
            return System.IO.File.ReadAllBytes(RunPath);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(RunPath, error);
        }
    }

    /// <summary>
    /// Appends one line to <c>metrics.jsonl</c> and hands it to the system, so that it survives a crash of the process. A line
    /// that does not fit on the disk is not written in part.
    /// </summary>
    /// <param name="jsonLine">A JSON object with a number <c>update</c>, on one line and without a line end.</param>
    /// <exception cref="ArgumentException">The line is empty or contains a line end.</exception>
    /// <exception cref="IOException">It could not be written.</exception>
    public void AppendMetric(ReadOnlySpan<byte> jsonLine) => _metrics.Append(jsonLine);

    /// <summary>
    /// Waits until the appended lines are on the disk, so that a checkpoint written next is never on the disk without the lines
    /// before it, even after a power failure.
    /// </summary>
    /// <exception cref="IOException">They could not be written.</exception>
    public void FlushMetrics() => _metrics.Flush();

    /// <summary>
    /// Drops everything in <c>metrics.jsonl</c> from the first line whose <c>update</c> is beyond that of the checkpoint from
    /// which the run continues, and a last line that a crash cut off.
    /// </summary>
    /// <param name="update">The update of the checkpoint.</param>
    /// <exception cref="InvalidFileException">A complete line is not a JSON object with a whole number <c>update</c>.</exception>
    /// <exception cref="IOException">The file could not be read or written.</exception>
    public void TruncateMetricsAfter(long update) => _metrics.TruncateAfter(update);

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _lock.Dispose();
    }

    /// <summary>
    /// Ends a run that was refused before its first update, so that nothing is left of it: its record, its empty metrics, and the
    /// folders that <see cref="Create"/> made, where nobody has put something else into them. What cannot be deleted stays.
    /// </summary>
    internal void Discard()
    {
        Dispose();
        try
        {
            System.IO.File.Delete(RunPath);
            System.IO.File.Delete(MetricsPath);
            if (_made.Count == 0) return;
            FolderLock.Remove(Path);
            foreach (string folder in _made) Directory.Delete(folder);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // The refusal itself is what matters.
        }
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The folder and those above it that are not there, the innermost first.</summary>
    private static List<string> Missing(string path)
    {
        List<string> missing = [];
        string? at = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        for (; at is not null && PathLook.At(at) == PathKind.Nothing; at = System.IO.Path.GetDirectoryName(at)) missing.Add(at);
        return missing;
    }

    private static void RefuseFile(string path)
    {
        if (PathLook.IsFile(path)) throw new IOException($"{path} is a file; a run needs a folder.");
    }

    private static void RefuseRun(string path)
    {
        if (PathLook.IsFile(System.IO.Path.Combine(path, StudyName)))
            throw new IOException($"The folder {path} holds a study ({StudyName}); a run needs a folder of its own.");
        foreach (string name in Names)
        {
            if (PathLook.IsFile(System.IO.Path.Combine(path, name)))
                throw new IOException(
                    $"The folder {path} already holds a run ({name}); use --resume {path} to go on with it, or another folder.");
        }
    }
}
