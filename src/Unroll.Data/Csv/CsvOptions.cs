namespace Unroll.Data;

/// <summary>How a table is read. What is not said is found out from how the file begins.</summary>
public sealed record CsvOptions
{
    /// <summary>The column that says which sequence a row belongs to (the long form). Default: all rows are one sequence (the
    /// wide form).</summary>
    public string? Group { get; init; }

    /// <summary>The column of times. Default: the first column of dates. Empty: none.</summary>
    public string? Time { get; init; }

    /// <summary>A column that is the class of its sequence, the same in all rows of it. Default: none.</summary>
    public string? Label { get; init; }

    /// <summary>A column that is the number of its sequence, the same in all rows of it. Default: none.</summary>
    public string? Number { get; init; }

    /// <summary>The columns that are read, besides those named above. Default: all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Columns that are read besides <see cref="Columns"/> where they are there.</summary>
    internal IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>What is called with the name of each column that <see cref="Columns"/> does not have. A table without a column of
    /// numbers is then no error. Default: nothing.</summary>
    internal Action<string>? Unread { get; init; }

    /// <summary>Columns that are not read.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Columns that are categories though they may look like numbers.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>What stands between cells: a comma, a semicolon, a tab, a bar, ... Default: found out.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The decimal mark, a point or a comma. Default: found out.</summary>
    public char? DecimalMark { get; init; }

    /// <summary>Whether the first row has names. Default: found out.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The form of dates, such as <c>dd/MM/yyyy HH:mm</c>. Default: found out.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Texts for no value besides the empty one, NA, NaN, null, none, ?, - and the like.</summary>
    public IReadOnlyList<string> MissingTexts { get; init; } = [];

    /// <summary>Whether rows are put in order of time. Otherwise a time that goes back is refused, unless all do.</summary>
    public bool SortTimes { get; init; }

    /// <summary>Of a folder: whether the folder that a file is in is the class of its sequence.</summary>
    public bool LabelByFolder { get; init; }

    /// <summary>Of a folder: a table of two columns, file names and the classes of their sequences.</summary>
    public string? LabelFile { get; init; }
}
