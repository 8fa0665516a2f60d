using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// A class or a number at every step of a sequence, from the steps up to it. Training reads windows, each from h_0; checks and
/// predictions read sequences from their first step to their last. Steps without a tag are read and not predicted.
/// </summary>
public sealed class TagTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "tag";

    private readonly int _window;
    private readonly long[] _before; // windows of the parts before each
    private readonly double[]? _weights; // of the classes

    /// <summary>A task on the data's one target column, which is no input.</summary>
    /// <param name="folds">The folds.</param>
    /// <param name="options">How sequences are read; a window of 0 steps is a whole sequence.</param>
    /// <exception cref="ArgumentException">There is no target or more than one, its training fold has one class or one number
    /// alone, or a column cannot be read.</exception>
    public TagTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions()))
    {
        _window = Codec.Options.Window == 0 ? base.Window : Math.Min(base.Window, Codec.Options.Window);
        var before = new List<long> { 0 };
        foreach (FoldPart part in folds.Of(Fold.Train)) before.Add(before[^1] + ((part.Steps + _window - 1) / _window));
        _before = [.. before];
        if (Codec.Options.LabelWeights is { } weights)
            _weights = weights.For(Codec.Labels, Codec.Labels.Count == 0 ? [] : Counts(folds, folds.Data.Targets[0]));
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override int Window => _window;

    private protected override long TrainingExamples => _before[^1];

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps)
    {
        ArgumentNullException.ThrowIfNull(batch);
        FoldPart part = Folds.Of(fold)[(int)example];
        Rows.FillInputs(batch, row, part.Sequence, part.Start + start, steps, 0);
        Rows.FillTags(batch, row, part.Sequence, part.Start + start, steps);
        for (int t = 0; _weights is not null && t < steps; t++)
        {
            if (batch.Class(t, row) is >= 0 and int label) batch.SetTargetWeight(t, row, _weights[label]);
        }
    }

    private protected override int TrainingSteps(long example)
    {
        (int part, int start) = Place(example);
        return Math.Min(_window, Folds.Of(Fold.Train)[part].Steps - start);
    }

    private protected override void FillTraining(Batch batch, int row, long example)
    {
        (int part, int start) = Place(example);
        FillExample(batch, row, Fold.Train, part, start, TrainingSteps(example));
    }

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        SequenceData data = folds.Data;
        if (data.Targets.Count != 1) throw new ArgumentException(Files.Printable.Sentence(
            $"Tags are of one column of {data.Name}, and {data.Targets.Count} targets are named; name one."));
        SequenceColumn tag = data.Columns[data.Targets[0]];
        ColumnScale scale = ColumnScale.Identity;
        if (tag.Kind == ColumnKind.Number) scale = ColumnScale.Fit(folds, data.Targets[0], Scaling.Standard);
        else CheckLabels(folds, data.Targets[0]);
        if (data.Columns.Count == 1) throw new ArgumentException(Files.Printable.Sentence(
            $"{data.Name} has no column but '{tag.Name}', so there is nothing to predict it from."));
        EncoderOptions reading = options.Encoder with
        {
            Columns = [.. (options.Encoder.Columns ?? data.Columns.Select(column => column.Name))
                .Where(name => name != tag.Name)],
        };
        return new SeriesCodec(SeriesKind.Tag,
            options with { Encoder = reading, Horizon = 1, Stride = 1, LooksBack = false }, SequenceEncoder.Fit(folds, reading),
            [tag.Name], tag.Labels, scale, data.Fingerprint());
    }

    /// <exception cref="ArgumentException">The training fold has one class, or lacks one.</exception>
    private static void CheckLabels(SequenceFolds folds, int column)
    {
        SequenceColumn tag = folds.Data.Columns[column];
        bool[] trained = [.. Counts(folds, column).Select(count => count > 0)];
        if (trained.Count(seen => seen) < 2) throw new ArgumentException(Files.Printable.Sentence(
            $"Column '{tag.Name}' of {folds.Data.Name} has fewer than two classes in the training fold; there must be two at "
                + "least, or there is nothing to tell apart."));
        foreach (Fold fold in (ReadOnlySpan<Fold>)[Fold.Validation, Fold.Test])
        {
            bool[] seen = [.. Counts(folds, column, fold).Select(count => count > 0)];
            for (int k = 0; k < seen.Length; k++)
            {
                if (seen[k] && !trained[k]) throw new ArgumentException(Files.Printable.Sentence(
                    $"Class '{tag.Labels[k]}' of column '{tag.Name}' is in the {SequenceFolds.NameOf(fold)} fold and at no step "
                        + "of the training fold; split the data in another way, or leave the class out."));
            }
        }
    }

    /// <summary>How often each class is in a fold.</summary>
    private static long[] Counts(SequenceFolds folds, int column, Fold fold = Fold.Train)
    {
        var counts = new long[folds.Data.Columns[column].Labels.Count];
        foreach (FoldPart part in folds.Of(fold))
        {
            foreach (int code in folds.Data.Sequences[part.Sequence].Codes(column).Span.Slice(part.Start, part.Steps))
            {
                if (code >= 0) counts[code]++;
            }
        }

        return counts;
    }

    private (int Part, int Start) Place(long example)
    {
        int part = Array.BinarySearch(_before, example);
        if (part < 0) part = ~part - 1; // each part has at least one window
        return (part, (int)(example - _before[part]) * _window);
    }
}
