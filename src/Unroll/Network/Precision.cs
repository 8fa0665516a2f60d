namespace Unroll.Training;

/// <summary>Which floating-point type the network computes in.</summary>
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float,

    /// <summary>64 bits.</summary>
    Double,
}
