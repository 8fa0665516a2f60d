using System.Numerics;

namespace Unroll;

/// <summary>
/// A network unrolled over the steps of a batch (figure 2): the forward pass, the cost, and backpropagation through time.
/// Buffers are kept from call to call. Not safe for concurrent use.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class UnrolledNetwork<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Prepares to run <paramref name="network"/>, whose parameters are read anew by every call.</summary>
    /// <param name="network">The network.</param>
    /// <param name="threads">Worker threads, at least 1; they change the speed and no bit of the result.</param>
    /// <param name="kernel">The kernel's name, or null for the fastest that this machine runs (or the one UNROLL_KERNEL names).</param>
    public UnrolledNetwork(Network<T> network, int threads = 1, string? kernel = null) => Network = network;

    /// <summary>The network that is run.</summary>
    public Network<T> Network { get; }

    /// <summary>The name of the kernel in use, such as <c>vector512</c> or <c>reference</c>.</summary>
    public string Kernel => throw new NotImplementedException();

    /// <summary>Runs the forward pass and returns the cost E: reduced over each sequence's predicted steps, averaged over the batch.</summary>
    public double Forward(Batch batch, CostReduction reduction) => throw new NotImplementedException();

    /// <summary>Runs backpropagation through time for the last <see cref="Forward"/>; fills <see cref="Gradient"/> and every dE/dh_t.</summary>
    public void Backward() => throw new NotImplementedException();

    /// <summary>dE/dtheta, flat, in the layout of <see cref="Network{T}.Parameters"/>; written by <see cref="Backward"/>.</summary>
    public Span<T> Gradient => throw new NotImplementedException();

    /// <summary>Runs the forward pass without targets and copies the outputs into <paramref name="predictions"/>.</summary>
    public void Predict(Batch batch, Predictions predictions) => throw new NotImplementedException();

    /// <summary>(O): the output y at a step (before softmax or sigmoid) of the last forward pass; a last-step head ignores the step.</summary>
    public ReadOnlySpan<T> Output(int step, int row) => throw new NotImplementedException();

    /// <summary>(H): h_t of a row, t = 0 (the initial state) to T.</summary>
    public ReadOnlySpan<T> State(int t, int row) => throw new NotImplementedException();

    /// <summary>(H): dE/dh_t of a row, t = 0 to T, the total derivative; written by <see cref="Backward"/>.</summary>
    public ReadOnlySpan<T> StateGradient(int t, int row) => throw new NotImplementedException();

    /// <summary>
    /// (H): the state held for a row. Every forward pass leaves the row's last state here; a row whose
    /// <see cref="Batch.Carry"/> is set starts from it. Write to it to give an initial state.
    /// </summary>
    public Span<T> CarriedState(int row) => throw new NotImplementedException();

    /// <summary>Ends the worker threads.</summary>
    public void Dispose() => throw new NotImplementedException();
}
