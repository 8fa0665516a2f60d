using System.Buffers;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// The next steps of columns from a window of the steps before them: all of them at once the outputs at the window's last step,
/// or in parts (<see cref="SeriesOptions.Decoder"/>). Where forecasts are fed back, an example has the true steps in the place of
/// forecasts, and the window's own steps are not learned from: its scale is known at its end only. Costs are errors
/// (<see cref="SeriesOptions.Loss"/>) in units of the column's and the window's scale.
/// </summary>
public sealed class ForecastTask : SeriesTask
{
    /// <summary>The name of the task.</summary>
    public const string TaskName = "forecast";

    private readonly WindowSet?[] _windows;
    private readonly WindowSet _training;

    /// <summary>A forecast of the data's targets; of all columns of numbers where none is named.</summary>
    /// <param name="folds">The folds, by time.</param>
    /// <param name="options">Window, horizon and what else is chosen.</param>
    /// <exception cref="ArgumentException">A column cannot be read or forecast, a size is out of its range, or a fold that is not
    /// empty has no window.</exception>
    public ForecastTask(SequenceFolds folds, SeriesOptions? options = null)
        : base(folds, Fit(folds, options ?? new SeriesOptions()))
    {
        SeriesOptions o = Codec.Options;
        _training = new WindowSet(folds, Fold.Train, o.Window, o.Horizon, o.Stride);
        _windows = [.. Enum.GetValues<Fold>().Select(fold => Codec.ForecastWindows(folds, fold))];
    }

    /// <inheritdoc/>
    public override string Name => TaskName;

    /// <inheritdoc/>
    public override int Window => Codec.NetworkSteps(Codec.Options.Window);

    private protected override long TrainingExamples => _training.Count * Codec.RowsPerWindow;

    /// <inheritdoc/>
    public override long Examples(Fold fold) => (_windows[(int)fold]?.Count ?? 0) * Codec.RowsPerWindow;

    /// <inheritdoc/>
    public override int StepsOf(Fold fold, long example) => Window;

    /// <inheritdoc/>
    public override void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps) =>
        Fill(batch, row, _windows[(int)fold]!, example);

    /// <summary>The window of an example of a fold.</summary>
    internal SequenceWindow WindowOf(Fold fold, long example) => _windows[(int)fold]![example / Codec.RowsPerWindow];

    private protected override int TrainingSteps(long example) => Window;

    private protected override void FillTraining(Batch batch, int row, long example) => Fill(batch, row, _training, example);

    private static SeriesCodec Fit(SequenceFolds folds, SeriesOptions options)
    {
        ArgumentNullException.ThrowIfNull(folds);
        SequenceData data = folds.Data;
        foreach (int place in data.Targets)
        {
            if (data.Columns[place].Kind == ColumnKind.Category) throw new ArgumentException(Files.Printable.Sentence(
                $"Column '{data.Columns[place].Name}' of {data.Name} has categories, and numbers are forecast; take another "
                    + "target, or tag for a class at every step."));
        }

        IReadOnlyList<string> known = options.Encoder.Known;
        foreach (string name in known) _ = data.ColumnOf(name);
        string[] targets = data.Targets.Count > 0 ? [.. data.Targets.Select(place => data.Columns[place].Name)]
            : [.. data.Columns.Where(column => column.Kind == ColumnKind.Number && !known.Contains(column.Name)
                && (options.Encoder.Columns?.Contains(column.Name) ?? true)).Select(column => column.Name)];
        if (targets.Length == 0)
            throw new ArgumentException(Files.Printable.Sentence($"{data.Name} has no column of numbers to forecast."));
        EncoderOptions reading = options.Encoder with { Ahead = known.Count == 0 ? 1 : SeriesCodec.AheadOf(options) };
        if (options.SharedChannels)
        {
            // Other columns of numbers are read by no channel.
            reading = reading with
            {
                Columns = [.. (reading.Columns ?? [.. data.Columns.Select(column => column.Name)]).Where(name =>
                    targets.Contains(name) || known.Contains(name)
                    || data.Columns[data.ColumnOf(name)].Kind == ColumnKind.Category)],
            };
        }

        var encoder = SequenceEncoder.Fit(folds, reading);
        var codec = new SeriesCodec(SeriesKind.Forecast, options with { Encoder = reading }, encoder, targets, [],
            ColumnScale.Identity, data.Fingerprint());
        for (int k = 0; k < targets.Length; k++) _ = codec.ColumnOf(k);
        return codec;
    }

    private void Fill(Batch batch, int row, WindowSet windows, long example)
    {
        SequenceWindow window = windows[example / Codec.RowsPerWindow];
        int channel = (int)(example % Codec.RowsPerWindow);
        int targets = Codec.Options.SharedChannels ? 1 : Codec.Targets.Count;
        ColumnScale[] lent = ArrayPool<ColumnScale>.Shared.Rent(targets);
        Span<ColumnScale> undo = lent.AsSpan(0, targets);
        Rows.FillInputs(batch, row, window.Sequence, window.Start, window.Steps, channel, undo);
        Rows.FillForecast(batch, row, window, channel, undo);
        ArrayPool<ColumnScale>.Shared.Return(lent);
    }
}
