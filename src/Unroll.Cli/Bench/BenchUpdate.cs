using Unroll.Training;

namespace Unroll.Cli.Bench;

/// <summary>One update of a standard shape on one given batch, again and again.</summary>
internal sealed class BenchUpdate : IDisposable
{
    private readonly BenchShape _shape;
    private readonly TrainingOptions _options;
    private readonly TrainingEngine<float> _engine;
    private readonly Batch _batch;
    private long _update;

    public BenchUpdate(BenchShape shape, bool regularized, int threads)
    {
        _shape = shape;
        _options = shape.Options(regularized, threads);
        ITask task = shape.CreateTask();
        _engine = new TrainingEngine<float>(task, _options, OptionsRules.Check(task, _options));
        _batch = Batch.For(task);
        task.Fill(_batch, shape.Rows, new RandomKey(1, RandomStream.Training, 0));
    }

    /// <summary>Makes an update; numbers whose time would mean nothing are refused.</summary>
    public void Run(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        UpdateReport report = _engine.Update(_batch, _options.Omega, _options.LearningRate, ++_update);
        if (report.Failure is not null || !double.IsFinite(report.Loss) || !(report.Clip.NormBefore > 0))
            throw new InvalidOperationException(
                $"The update of {_shape.Name} gave the cost {report.Loss} and the gradient norm {report.Clip.NormBefore}; its "
                    + "time would mean nothing.");
    }

    public void Dispose() => _engine.Dispose();
}
