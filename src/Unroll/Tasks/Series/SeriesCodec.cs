using Unroll.Data;
using Unroll.Files;
using Unroll.Heads;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>
/// From sequences in their own units to what a network of a <see cref="SeriesKind"/> reads, and from what it says back to their
/// units. It is made of the training fold, is kept in the model's file, and serves without the training data.
/// </summary>
public sealed class SeriesCodec
{
    private const int MostOutputs = NetworkShape.MaximumSize;

    internal SeriesCodec(SeriesKind kind, SeriesOptions options, SequenceEncoder encoder, IReadOnlyList<string> targets,
        IReadOnlyList<string> labels, ColumnScale targetScale, string fingerprint)
    {
        options.Validate();
        (Kind, Options, Encoder, Targets, Labels, TargetScale, Fingerprint) =
            (kind, options, encoder, targets, labels, targetScale, fingerprint);
        if (kind == SeriesKind.Forecast && options.Window == 0)
            throw new ArgumentException("The window is 0 steps; a forecast needs at least 1.");
        bool forecasts = kind == SeriesKind.Forecast, tags = kind == SeriesKind.Tag;
        if (options.SharedChannels && !forecasts)
            throw new ArgumentException("Channels with one set of weights are for forecasts.");
        if (options.Decoder != SeriesDecoder.Direct && !forecasts)
            throw new ArgumentException($"The decoder {ValueNames.Of(options.Decoder)} is for forecasts; leave it out.");
        if (FeedsBack) FedBackRules.Check(this);
        CheckKnown();
        CheckDifferences();
        if (encoder.Options.ScaleByGroup && !forecasts)
            throw new ArgumentException("Scales by group are for forecasts: other folds have no group in common.");
        if (tags && options.Segment > 1) throw new ArgumentException(
            Invariant($"The segment is {options.Segment} steps, but every step is to be tagged; it must be 1."));
        if (tags && encoder.Options.Window != WindowScaling.None)
            throw new ArgumentException("Tags follow a sequence step by step, so no window of it can be scaled as a whole.");
        if (labels.Count > 0 && options.Loss != SeriesLoss.Squared) throw new ArgumentException(
            $"The loss {ValueNames.Of(options.Loss)} is one of numbers, and classes are predicted; leave it out.");
        if (options.Loss == SeriesLoss.Quantile) Quantiles = options.Quantiles;
        StepInputs = options.SharedChannels ? SharedWidth() : encoder.Inputs;
        if (options.Decoder == SeriesDecoder.Parallel) DecoderSteps = Parts(options.Horizon, options.Segment);
        long inputs = ((long)StepInputs * options.Segment) + DecoderSteps + ChannelInputs;
        long outputs = Levels * (forecasts ? (long)PartSteps * (options.SharedChannels ? 1 : targets.Count)
            : Math.Max(1, labels.Count));
        if (inputs > NetworkShape.MaximumSize) throw new ArgumentException(
            Invariant($"A segment of {Counted.Of(options.Segment, "step")} of {Counted.Of(StepInputs, "input")} has ")
                + Invariant($"{Counted.Of(inputs, "input")}; at most ")
                + Invariant($"{NetworkShape.MaximumSize} are possible; take a smaller segment, or fewer columns."));
        if (outputs > MostOutputs) throw new ArgumentException(
            Invariant($"A horizon of {Counted.Of(PartSteps, "step")} of {Counted.Of(targets.Count, "column")} ")
                + (Levels > 1 ? Invariant($"with {Levels} quantiles ") : "")
                + Invariant($"has {Counted.Of(outputs, "output")}; at most {MostOutputs} are possible; take a smaller ")
                + "horizon, or fewer "
                + (Levels > 1 ? "targets or quantiles." : "targets."));
        (Inputs, Outputs) = ((int)inputs, (int)outputs);
        bool every = tags || DecoderSteps > 0 || FeedsBack;
        Head = (labels.Count > 0, options.Loss) switch
        {
            (true, _) => every ? OutputHead.SoftmaxEvery : OutputHead.SoftmaxLast,
            (_, SeriesLoss.Absolute) => every ? OutputHead.AbsoluteEvery : OutputHead.AbsoluteLast,
            (_, SeriesLoss.Huber) => every ? OutputHead.HuberEvery : OutputHead.HuberLast,
            (_, SeriesLoss.Quantile) => every ? OutputHead.QuantileEvery : OutputHead.QuantileLast,
            _ => every ? OutputHead.LinearEvery : OutputHead.LinearLast,
        };
    }

    /// <summary>What is predicted.</summary>
    public SeriesKind Kind { get; }

    /// <summary>How sequences are read.</summary>
    public SeriesOptions Options { get; }

    /// <summary>The columns that are read, and their scales.</summary>
    public SequenceEncoder Encoder { get; }

    /// <summary>The columns that are forecast, or the one column of tags; none for what is of a whole sequence.</summary>
    public IReadOnlyList<string> Targets { get; }

    /// <summary>The classes of sequences or of steps, in the order of outputs; none where numbers are predicted.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The scale of the number of a sequence or of a step; that of a forecast is in <see cref="Encoder"/>.</summary>
    public ColumnScale TargetScale { get; }

    /// <summary>The checksum of the data that the network was trained on (<see cref="SequenceData.Fingerprint"/>).</summary>
    public string Fingerprint { get; }

    /// <summary>I, the width of an input of the network.</summary>
    public int Inputs { get; }

    /// <summary>The head of the network.</summary>
    public OutputHead Head { get; }

    /// <summary>O: horizon times targets (step by step), the horizon where channels share their weights, classes, or 1; times
    /// the quantiles where those are predicted. Of a decoder in parts <see cref="PartSteps"/> stand for the horizon.</summary>
    public int Outputs { get; }

    /// <summary>The numbers that a prediction has: horizon times targets, step by step; the probabilities of classes; one number.
    /// Of tags so many a step. Where quantiles are predicted, each number is so many, the lowest first.</summary>
    public int Width => Kind == SeriesKind.Forecast ? Options.Horizon * Targets.Count * Levels : Outputs;

    /// <summary>The levels of the quantiles that each number is predicted by, in ascending order; null where it is one
    /// number.</summary>
    public QuantileLevels? Quantiles { get; }

    /// <summary>The numbers by which each is predicted: the quantiles, or 1.</summary>
    public int Levels => Quantiles?.Count ?? 1;

    /// <summary>Which of <see cref="Levels"/> stands for the number where one is wanted: the quantile nearest to the
    /// median.</summary>
    public int PointLevel => Quantiles is { } levels
        ? Enumerable.Range(0, levels.Count).MinBy(level => Math.Abs(levels[level] - 0.5)) : 0;

    /// <summary>The parts in which a parallel decoder forecasts the horizon: the fewest equal ones of at most a segment each.
    /// Each is one step of the network behind the window. 0 where all of the horizon is forecast at the window's last
    /// step.</summary>
    public int DecoderSteps { get; }

    /// <summary>The steps of the data in a part of the horizon: all of them where a decoder has no parts, a segment where
    /// forecasts are fed back.</summary>
    public int PartSteps => Options.Horizon / HorizonParts;

    /// <summary>Whether a network of this shape reads and predicts so.</summary>
    public bool Fits(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Encoding == InputEncoding.Dense && shape.Inputs == Inputs && shape.Head == Head && shape.Outputs == Outputs
            && shape.Branches == DecoderSteps
            && (Quantiles is null || shape.Quantiles.Equals(Quantiles))
            && (Options.Loss != SeriesLoss.Huber || shape.HuberDelta == Options.HuberDelta);
    }

    /// <summary>A network with what the loss and the decoder ask of it.</summary>
    internal NetworkShape Complete(NetworkShape shape)
    {
        NetworkShape decoding = shape with { Branches = DecoderSteps };
        return Options.Loss switch
        {
            SeriesLoss.Huber => decoding with { HuberDelta = Options.HuberDelta },
            SeriesLoss.Quantile => decoding with { Quantiles = Options.Quantiles },
            _ => decoding,
        };
    }

    /// <summary>Probabilities, or the number in its own unit, of what the network says at a step.</summary>
    internal void Decode(ReadOnlySpan<double> outputs, Span<double> values)
    {
        if (Labels.Count > 0) SoftmaxCost.Probabilities(outputs, values);
        else for (int q = 0; q < outputs.Length; q++) values[q] = TargetScale.Undo(outputs[q]);
    }

    /// <summary>The inputs of one step of the data.</summary>
    internal int StepInputs { get; }

    /// <summary>The rows of a batch that one window takes: one, or one a channel.</summary>
    internal int RowsPerWindow => Options.SharedChannels ? Targets.Count : 1;

    /// <summary>Whether each part of a forecast is the input from which the next is made.</summary>
    internal bool FeedsBack => Options.Decoder == SeriesDecoder.FedBack;

    /// <summary>The parts of a horizon, each the output of one step of the network: 1 of a direct decoder. They are the outputs
    /// of the last steps of a training example.</summary>
    internal int HorizonParts => FeedsBack ? Options.Horizon / Options.Segment : Math.Max(1, DecoderSteps);

    /// <summary>How many steps ahead columns are read that are known ahead: of the part that is forecast next.</summary>
    internal static int AheadOf(SeriesOptions options) =>
        options.Decoder == SeriesDecoder.FedBack ? options.Segment : options.Horizon;

    /// <summary>The steps of the network for so many of the data, those of a decoder among them. Where forecasts are fed back
    /// they are those of training: the first part is the output of the last step of the window, and no part is read behind the
    /// last.</summary>
    internal int NetworkSteps(int steps) => ReadSteps(steps) + DecoderSteps + (FeedsBack ? HorizonParts - 1 : 0);

    /// <summary>The steps in which the network reads so many of the data.</summary>
    internal int ReadSteps(int steps) => (int)(((long)steps + Options.Segment - 1) / Options.Segment);

    /// <summary>The inputs that say which channel a decoder is of, behind those that say which part.</summary>
    internal int ChannelInputs => DecoderSteps > 0 && Options.SharedChannels ? Targets.Count : 0;

    private static int Parts(int horizon, int segment)
    {
        int parts = (int)(((long)horizon + segment - 1) / segment);
        while (horizon % parts != 0) parts++;
        return parts;
    }

    /// <summary>The place of a target among the encoder's columns.</summary>
    internal int ColumnOf(int target)
    {
        for (int c = 0; c < Encoder.Columns.Count; c++)
        {
            if (Encoder.Columns[c].Name == Targets[target]) return c;
        }

        throw new ArgumentException(Printable.Sentence($"Column '{Targets[target]}' is to be forecast and is not read."));
    }

    /// <summary>What a model's file keeps of it.</summary>
    public IReadOnlyDictionary<string, string> Properties() => SeriesCodecText.Write(this);

    /// <summary>Reads it from a model's file.</summary>
    /// <param name="properties">The properties of the file.</param>
    /// <returns>It, or null where the file is of another kind of task.</returns>
    /// <exception cref="FormatException">What is there is not what <see cref="Properties"/> makes.</exception>
    public static SeriesCodec? Read(IReadOnlyDictionary<string, string> properties) => SeriesCodecText.Read(properties);

    /// <summary>This codec, which reads a label of a category column that training did not have as none of those it had, in the
    /// place of refusing it (<see cref="EncoderOptions.UnknownAsNone"/>).</summary>
    public SeriesCodec WithUnknownAsNone()
    {
        SequenceEncoder encoder = Encoder.WithUnknownAsNone();
        return new SeriesCodec(
            Kind, Options with { Encoder = encoder.Options }, encoder, Targets, Labels, TargetScale, Fingerprint);
    }

    /// <summary>Finds this codec's columns, by name and in any order, in data.</summary>
    /// <param name="data">The data; it needs no targets where nothing is learned from it.</param>
    /// <exception cref="ArgumentException">A column is missing or of another kind, a label is unknown, a value is missing that
    /// must not be, or there are no dates.</exception>
    public SeriesRows Bind(SequenceData data) => new(this, data);

    /// <summary>What is predicted of a fold, in order: the windows of a forecast, or whole sequences.</summary>
    /// <param name="folds">The folds, of the data that it was trained on or of others.</param>
    /// <param name="fold">The fold; none for an empty one.</param>
    /// <exception cref="ArgumentException">A fold that is not empty has no window.</exception>
    public IEnumerable<SequenceWindow> Windows(SequenceFolds folds, Fold fold)
    {
        ArgumentNullException.ThrowIfNull(folds);
        return Kind != SeriesKind.Forecast
            ? folds.Of(fold).Select(part => new SequenceWindow(part.Sequence, part.Start, part.Steps, 0))
            : Each(ForecastWindows(folds, fold));

        static IEnumerable<SequenceWindow> Each(WindowSet? windows)
        {
            for (long i = 0; i < windows?.Count; i++) yield return windows[i];
        }
    }

    /// <summary>The windows of a forecast; null for an empty fold.</summary>
    internal WindowSet? ForecastWindows(SequenceFolds folds, Fold fold) => folds.Of(fold).Count == 0 ? null
        : new WindowSet(folds, fold, Options.Window, Options.Horizon, looksBack: Options.LooksBack && fold != Fold.Train);

    private int SharedWidth()
    {
        int number = Encoder.Options.Missing == MissingPolicy.Mask ? 2 : 1, width = number + (Encoder.Options.Combined ? 1 : 0);
        for (int c = 0; c < Encoder.Columns.Count; c++)
        {
            bool isNumber = Encoder.Columns[c].Kind == ColumnKind.Number;
            width += !isNumber ? Encoder.Columns[c].Labels.Count : Encoder.IsKnown(c) ? number : 0;
        }

        return width + (2 * Encoder.Options.Calendar.Count);
    }

    private void CheckDifferences()
    {
        EncoderOptions reading = Encoder.Options;
        if (reading.Differenced.Count == 0) return;
        if (Kind != SeriesKind.Forecast) throw new ArgumentException("Differences over a season are for forecasts.");
        if (reading.Differenced.FirstOrDefault(reading.Known.Contains) is { } known) throw new ArgumentException(
            Printable.Sentence($"Column '{known}' is known ahead, so no differences of it are read; take it out of one list."));
        if (Options.Window <= reading.Season) throw new ArgumentException(
            Invariant($"The window has {Counted.Of(Options.Window, "step")} and a season {reading.Season}; differences ")
                + "over a season need a "
                + "longer window, two seasons for example.");
    }

    private void CheckKnown()
    {
        EncoderOptions reading = Encoder.Options;
        if (reading.Known.Count == 0) return;
        if (Kind != SeriesKind.Forecast) throw new ArgumentException("Columns that are known ahead are for forecasts.");
        if (Targets.FirstOrDefault(reading.Known.Contains) is { } target) throw new ArgumentException(Printable.Sentence(
            $"Column '{target}' is to be forecast, so it is not known ahead; take it out of one of the two lists."));
        if (reading.Ahead != AheadOf(Options)) throw new ArgumentException(
            Invariant($"Columns are known {Counted.Of(reading.Ahead, "step")} ahead, and {AheadOf(Options)} are forecast."));
        if (Options.Window < reading.Ahead && FeedsBack) throw new ArgumentException(
            Invariant($"The window has {Counted.Of(Options.Window, "step")} and the segment {Options.Segment}; where columns ")
                + "are known ahead the window must be as long at least, because each of its steps reads what is known a segment "
                + "later.");
        if (Options.Window < reading.Ahead) throw new ArgumentException(
            Invariant($"The window has {Counted.Of(Options.Window, "step")} and the horizon {Options.Horizon}; where ")
                + "columns are known ahead "
                + "the window must be as long at least, because each of its steps reads what is known a horizon later.");
    }
}
