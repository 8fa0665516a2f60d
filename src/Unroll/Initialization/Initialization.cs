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

    /// <summary>
    /// All weights and biases uniform within 1 / sqrt(H) of zero: the initialization of PyTorch's recurrent modules, usual for
    /// gated cells.
    /// </summary>
    Uniform,

    /// <summary>
    /// Each unit and each output with 15 incoming weights from every layer it reads, N(0, 1 / sqrt(15)), and N(0, 0.25) from the
    /// network's input: what Hessian-Free starts from (Martens and Sutskever, 2011).
    /// </summary>
    SparseIncoming,

    /// <summary>
    /// The fixed weights of an echo state network: W_rec sparse and of a given spectral radius, inputs and biases plus or minus
    /// a size, as <see cref="ReservoirOptions"/> say; the head's weights are zero.
    /// </summary>
    Reservoir,

    /// <summary>
    /// All weights N(0, 1 / sqrt(n)) of the n numbers that a unit or an output reads: they keep the size of what they read,
    /// however many inputs there are (LeCun et al., 1998). For LRU layers, whose input weights are all that they have.
    /// </summary>
    FanIn,

    /// <summary>
    /// W_rec near the boundary beyond which the network without input has a cycle of a given period
    /// (<see cref="BoundaryStart"/>), input weights N(0, 0.1), head weights N(0, 0.01). For tanh units.
    /// </summary>
    Cycle,

    /// <summary>
    /// W_rec near the boundary beyond which the network without input has two states to rest in (<see cref="BoundaryStart"/>),
    /// input weights N(0, 0.1), head weights N(0, 0.01). For tanh units.
    /// </summary>
    Bistable,
}

/// <summary>Of which links <see cref="Initialization.SmartTanh"/> keeps 15 a unit.</summary>
public enum SparseLinks
{
    /// <summary>The links that leave the unit (the authors' code).</summary>
    Outgoing,

    /// <summary>The links that reach the unit (the paper's text).</summary>
    Incoming,
}
