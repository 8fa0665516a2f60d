using System.Buffers;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>Data as a network reads them: fills dense inputs of batches from views of sequences.</summary>
public sealed class EncodedSequences
{
    private readonly SequenceEncoder _encoder;
    private readonly int[] _places;
    private readonly int[]?[] _labels; // from the data's codes to the encoder's, -1 for none
    private readonly bool[] _logarithms, _known, _differenced, _combined;
    private readonly int[] _ahead; // steps
    private readonly IReadOnlyList<ColumnScale>?[] _groups; // by sequence; null until it is read

    internal EncodedSequences(SequenceEncoder encoder, SequenceData data, bool isTraining = false)
    {
        ArgumentNullException.ThrowIfNull(data);
        (_encoder, Data) = (encoder, data);
        _places = new int[encoder.Columns.Count];
        _labels = new int[]?[_places.Length];
        _logarithms = [.. Enumerable.Range(0, _places.Length).Select(encoder.ReadsLogarithm)];
        _differenced = [.. Enumerable.Range(0, _places.Length).Select(encoder.IsDifferenced)];
        _combined = [.. Enumerable.Range(0, _places.Length).Select(encoder.IsCombined)];
        _known = [.. Enumerable.Range(0, _places.Length).Select(encoder.IsKnown)];
        _ahead = [.. Enumerable.Range(0, _places.Length).Select(encoder.AheadOf)];
        _groups = new IReadOnlyList<ColumnScale>?[data.Count];
        for (int c = 0; c < _places.Length; c++)
        {
            SequenceColumn column = encoder.Columns[c];
            if (_ahead[c] > 0 && data.Columns.Any(one => one.Name == column.Name)) _ahead[c] = 0; // it is a column of its own
            else if (_ahead[c] > 0) column = encoder.Columns[encoder.SourceOf(c)];
            _places[c] = data.ColumnOf(column.Name);
            SequenceColumn given = data.Columns[_places[c]];
            if (given.Kind != column.Kind) throw new ArgumentException(Files.Printable.Sentence(
                $"Column '{column.Name}' of {data.Name} has {(given.Kind == ColumnKind.Number ? "numbers" : "categories")} "
                    + $"where the network reads {(column.Kind == ColumnKind.Number ? "numbers" : "categories")}."));
            if (given.Kind == ColumnKind.Category) _labels[c] = [.. given.Labels.Select(label => Place(column, label))];
        }

        if (encoder.Options.Calendar.Count > 0 && data.Sequences.FirstOrDefault(one => !one.Times.IsDate) is { } without)
            throw new ArgumentException(Files.Printable.Sentence(
                $"Sequence '{without.Name}' of {data.Name} has no dates, which the calendar columns are made of; name the "
                    + "column of times, or leave the calendar out."));
        ReadsAhead = _ahead.Any(steps => steps > 0);
        if (encoder.Options.Missing == MissingPolicy.Error) Check(isTraining);
        for (int c = 0; c < _places.Length; c++)
        {
            if (_logarithms[c]) SequenceEncoder.CheckPositive(data, _places[c]);
        }
    }

    /// <summary>The data.</summary>
    public SequenceData Data { get; }

    /// <summary>Whether steps behind a window are read, of columns that are known ahead.</summary>
    internal bool ReadsAhead { get; }

    /// <summary>The group of all sequences, where it is not theirs; by it they are scaled.</summary>
    internal string? Group
    {
        get;
        set
        {
            if (field != value) Array.Clear(_groups);
            field = value;
        }
    }

    /// <summary>The number of scales that <see cref="Fill"/> writes: one a column.</summary>
    public int Columns => _places.Length;

    /// <summary>Writes the inputs of some steps of a sequence into a row of a batch, from its step 0 on.</summary>
    /// <param name="batch">A batch of dense inputs of the encoder's width.</param>
    /// <param name="row">The row.</param>
    /// <param name="sequence">Which sequence.</param>
    /// <param name="start">Its first step that is read.</param>
    /// <param name="steps">How many.</param>
    /// <param name="scales">(columns): receives the scale of the window by column, to undo outputs with; may be empty.</param>
    /// <exception cref="ArgumentException">The batch does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public void Fill(Batch batch, int row, int sequence, int start, int steps, Span<ColumnScale> scales = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (batch.Encoding != InputEncoding.Dense || batch.Inputs != _encoder.Inputs)
            throw new ArgumentException(Invariant($"The batch must have dense inputs of width {_encoder.Inputs}."));
        if (!scales.IsEmpty && scales.Length != Columns) throw new ArgumentException(
            Invariant($"{Counted.There(Columns, "column")}, not {scales.Length}."));
        int inputs = _encoder.Inputs;
        double[] window = ArrayPool<double>.Shared.Rent(checked(steps * inputs));
        Encode(sequence, start, steps, window, scales);
        for (int t = 0; t < steps; t++) window.AsSpan(t * inputs, inputs).CopyTo(batch.Dense(t, row));
        ArrayPool<double>.Shared.Return(window);
    }

    /// <summary>The number of inputs that a column gives a step.</summary>
    internal int WidthOf(int column) => _labels[column] is not null ? _encoder.Columns[column].Labels.Count
        : (_encoder.Options.Missing == MissingPolicy.Mask ? 2 : 1) + (_combined[column] ? 1 : 0);

    /// <summary>(steps, I): writes the inputs of all columns.</summary>
    internal void Encode(int sequence, int start, int steps, Span<double> to, Span<ColumnScale> scales)
    {
        int input = 0, inputs = _encoder.Inputs;
        for (int c = 0; c < _places.Length; c++)
        {
            ColumnScale scale = EncodeColumn(c, sequence, start, steps, to[input..], inputs);
            if (!scales.IsEmpty) scales[c] = scale;
            input += WidthOf(c);
        }

        if (input < inputs) EncodeCalendar(sequence, start, steps, to[input..], inputs);
    }

    /// <summary>Writes the inputs of one column, every <paramref name="stride"/> numbers, and gives the scale of the
    /// window.</summary>
    internal ColumnScale EncodeColumn(int column, int sequence, int start, int steps, Span<double> to, int stride)
    {
        Sequence from = Data.Sequences[sequence];
        start += _ahead[column];
        if (_labels[column] is { } labels)
        {
            ReadOnlySpan<int> codes = from.Codes(_places[column]).Span.Slice(start, steps);
            for (int t = 0; t < steps; t++)
            {
                to.Slice(t * stride, _encoder.Columns[column].Labels.Count).Clear();
                if (codes[t] >= 0 && labels[codes[t]] is >= 0 and int label) to[(t * stride) + label] = 1;
            }

            return ColumnScale.Identity;
        }

        double[] lent = ArrayPool<double>.Shared.Rent(steps);
        float[] lentRaw = ArrayPool<float>.Shared.Rent(steps);
        Span<double> values = lent.AsSpan(0, steps);
        Span<float> raw = lentRaw.AsSpan(0, steps);
        ColumnScale own = ScaleOf(column, sequence);
        Scaled(from.Values(_places[column]), start, raw, values, column, own);
        int first = _differenced[column] ? _encoder.Options.Season : 0; // the first step that says something
        if (first >= steps) throw new ArgumentException(
            Invariant($"The window has {Counted.Of(steps, "step")} and a season {first}; it must be longer."));
        for (int t = 0, level = WidthOf(column) - 1; _combined[column] && t < steps; t++)
            to[(t * stride) + level] = values[t] - values[^1]; // in units of the differences' scale
        if (first > 0) SeasonalDifference.Apply(values, first, own);
        for (int t = first; first > 0 && t < steps; t++)
        {
            // Nothing is known of a difference from or to a missing value, unless an earlier one stands for it.
            if (_encoder.Options.Missing != MissingPolicy.Forward && (float.IsNaN(raw[t]) || float.IsNaN(raw[t - first])))
                values[t] = 0;
        }

        ColumnScale scale = WindowScales.Fit(_known[column] ? WindowScaling.None : _encoder.Options.Window, values[first..]);
        bool masked = _encoder.Options.Missing == MissingPolicy.Mask;
        for (int t = 0; t < steps; t++)
        {
            to[t * stride] = t < first ? 0 : scale.Apply(values[t]);
            if (masked) to[(t * stride) + 1] = float.IsNaN(raw[t]) ? 1 : 0;
        }

        ArrayPool<double>.Shared.Return(lent);
        ArrayPool<float>.Shared.Return(lentRaw);
        return scale;
    }

    /// <summary>Writes the inputs of the calendar, every <paramref name="stride"/> numbers.</summary>
    internal void EncodeCalendar(int sequence, int start, int steps, Span<double> to, int stride)
    {
        EncodeCalendar(Data.Sequences[sequence].Times.Dates.Span.Slice(start, steps), to, stride);
    }

    /// <summary>Writes the inputs of the calendar at some dates, every <paramref name="stride"/> numbers.</summary>
    internal void EncodeCalendar(ReadOnlySpan<DateTime> dates, Span<double> to, int stride)
    {
        int input = 0;
        foreach (CalendarPart part in _encoder.Options.Calendar)
        {
            for (int t = 0; t < dates.Length; t++)
                (to[(t * stride) + input], to[(t * stride) + input + 1]) = Calendar.Inputs(part, dates[t]);
            input += 2;
        }
    }

    /// <summary>What of a column is to be predicted at a step, before it is scaled: the last value before it where it is missing,
    /// the center of the scale where there is none.</summary>
    internal double Target(int column, int sequence, int step) => Target(Values(column, sequence), column, sequence, step);

    /// <summary>The same from the values of the column.</summary>
    internal double Target(ColumnValues values, int column, int sequence, int step)
    {
        while (step >= 0 && float.IsNaN(values[step])) step--;
        return step < 0 ? ScaleOf(column, sequence).Center : _logarithms[column] ? Math.Log(values[step]) : values[step];
    }

    /// <summary>The values of a column in a sequence.</summary>
    internal ColumnValues Values(int column, int sequence) => Data.Sequences[sequence].Values(_places[column]);

    /// <summary>Whether a column is read as differences over a season.</summary>
    internal bool IsDifferenced(int column) => _differenced[column];

    /// <summary>What is added to the value that the scales give of a step behind a window: nothing, or of a column that is read
    /// as differences the value a season before, and the drift of the seasons that are not known; of one of which values are
    /// combined with differences the mean of that and the last value.</summary>
    internal double BaseOf(int column, int sequence, int end, int ahead, ColumnScale undo)
    {
        if (!_differenced[column]) return 0;
        (int step, int seasons) = SeasonalDifference.Base(end, ahead, _encoder.Options.Season);
        double season = Target(column, sequence, step) + (seasons * undo.Center);
        return !_combined[column] ? season : (season + Target(column, sequence, end - 1) - undo.Center) / 2;
    }

    /// <summary>The scale of a column in a sequence.</summary>
    internal ColumnScale ScaleOf(int column, int sequence) => (_groups[sequence] ??= _encoder.GroupScales.Count == 0
        ? _encoder.Scales : _encoder.ScalesOf(Group ?? SequenceEncoder.GroupOf(Data.Sequences[sequence])))[column];

    /// <summary>The groups that have no scale of their own though others have, in order of sequences.</summary>
    internal IEnumerable<string> UnknownGroups() => _encoder.GroupScales.Count == 0 ? []
        : Data.Sequences.Select(SequenceEncoder.GroupOf).Where(group => !_encoder.GroupScales.ContainsKey(group)).Distinct();

    /// <summary>The steps of a sequence up to the last at which any column that is not known ahead has a value.</summary>
    internal int PastSteps(int sequence)
    {
        Sequence from = Data.Sequences[sequence];
        int last = 0;
        for (int c = 0; c < _encoder.OwnColumns; c++)
        {
            if (_known[c]) continue;
            int at = from.Steps;
            if (_labels[c] is not null)
            {
                ReadOnlySpan<int> codes = from.Codes(_places[c]).Span;
                while (at > last && codes[at - 1] < 0) at--;
            }
            else
            {
                ColumnValues values = from.Values(_places[c]);
                while (at > last && float.IsNaN(values[at - 1])) at--;
            }

            last = Math.Max(last, at);
        }

        return last;
    }

    /// <summary>The numbers of some steps, scaled, with something in the place of missing ones.</summary>
    private void Scaled(
        ColumnValues values, int start, Span<float> raw, Span<double> scaled, int column, ColumnScale scale)
    {
        values.CopyTo(start, raw);
        bool forward = _encoder.Options.Missing == MissingPolicy.Forward;
        double last = 0;
        if (forward && float.IsNaN(raw[0]))
        {
            // What is known ahead begins with the sequence, as it does where it is a column of its own.
            int before = start - 1, least = _ahead[column];
            while (before >= least && float.IsNaN(values[before])) before--;
            if (before >= least) last = Read(values[before]);
        }

        for (int t = 0; t < scaled.Length; t++)
        {
            scaled[t] = !float.IsNaN(raw[t]) ? Read(raw[t]) : forward ? last : 0;
            last = scaled[t];
        }

        // As it is read: its logarithm where that is asked for, scaled.
        double Read(float value) => scale.Apply(_logarithms[column] ? Math.Log(value) : value);
    }

    private int Place(SequenceColumn column, string label)
    {
        for (int k = 0; k < column.Labels.Count; k++)
        {
            if (column.Labels[k] == label) return k;
        }

        return _encoder.Options.UnknownAsNone ? -1 : throw new ArgumentException(Files.Printable.Sentence(
            $"Column '{column.Name}' of {Data.Name} has the label '{label}', which training did not have "
                + $"({SequenceData.Some(column.Labels)}); map it to one of those or have unknown labels read as none."));
    }

    private void Check(bool isTraining)
    {
        bool hasTail = !isTraining && ReadsAhead; // steps to be forecast, of which only what is known ahead is known
        for (int c = 0; c < _places.Length; c++)
        {
            int place = _places[c];
            string name = Data.Columns[place].Name;
            for (int s = 0; s < Data.Count; s++)
            {
                int at = FirstMissing(Data.Sequences[s], place);
                if (at < 0 || (hasTail && !_known[c] && at >= PastSteps(s))) continue;
                string where = Data.FirstMissing.GetValueOrDefault(name)
                    ?? Invariant($"step {at + 1} of sequence '{Data.Sequences[s].Name}'");
                throw new ArgumentException(Files.Printable.Sentence(
                    $"Column '{name}' of {Data.Name} has no value in {where}; fill it in, or choose forward, zero or mask for "
                        + "missing values."));
            }
        }
    }

    private int FirstMissing(Sequence sequence, int place)
    {
        if (Data.Columns[place].Kind == ColumnKind.Category) return sequence.Codes(place).Span.IndexOf(-1);
        ColumnValues values = sequence.Values(place);
        if (values.IsContiguous) return FirstNaN(values.Span, 0);
        Span<float> some = stackalloc float[256];
        for (int t = 0; t < values.Count; t += some.Length)
        {
            Span<float> part = some[..Math.Min(some.Length, values.Count - t)];
            values.CopyTo(t, part);
            if (FirstNaN(part, t) is >= 0 and int found) return found;
        }

        return -1;

        static int FirstNaN(ReadOnlySpan<float> some, int from)
        {
            for (int i = 0; i < some.Length; i++)
            {
                if (float.IsNaN(some[i])) return from + i;
            }

            return -1;
        }
    }
}
