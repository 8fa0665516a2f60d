namespace Unroll;

/// <summary>The distributions of initial parameters; N(0, s) has standard deviation s, and biases are zero.</summary>
public enum Initialization
{
    /// <summary>All weights N(0, 0.01): the authors' choice for sigmoid units.</summary>
    Sigmoid,

    /// <summary>All weights N(0, 0.1).</summary>
    BasicTanh,

    /// <summary>All weights N(0, 0.01), W_rec with 15 links a unit kept and rescaled to spectral radius 0.95.</summary>
    SmartTanh,

    /// <summary>W_rec a random orthogonal matrix, the other weights N(0, 0.1).</summary>
    Orthogonal,

    /// <summary>W_rec the identity, the other weights N(0, 0.01).</summary>
    Identity,
}
