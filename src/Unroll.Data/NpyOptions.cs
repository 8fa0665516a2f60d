namespace Unroll.Data;

/// <summary>How arrays of NumPy are read as sequences.</summary>
public sealed record NpyOptions
{
    /// <summary>
    /// What an array of two dimensions is: false, the steps and the columns of one sequence; true, sequences and the steps
    /// of their one column. Three dimensions are sequences, steps and columns always, one is the steps of one column.
    /// </summary>
    public bool RowsAreSequences { get; init; }

    /// <summary>Whether the last two of three dimensions are columns and steps, as in the archive's own arrays, not steps and
    /// columns.</summary>
    public bool ColumnsFirst { get; init; }

    /// <summary>Of a .npz: the array of values. Default: X, x, data or values, or the only one.</summary>
    public string? Values { get; init; }

    /// <summary>Of a .npz: the array of classes or numbers, one a sequence. Default: y, Y, labels or target, if there is
    /// one.</summary>
    public string? Targets { get; init; }

    /// <summary>Of a .npz: the array of the lengths of sequences, where they are filled up to one length. Default: lengths, if
    /// there is one.</summary>
    public string? Lengths { get; init; }

    /// <summary>Whether targets that are whole numbers are numbers to predict, not classes.</summary>
    public bool TargetsAreNumbers { get; init; }

    /// <summary>The names of columns. Default: column1, column2, ...</summary>
    public IReadOnlyList<string>? Columns { get; init; }
}
