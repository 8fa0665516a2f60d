namespace Unroll.Data;

/// <summary>A part of a corpus.</summary>
public enum Fold
{
    /// <summary>The data to train on.</summary>
    Train,

    /// <summary>The data by which choices are made, such as the best model.</summary>
    Validation,

    /// <summary>The data whose cost is reported.</summary>
    Test,
}
