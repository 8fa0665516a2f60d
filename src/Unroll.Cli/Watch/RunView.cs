using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Cli.Watch;

/// <summary>
/// A run as a page shows it: its record, its checks and what was recorded beside them. It follows a folder, or is told by the run
/// itself. All members may be used from several threads; <see cref="Gate"/> guards what is read together.
/// </summary>
internal sealed class RunView
{
    /// <summary>The most moments that are kept; with more, every second one.</summary>
    public const int MostMoments = 4_000;

    private const long MostMetrics = 1L << 31, MostOther = 1L << 28;
    private const double SecondsBetweenStates = 1;

    private readonly LineFollower? _checks, _more;
    private readonly List<RunMoment> _moments = [];
    private long? _stateAt;

    private RunView(string name, string? folder)
    {
        (Name, Folder) = (Bounded.Text(name, 120), folder);
        if (folder is null) return;
        _checks = new LineFollower(Path.Combine(folder, RunFolder.MetricsName), RunMetrics.LongestLine, MostMetrics);
        _more = new LineFollower(Path.Combine(folder, RunMoment.FileName), RunMoment.LongestLine, MostOther);
    }

    /// <summary>Guards the members that change.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What the run is called, printable.</summary>
    public string Name { get; }

    /// <summary>Its folder; null for a run that has none.</summary>
    public string? Folder { get; }

    /// <summary>What its record says.</summary>
    public RunAbout About { get; private set; } = new();

    /// <summary>Its checks.</summary>
    public RunMetrics Metrics { get; } = new();

    /// <summary>What was recorded beside them, in the order of updates.</summary>
    public IReadOnlyList<RunMoment> Moments => _moments;

    /// <summary>Changes when what was shown before does not hold any more: another run, or one that went back.</summary>
    public long Generation { get; private set; }

    /// <summary>Whether it runs now; null where nothing tells.</summary>
    public bool? IsRunning { get; private set; }

    /// <summary>The updates that the run has made now; null where only its checks tell.</summary>
    public Func<long>? Now { get; init; }

    /// <summary>How it ended, in words; null before its end or where nothing tells.</summary>
    public string? Ending { get; private set; }

    /// <summary>Opens the folder of a run.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="UserError">It is no folder of a run.</exception>
    public static RunView Open(string path)
    {
        OutputFile.RequireFolder("RUN_FOLDER", path);
        if (PathLook.IsFile(path)) throw new UserError($"{path} is a file; a run is a folder.");
        if (!PathLook.IsFolder(path)) throw new UserError($"The folder {path} does not exist.");
        if (!((string[])[RunFolder.RunName, RunFolder.MetricsName]).Any(name => PathLook.IsFile(Path.Combine(path, name))))
            throw new UserError(
                $"The folder {path} holds no run: it has neither {RunFolder.RunName} nor {RunFolder.MetricsName}.");
        var view = new RunView(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), path);
        view.Look();
        return view;
    }

    /// <summary>A run that tells by itself what it does.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="record">The content of its record.</param>
    /// <param name="now">The updates that it has made.</param>
    public static RunView Of(string name, byte[] record, Func<long> now) =>
        new(name, null) { About = RunAbout.Parse(record, RunFolder.RunName), IsRunning = true, Now = now };

    /// <summary>Takes what the folder of a run has already, for a run that goes on in it.</summary>
    public void Take(RunFolder folder)
    {
        new LineFollower(folder.MetricsPath, RunMetrics.LongestLine, MostMetrics).Read(line => Append(line.Span), () => { });
        new LineFollower(Path.Combine(folder.Path, RunMoment.FileName), RunMoment.LongestLine, MostOther).Read(Add, () => { });
        lock (Gate)
        {
            // What was recorded behind the last check that is kept is recorded again.
            double last = Metrics.Count == 0 ? -1 : Metrics.Update(Metrics.Count - 1);
            while (_moments.Count > 0 && _moments[^1].Update > last) _moments.RemoveAt(_moments.Count - 1);
        }
    }

    /// <summary>Looks at the folder for what is new. One thread at a time.</summary>
    /// <returns>Whether there is anything.</returns>
    public bool Look()
    {
        if (Folder is null) return false;
        lock (Gate)
        {
            bool changed = _checks!.Read(line => Append(line.Span), Restart);
            changed |= _more!.Read(Add, _moments.Clear);
            if (_stateAt is { } at && Clock.SecondsSince(at) < SecondsBetweenStates) return changed;
            _stateAt = Clock.Now;
        }

        // Not under the gate: the lock of a folder is asked several times where it is held.
        bool running = FolderLock.IsHeld(Folder);
        RunAbout about = RunAbout.Read(Path.Combine(Folder, RunFolder.RunName));
        lock (Gate)
        {
            bool other = about.Identity != About.Identity;
            bool first = About.Identity.Length == 0 && About.Problem is null;
            if (other && !first) Generation++;
            if (other || first) About = about;
            bool changed = other || IsRunning != running;
            IsRunning = running;
            return changed;
        }
    }

    /// <summary>Takes a line of metrics.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (Gate)
        {
            if (line.IsEmpty) Metrics.Skip();
            else Metrics.Append(line);
        }
    }

    /// <summary>Takes a line of what is recorded beside them; one that is none is left out.</summary>
    public void Add(ReadOnlyMemory<byte> line)
    {
        if (RunMoment.Parse(line) is not { } moment) return;
        lock (Gate)
        {
            // A run that went back to its checkpoint records again what came after it.
            while (_moments.Count > 0 && _moments[^1].Update >= moment.Update) _moments.RemoveAt(_moments.Count - 1);
            if (_moments.Count == MostMoments)
            {
                RunMoment[] kept = [.. _moments.Where((_, i) => i % 2 == 0)];
                _moments.Clear();
                _moments.AddRange(kept);
            }

            _moments.Add(moment);
        }
    }

    /// <summary>Says that the run has ended.</summary>
    /// <param name="ending">How, in words.</param>
    public void End(string ending)
    {
        lock (Gate) (IsRunning, Ending) = (false, ending);
    }

    private void Restart()
    {
        Metrics.Clear();
        Generation++;
    }
}
