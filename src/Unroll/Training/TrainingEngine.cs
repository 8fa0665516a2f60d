using System.Numerics;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The part of a training run that depends on the precision; the trainer holds the rest.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>The name of a user's own optimizer; null for one of the library's.</summary>
    string? OwnOptimizerName { get; }

    /// <summary>The clipping threshold of the next update, where it adapts; otherwise null.</summary>
    double? ClipThreshold { get; }

    /// <summary>lambda of the next update of Hessian-Free, a predicted output; null for other optimizers.</summary>
    double? Damping { get; }

    /// <summary>Makes one update with the steps of <see cref="UpdatePipeline{T}"/>.</summary>
    /// <exception cref="OperationCanceledException">One that takes long was cancelled, and left no trace.</exception>
    UpdateReport Update(
        Batch batch, double alpha, double rate, long update, FreshSequences fresh = default);

    /// <summary>Does what waited for a check, behind a last update; gives why it cannot be done, or null.</summary>
    string? Conclude(long update);

    /// <summary>Copies the outputs of the last update's forward pass.</summary>
    void CopyOutputs(Predictions predictions);

    EvaluationResult Validate(RandomKey key, long sequences, CancellationToken cancellation);

    /// <summary>Evaluates on another version of the task.</summary>
    EvaluationResult EvaluateOn(ITask task, RandomKey key, long sequences, CancellationToken cancellation);

    (double SpectralRadius, double LargestSingularValue) Spectrum();

    /// <summary>Keeps the current parameters as the best ones.</summary>
    void KeepBest();

    /// <summary>Returns to the best parameters and resets the optimizer.</summary>
    void GoBackToBest();

    /// <summary>A copy of the best or of the current network, in another precision or the same.</summary>
    Network<TOut> Copy<TOut>(bool best)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>;

    void Save(string path, bool best, ModelInfo info);

    void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors);

    void Restore(Checkpoint checkpoint);
}

/// <inheritdoc/>
internal sealed class TrainingEngine<T> : ITrainingEngine
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly CostReduction _reduction;
    private readonly UnrolledNetwork<T> _unrolled;
    private readonly UpdatePipeline<T> _pipeline;
    private readonly Evaluator.OfTask<T> _evaluator;
    private readonly CorpusEvaluator.Reader<T>? _corpus;
    private readonly ISeriesTask? _series;
    private readonly Batch? _seriesBatch;
    private readonly T[] _best;
    private readonly int _rows;

    // Checks run on the moving average or, without averaging, on the trained network itself. They are always separate from
    // training, where a task may carry states over from one update to the next.
    private readonly Network<T> _evaluated;
    private readonly UnrolledNetwork<T> _evaluatedUnrolled;
    private readonly Analysis.SpectrumMeter<T> _spectrum;

    /// <exception cref="ArgumentException">The parts are of another precision, or one of them is not valid.</exception>
    public TrainingEngine(ITask task, TrainingOptions options, NetworkShape shape, TrainingParts? parts = null)
    {
        if (parts is not null and not TrainingParts<T>)
            throw new ArgumentException($"The parts of training are written in {OptionsText.Name(parts.Precision)} and the run "
                + $"is in {OptionsText.Name(options.Precision)}; choose the same precision.");
        var own = (TrainingParts<T>?)parts;
        _rows = task.WholeSet ?? options.BatchSize;
        _reduction = options.Reduction ?? task.Reduction;
        Network = new Network<T>(shape);
        if (own?.Initializer is { } initialize) initialize(Network, options.Seed);
        else Initializer.Initialize(Network, OptionsRules.StartOf(options), options.Seed);
        _unrolled = new UnrolledNetwork<T>(Network, options.Threads);
        try
        {
            _pipeline = new UpdatePipeline<T>(task, options, _unrolled, own);
        }
        catch
        {
            _unrolled.Dispose();
            throw;
        }

        _best = new T[shape.ParameterCount];
        _evaluated = _pipeline.Averaging is null ? Network : new Network<T>(shape);
        _evaluatedUnrolled = new UnrolledNetwork<T>(_evaluated, options.Threads);
        _spectrum = new Analysis.SpectrumMeter<T>(_evaluated);
        _evaluator = new Evaluator.OfTask<T>(_evaluatedUnrolled, task, _reduction);
        _series = task as ISeriesTask;
        if (_series is not null) _seriesBatch = Batch.For(task);
        if (task is ICorpusTask corpus) _corpus = new CorpusEvaluator.Reader<T>(_evaluatedUnrolled, corpus);
    }

    /// <summary>The network in training.</summary>
    public Network<T> Network { get; }

    /// <summary>The steps of an update.</summary>
    internal UpdatePipeline<T> Pipeline => _pipeline;

    public string? OwnOptimizerName => _pipeline.OwnOptimizerName;

    public double? ClipThreshold => _pipeline.ClipThreshold;

    public double? Damping => _pipeline.Damping;

    public UpdateReport Update(
        Batch batch, double alpha, double rate, long update, FreshSequences fresh = default) =>
        _pipeline.Run(batch, alpha, rate, update, fresh);

    public string? Conclude(long update) => _pipeline.Conclude(update);

    public void CopyOutputs(Predictions predictions) => _unrolled.CopyOutputs(predictions);

    public EvaluationResult Validate(RandomKey key, long sequences, CancellationToken cancellation)
    {
        if (_pipeline.Averaging is { } averaging) averaging.Average.CopyTo(_evaluated.Parameters);
        if (_series is not null)
        {
            return SeriesEvaluator.Evaluate(
                _evaluatedUnrolled, _series, _seriesBatch!, Data.Fold.Validation, _reduction, cancellation);
        }

        if (_corpus is null) return _evaluator.Run(key, sequences, cancellation);
        FoldCost cost = _corpus.Run(Data.Fold.Validation, cancellation);
        return new EvaluationResult(null, cost.Streams.Count, null, null, cost.Loss, cost.LossUnit);
    }

    public EvaluationResult EvaluateOn(ITask task, RandomKey key, long sequences, CancellationToken cancellation) =>
        new Evaluator.OfTask<T>(_evaluatedUnrolled, task, _reduction).Run(key, sequences, cancellation);

    public (double SpectralRadius, double LargestSingularValue) Spectrum() => _spectrum.Measure();

    public void KeepBest() => _evaluated.Parameters.CopyTo(_best);

    public void GoBackToBest()
    {
        _best.CopyTo(Network.Parameters);
        _pipeline.WentBack(_best);
    }

    public void Save(string path, bool best, ModelInfo info) => ModelFile.Save(path, Copy<T>(best), info);

    public Network<TOut> Copy<TOut>(bool best)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        var copy = new Network<T>(Network.Shape);
        ReadOnlySpan<T> source = best ? _best : _pipeline.Averaging is { } averaging ? averaging.Average : Network.Parameters;
        source.CopyTo(copy.Parameters);
        return copy.Convert<TOut>();
    }

    public void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors)
    {
        tensors["parameters"] = Network.Parameters.ToArray();
        tensors["best"] = _best.ToArray();
        tensors["carried"] = Carried();
        _pipeline.Capture(properties, tensors);
    }

    public void Restore(Checkpoint checkpoint)
    {
        var parameters = new T[Network.Shape.ParameterCount];
        CheckpointValues.Read(checkpoint, "parameters", parameters);
        parameters.CopyTo(Network.Parameters);
        CheckpointValues.Read(checkpoint, "best", _best);
        T[] carried = Carried();
        CheckpointValues.Read(checkpoint, "carried", carried);
        for (int r = 0; r < _rows; r++)
            carried.AsSpan(r * Network.Shape.StateWidth, Network.Shape.StateWidth).CopyTo(_unrolled.CarriedState(r));
        _pipeline.Restore(checkpoint);
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _unrolled.Dispose();
        _evaluatedUnrolled.Dispose();
    }

    /// <summary>(B, S): the states from which the next update's rows may continue.</summary>
    private T[] Carried()
    {
        var carried = new T[_rows * Network.Shape.StateWidth];
        _ = _unrolled.CarriedState(_rows - 1); // the last row first, so that the network makes room for all rows at once
        for (int r = 0; r < _rows; r++) _unrolled.CarriedState(r).CopyTo(carried.AsSpan(r * Network.Shape.StateWidth));
        return carried;
    }
}
