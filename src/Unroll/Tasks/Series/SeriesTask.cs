using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>What the tasks over somebody's own sequences share: a codec, a random order for each epoch, exact folds.</summary>
public abstract class SeriesTask : ISeriesTask
{
    private (ulong Seed, long Epoch, RandomOrder Order)? _order;

    private protected SeriesTask(SequenceFolds folds, SeriesCodec codec)
    {
        (Folds, Codec) = (folds, codec);
        Rows = codec.Bind(folds.Data);
        Properties = codec.Properties();
    }

    /// <summary>The data, and what is learned from, chosen by and reported.</summary>
    public SequenceFolds Folds { get; }

    /// <summary>How sequences are read and predictions are meant.</summary>
    public SeriesCodec Codec { get; }

    /// <summary>The data as the network reads them.</summary>
    public SeriesRows Rows { get; }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.Dense;

    /// <inheritdoc/>
    public int Inputs => Codec.Inputs;

    /// <inheritdoc/>
    public OutputHead Head => Codec.Head;

    /// <inheritdoc/>
    public int Outputs => Codec.Outputs;

    /// <inheritdoc/>
    public string LossUnit => Codec.Labels.Count > 0 ? "nats" : "squared error";

    /// <inheritdoc/>
    public double CostPerUnit => Codec.Labels.Count > 0 ? 1 : Outputs;

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Mean;

    /// <inheritdoc/>
    public bool HasSuccessRule => false;

    /// <inheritdoc/>
    public abstract int Window { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>The number of training examples.</summary>
    private protected abstract long TrainingExamples { get; }

    /// <inheritdoc/>
    public long UpdatesPerEpoch(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return (TrainingExamples + rows - 1) / rows;
    }

    /// <inheritdoc/>
    /// <remarks>The last update of an epoch has fewer rows when the examples do not fill it.</remarks>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        long updates = UpdatesPerEpoch(rows), epoch = key.Index / updates;
        if (_order is not { } known || known.Seed != key.Seed || known.Epoch != epoch)
            _order = known = (key.Seed, epoch,
                new RandomOrder(new RandomKey(key.Seed, RandomStream.Order, epoch), TrainingExamples));
        long first = key.Index % updates * rows;
        int count = (int)Math.Min(rows, TrainingExamples - first);
        int longest = 1;
        for (int row = 0; row < count; row++) longest = Math.Max(longest, TrainingSteps(known.Order[first + row]));
        batch.Resize(count, longest);
        for (int row = 0; row < count; row++)
        {
            long example = known.Order[first + row];
            batch.Lengths[row] = TrainingSteps(example);
            FillTraining(batch, row, example);
        }
    }

    /// <inheritdoc/>
    public abstract long Examples(Fold fold);

    /// <inheritdoc/>
    public abstract int StepsOf(Fold fold, long example);

    /// <inheritdoc/>
    public abstract void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps);

    /// <inheritdoc/>
    public virtual void Judge(Batch batch, Predictions predictions, Span<bool> correct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(predictions);
        correct.Clear();
        if (Head != OutputHead.SoftmaxLast) return;
        for (int row = 0; row < batch.Rows; row++) correct[row] = predictions.Argmax(0, row) == batch.Class(0, row);
    }

    /// <summary>The steps that the network reads of a training example.</summary>
    private protected abstract int TrainingSteps(long example);

    /// <summary>Writes a whole training example.</summary>
    private protected abstract void FillTraining(Batch batch, int row, long example);

    /// <summary>An encoder without the columns that are to be predicted.</summary>
    private protected static EncoderOptions Without(SequenceData data, EncoderOptions options, string column) => options with
    {
        Columns = options.Columns is { } given ? [.. given.Where(name => name != column)]
            : [.. data.Columns.Select(one => one.Name).Where(name => name != column)],
    };
}
