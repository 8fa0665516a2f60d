using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// What the tasks over somebody's own sequences share: a codec, a random order for each epoch, exact folds. An example is a whole
/// sequence where a task does not say otherwise.
/// </summary>
public abstract class SeriesTask : ISeriesTask
{
    private readonly int _longest;
    private Ordered? _order; // of the last call: trainers that share a task may take turns

    private sealed record Ordered(ulong Seed, long Epoch, RandomOrder Order);

    private protected SeriesTask(SequenceFolds folds, SeriesCodec codec)
    {
        (Folds, Codec) = (folds, codec);
        Rows = codec.Bind(folds.Data);
        Properties = codec.Properties();
        _longest = codec.NetworkSteps(folds.Of(Fold.Train).Max(part => part.Steps));
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
    public string LossUnit => Codec.Labels.Count > 0 ? "nats" : Codec.Options.Loss switch
    {
        SeriesLoss.Absolute => "absolute error",
        SeriesLoss.Huber => "Huber's error",
        SeriesLoss.Quantile => "pinball cost",
        _ => "squared error",
    };

    /// <inheritdoc/>
    public double CostPerUnit => Codec.Labels.Count > 0 ? 1 : Outputs;

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Mean;

    /// <inheritdoc/>
    public bool HasSuccessRule => false;

    /// <inheritdoc/>
    public virtual int Window => _longest;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>The number of training examples.</summary>
    private protected virtual long TrainingExamples => Examples(Fold.Train);

    /// <inheritdoc/>
    public NetworkShape Complete(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Codec.Complete(shape);
    }

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
            _order = known = new Ordered(key.Seed, epoch,
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
    public virtual long Examples(Fold fold) => Folds.Of(fold).Count;

    /// <inheritdoc/>
    public virtual int StepsOf(Fold fold, long example) => Codec.NetworkSteps(Folds.Of(fold)[(int)example].Steps);

    /// <inheritdoc/>
    public abstract void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps);

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(predictions);
        correct.Clear();
        if (Head != OutputHead.SoftmaxLast) return;
        for (int row = 0; row < batch.Rows; row++) correct[row] = predictions.Argmax(0, row) == batch.Class(0, row);
    }

    /// <summary>The steps that the network reads of a training example.</summary>
    private protected virtual int TrainingSteps(long example) => StepsOf(Fold.Train, example);

    /// <summary>Writes a whole training example.</summary>
    private protected virtual void FillTraining(Batch batch, int row, long example) =>
        FillExample(batch, row, Fold.Train, example, 0, TrainingSteps(example));

    /// <summary>Writes the inputs of a whole sequence, and gives the sequence.</summary>
    private protected Sequence FillSequence(Batch batch, int row, Fold fold, long example)
    {
        FoldPart part = Folds.Of(fold)[(int)example];
        Rows.FillInputs(batch, row, part.Sequence, part.Start, part.Steps, 0);
        return Folds.Data.Sequences[part.Sequence];
    }

    /// <summary>The codec of a task that predicts something of whole sequences.</summary>
    private protected static SeriesCodec FitSequences(
        SeriesKind kind, SequenceFolds folds, SeriesOptions options, IReadOnlyList<string> labels, ColumnScale scale) =>
        new(kind, options with { Window = 0, Horizon = 1, Stride = 1, LooksBack = false },
            SequenceEncoder.Fit(folds, options.Encoder), [], labels, scale, folds.Data.Fingerprint());
}
