namespace Unroll.Data;

/// <summary>What is known of a sequence besides its values.</summary>
public sealed record SequenceInfo
{
    /// <summary>Its name. Default: its number, from 1.</summary>
    public string? Name { get; init; }

    /// <summary>What must stay together when sequences are split into folds. Default: nothing.</summary>
    public string? Group { get; init; }

    /// <summary>Its class. Default: none.</summary>
    public string? Label { get; init; }

    /// <summary>The number that belongs to it as a whole, to be predicted; finite. Default: none.</summary>
    public float? Number { get; init; }

    /// <summary>When its steps are, in ascending order. Default: not known.</summary>
    public TimeAxis Times { get; init; }
}
