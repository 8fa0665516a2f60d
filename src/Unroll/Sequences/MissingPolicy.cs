namespace Unroll.Data;

/// <summary>What a network reads where a value is missing.</summary>
public enum MissingPolicy
{
    /// <summary>Nothing: missing values are refused, with the column and the place of the first.</summary>
    Error,

    /// <summary>The last value before it in the sequence, also from before the window; 0 (after scaling) where there is
    /// none.</summary>
    Forward,

    /// <summary>0 after scaling, which is the mean of a column that is scaled by <see cref="Scaling.Standard"/>.</summary>
    Zero,

    /// <summary>As <see cref="Zero"/>, and one input more for the column, 1 where it is missing.</summary>
    Mask,
}
