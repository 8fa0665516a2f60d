using System.Numerics;
using Unroll.Cells;

namespace Unroll.Kernels;

/// <summary>
/// What a pass stores for one layer, step-major, each row padded to the kernel's stride; padding stays zero. Entry k of a row
/// stands for the link from s_k to x_{k+1}, k = 0..T-1: so the weight gradient combines <see cref="PreGradients"/>, the states
/// h_k and the flow at the same entry. Where a cell also has a state c, its array follows that of h at <see cref="PartLength"/>.
/// </summary>
internal sealed unsafe class LayerTape<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _states = new();
    private readonly AlignedBuffer<T> _stateGradients = new();
    private readonly AlignedBuffer<T> _gates = new();
    private readonly AlignedBuffer<T> _preGradients = new();
    private readonly AlignedBuffer<T> _flow = new();
    private readonly AlignedBuffer<T> _right = new();
    private readonly AlignedBuffer<T> _maskedInput = new();
    private readonly AlignedBuffer<T> _inputMask = new();
    private readonly AlignedBuffer<T> _normed = new();
    private readonly AlignedBuffer<T> _scales = new();
    private readonly AlignedBuffer<T> _normedGradients = new();
    private readonly bool _flowIsState;
    private readonly bool _branches; // then gradients have a step more, in which each branch computes its part
    private int _rows;

    public LayerTape(NetworkShape shape, int index, IRowSizes kernel)
    {
        Index = index;
        _branches = shape.Branches > 0;
        Shape = shape.Layers[index];
        Layout = Shape.Definition.Layout;
        BlockWidth = kernel.BlockWidth(Shape.Hidden);
        StateStride = kernel.Stride(Shape.Hidden);
        InputStride = kernel.Stride(shape.InputsOf(index));
        GateStride = Layout.InPlace ? StateStride : kernel.Stride(Layout.Kept * BlockWidth);
        SignalStride = Layout.InPlace ? StateStride : kernel.Stride(Layout.Blocks * BlockWidth);
        _flowIsState = !shape.PredictsEveryStep && shape.Read == StateReading.Last && index == shape.Layers.Count - 1;
    }

    public int Index { get; }

    public LayerShape Shape { get; }

    public CellLayout Layout { get; }

    /// <summary>H as a block of the gates' rows.</summary>
    public int BlockWidth { get; }

    /// <summary>Elements from a row of states or their signals to the next.</summary>
    public int StateStride { get; }

    public int InputStride { get; }

    public int GateStride { get; }

    public int SignalStride { get; }

    /// <summary>Elements from the array of h to that of c.</summary>
    public nint PartLength { get; private set; }

    /// <summary>s_t, parts of (T+1, B, H); t = 0 is the initial state.</summary>
    public T* States => _states.Pointer;

    /// <summary>
    /// dE/ds_t, parts of (T+1, B, H): the total derivative for h, and for c the derivative through the next step's c only.
    /// </summary>
    public T* StateGradients => _stateGradients.Pointer;

    /// <summary>What steps keep, (T, B, Kept blocks); the states themselves for a cell in place.</summary>
    public T* Gates => _gates.Pointer;

    /// <summary>dE/dx_{k+1}, (T, B, blocks), at entry k; of a normalized layer x is the sum before normalization.</summary>
    public T* PreGradients => _preGradients.Pointer;

    /// <summary>A normalized layer's n, laid out as <see cref="PreGradients"/> (<see cref="LayerNorm"/>).</summary>
    public T* Normed => _normed.Pointer;

    /// <summary>A normalized layer's r, (T, B, Blocks).</summary>
    public T* Scales => _scales.Pointer;

    /// <summary>A normalized layer's dE/dx behind the normalization, laid out as <see cref="PreGradients"/>.</summary>
    public T* NormedGradients => _normedGradients.Pointer;

    /// <summary>
    /// The error that flows back from step k+1 into h_k, (T, B, H). It is dE/dh_k itself where no other error enters before the
    /// last step: in the last layer under a head at the last step.
    /// </summary>
    public T* Flow => _flowIsState ? StateGradients : _flow.Pointer;

    public bool FlowIsState => _flowIsState;

    /// <summary>The right operand of W_hh's gradient when it is not the states alone, (T, B, H).</summary>
    public T* Right => _right.Pointer;

    /// <summary>The input times its dropout mask, (T, B, I).</summary>
    public T* MaskedInput => _maskedInput.Pointer;

    public T* InputMask => _inputMask.Pointer;

    /// <summary>Whether this pass drops elements of the layer's input by way of <see cref="MaskedInput"/>.</summary>
    public bool DropsInput { get; private set; }

    /// <summary>(T, B): squared norms of the error signal a at each entry.</summary>
    public double[] SignalSquared { get; private set; } = [];

    /// <summary>(T, B): squared norms of the signal one step earlier, v.</summary>
    public double[] FlowSquared { get; private set; } = [];

    /// <summary>(T, B): what each entry's flow vector is multiplied by in alpha dOmega/dW_hh.</summary>
    public double[] Coefficients { get; private set; } = [];

    /// <summary>
    /// What enters dE/dh_1 .. dE/dh_T in the next backward pass besides what the head and the layer above say, (T, B, H), times
    /// <see cref="EnteringScale"/>; nothing while that is 0.
    /// </summary>
    public T* Entering { get; set; }

    public T EnteringScale { get; set; }

    /// <summary>h_1 .. h_T, which the layer above or the head reads.</summary>
    public T* Outputs(int rows) => States + ((nint)rows * StateStride);

    public void Prepare(int rows, int steps, bool dropsInput)
    {
        long entries = (long)rows * steps;
        _rows = rows;
        PartLength = (nint)((entries + rows + (_branches ? rows : 0)) * StateStride);
        _states.Ensure(PartLength * Layout.Parts);
        if (!Layout.InPlace) _gates.Ensure(entries * GateStride);
        if (Shape.LayerNorm)
        {
            _normed.Ensure(entries * SignalStride);
            _scales.Ensure(entries * Layout.Blocks);
        }

        DropsInput = dropsInput;
        if (!dropsInput) return;
        _maskedInput.Ensure(entries * InputStride);
        _inputMask.Ensure(entries * InputStride);
    }

    /// <summary>Room for the derivatives along a direction: <see cref="Gates"/> is R{x}, also of a cell in place.</summary>
    public void PrepareTangents(int rows, int steps)
    {
        Prepare(rows, steps, dropsInput: false);
        _gates.Ensure((long)rows * steps * GateStride);
    }

    public void PrepareBackward(int rows, int steps)
    {
        long entries = (long)rows * steps;
        _stateGradients.Ensure(PartLength * Layout.Parts);
        _preGradients.Ensure(entries * SignalStride);
        if (Shape.LayerNorm) _normedGradients.Ensure(entries * SignalStride);
    }

    public void PrepareOmega(int rows, int steps)
    {
        int entries = rows * steps;
        _right.Ensure((long)entries * StateStride);
        if (!_flowIsState) _flow.Ensure((long)entries * StateStride);
        if (SignalSquared.Length >= entries) return;
        SignalSquared = new double[entries];
        FlowSquared = new double[entries];
        Coefficients = new double[entries];
    }

    /// <summary>(H): a part of s_t of a row, t = 0..T.</summary>
    public Span<T> StateRow(int part, int t, int row) => Row(_states, part, t, row);

    /// <summary>(H): what the step t = 1..T of a row kept in a block.</summary>
    public Span<T> KeptRow(int block, int t, int row) =>
        Layout.InPlace ? StateRow(0, t, row) : _gates.Span.Slice(
            ((((t - 1) * _rows) + row) * GateStride) + (block * BlockWidth), Shape.Hidden);

    /// <summary>(H): a part of dE/ds_t of a row, t = 0..T.</summary>
    public Span<T> StateGradientRow(int part, int t, int row) => Row(_stateGradients, part, t, row);

    /// <summary>(H): a block of dE/dx_{k+1} of a row, k = 0..T-1.</summary>
    public Span<T> PreGradientRow(int block, int k, int row) => BlockRow(_preGradients, block, k, row);

    /// <summary>
    /// (H): a block of what a bias's gradient sums, of a row, k = 0..T-1: dE/dx, behind the normalization where there is one.
    /// </summary>
    public Span<T> BiasGradientRow(int block, int k, int row) => Shape.LayerNorm ? BlockRow(_normedGradients, block, k, row)
        : PreGradientRow(block, k, row);

    /// <summary>(H): a block of a normalized layer's n of a row, k = 0..T-1.</summary>
    public Span<T> NormedRow(int block, int k, int row) => BlockRow(_normed, block, k, row);

    private Span<T> BlockRow(AlignedBuffer<T> buffer, int block, int k, int row) =>
        buffer.Span.Slice((((k * _rows) + row) * SignalStride) + (block * BlockWidth), Shape.Hidden);

    private Span<T> Row(AlignedBuffer<T> buffer, int part, int t, int row) =>
        buffer.Span.Slice((int)(part * PartLength) + (((t * _rows) + row) * StateStride), Shape.Hidden);
}
