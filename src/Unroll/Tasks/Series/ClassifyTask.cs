using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The class of a sequence, at its last step; the cost is the cross-entropy in nats.</summary>
public sealed class ClassifyTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "classify";

    /// <summary>A task on labelled sequences.</summary>
    /// <param name="folds">The folds, of whole sequences.</param>
    /// <param name="options">How sequences are read.</param>
    /// <exception cref="ArgumentException">There are no classes, only one, or one that the training fold lacks; or a column
    /// cannot be read.</exception>
    public ClassifyTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions()))
    {
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.SetClass(0, row, FillSequence(batch, row, fold, example).Class);
    }

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        folds.CheckClasses();
        return FitSequences(SeriesKind.Classify, folds, options, folds.Data.Classes, ColumnScale.Identity);
    }
}
