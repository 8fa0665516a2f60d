using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Inputs;

/// <summary>The input of a layer: inputs of one encoding, or the states of the layer below.</summary>
internal unsafe interface IInput<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Copies weights and biases into the layout of this input.</summary>
    /// <param name="network">The network.</param>
    /// <param name="drops">Whether the next pass drops inputs at random.</param>
    void Pack(Network<T> network, bool drops);

    /// <summary>Begins a forward pass of rows first..end-1.</summary>
    void Begin(Batch batch, Tape<T> tape, int first, int end);

    /// <summary>
    /// x = W_ih u + b of a step for the given rows. Steps come in order; later steps' rows may be filled ahead of time.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tape">The tape.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">The row after the last.</param>
    /// <param name="x">The first row's pre-activations.</param>
    void Fill(Batch batch, Tape<T> tape, int step, int first, int end, T* x);

    /// <summary>
    /// x += W_ih R{h of the layer below} of a step for the given rows, when there is a layer below: a network's inputs do not
    /// depend on its parameters.
    /// </summary>
    /// <param name="tangents">Its states are R{h}.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">The row after the last.</param>
    /// <param name="x">The first row's R{x}.</param>
    void AddTangent(Tape<T> tangents, int step, int first, int end, T* x)
    {
    }

    /// <summary>dE/d(the layer below's states) = dE/dx W_ih of rows first..end-1, when there is a layer below.</summary>
    void SignalBelow(Tape<T> tape, int first, int end);

    /// <summary>
    /// Adds entries (step times rows plus row) from..to-1 to a part of the gradients of W_ih and b. Calls are in time order; the
    /// call with entry 0 begins a new sum.
    /// </summary>
    void Sums(Batch batch, Tape<T> tape, int from, int to, int part, int parts);

    /// <summary>Writes the sums into the flat layout.</summary>
    void Collect(Network<T> network, Span<T> gradient);
}
