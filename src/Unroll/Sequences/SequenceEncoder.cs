namespace Unroll.Data;

/// <summary>
/// From sequences in their own units to a network's inputs and back: which columns in which order, their scales (of the
/// training fold), labels one-hot, missing values, parts of dates. It is one text in a model's file, so that whoever uses
/// the model does the same.
/// </summary>
public sealed class SequenceEncoder
{
    internal SequenceEncoder(EncoderOptions options, IReadOnlyList<SequenceColumn> columns, IReadOnlyList<ColumnScale> scales)
    {
        (Options, Columns, Scales) = (options, columns, scales);
        var names = new List<string>();
        for (int c = 0; c < columns.Count; c++)
        {
            SequenceColumn column = columns[c];
            if (column.Kind == ColumnKind.Number) names.Add(column.Name);
            else names.AddRange(column.Labels.Select(label => $"{column.Name}={label}"));
            if (column.Kind == ColumnKind.Number && options.Missing == MissingPolicy.Mask) names.Add($"missing {column.Name}");
        }

        foreach (CalendarPart part in options.Calendar)
        {
            string name = part.ToString().ToLowerInvariant();
            names.Add($"sine of {name}");
            names.Add($"cosine of {name}");
        }

        InputNames = names;
    }

    /// <summary>What is read, and how.</summary>
    public EncoderOptions Options { get; }

    /// <summary>The columns in the order of inputs, with the labels of training.</summary>
    public IReadOnlyList<SequenceColumn> Columns { get; }

    /// <summary>The scale of each column; that of categories changes nothing.</summary>
    public IReadOnlyList<ColumnScale> Scales { get; }

    /// <summary>(I): the names of inputs.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>I, the width of an input.</summary>
    public int Inputs => InputNames.Count;

    /// <summary>Fits scales to the training fold.</summary>
    /// <param name="folds">The folds.</param>
    /// <param name="options">What is read, and how.</param>
    /// <exception cref="ArgumentException">There is no such column, a column cannot be scaled, a value is missing that must
    /// not be, or parts of dates are asked for where there are none.</exception>
    public static SequenceEncoder Fit(SequenceFolds folds, EncoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folds);
        options ??= new EncoderOptions();
        if (!Enum.IsDefined(options.Window)) throw new ArgumentException(
            $"The window scaling {options.Window} is not a known value.");
        if (!Enum.IsDefined(options.Missing)) throw new ArgumentException(
            $"The policy {options.Missing} for missing values is not a known value.");
        foreach (CalendarPart part in options.Calendar)
        {
            if (!Enum.IsDefined(part)) throw new ArgumentException($"The part {part} of a date is not a known value.");
        }

        SequenceData data = folds.Data;
        int[] places = [.. options.Columns?.Select(data.ColumnOf) ?? Enumerable.Range(0, data.Columns.Count)];
        SequenceColumn[] columns = [.. places.Select(place => data.Columns[place])];
        if (columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() < columns.Length
            || columns.Length == 0)
            throw new ArgumentException(columns.Length == 0 ? "There is no column to read."
                : "A column is named twice; name each once.");
        foreach (string name in options.Logarithm)
        {
            if (!columns.Any(column => column.Name == name && column.Kind == ColumnKind.Number))
                throw new ArgumentException(Files.Printable.Sentence(
                    $"The logarithm of column '{name}' is asked for, which is no column of numbers that is read."));
        }

        var scales = new ColumnScale[columns.Length];
        for (int c = 0; c < columns.Length; c++)
        {
            bool logarithm = options.Logarithm.Contains(columns[c].Name);
            if (logarithm) CheckPositive(data, places[c]);
            scales[c] = columns[c].Kind == ColumnKind.Number ? ColumnScale.Fit(folds, places[c], options.Scale, logarithm)
                : ColumnScale.Identity;
        }

        var encoder = new SequenceEncoder(options, columns, scales);
        _ = encoder.Bind(data);
        return encoder;
    }

    /// <summary>Finds this encoder's columns, by name and in any order, in data.</summary>
    /// <param name="data">The data; columns that training did not have are not read.</param>
    /// <exception cref="ArgumentException">A column is missing or of another kind, a label is unknown, a value is missing
    /// that must not be, or there are no dates.</exception>
    public EncodedSequences Bind(SequenceData data) => new(this, data);

    /// <summary>The scale of a column.</summary>
    /// <param name="column">Its name.</param>
    /// <exception cref="ArgumentException">The encoder has no such column of numbers.</exception>
    public ColumnScale ScaleOf(string column)
    {
        for (int c = 0; c < Columns.Count; c++)
        {
            if (Columns[c].Name == column && Columns[c].Kind == ColumnKind.Number) return Scales[c];
        }

        throw new ArgumentException($"The network reads no column '{column}' of numbers.");
    }

    /// <summary>Whether the logarithm of a column is read.</summary>
    internal bool ReadsLogarithm(int column) => Options.Logarithm.Contains(Columns[column].Name);

    /// <exception cref="ArgumentException">A value has no logarithm.</exception>
    internal static void CheckPositive(SequenceData data, int place)
    {
        foreach (Sequence sequence in data.Sequences)
        {
            ColumnValues values = sequence.Values(place);
            for (int t = 0; t < values.Count; t++)
            {
                if (values[t] <= 0) throw new ArgumentException(Files.Printable.Sentence(
                    Invariant($"Column '{data.Columns[place].Name}' of {data.Name} is {values[t]} at step {t + 1} of sequence ")
                        + $"'{sequence.Name}', which has no logarithm; leave the transform out."));
            }
        }
    }

    /// <summary>This encoder as a text (JSON), to be read by <see cref="Parse"/>.</summary>
    public string ToText() => EncoderText.Write(this);

    /// <summary>Reads an encoder.</summary>
    /// <param name="text">What <see cref="ToText"/> made.</param>
    /// <exception cref="FormatException">The text is not one.</exception>
    public static SequenceEncoder Parse(string text) => EncoderText.Read(text);
}
