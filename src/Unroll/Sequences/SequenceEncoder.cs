namespace Unroll.Data;

/// <summary>
/// From sequences in their own units to a network's inputs and back: which columns in which order, their scales (of the
/// training fold), labels one-hot, missing values, parts of dates. It is one text in a model's file, so that whoever uses
/// the model does the same.
/// </summary>
public sealed class SequenceEncoder
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<ColumnScale>> s_noGroups =
        new Dictionary<string, IReadOnlyList<ColumnScale>>();

    private readonly int[] _sources; // of each column the one whose value it is at this step or ahead

    /// <param name="options">What is read, and how.</param>
    /// <param name="own">The columns that are read at their own step.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="groups">Their scales in each group; null where groups have none of their own.</param>
    internal SequenceEncoder(EncoderOptions options, IReadOnlyList<SequenceColumn> own, IReadOnlyList<ColumnScale> scales,
        IReadOnlyDictionary<string, IReadOnlyList<ColumnScale>>? groups = null)
    {
        CheckSeason(options);
        if (options.Ahead < 1) throw new ArgumentException(
            Invariant($"Columns are known {options.Ahead} steps ahead; it must be at least 1."));
        int[] known = [.. options.Known.Select(name => PlaceOf(own, name))];
        if (known.Distinct().Count() < known.Length)
            throw new ArgumentException("A column that is known ahead is named twice; name each once.");
        Options = options;
        OwnColumns = own.Count;
        _sources = [.. Enumerable.Range(0, own.Count), .. known];
        Columns = [.. own, .. known.Select(c => own[c].Named(NameAhead(own[c].Name, options.Ahead)))];
        SequenceData.CheckColumns(Columns);
        Scales = Each(scales);
        GroupScales = groups is null ? s_noGroups
            : groups.ToDictionary(pair => pair.Key, pair => Each(pair.Value), StringComparer.Ordinal);
        var names = new List<string>();
        foreach (SequenceColumn column in Columns)
        {
            if (column.Kind == ColumnKind.Number) names.Add(column.Name);
            else names.AddRange(column.Labels.Select(label => $"{column.Name}={label}"));
            if (column.Kind == ColumnKind.Number && options.Missing == MissingPolicy.Mask) names.Add($"missing {column.Name}");
            if (options.Combined && options.Differenced.Contains(column.Name)) names.Add(LevelOf(column.Name));
        }

        foreach (CalendarPart part in options.Calendar)
        {
            string name = part.ToString().ToLowerInvariant();
            names.Add($"sine of {name}");
            names.Add($"cosine of {name}");
        }

        InputNames = names;

        IReadOnlyList<ColumnScale> Each(IReadOnlyList<ColumnScale> some) => [.. _sources.Select(c => some[c])];
    }

    /// <summary>What is read, and how.</summary>
    public EncoderOptions Options { get; }

    /// <summary>The columns in the order of inputs, with the labels of training. Behind those of the data are those that are
    /// known ahead, such as <c>price+24</c>: what <c>price</c> is 24 steps later.</summary>
    public IReadOnlyList<SequenceColumn> Columns { get; }

    /// <summary>The scale of each column; that of categories changes nothing.</summary>
    public IReadOnlyList<ColumnScale> Scales { get; }

    /// <summary>The scales of each column by group; none where all groups are scaled as one.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ColumnScale>> GroupScales { get; }

    /// <summary>(I): the names of inputs.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>I, the width of an input.</summary>
    public int Inputs => InputNames.Count;

    /// <summary>The first of <see cref="Columns"/> that are read at their own step.</summary>
    internal int OwnColumns { get; }

    /// <summary>The place of the column whose value a column is, at its own step or ahead.</summary>
    internal int SourceOf(int column) => _sources[column];

    /// <summary>How many steps ahead a column is read; 0 for its own step.</summary>
    internal int AheadOf(int column) => column < OwnColumns ? 0 : Options.Ahead;

    /// <summary>Whether a column is known ahead; no window scales it.</summary>
    internal bool IsKnown(int column) => Options.Known.Contains(Columns[_sources[column]].Name);

    /// <summary>The group of a sequence by which columns may be scaled: what it must stay together with, else itself.</summary>
    public static string GroupOf(Sequence sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        return sequence.Group ?? sequence.Name;
    }

    /// <summary>The scales of a group; those of the whole training fold where it lacks the group.</summary>
    internal IReadOnlyList<ColumnScale> ScalesOf(string? group) =>
        group is not null && GroupScales.TryGetValue(group, out IReadOnlyList<ColumnScale>? scales) ? scales : Scales;

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

        CheckSeason(options);
        SequenceData data = folds.Data;
        int[] places = [.. options.Columns?.Select(data.ColumnOf) ?? Enumerable.Range(0, data.Columns.Count)];
        SequenceColumn[] columns =
            [.. places.Select(place => options.UnknownAsNone ? OfTraining(folds, place) : data.Columns[place])];
        if (columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() < columns.Length
            || columns.Length == 0)
            throw new ArgumentException(columns.Length == 0 ? "There is no column to read."
                : "A column is named twice; name each once.");
        CheckNumbers(columns, options.Logarithm, "The logarithm of column");
        CheckNumbers(columns, options.Differenced, "The seasonal difference of column");

        foreach (string name in options.Known)
        {
            _ = PlaceOf(columns, name);
            if (data.Columns.Any(column => column.Name == NameAhead(name, options.Ahead)))
                throw new ArgumentException(Files.Printable.Sentence(
                    $"{data.Name} has a column '{NameAhead(name, options.Ahead)}', which is what '{name}' is called ahead; "
                        + "rename it, or leave it out."));
        }

        var scales = new ColumnScale[columns.Length];
        for (int c = 0; c < columns.Length; c++)
        {
            bool logarithm = options.Logarithm.Contains(columns[c].Name);
            if (logarithm) CheckPositive(data, places[c]);
            scales[c] = columns[c].Kind != ColumnKind.Number ? ColumnScale.Identity
                : options.Differenced.Contains(columns[c].Name)
                    ? SeasonalDifference.Fit(data, folds.Of(Fold.Train), places[c], options)
                    : ColumnScale.Fit(folds, places[c], options.Scale, logarithm);
        }

        Dictionary<string, IReadOnlyList<ColumnScale>>? groups = options.ScaleByGroup
            ? ByGroup(folds, options, columns, places, scales) : null;
        var encoder = new SequenceEncoder(options, columns, scales, groups);
        _ = new EncodedSequences(encoder, data, isTraining: true);
        return encoder;
    }

    /// <summary>This encoder, which reads a label that training did not have as none of its labels.</summary>
    internal SequenceEncoder WithUnknownAsNone() => new(Options with { UnknownAsNone = true }, [.. Columns.Take(OwnColumns)],
        [.. Scales.Take(OwnColumns)], GroupScales.Count == 0 ? null : GroupScales.ToDictionary(group => group.Key,
            group => (IReadOnlyList<ColumnScale>)[.. group.Value.Take(OwnColumns)], StringComparer.Ordinal));

    /// <summary>A column with the labels that the training fold has, in their order; with all where it has none.</summary>
    internal static SequenceColumn OfTraining(SequenceFolds folds, int place)
    {
        SequenceColumn column = folds.Data.Columns[place];
        if (column.Kind == ColumnKind.Number) return column;
        bool[] seen = new bool[column.Labels.Count];
        foreach (FoldPart part in folds.Of(Fold.Train))
        {
            foreach (int code in folds.Data.Sequences[part.Sequence].Codes(place).Span[part.Start..part.End])
            {
                if (code >= 0) seen[code] = true;
            }
        }

        return Array.TrueForAll(seen, one => one) || !seen.Contains(true) ? column
            : new SequenceColumn(column.Name, [.. column.Labels.Where((_, k) => seen[k])]);
    }

    private static Dictionary<string, IReadOnlyList<ColumnScale>> ByGroup(SequenceFolds folds, EncoderOptions options,
        SequenceColumn[] columns, int[] places, ColumnScale[] all)
    {
        var groups = new Dictionary<string, IReadOnlyList<ColumnScale>>(StringComparer.Ordinal);
        foreach (IGrouping<string, FoldPart> group in folds.Of(Fold.Train)
            .GroupBy(part => GroupOf(folds.Data.Sequences[part.Sequence]), StringComparer.Ordinal))
        {
            FoldPart[] parts = [.. group];
            groups.Add(group.Key, [.. columns.Select((column, c) => column.Kind != ColumnKind.Number ? all[c]
                : options.Differenced.Contains(column.Name)
                    ? SeasonalDifference.OfParts(folds.Data, parts, places[c], options) ?? all[c]
                : ColumnScale.OfParts(folds.Data, parts, places[c], options.Scale, options.Logarithm.Contains(column.Name))
                    ?? all[c])]);
        }

        return groups;
    }

    private static void CheckSeason(EncoderOptions options)
    {
        if (options.Combined && options.Differenced.Count == 0) throw new ArgumentException(
            "Values are to be combined with differences over a season, and there are none; name the columns of differences.");
        if (options.Combined && options.Missing is MissingPolicy.Zero or MissingPolicy.Mask) throw new ArgumentException(
            "Values that are combined with differences are read relative to the last one, which must not be missing; carry "
                + "missing values forward.");
        if (options.Combined && options.Window == WindowScaling.Standard) throw new ArgumentException(
            "Values and differences that are combined have one unit in all windows, so no window can be divided by its deviation"
                + "; scale windows by their last value or their mean.");
        if (options.Season < 1) throw new ArgumentException(
            Invariant($"A season has {options.Season} steps; it must have at least 1."));
    }

    private static void CheckNumbers(SequenceColumn[] columns, IReadOnlyList<string> names, string what)
    {
        foreach (string name in names)
        {
            if (!columns.Any(column => column.Name == name && column.Kind == ColumnKind.Number))
                throw new ArgumentException(Files.Printable.Sentence(
                    $"{what} '{name}' is asked for, which is no column of numbers that is read."));
        }
    }

    private static string NameAhead(string name, int ahead) => Invariant($"{name}+{ahead}");

    private static int PlaceOf(IReadOnlyList<SequenceColumn> columns, string known)
    {
        for (int c = 0; c < columns.Count; c++)
        {
            if (columns[c].Name == known) return c;
        }

        throw new ArgumentException(Files.Printable.Sentence(
            $"Column '{known}' is to be known ahead and is not read; the nearest that is read is "
                + $"'{NearestName.Of(known, columns.Select(column => column.Name))}' "
                + $"(of {SequenceData.Some(columns.Select(column => column.Name))})."));
    }

    /// <summary>Finds this encoder's columns, by name and in any order, in data.</summary>
    /// <param name="data">The data; columns that training did not have are not read. Where columns are known ahead, the last
    /// steps of a sequence need have no value of the others; or data have what is known ahead as a column of its own.</param>
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
    internal bool ReadsLogarithm(int column) => Options.Logarithm.Contains(Columns[_sources[column]].Name);

    /// <summary>Whether differences over a season are read of a column, in place of its values.</summary>
    internal bool IsDifferenced(int column) => Options.Differenced.Contains(Columns[_sources[column]].Name);

    /// <summary>The input that is the value of a column whose differences are read too.</summary>
    internal static string LevelOf(string column) => $"level of {column}";

    /// <summary>Whether values are read of a column beside its differences.</summary>
    internal bool IsCombined(int column) => Options.Combined && IsDifferenced(column);

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
