using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>
/// A recurrent layer of a fast kernel: the passes of <see cref="IKernel{T}"/> for one layer, over all steps at once.
/// </summary>
internal unsafe interface ILayer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    void Pack(Network<T> network, bool dropsInputs);

    /// <summary>
    /// Fills the layer's states of rows first..end-1, and calls the head after each step when this is the last layer.
    /// </summary>
    void Forward(Batch batch, Tape<T> tape, IHead<T>? head, int first, int end);

    /// <summary>Fills dE/ds_t and dE/dx_t. The signals from above are in the tape, or come from the head step by step.</summary>
    void Backward(Batch batch, Tape<T> tape, IHead<T>? head, int first, int end);

    /// <summary>Copies a direction v of the parameters into the layer's own layout.</summary>
    void PackTangent(Network<T> network, Network<T> direction);

    /// <summary>
    /// Fills R{x} and R{s} of rows first..end-1 behind a forward pass, the derivatives along v, and lets the head follow.
    /// </summary>
    void ForwardTangent(Batch batch, Tape<T> tape, Tape<T> tangents, IHead<T>? head, int first, int end);

    void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end);

    void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end);

    void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts);

    void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly);
}

/// <summary>The head of a fast kernel: outputs, their costs, and the backward pass into the last layer's states.</summary>
internal unsafe interface IHead<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    void Pack(Network<T> network);

    /// <summary>After step t (from 1) of the last layer: the outputs of its rows, when every step has outputs.</summary>
    void AfterStep(Tape<T> tape, int t, int first, int end);

    /// <summary>
    /// After the last step: the outputs at the rows' ends when only those are needed, and costs with dE/dy when the tape asks for
    /// costs.
    /// </summary>
    void AfterAll(Batch batch, Tape<T> tape, int first, int end);

    /// <summary>Copies a direction v of the parameters into the head's own layout.</summary>
    void PackTangent(Network<T> direction);

    /// <summary>After step t (from 1) of the last layer: R{y} of its rows, when outputs are wanted at every step.</summary>
    void AfterStepTangent(Tape<T> tape, Tape<T> tangents, int t, int first, int end);

    /// <summary>After the last step: R{y} at the rows' ends when only those are wanted.</summary>
    void AfterAllTangent(Batch batch, Tape<T> tape, Tape<T> tangents, int first, int end);

    /// <summary>a += dE/dy W_out of step t (from 1) for the given rows.</summary>
    void AddSignal(Batch batch, Tape<T> tape, int t, int first, int end, T* a);

    void WeightGradients(Batch batch, Tape<T> tape, int part, int parts);

    void Collect(Network<T> network, Span<T> gradient);
}
