using System.Runtime.ExceptionServices;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;

namespace Unroll.Studies;

/// <summary>A trial in progress.</summary>
public sealed record RunningTrial(string Name, long Updates, long Budget, double Seconds);

/// <summary>How far a study has come.</summary>
/// <param name="Trials">Trials of the grid, or of this shard of it.</param>
/// <param name="Done">Finished ones.</param>
/// <param name="Solved">Of these, those that met the paper's criterion at some check; null where no task has a rule of
/// success.</param>
/// <param name="Skipped">Trials that are skipped, because the other trials of their cell agree.</param>
/// <param name="Running">Those in progress.</param>
/// <param name="EtaSeconds">Expected seconds to the end at the measured rate, at most; null before anything is measured.</param>
public sealed record StudyProgress(int Trials, int Done, int? Solved, int Skipped, IReadOnlyList<RunningTrial> Running,
    double? EtaSeconds)
{
    /// <summary>Trials that wait.</summary>
    public int Waiting => Trials - Done - Skipped - Running.Count;

    /// <summary>Whether none waits and none runs.</summary>
    public bool IsComplete => Waiting == 0 && Running.Count == 0;
}

/// <summary>Runs the trials of a study on several threads, one core a trial, and puts every result into the store.</summary>
internal sealed class StudyRunner
{
    private readonly string _folder;
    private readonly StudyStore _store;
    private readonly StudyTest _test;
    private readonly Schedule _schedule;
    private readonly string _kernel = RunRecord.PresentKernel();
    private readonly object _gate = new();
    private readonly Dictionary<TrialRun, long> _running = [];
    private readonly int _trials;
    private readonly bool _haveSuccess;
    private readonly int _jobs;
    private int _done;
    private int _solved;
    private double _costDone;
    private double _secondsDone;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Prepares a run.</summary>
    /// <param name="folder">The study's folder, which the caller has locked.</param>
    /// <param name="store">Its store, which knows the trials.</param>
    /// <param name="study">The study.</param>
    /// <param name="part">All trials of the study, or of this shard of it.</param>
    /// <param name="trials">Those of them to run in this session.</param>
    /// <param name="jobs">Trials at once.</param>
    public StudyRunner(string folder, StudyStore store, StudyDefinition study, IReadOnlyList<Trial> part,
        IReadOnlyList<Trial> trials, int jobs)
    {
        (_folder, _store, _test, _jobs, _trials) = (folder, store, study.Test, jobs, trials.Count);
        _haveSuccess = trials.Count == 0 || trials.Any(trial => !trial.Settings.HasCosts);
        Dictionary<string, StoredTrial> finished = store.Trials().Where(trial => trial.Result is not null)
            .ToDictionary(trial => trial.Hash);
        foreach (Trial trial in trials)
        {
            if (finished.TryGetValue(trial.Hash, out StoredTrial? before)) Count(trial, before.Result!);
        }

        _schedule = new Schedule(part, study.DecideAfter,
            finished.ToDictionary(trial => trial.Key, trial => trial.Value.Result!.Solved),
            trials.Select(trial => trial.Hash).ToHashSet());
    }

    /// <summary>Where events for TensorBoard go; null for nowhere.</summary>
    public EventsTo? Events { get; init; }

    /// <summary>Seconds from one checkpoint of a trial to the next.</summary>
    public required double SecondsBetweenCheckpoints { get; init; }

    /// <summary>Reads the corpora of trials that have one.</summary>
    public required CorpusCache Corpora { get; init; }

    /// <summary>Called after each trial, one call at a time.</summary>
    public Action<Trial, TrialResult, StudyProgress>? OnFinished { get; init; }

    /// <summary>Where a trial's run folder is.</summary>
    /// <exception cref="ArgumentException">The hash has not the form of one, so that it could lead elsewhere.</exception>
    public static string TrialFolder(string folder, string hash) => StoreRow.IsHash(hash)
        ? Path.Combine(folder, "trials", hash)
        : throw new ArgumentException($"'{hash}' is not the hash of a trial.", nameof(hash));

    /// <summary>Runs until everything is done, or until it is cancelled, which leaves checkpoints.</summary>
    /// <exception cref="IOException">A folder or the store cannot be written; what was finished is kept, what was running has its
    /// last checkpoint.</exception>
    public void Run(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using CancellationTokenRegistration wake = stop.Token.Register(Wake);
        Thread[] threads = [.. Enumerable.Range(0, _jobs).Select(i =>
            new Thread(() => Work(stop)) { IsBackground = true, Name = Invariant($"unroll trial {i}") })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        _failure?.Throw();
    }

    /// <summary>The present state; may be called from any thread.</summary>
    public StudyProgress Progress()
    {
        lock (_gate)
        {
            RunningTrial[] running =
            [
                .. _running.Select(run => new RunningTrial(run.Key.Trial.Name, run.Key.Updates,
                    run.Key.Trial.Settings.Options.MaximumUpdates, Clock.SecondsSince(run.Value))),
            ];
            return new StudyProgress(_trials, _done, _haveSuccess ? _solved : null, _schedule.Skipped, running, Eta());
        }
    }

    /// <summary>
    /// What is left by the expected costs, times how long the finished trials took for theirs (solved ones end before their
    /// budget), shared among the jobs.
    /// </summary>
    private double? Eta()
    {
        if (_costDone == 0) return null;
        double left = _schedule.Waiting.Sum(trial => trial.Cost)
            + _running.Keys.Sum(run =>
                run.Trial.Cost * Math.Max(0, 1 - ((double)run.Updates / run.Trial.Settings.Options.MaximumUpdates)));
        return left * (_secondsDone / _costDone) / _jobs;
    }

    private void Work(CancellationTokenSource stop)
    {
        try
        {
            while (Next(stop.Token) is { } run)
            {
                HeldFolder.Require(_folder);
                TrialResult? result = run.Run(stop.Token);
                if (result is not null)
                {
                    _store.Finish(run.Trial.Hash, result);

                    // Open files of a disk that was taken away still accept writes, which are lost.
                    HeldFolder.Require(_folder);
                }

                lock (_gate)
                {
                    _running.Remove(run);
                    if (result is not null)
                    {
                        Count(run.Trial, result);
                        _schedule.Finish(run.Trial, result.Solved);
                        OnFinished?.Invoke(run.Trial, result, Progress());
                    }

                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception error)
        {
            lock (_gate) _failure ??= ExceptionDispatchInfo.Capture(error);
            stop.Cancel();
        }
    }

    /// <summary>Waits for a trial that may be run; null when there is none left or the study was stopped.</summary>
    private TrialRun? Next(CancellationToken stop)
    {
        lock (_gate)
        {
            while (!stop.IsCancellationRequested)
            {
                if (_schedule.Take() is { } trial)
                {
                    var run = new TrialRun(trial, _test, _folder, _kernel, Corpora, SecondsBetweenCheckpoints)
                    { Events = Events };
                    _running.Add(run, Clock.Now);
                    return run;
                }

                if (_running.Count == 0 || _schedule.Waiting.Count == 0) return null;
                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Count(Trial trial, TrialResult result)
    {
        _done++;
        _solved += result.Solved ? 1 : 0;
        _costDone += trial.Cost;
        _secondsDone += result.Seconds + result.TestSeconds;
    }
}
