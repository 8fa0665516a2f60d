using Unroll.Cli.Watch;
using Unroll.Files;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>
/// The page of a run in progress: served while it goes, and saved into its folder at the end. The run only hands over what it has
/// made; whoever reads the page slowly, or not at all, costs it nothing.
/// </summary>
internal sealed class LivePage : IDisposable
{
    private readonly RunView _view;
    private readonly RunRecorder _recorder;
    private readonly WatchServer _server;
    private readonly RunFolder? _folder;
    private readonly Action<string> _warn;
    private RunMoment? _last;
    private FileStream? _kept;
    private bool _keeps = true;

    /// <summary>Begins to serve.</summary>
    /// <param name="record">The record of the run.</param>
    /// <param name="trainer">The run.</param>
    /// <param name="folder">Its folder; null for none, where the page ends with the run.</param>
    /// <param name="warn">Takes a sentence about what could not be written.</param>
    public LivePage(RunRecord record, Trainer trainer, RunFolder? folder, Action<string> warn)
    {
        (_folder, _warn) = (folder, warn);
        string name = folder is null ? record.Settings.Task
            : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Path)));
        _view = RunView.Of(name, record.Content(trainer.Shape), () => trainer.Updates);
        if (folder is not null) _view.Take(folder);
        _recorder = new RunRecorder(trainer, ExampleView.Of(trainer.Task));
        _server = new WatchServer([_view]);
    }

    /// <summary>The address to open.</summary>
    public string Address => _server.Address;

    /// <summary>Shows a check.</summary>
    /// <param name="progress">The check.</param>
    /// <param name="written">What the network was made to write; null for nothing.</param>
    /// <param name="cancellation">Leaves out what takes time.</param>
    public void Check(TrainingProgress progress, byte[]? written, CancellationToken cancellation)
    {
        _view.Append(ProgressJson.Line(progress));
        Add(_recorder.At(progress, written, cancellation));
    }

    /// <summary>Says that the run has ended, and saves the page.</summary>
    /// <param name="ending">How it ended.</param>
    /// <returns>The file of the page; null where there is none.</returns>
    public string? End(string ending)
    {
        if (_last is { Lags.Count: 0 }) Add(_recorder.AtEnd(_last));
        _view.End(ending);
        string? path = _folder is null ? null : Path.Combine(_folder.Path, ReportCommand.FileName);
        try
        {
            if (path is not null) AtomicFile.Write(path, page => RunPage.Write(page, [_view], live: false));
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            _warn(error.Message); // the run itself is kept
            path = null;
        }

        _server.End(path is null ? "The run has ended; what is shown stays."
            : $"The run has ended. This page is saved as {path}.");
        return path;
    }

    /// <summary>Ends the server and closes the file.</summary>
    public void Dispose()
    {
        _server.Dispose();
        _kept?.Dispose();
    }

    private void Add(RunMoment moment)
    {
        _last = moment;
        byte[] line = moment.Line();
        _view.Add(line);
        _server.Changed();
        Keep(line);
    }

    /// <summary>Keeps what was recorded for a page of later. A disk that is full ends this and not the run.</summary>
    private void Keep(byte[] line)
    {
        if (_folder is null || !_keeps) return;
        string path = Path.Combine(_folder.Path, RunMoment.FileName);
        try
        {
            _kept ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
            _kept.Write([.. line, (byte)'\n']);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            _keeps = false;
            _warn(FileErrors.NotWritten(path, error).Message);
        }
    }
}
