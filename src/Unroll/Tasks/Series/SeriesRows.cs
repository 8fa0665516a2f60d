using System.Buffers;
using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>Data as a network of a codec reads them: rows of batches, and predictions in the data's own units.</summary>
public sealed class SeriesRows
{
    private readonly EncodedSequences _sequences;
    private readonly int[] _columns; // of targets, among the encoder's
    private readonly int _tagColumn = -1; // among the data's
    private readonly int[] _tags = []; // from the data's codes to the codec's labels
    private readonly FedBackInputs _fed;

    internal SeriesRows(SeriesCodec codec, SequenceData data)
    {
        (Codec, Data) = (codec, data);
        _sequences = codec.Encoder.Bind(data);
        FedBackRules.CheckData(codec, _sequences);
        _columns = codec.Kind == SeriesKind.Forecast ? [.. codec.Targets.Select((_, k) => codec.ColumnOf(k))] : [];
        _fed = new FedBackInputs(codec, _sequences, _columns);
        if (codec.Kind != SeriesKind.Tag || data.Columns.FirstOrDefault(column => column.Name == codec.Targets[0]) is not { } tag)
            return;
        _tagColumn = data.ColumnOf(tag.Name);
        var places = codec.Labels.Select((label, k) => (label, k))
            .ToDictionary(one => one.label, one => one.k, StringComparer.Ordinal);
        if ((tag.Kind == ColumnKind.Category) != (codec.Labels.Count > 0))
            throw new ArgumentException(Files.Printable.Sentence(
                $"Column '{tag.Name}' of {data.Name} has {(tag.Kind == ColumnKind.Category ? "categories" : "numbers")}, and "
                    + $"{(codec.Labels.Count > 0 ? "categories" : "numbers")} are predicted."));
        _tags = [.. tag.Labels.Select(label => places.GetValueOrDefault(label, -1))];
    }

    /// <summary>How sequences are read.</summary>
    public SeriesCodec Codec { get; }

    /// <summary>The sequences.</summary>
    public SequenceData Data { get; }

    /// <summary>Writes the inputs of some steps of a sequence into a row of a batch, from its step 0 on.</summary>
    /// <param name="batch">A batch of the network's kinds.</param>
    /// <param name="row">The row.</param>
    /// <param name="sequence">Which sequence.</param>
    /// <param name="start">Its first step that is read.</param>
    /// <param name="steps">How many of the data's.</param>
    /// <param name="channel">Which target, where channels share their weights; otherwise 0.</param>
    /// <param name="undo">(targets of a row): receives by what to undo outputs of a forecast; may be empty.</param>
    internal void FillInputs(
        Batch batch, int row, int sequence, int start, int steps, int channel, Span<ColumnScale> undo = default)
    {
        int inputs = Codec.StepInputs, segment = Codec.Options.Segment;
        double[] lent = ArrayPool<double>.Shared.Rent(checked(steps * inputs));
        Span<double> values = lent.AsSpan(0, steps * inputs);
        if (Codec.Options.SharedChannels)
        {
            ColumnScale scale = Shared(sequence, start, steps, channel, values);
            if (!undo.IsEmpty) undo[0] = Composed(_columns[channel], sequence, scale);
        }
        else
        {
            ColumnScale[] scales = ArrayPool<ColumnScale>.Shared.Rent(_sequences.Columns);
            _sequences.Encode(sequence, start, steps, values, scales.AsSpan(0, _sequences.Columns));
            for (int k = 0; k < undo.Length; k++) undo[k] = Composed(_columns[k], sequence, scales[_columns[k]]);
            ArrayPool<ColumnScale>.Shared.Return(scales);
        }

        int network = Codec.ReadSteps(steps), padding = (network * segment) - steps;
        for (int s = 0; s < network; s++)
        {
            // The step is a stretch of the values, the first one shorter where they do not fill it.
            int from = Math.Max(0, (s * segment) - padding), to = ((s + 1) * segment) - padding;
            values[(from * inputs)..(to * inputs)].CopyTo(batch.Dense(s, row)[((segment - (to - from)) * inputs)..]);
        }

        ArrayPool<double>.Shared.Return(lent);

        for (int part = 0; part < Codec.DecoderSteps; part++)
        {
            // What is learned of a part and of a channel are the weights from these inputs.
            Span<double> places = batch.Dense(network + part, row)[(segment * inputs)..];
            places[part] = 1;
            if (Codec.ChannelInputs > 0) places[Codec.DecoderSteps + channel] = 1;
        }
    }

    /// <summary>Writes what is to be forecast behind a window, scaled as its inputs are.</summary>
    internal void FillForecast(Batch batch, int row, SequenceWindow window, int channel, ReadOnlySpan<ColumnScale> undo)
    {
        int parts = Codec.HorizonParts, first = batch.EveryStep ? batch.Steps - parts : 0;
        for (int s = 0; s < first; s++) batch.SkipTarget(s, row);
        for (int part = 0; part < parts; part++)
        {
            FillPart(batch, first + part, row, window, channel, undo, part);
            if (Codec.FeedsBack && part > 0)
                _fed.Fill(batch, first + part, row, window, channel, batch.Values(first + part - 1, row), part - 1);
        }
    }

    /// <summary>Writes what is to be forecast of a part of the horizon as the target of a step.</summary>
    internal void FillPart(
        Batch batch, int step, int row, SequenceWindow window, int channel, ReadOnlySpan<ColumnScale> undo, int part)
    {
        bool shared = Codec.Options.SharedChannels;
        int targets = shared ? 1 : _columns.Length, levels = Codec.Levels, steps = Codec.PartSteps;
        Span<double> values = batch.Values(step, row);
        for (int k = 0; k < targets; k++)
        {
            int column = _columns[shared ? channel : k];
            bool isDifferenced = _sequences.IsDifferenced(column);
            ColumnValues own = _sequences.Values(column, window.Sequence);
            for (int h = 0; h < steps; h++)
            {
                int ahead = (part * steps) + h;
                double target = _sequences.Target(own, column, window.Sequence, window.End + ahead);
                if (isDifferenced) target -= _sequences.BaseOf(column, window.Sequence, window.End, ahead, undo[k]);
                double scaled = undo[k].Apply(target);
                if (levels == 1) values[(h * targets) + k] = scaled;
                else values.Slice(((h * targets) + k) * levels, levels).Fill(scaled);
            }
        }
    }

    /// <summary>Writes a part of the horizon as the input from which the next is forecast.</summary>
    /// <param name="batch">A batch of the network's kinds.</param>
    /// <param name="step">The step of the network.</param>
    /// <param name="row">The row.</param>
    /// <param name="window">The window behind which the horizon begins.</param>
    /// <param name="channel">The channel of the row.</param>
    /// <param name="outputs">(O): what the network said of the part, or what it should have said.</param>
    /// <param name="part">Which part.</param>
    internal void FillFedBack(Batch batch, int step, int row, SequenceWindow window, int channel, ReadOnlySpan<double> outputs,
        int part) => _fed.Fill(batch, step, row, window, channel, outputs, part);

    /// <summary>Writes the tags of some steps; steps without one are not predicted.</summary>
    internal void FillTags(Batch batch, int row, int sequence, int start, int steps)
    {
        Sequence from = Data.Sequences[sequence];
        for (int t = 0; t < steps; t++)
        {
            if (Codec.Labels.Count > 0)
            {
                int code = from.Codes(_tagColumn).Span[start + t];
                batch.SetClass(t, row, code < 0 ? -1 : _tags[code]);
                continue;
            }

            float value = from.Values(_tagColumn)[start + t];
            if (float.IsNaN(value)) batch.SkipTarget(t, row);
            else batch.Values(t, row)[..Codec.Levels].Fill(Codec.TargetScale.Apply(value));
        }
    }

    /// <summary>A forecast in the data's own units.</summary>
    /// <param name="outputs">(O): what the network said of a row.</param>
    /// <param name="window">The window that it is made from.</param>
    /// <param name="channel">The channel of the row.</param>
    /// <param name="undo">What <see cref="FillInputs"/> gave.</param>
    /// <param name="forecast">(horizon, targets, levels): receives the row's part.</param>
    /// <param name="part">Which part of the horizon they are of.</param>
    internal void Undo(
        ReadOnlySpan<double> outputs, SequenceWindow window, int channel, ReadOnlySpan<ColumnScale> undo, Span<double> forecast,
        int part = 0)
    {
        bool shared = Codec.Options.SharedChannels;
        int targets = _columns.Length, own = shared ? 1 : targets, levels = Codec.Levels, first = part * Codec.PartSteps;
        for (int h = 0; h < Codec.PartSteps; h++)
        {
            for (int k = 0; k < own; k++)
            {
                int target = shared ? channel : k;
                bool logarithm = Codec.Encoder.ReadsLogarithm(_columns[target]);
                double from = _sequences.BaseOf(_columns[target], window.Sequence, window.End, first + h, undo[k]);
                for (int q = 0; q < levels; q++)
                {
                    double value = from + undo[k].Undo(outputs[(((h * own) + k) * levels) + q]);
                    forecast[((((first + h) * targets) + target) * levels) + q] = logarithm ? Math.Exp(value) : value;
                }
            }
        }
    }

    /// <summary>The true value of a target at a step, of a tag with classes the class, 0..K-1; NaN where it is missing.</summary>
    /// <param name="sequence">Which sequence.</param>
    /// <param name="step">Its step.</param>
    /// <param name="target">Which of the codec's targets.</param>
    /// <exception cref="InvalidOperationException">A whole sequence is predicted, so a step has no truth.</exception>
    public double TruthAt(int sequence, int step, int target)
    {
        if (Codec.Kind == SeriesKind.Forecast)
            return Data.Sequences[sequence].Values(Data.ColumnOf(Codec.Targets[target]))[step];
        if (Codec.Kind != SeriesKind.Tag)
            throw new InvalidOperationException("A class or a number of a whole sequence is no value of a step.");
        if (Codec.Labels.Count == 0) return Data.Sequences[sequence].Values(_tagColumn)[step];
        int code = Data.Sequences[sequence].Codes(_tagColumn).Span[step];
        return code < 0 || _tags[code] < 0 ? double.NaN : _tags[code];
    }

    /// <summary>Whether the data have the column of tags, or classes or numbers of sequences: what predictions can be compared
    /// with.</summary>
    public bool HasTruth => Codec.Kind switch
    {
        SeriesKind.Forecast => true,
        SeriesKind.Classify => Data.HasClasses,
        SeriesKind.Regress => Data.HasNumbers,
        _ => _tagColumn >= 0,
    };

    /// <summary>The group that all sequences are of, where it is not theirs.</summary>
    internal string? Group
    {
        set => _sequences.Group = value;
    }

    /// <summary>The groups that are scaled as the whole training fold, because it lacks them and others have scales of their
    /// own.</summary>
    public IReadOnlyList<string> UnknownGroups => [.. _sequences.UnknownGroups()];

    /// <summary>The window behind which a sequence is forecast: its last steps, or where columns are known ahead those in front
    /// of the steps of which nothing else is known. Of the other kinds the whole sequence.</summary>
    /// <param name="sequence">Which sequence.</param>
    /// <exception cref="ArgumentException">The sequence has too few steps before or behind it.</exception>
    public SequenceWindow Last(int sequence)
    {
        Sequence from = Data.Sequences[sequence];
        int window = Codec.Options.Window, horizon = Codec.Options.Horizon;
        if (Codec.Kind != SeriesKind.Forecast) return new SequenceWindow(sequence, 0, from.Steps, 0);
        string name = Data.Count == 1 ? Data.Name : $"Sequence '{from.Name}' of {Data.Name}";
        int end = _sequences.ReadsAhead ? _sequences.PastSteps(sequence) : from.Steps;
        if (end < window) throw new ArgumentException(Files.Printable.Sentence(
            Invariant($"{name} has {Counted.Of(end, "row")}, and the network forecasts from {window}; give it more of ")
                + "the past."));
        if (_sequences.ReadsAhead && from.Steps - end < horizon) throw new ArgumentException(Files.Printable.Sentence(
            Invariant($"{name} has {Counted.Of(from.Steps - end, "row")} behind the last one with a value of another ")
                + "column, and the network "
                + Invariant($"must know {Names(Codec.Encoder.Options.Known)} of all {horizon} that it forecasts; add rows ")
                + "that have nothing else."));
        return new SequenceWindow(sequence, end - window, window, horizon);

        static string Names(IReadOnlyList<string> known) => string.Join(", ", known.Select(one => $"'{one}'"));
    }

    private ColumnScale Composed(int column, int sequence, ColumnScale window)
    {
        ColumnScale scale = _sequences.ScaleOf(column, sequence);
        return new ColumnScale(scale.Center + (scale.Scale * window.Center), scale.Scale * window.Scale);
    }

    /// <summary>A channel's own inputs, the categories, what is known ahead, and the calendar.</summary>
    private ColumnScale Shared(int sequence, int start, int steps, int channel, Span<double> values)
    {
        int inputs = Codec.StepInputs, column = _columns[channel];
        ColumnScale scale = _sequences.EncodeColumn(column, sequence, start, steps, values, inputs);
        int input = _sequences.WidthOf(column);
        for (int c = 0; c < _sequences.Columns; c++)
        {
            if (Codec.Encoder.Columns[c].Kind == ColumnKind.Number && !Codec.Encoder.IsKnown(c)) continue;
            _sequences.EncodeColumn(c, sequence, start, steps, values[input..], inputs);
            input += _sequences.WidthOf(c);
        }

        if (input < inputs) _sequences.EncodeCalendar(sequence, start, steps, values[input..], inputs);
        return scale;
    }
}
