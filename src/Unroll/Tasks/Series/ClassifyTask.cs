using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The class of a sequence, at its last step; the cost is the cross-entropy in nats.</summary>
public sealed class ClassifyTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "classify";

    private readonly WholeSequences _examples;

    /// <summary>A task on labelled sequences.</summary>
    /// <param name="folds">The folds, of whole sequences.</param>
    /// <param name="options">How sequences are read.</param>
    /// <exception cref="ArgumentException">There are no classes, only one, or one that the training fold lacks; or a column
    /// cannot be read.</exception>
    public ClassifyTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions())) => _examples = new WholeSequences(folds, Rows);

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override int Window => _examples.Longest;

    private protected override long TrainingExamples => _examples.Count(Fold.Train);

    /// <inheritdoc/>
    public override long Examples(Fold fold) => _examples.Count(fold);

    /// <inheritdoc/>
    public override int StepsOf(Fold fold, long example) => _examples.StepsOf(fold, example);

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.SetClass(0, row, _examples.Fill(batch, row, fold, example).Class);
    }

    private protected override int TrainingSteps(long example) => StepsOf(Fold.Train, example);

    private protected override void FillTraining(Batch batch, int row, long example) =>
        FillExample(batch, row, Fold.Train, example, 0, 0);

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        folds.CheckClasses();
        SequenceEncoder encoder = SequenceEncoder.Fit(folds, options.Encoder);
        return new SeriesCodec(SeriesKind.Classify,
            options with { Window = 0, Horizon = 1, Stride = 1, LooksBack = false }, encoder,
            [], folds.Data.Classes, ColumnScale.Identity, folds.Data.Fingerprint());
    }
}
