namespace Unroll.Data;

/// <summary>One sequence: T steps, each with a value of every column; a view, never a copy.</summary>
public sealed class Sequence
{
    private readonly SequenceBlock _block;
    private readonly int _start;

    internal Sequence(SequenceBlock block, int start, int steps) => (_block, _start, Steps) = (block, start, steps);

    /// <summary>T, at least 1.</summary>
    public int Steps { get; }

    /// <summary>Its name, such as that of its file or group.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>What must stay together when sequences are split into folds, such as a patient or a machine; null for
    /// none.</summary>
    public string? Group { get; internal init; }

    /// <summary>The index of its class in <see cref="SequenceData.Classes"/>; -1 for none.</summary>
    public int Class { get; internal init; } = -1;

    /// <summary>The number that belongs to it as a whole; NaN for none.</summary>
    public float Number { get; internal init; } = float.NaN;

    /// <summary>When its steps are.</summary>
    public TimeAxis Times => _block.Times.IsEmpty ? default : _block.Times.Slice(_start, Steps);

    /// <summary>(T): a column of numbers.</summary>
    /// <param name="column">Its place among <see cref="SequenceData.Columns"/>.</param>
    /// <exception cref="ArgumentException">The column is one of categories.</exception>
    public ColumnValues Values(int column) => _block.Codes[column] is null
        ? _block.Numbers[column].Slice(_start, Steps)
        : throw new ArgumentException(Invariant($"Column {column} has categories, not numbers."));

    /// <summary>(T): the codes of a column of categories, -1 where one is missing.</summary>
    /// <param name="column">Its place among <see cref="SequenceData.Columns"/>.</param>
    /// <exception cref="ArgumentException">The column is one of numbers.</exception>
    public ReadOnlyMemory<int> Codes(int column) => _block.Codes[column] is { } codes
        ? codes.Slice(_start, Steps)
        : throw new ArgumentException(Invariant($"Column {column} has numbers, not categories."));

    internal Sequence With(SequenceBlock block, int label) => new(block, _start, Steps)
    {
        Name = Name,
        Group = Group,
        Class = label,
        Number = Number,
    };

    internal SequenceBlock Block => _block;
}

/// <summary>Memory that sequences are slices of: one array or view a column.</summary>
internal sealed class SequenceBlock
{
    /// <summary>One a column; nothing where the column has categories.</summary>
    public required ColumnValues[] Numbers { get; init; }

    /// <summary>One a column; null where the column has numbers.</summary>
    public required ReadOnlyMemory<int>?[] Codes { get; init; }

    public TimeAxis Times { get; init; }

    /// <summary>The same memory with the columns in another order, codes changed where labels have other places.</summary>
    public SequenceBlock Take(IReadOnlyList<int> columns, IReadOnlyList<int[]?> codes) => new()
    {
        Numbers = [.. columns.Select(column => Numbers[column])],
        Codes = [.. columns.Select((column, i) => Codes[column] is { } old && codes[i] is { } map ? Changed(old, map)
            : Codes[column])],
        Times = Times,
    };

    private static ReadOnlyMemory<int> Changed(ReadOnlyMemory<int> codes, int[] map)
    {
        int[] changed = new int[codes.Length];
        ReadOnlySpan<int> old = codes.Span;
        for (int i = 0; i < changed.Length; i++) changed[i] = old[i] < 0 ? -1 : map[old[i]];
        return changed;
    }
}
