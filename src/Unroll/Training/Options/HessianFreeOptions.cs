namespace Unroll.Training;

/// <summary>
/// What Hessian-Free optimization (Martens, 2010; Martens and Sutskever, 2011) has to choose, for
/// <see cref="OptimizerKind.HessianFree"/>. The defaults are those of its authors' code.
/// </summary>
public sealed record HessianFreeOptions
{
    /// <summary>
    /// lambda at first, a predicted output, positive: the curvature summed over N outputs is damped by N times this. From then
    /// on the reduction ratio governs it.
    /// </summary>
    public double Damping { get; init; } = 0.01;

    /// <summary>
    /// mu, the weight of structural damping beside lambda, at least 0; 0 leaves it out. It damps what moves the hidden states:
    /// of a plain layer mu lambda sigma'(x_t) R{x_t} is added to the adjoint of each pre-activation, of other cells
    /// mu lambda R{h_t} to that of each hidden state.
    /// </summary>
    public double StructuralDamping { get; init; } = 0.03;

    /// <summary>The most iterations of conjugate gradients in an update, 1..10000.</summary>
    public int Iterations { get; init; } = 300;

    /// <summary>The minibatches of an update's gradient, 1..1000; the curvature is of one of its own.</summary>
    public int GradientBatches { get; init; } = 10;
}
