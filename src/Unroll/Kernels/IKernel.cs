using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>
/// The passes over a tape that make up an update, for one network. Rows (sequences) are independent in the forward and the
/// backward pass, and elements of a weight's gradient are independent of one another; so splitting them over threads in any way
/// gives the same bits. A kernel owns packed copies of the weights and the sums of the weight gradients.
/// </summary>
internal interface IKernel<T> : IRowSizes
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The name that selects the kernel.</summary>
    string Name { get; }

    /// <summary>Copies the network's weights into the kernel's own layout, for a pass that draws this noise.</summary>
    void Pack(Network<T> network, PassNoise noise);

    /// <summary>Fills states and outputs of rows first..end-1 and, when the tape asks, their costs and dE/dy.</summary>
    void Forward(Batch batch, Tape<T> tape, int first, int end);

    /// <summary>Fills dE/ds_t and dE/dx_t of every layer, of rows first..end-1.</summary>
    void Backward(Batch batch, Tape<T> tape, int first, int end);

    /// <summary>
    /// Fills <see cref="LayerTape{T}.SignalSquared"/> and <see cref="LayerTape{T}.FlowSquared"/> of rows first..end-1 for Omega.
    /// </summary>
    void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end);

    /// <summary>
    /// Fills <see cref="LayerTape{T}.Right"/> of rows first..end-1: the states h_{t-1} (or zero), plus each entry's
    /// <see cref="LayerTape{T}.Coefficients"/> times the flow vector of dOmega/dW_hh.
    /// </summary>
    void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end);

    /// <summary>
    /// Sums part <paramref name="part"/> of <paramref name="parts"/> of every weight's gradient over all T x B entries in time
    /// order.
    /// </summary>
    /// <param name="batch">The batch of the last forward pass.</param>
    /// <param name="tape">The tape after the backward pass.</param>
    /// <param name="useRight">W_hh's gradient multiplies <see cref="LayerTape{T}.Right"/> instead of the states.</param>
    /// <param name="recurrentOnly">Only the gradient of W_hh.</param>
    /// <param name="part">Which part.</param>
    /// <param name="parts">Of how many.</param>
    void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts);

    /// <summary>Writes the summed gradients into the flat layout, or adds only that of W_hh.</summary>
    void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly);
}
