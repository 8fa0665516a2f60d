namespace Unroll.Data;

/// <summary>A part of a corpus.</summary>
public enum Fold
{
    /// <summary>What is learned from.</summary>
    Train,

    /// <summary>What choices are made by.</summary>
    Validation,

    /// <summary>What is reported.</summary>
    Test,
}
