using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The number of a sequence, at its last step; the cost is an error (<see cref="SeriesOptions.Loss"/>) in units of the
/// deviation of the training fold's numbers.</summary>
public sealed class RegressTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "regress";

    /// <summary>A task on sequences with a number each.</summary>
    /// <param name="folds">The folds, of whole sequences.</param>
    /// <param name="options">How sequences are read.</param>
    /// <exception cref="ArgumentException">Sequences have no number, or all of the training fold the same; or a column cannot be
    /// read.</exception>
    public RegressTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions()))
    {
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Values(0, row)[..Codec.Levels].Fill(Codec.TargetScale.Apply(FillSequence(batch, row, fold, example).Number));
    }

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        SequenceData data = folds.Data;
        if (!data.HasNumbers) throw new ArgumentException(Files.Printable.Sentence(
            $"The sequences of {data.Name} have no number; name the column that has one for each sequence."));
        double[] numbers = [.. folds.Of(Fold.Train).Select(part => (double)data.Sequences[part.Sequence].Number)];
        double mean = numbers.Average(), deviation = Math.Sqrt(numbers.Average(number => (number - mean) * (number - mean)));
        if (!(deviation > 0)) throw new ArgumentException(Files.Printable.Sentence(
            Invariant($"All sequences of the training fold have the number {mean}; there is nothing to learn.")));
        return FitSequences(SeriesKind.Regress, folds, options, [], new ColumnScale(mean, deviation));
    }
}
