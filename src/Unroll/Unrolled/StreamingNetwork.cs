using System.Numerics;
using Unroll.Heads;
using Unroll.Kernels;

namespace Unroll;

/// <summary>
/// A network run one step at a time on one sequence, for use where inputs arrive as a stream. It allocates nothing per step
/// and gives the same bits as <see cref="UnrolledNetwork{T}"/>. Not safe for concurrent use; a state may be used by one call
/// at a time, and there may be any number of states.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed unsafe class StreamingNetwork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkShape _shape;
    private readonly IKernel<T> _kernel;
    private readonly Tape<T> _tape;
    private readonly Batch _batch;
    private readonly T[] _initial;
    private readonly IHeadCost _cost;

    /// <summary>
    /// Prepares to run the network with its current parameters; later changes of the parameters have no effect.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="kernel">The kernel's name, or null for the fastest that this machine runs.</param>
    /// <exception cref="ArgumentException">The network's last steps start from one state
    /// (<see cref="NetworkShape.Branches"/>), or there is no such kernel.</exception>
    public StreamingNetwork(Network<T> network, string? kernel = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        _shape = network.Shape;
        _shape.RequireChain("A stream reads");
        _kernel = KernelFactory.Create<T>(network.Shape, kernel);
        _kernel.Pack(network, default);
        _tape = new Tape<T>(network.Shape, _kernel);
        _batch = Batch.For(network.Shape);
        _cost = HeadTable.Of(network.Shape);
        StateLength = _shape.StateWidth + (_shape.Read == StateReading.Last ? 0 : _shape.Hidden + 1);
        _initial = new T[StateLength];
        if (_shape.LearnedInitialState) network.InitialState.CopyTo(_initial);
        _batch.Resize(1, 1);
        _tape.Prepare(_batch);
    }

    /// <summary>
    /// The numbers of a state: S, <see cref="NetworkShape.StateWidth"/>; and H + 1 more where the head reads the mean or the
    /// largest of the states (<see cref="NetworkShape.Read"/>): what they are so far, and the number of steps.
    /// </summary>
    public int StateLength { get; }

    /// <summary>A new sequence's state, s_0: <see cref="StateLength"/> numbers; H for one plain layer.</summary>
    public T[] Start() => [.. _initial];

    /// <summary>One step on a one-hot input.</summary>
    /// <param name="symbol">The index, 0..I-1, or -1 for a zero vector.</param>
    /// <param name="state">(<see cref="StateLength"/>): s_{t-1}, replaced by s_t.</param>
    /// <param name="output">(O): receives y_t, before softmax or sigmoid.</param>
    /// <exception cref="InvalidOperationException">The network's inputs are not one-hot.</exception>
    /// <exception cref="ArgumentException">The length of a span is not the width.</exception>
    public void Step(int symbol, Span<T> state, Span<T> output)
    {
        Begin(InputEncoding.OneHot);
        _batch.SetSymbol(0, 0, symbol);
        Run(state, output);
    }

    /// <summary>One step on a dense input.</summary>
    /// <param name="input">(I): u_t.</param>
    /// <param name="state">(<see cref="StateLength"/>): s_{t-1}, replaced by s_t.</param>
    /// <param name="output">(O): receives y_t, before softmax or sigmoid.</param>
    /// <exception cref="InvalidOperationException">The network's inputs are not dense.</exception>
    /// <exception cref="ArgumentException">The length of a span is not the width, or an input is not finite.</exception>
    public void Step(ReadOnlySpan<double> input, Span<T> state, Span<T> output)
    {
        Begin(InputEncoding.Dense);
        CheckLength(input.Length, _shape.Inputs, "input");
        NonFiniteData.CheckInput(input, typeof(T) == typeof(float)); // once in the state, the value would stay there
        input.CopyTo(_batch.Dense(0, 0));
        Run(state, output);
    }

    /// <summary>One step on a multi-hot input.</summary>
    /// <param name="active">The indices of the inputs that are 1, each 0..I-1, in any order.</param>
    /// <param name="state">(<see cref="StateLength"/>): s_{t-1}, replaced by s_t.</param>
    /// <param name="output">(O): receives y_t, before softmax or sigmoid.</param>
    /// <exception cref="InvalidOperationException">The network's inputs are not multi-hot.</exception>
    /// <exception cref="ArgumentException">The length of a span is not the width.</exception>
    public void StepActive(ReadOnlySpan<int> active, Span<T> state, Span<T> output)
    {
        Begin(InputEncoding.MultiHot);
        foreach (int index in active) _batch.SetBit(0, 0, index);
        Run(state, output);
    }

    private void Begin(InputEncoding encoding)
    {
        if (_shape.Encoding != encoding)
            throw new InvalidOperationException($"The network takes {_shape.Encoding} inputs, not {encoding}.");
        _batch.Resize(1, 1);
    }

    private void Run(Span<T> state, Span<T> output)
    {
        CheckLength(state.Length, StateLength, "state");
        CheckLength(output.Length, _shape.Outputs, "output");
        _batch.Carry[0] = true;
        var held = new Span<T>(_tape.Carried, _shape.StateWidth);
        state[.._shape.StateWidth].CopyTo(held);
        if (_tape.Pools)
        {
            _tape.PoolSteps = long.CreateTruncating(state[^1]);
            state[_shape.StateWidth..^1].CopyTo(new Span<T>(_tape.Pool, _shape.Hidden));
        }

        _kernel.Forward(_batch, _tape, 0, 1);
        held.CopyTo(state);
        if (_tape.Pools)
        {
            state[^1] = T.CreateTruncating(_tape.PoolSteps + 1);
            new ReadOnlySpan<T>(_tape.Pool, _shape.Hidden).CopyTo(state[_shape.StateWidth..]);
        }

        new ReadOnlySpan<T>(_tape.Outputs, _shape.Outputs).CopyTo(output);
        _cost.Arrange(output);
        GC.KeepAlive(this); // the tape's memory lives as long as its owner
    }

    private static void CheckLength(int length, int expected, string name)
    {
        if (length != expected) throw new ArgumentException(Invariant($"The {name} has length {length}; it must be {expected}."));
    }
}
