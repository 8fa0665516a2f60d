using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// Trains a network on a task. Task and options determine every bit of the parameters, at any number of threads, on one
/// instruction set; only the reported seconds differ from run to run.
/// </summary>
public sealed partial class Trainer : IDisposable
{
    private readonly ITrainingEngine _engine;
    private readonly Batch _batch;
    private readonly Predictions _predictions = new();
    private readonly bool[] _correct;
    private readonly IDataTask? _data;
    private readonly bool _ownGradient;
    private ITask _trainingTask;
    private TrainerState _state = new();
    private Checkpoint? _beforeLastCheck;
    private int _running;
    private long _updates;
    private double _recentLoss;
    private (long Counted, double Sum) _clippedNorms; // no part of the state: a run that is resumed begins to count again

    /// <summary>Prepares a run from its first update.</summary>
    /// <param name="task">The task.</param>
    /// <param name="options">The options.</param>
    /// <param name="parts">The user's own parts: an optimizer, an initializer, a callback; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the task; the message is one
    /// sentence.</exception>
    public Trainer(ITask task, TrainingOptions options, TrainingParts? parts = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        (Task, Options, _trainingTask) = (task, options, task);
        Shape = OptionsRules.Check(task, options);
        Rows = task.WholeSet ?? options.BatchSize;
        _data = task as IDataTask;
        if (task is ICorpusTask corpus && !Enumerable.Range(0, corpus.Streams(Fold.Validation))
            .Any(stream => corpus.StreamSteps(Fold.Validation, stream) > 0))
            throw new ArgumentException(
                "The validation fold has no step to predict, but the checks of a run need one; use more data, or other data.");
        if (task is ISeriesTask series && series.Examples(Fold.Validation) == 0)
            throw new ArgumentException(
                "The validation fold is empty, but the checks of a run need it; give it a share of the data.");
        CheckEvery = options.CheckEvery > 0 ? options.CheckEvery : UpdatesPerEpoch!.Value;
        Budget = Math.Min(options.MaximumUpdates, options.MaximumEpochs * UpdatesPerEpoch ?? long.MaxValue);
        _engine = options.Precision == Precision.Double
            ? new TrainingEngine<double>(task, options, Shape, parts)
            : new TrainingEngine<float>(task, options, Shape, parts);
        _ownGradient = parts is TrainingParts<float> { OnGradient: not null } or TrainingParts<double> { OnGradient: not null };
        _batch = Batch.For(task);
        _correct = new bool[Rows];
        _state.Rate = options.LearningRate;
        if (task is ILengthTask lengths)
            _state.Longest = Math.Min(options.Curriculum?.Start ?? int.MaxValue, lengths.Length.Maximum);
        SetTrainingLengths();
    }

    /// <summary>The task.</summary>
    public ITask Task { get; }

    /// <summary>The options.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The shape of the network that is trained.</summary>
    public NetworkShape Shape { get; }

    /// <summary>B, the number of sequences in an update.</summary>
    public int Rows { get; }

    /// <summary>The number of updates in one epoch of data; null for a task that makes its own sequences.</summary>
    public long? UpdatesPerEpoch => _data?.UpdatesPerEpoch(Rows);

    /// <summary>Updates from one check to the next.</summary>
    public long CheckEvery { get; }

    /// <summary>The budget in updates; a budget in epochs is converted to updates.</summary>
    public long Budget { get; }

    /// <summary>Updates made; may be read from another thread.</summary>
    public long Updates => Volatile.Read(ref _updates);

    /// <summary>A running mean of the training cost, for display; may be read from another thread.</summary>
    public double RecentLoss => Volatile.Read(ref _recentLoss);

    /// <summary>
    /// Mean Euclidean norm of the gradient after clipping, since the check before; NaN where some of these updates were before a
    /// resume. For display.
    /// </summary>
    internal double ClippedNorm =>
        _clippedNorms.Counted == _state.Counted ? _clippedNorms.Sum / _clippedNorms.Counted : double.NaN;

    /// <summary>Whether a check has kept a best model.</summary>
    public bool HasBest => _state.BestUpdate >= 0;

    /// <summary>Continues from a checkpoint as if the run had never stopped, bit for bit.</summary>
    /// <param name="task">The same task.</param>
    /// <param name="options">The same options; only the budget and the threads may differ.</param>
    /// <param name="checkpoint">What <see cref="Capture"/> gave.</param>
    /// <param name="parts">The user's own parts, the same as before.</param>
    /// <exception cref="ArgumentException">The task or an option differs (the message names it and both values), or the
    /// checkpoint is incomplete.</exception>
    public static Trainer Resume(ITask task, TrainingOptions options, Checkpoint checkpoint, TrainingParts? parts = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var trainer = new Trainer(task, options, parts);
        try
        {
            foreach ((string name, string value) in trainer.Identity())
            {
                string? saved = checkpoint.Properties.GetValueOrDefault(name) ?? OptionsText.DefaultOfLater(name);
                if (saved == value) continue;
                throw new ArgumentException(name is "corpus" or "data-fingerprint"
                    ? "The data have changed since the checkpoint was made; put the old content back, or begin a new run."
                    : $"The checkpoint was made with {name} '{saved ?? "(nothing)"}', "
                        + $"not '{value}'; resume with the same options.");
            }

            trainer.Restore(checkpoint);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Trains until the stop rule, the budget or a cancellation ends it.</summary>
    /// <param name="onCheck">Called after every check, on the calling thread.</param>
    /// <param name="cancellation">Ends the run after the update in progress; it can be resumed from
    /// <see cref="Capture"/>.</param>
    /// <exception cref="ArithmeticException">An input or a target of a check is not finite; the message has its row, step and
    /// column. A value of an update that is not finite ends the run with a message, whatever the policy.</exception>
    /// <exception cref="InvalidOperationException">It is running already.</exception>
    public TrainingResult Run(Action<TrainingProgress>? onCheck = null, CancellationToken cancellation = default)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0) throw new InvalidOperationException(
            "This trainer is running already; wait for the end, or make a trainer for each run.");
        try
        {
            return RunAlone(onCheck, cancellation);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private TrainingResult RunAlone(Action<TrainingProgress>? onCheck, CancellationToken cancellation)
    {
        if (_beforeLastCheck is not null) Restore(_beforeLastCheck);
        (_beforeLastCheck, LastResult) = (null, null);
        long started = Clock.Now;
        double before = _state.Seconds;
        TrainingProgress? last = null;
        double Elapsed() => before + Clock.SecondsSince(started);

        while (true)
        {
            // Also when an earlier part of the run solved it.
            bool solved = _state.SolvedAt >= 0 && Options.Stop != StopRule.Budget;
            bool stalled = _state.ChecksSinceBest >= (Options.Patience ?? long.MaxValue);
            bool spent = (_state.Update >= Budget && !CheckIsDue()) || (Options.MaximumMinutes is { } m && Elapsed() >= m * 60);
            if (cancellation.IsCancellationRequested && !solved && !stalled)
            {
                _state.Seconds = Elapsed();
                return Result(TrainingOutcome.Cancelled, last, null);
            }

            if (solved || stalled || spent)
            {
                _state.Seconds = Elapsed();
                if (last?.Update != _state.Update)
                {
                    // A check at the end of a budget, off the regular grid: it evaluates the result, but a run that is resumed
                    // with a larger budget must continue as if the check had not been made.
                    _beforeLastCheck = Capture();
                    if (_state.Update > 0 && _engine.Conclude(_state.Update) is { } why)
                        return Result(TrainingOutcome.NonFinite, last, why);
                    last = Check(Elapsed, CancellationToken.None);
                    onCheck?.Invoke(last);
                }

                TrainingOutcome outcome = !Task.HasSuccessRule ? TrainingOutcome.Finished
                    : _state.SolvedAt >= 0 ? TrainingOutcome.Solved : TrainingOutcome.Unsolved;
                return Result(outcome, last, null);
            }

            if (CheckIsDue())
            {
                // A cancelled check changes nothing: a resumed run makes it first.
                if (TryCheck(Elapsed, cancellation) is not { } check) continue;
                last = check;
                onCheck?.Invoke(last);
                continue;
            }

            if (!TryUpdate(cancellation, out string? failure)) continue;
            if (failure is not null)
            {
                _state.Seconds = Elapsed();
                return Result(TrainingOutcome.NonFinite, last, failure);
            }
        }
    }

    /// <summary>
    /// Trains on a background thread and yields every check; <see cref="LastResult"/> has the result. A consumer that stops early
    /// cancels the run.
    /// </summary>
    public async IAsyncEnumerable<TrainingProgress> RunAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var checks = Channel.CreateUnbounded<TrainingProgress>(
            new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task<TrainingResult> run = System.Threading.Tasks.Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return Run(check => checks.Writer.TryWrite(check), stop.Token);
                }
                finally
                {
                    checks.Writer.Complete();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (TrainingProgress check in checks.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return check;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            LastResult = await run.ConfigureAwait(false);
        }
    }

    /// <summary>The result of the last <see cref="Run"/> or <see cref="RunAsync"/>; null before the first.</summary>
    public TrainingResult? LastResult { get; private set; }

    /// <summary>
    /// Everything needed to continue: parameters, optimizer, schedules and counters. Call it between checks or after a run.
    /// </summary>
    public Checkpoint Capture()
    {
        if (_beforeLastCheck is not null) return _beforeLastCheck;
        var properties = new Dictionary<string, string>(
            Identity().Where(property => property.Value != OptionsText.DefaultOfLater(property.Key)));
        var tensors = new Dictionary<string, Array>();
        _state.Write(properties);
        _engine.Capture(properties, tensors);
        return new Checkpoint(properties, tensors);
    }

    /// <summary>A copy of the current network.</summary>
    /// <typeparam name="T">The precision of the copy; it may differ from that of training.</typeparam>
    public Network<T> LastNetwork<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => _engine.Copy<T>(best: false);

    /// <summary>A copy of the best network of all checks so far.</summary>
    /// <typeparam name="T">The precision of the copy; it may differ from that of training.</typeparam>
    /// <exception cref="InvalidOperationException">There was no check yet.</exception>
    public Network<T> BestNetwork<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NeedBest();
        return _engine.Copy<T>(best: true);
    }

    /// <summary>Writes the current model.</summary>
    /// <exception cref="IOException">It could not be written; an earlier file is as it was.</exception>
    public void SaveLast(string path, IReadOnlyDictionary<string, string>? properties = null) =>
        _engine.Save(path, best: false, Info(_state.Update, properties));

    /// <summary>Writes the best model of all checks so far.</summary>
    /// <exception cref="InvalidOperationException">There was no check yet.</exception>
    /// <exception cref="IOException">It could not be written; an earlier file is as it was.</exception>
    public void SaveBest(string path, IReadOnlyDictionary<string, string>? properties = null)
    {
        NeedBest();
        _engine.Save(path, best: true, Info(_state.BestUpdate, properties));
    }

    /// <summary>Ends the worker threads.</summary>
    public void Dispose() => _engine.Dispose();

    private void NeedBest()
    {
        if (!HasBest) throw new InvalidOperationException("No check has been made yet, so there is no best model.");
    }

    private void Restore(Checkpoint checkpoint)
    {
        TrainerState state = TrainerState.Read(checkpoint);
        if (state.Update < 0) throw new ArgumentException(
            Invariant($"The checkpoint's counter 'update' is {state.Update}; it must be at least 0."));
        if (Task is ILengthTask lengths && (state.Longest < lengths.MinimumLength || state.Longest > lengths.Length.Maximum))
            throw new ArgumentException(
                Invariant($"The checkpoint's counter 'longest' is {state.Longest}; ")
                    + Invariant($"it must lie in {lengths.MinimumLength}..{lengths.Length.Maximum}."));
        _engine.Restore(checkpoint);
        _state = state;
        _clippedNorms = default;
        Volatile.Write(ref _updates, _state.Update);
        SetTrainingLengths();
    }

    private TrainingResult Result(TrainingOutcome outcome, TrainingProgress? last, string? message) =>
        LastResult = new TrainingResult(
            outcome, _state.Update, last, HasBest && Task.HasSuccessRule ? _state.BestError : null,
            Math.Max(0, _state.BestUpdate), _state.SolvedAt >= 0 ? _state.SolvedAt : null, message);

    /// <summary>What must be the same for a resume: the task and every option that can change a bit.</summary>
    private IEnumerable<KeyValuePair<string, string>> Identity()
    {
        yield return new("task", Task.Name);
        yield return new("length", Task is ILengthTask lengths ? lengths.Length.ToString() : "");
        if (Task is IVariantTask variant) yield return new(ModelInfo.VariantKey, OptionsText.Name(variant.Variant));
        foreach (KeyValuePair<string, string> property in _data?.Properties ?? ImmutableSortedDictionary<string, string>.Empty)
            yield return property;
        foreach (KeyValuePair<string, string> option in OptionsText.ToProperties(Options))
        {
            if (!OptionsText.MayChange(option.Key)) yield return option;
        }

        yield return new(OptionsText.OwnOptimizerKey, _engine.OwnOptimizerName ?? "none");
        yield return new(OptionsText.OwnGradientKey, _ownGradient ? "callback" : "none");
    }

    private ModelInfo Info(long update, IReadOnlyDictionary<string, string>? extra)
    {
        var properties = new SortedDictionary<string, string>(
            Identity().Where(p => p.Value != OptionsText.DefaultOfLater(p.Key)).ToDictionary(p => p.Key, p => p.Value),
            StringComparer.Ordinal);
        foreach ((string name, string value) in extra ?? new Dictionary<string, string>()) properties[name] = value;
        return new ModelInfo(Shape)
        {
            Precision = Options.Precision,
            Seed = Options.Seed,
            Update = update,
            Reduction = Options.Reduction ?? Task.Reduction,
            Properties = properties,
        };
    }
}
