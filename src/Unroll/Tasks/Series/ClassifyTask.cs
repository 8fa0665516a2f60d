using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The class of a sequence, at its last step; the cost is the cross-entropy in nats.</summary>
public sealed class ClassifyTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "classify";

    private readonly double[]? _weights; // of the classes

    /// <summary>A task on labelled sequences.</summary>
    /// <param name="folds">The folds, of whole sequences.</param>
    /// <param name="options">How sequences are read.</param>
    /// <exception cref="ArgumentException">There are no classes, only one, or one that the training fold lacks; a label that is
    /// weighed is none; or a column cannot be read.</exception>
    public ClassifyTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions()))
    {
        if (Codec.Options.LabelWeights is not { } weights) return;
        var counts = new long[Codec.Labels.Count];
        foreach (FoldPart part in folds.Of(Fold.Train)) counts[folds.Data.Sequences[part.Sequence].Class]++;
        _weights = weights.For(Codec.Labels, counts);
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int label = FillSequence(batch, row, fold, example).Class;
        batch.SetClass(0, row, label);
        if (_weights is not null) batch.SetTargetWeight(0, row, _weights[label]);
    }

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        folds.CheckClasses();
        return FitSequences(SeriesKind.Classify, folds, options, folds.Data.Classes, ColumnScale.Identity);
    }
}
