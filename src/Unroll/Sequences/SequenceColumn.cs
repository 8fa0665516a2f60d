namespace Unroll.Data;

/// <summary>What the values of a column are.</summary>
public enum ColumnKind
{
    /// <summary>Real numbers, NaN where a value is missing.</summary>
    Number,

    /// <summary>One of a list of labels, -1 where a value is missing.</summary>
    Category,
}

/// <summary>A column that every step of every sequence has.</summary>
public sealed record SequenceColumn
{
    /// <summary>A column of numbers.</summary>
    /// <param name="name">Its name, not empty.</param>
    public SequenceColumn(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>A column of categories.</summary>
    /// <param name="name">Its name, not empty.</param>
    /// <param name="labels">What its codes 0, 1, ... mean, no two of them equal.</param>
    public SequenceColumn(string name, IReadOnlyList<string> labels)
        : this(name)
    {
        ArgumentNullException.ThrowIfNull(labels);
        (Kind, Labels) = (ColumnKind.Category, labels);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What its values are.</summary>
    public ColumnKind Kind { get; }

    /// <summary>What the codes 0, 1, ... of a category mean; empty for numbers.</summary>
    public IReadOnlyList<string> Labels { get; } = [];

    /// <summary>The same with another name.</summary>
    internal SequenceColumn Named(string name) => Kind == ColumnKind.Number ? new(name) : new(name, Labels);
}
