using System.Numerics;
using System.Text.Json;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>
/// Runs one trial in a run folder of its own, from its checkpoint where an earlier session left one. A run that is killed at any
/// instant and continued ends with the same bits.
/// </summary>
internal sealed class TrialRun(Trial trial, StudyTest test, string study, string kernel, CorpusCache corpora,
    double secondsBetweenCheckpoints)
{
    private readonly string _path = StudyRunner.TrialFolder(study, trial.Hash);
    private Trainer? _trainer;

    /// <summary>The trial.</summary>
    public Trial Trial { get; } = trial;

    /// <summary>Where events for TensorBoard go, a folder a trial; null for nowhere.</summary>
    public EventsTo? Events { get; init; }

    /// <summary>Updates made; may be read from another thread.</summary>
    public long Updates => Volatile.Read(ref _trainer)?.Updates ?? 0;

    /// <summary>Runs to the end, or until it is cancelled, which leaves a checkpoint and gives null.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public TrialResult? Run(CancellationToken cancellation)
    {
        using RunFolder folder = Open(out RunState? before);
        using Trainer trainer = Trial.Settings.CreateTrainer(before?.Checkpoint, corpora);
        var keeper = new RunKeeper(Trial.Settings, trainer, folder, _ => { }) { Before = before };
        if (before?.Checkpoint is null) keeper.Begin(new RunRecord(Trial.Settings, ProgramVersion.Text, kernel));
        else keeper.DropMetrics();
        using RunEvents? events = Events is null ? null : new RunEvents(Path.Combine(Events.Folder, Trial.Hash), Trial.Settings,
            trainer,
            before?.Checkpoint is { } from ? RunKeeper.CheckedAt(from) : 0, Events.Now);
        Volatile.Write(ref _trainer, trainer);

        long saved = Clock.Now;
        TrainingResult result;
        try
        {
            result = trainer.Run(
                progress =>
                {
                    keeper.Append(progress);
                    events?.Append(progress);
                    if (Clock.SecondsSince(saved) < secondsBetweenCheckpoints) return;
                    keeper.SaveCheckpoint();
                    saved = Clock.Now;
                },
                cancellation);
            if (result.Outcome == TrainingOutcome.Cancelled)
            {
                keeper.SaveCheckpoint();
                return null;
            }

            keeper.Save();
        }
        catch (IOException error)
        {
            throw UserError.OfMachine(error); // what could be written when the trial began
        }

        CurvePoint[] checks = Checks(folder.MetricsPath);
        return Describe(trainer, result, checks, cancellation);
    }

    /// <summary>
    /// The folder, and the state to continue from. A trial of another instruction set, or without a checkpoint, begins again.
    /// </summary>
    private RunFolder Open(out RunState? before)
    {
        before = null;
        if (!PathLook.IsFile(Path.Combine(_path, RunFolder.RunName)))
        {
            if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
            RunFolder made = RunFolder.Create(_path);
            if (FolderLock.IsThere(study)) return made;
            made.Dispose();
            TakeBack();
            throw HeldFolder.Gone(study);
        }

        RunFolder folder = RunFolder.Open(_path);
        try
        {
            if (RunRecord.Read(folder, [], Trial.Settings).Kernel != kernel) return folder;
            RunState found = RunState.Read(folder, Trial.Settings);
            if (found.Problems.Count > 0) throw new UserError(string.Join("; ", found.Problems));
            before = found;
            return folder;
        }
        catch (Exception error)
        {
            folder.Dispose();
            if (error is not (UserError { IsOfMachine: false } or InvalidFileException)) throw;
            throw new UserError($"{error.Message.TrimEnd('.')}; delete {_path} and this trial begins again.", error);
        }
    }

    /// <summary>
    /// Deletes the folder that was made where a disk had been a moment before: the trial in it would be lost.
    /// </summary>
    private void TakeBack()
    {
        try
        {
            FolderLock.Remove(_path);
            foreach (string folder in (string[])[_path, Path.GetDirectoryName(_path)!, study]) Directory.Delete(folder);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            // There is something else in it.
        }
    }

    private static CurvePoint[] Checks(string metrics)
    {
        var checks = new List<CurvePoint>();
        foreach (string line in File.ReadLines(metrics))
        {
            try
            {
                checks.Add(CurvePoint.FromJson(line));
            }
            catch (Exception error) when (
                error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new InvalidFileException(metrics, Invariant($"has a line {checks.Count + 1} that is no progress object"));
            }
        }

        return [.. checks];
    }

    private TrialResult? Describe(Trainer trainer, TrainingResult result, CurvePoint[] checks, CancellationToken cancellation)
    {
        int hit = Curve.FirstHit(checks), sustained = Curve.Sustained(checks);
        long started = Clock.Now;
        List<TrialTest> tests = [];
        try
        {
            if (hit >= 0 || (Trial.Settings.HasCosts && trainer.HasBest))
                tests = Trial.Settings.Options.Precision == Precision.Double ? Test(trainer.BestNetwork<double>(), cancellation)
                    : Test(trainer.BestNetwork<float>(), cancellation);
        }
        catch (OperationCanceledException)
        {
            return null; // the checkpoint at the end is there; the tests are made when the study goes on
        }

        int best = Array.FindIndex(checks, check => check.Update == result.BestUpdate);
        return new TrialResult
        {
            Outcome = result.Outcome,
            Updates = result.Updates,
            FirstHit = hit < 0 ? null : checks[hit].Update,
            FirstHitSeconds = hit < 0 ? null : checks[hit].Seconds,
            Sustained = sustained < 0 ? null : checks[sustained].Update,
            BestError = result.BestError is { } error && double.IsFinite(error) ? error : null,
            BestLoss = best < 0 || double.IsNaN(checks[best].ValidationLoss) ? null : checks[best].ValidationLoss,
            BestUpdate = result.BestUpdate,
            Seconds = result.Last?.Seconds ?? 0,
            TestSeconds = Clock.SecondsSince(started),
            Message = result.Message,
            Version = ProgramVersion.Text,
            Kernel = kernel,
            Checks = Curve.Thin(checks),
            Tests = tests,
        };
    }

    /// <summary>
    /// As <c>unroll evaluate</c> does: the costs of the folds of a corpus, and of each test piece; or errors with its default
    /// seed, so that its figures are these.
    /// </summary>
    private List<TrialTest> Test<T>(Network<T> network, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var tests = new List<TrialTest>();
        ITask task = Trial.Settings.CreateTask(corpora);
        if (task is ICorpusTask corpus)
        {
            foreach (Fold fold in Enum.GetValues<Fold>())
            {
                FoldCost cost = CorpusEvaluator.Evaluate(network, corpus, fold, cancellation: cancellation);
                tests.Add(new TrialTest(OptionsText.Name(fold), cost.Steps, null, null, cost.Loss));
                if (fold == Fold.Test && cost.Streams.Count > 1)
                    tests.AddRange(cost.Streams.Select((stream, i) =>
                        new TrialTest(TrialTest.Piece(i), stream.Steps, null, null, stream.Cost / stream.Steps)));
            }

            return tests;
        }

        if (task is ISeriesTask series)
        {
            using var unrolled = new UnrolledNetwork<T>(network);
            Batch batch = Batch.For(network.Shape);
            foreach (Fold fold in Enum.GetValues<Fold>().Where(fold => series.Examples(fold) > 0))
            {
                EvaluationResult evaluated = SeriesEvaluator.Evaluate(
                    unrolled, series, batch, fold, CostReduction.Mean, cancellation);
                tests.Add(new TrialTest(OptionsText.Name(fold), evaluated.Sequences, null, null, evaluated.Loss));
            }

            return tests;
        }

        foreach ((string name, Func<ITask> at) in TrialTests.Of(test, Trial.Settings))
        {
            EvaluationResult evaluated = Evaluator.Evaluate(network, at(), test.Sequences, cancellation: cancellation);
            tests.Add(new TrialTest(name, evaluated.Sequences, evaluated.Error, evaluated.StrictError, evaluated.Loss));
        }

        return tests;
    }
}
