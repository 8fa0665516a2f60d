using System.Numerics;

namespace Unroll.Kernels;

/// <summary>
/// What one pass over a batch leaves behind, step-major. B rows, T steps, H hidden units, O outputs, each row padded to the
/// kernel's stride; padding stays zero. Entry k of a row stands for the link from h_k to x_{k+1}, k = 0..T-1: so
/// <see cref="PreGradients"/>, the states h_k and the flow p_k of the same entry meet in the weight gradient.
/// </summary>
internal sealed unsafe class Tape<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _states = new();
    private readonly AlignedBuffer<T> _stateGradients = new();
    private readonly AlignedBuffer<T> _preGradients = new();
    private readonly AlignedBuffer<T> _outputs = new();
    private readonly AlignedBuffer<T> _outputGradients = new();
    private readonly AlignedBuffer<T> _inputs = new();
    private readonly AlignedBuffer<T> _flow = new();
    private readonly AlignedBuffer<T> _right = new();
    private AlignedBuffer<T> _carried = new();
    private int _carriedRows;

    public Tape(NetworkShape shape, IKernel<T> kernel)
    {
        Shape = shape;
        HiddenStride = kernel.Stride(shape.Hidden);
        OutputStride = kernel.Stride(shape.Outputs);
        InputStride = kernel.Stride(shape.Inputs);
    }

    public NetworkShape Shape { get; }

    /// <summary>Elements from a hidden row to the next.</summary>
    public int HiddenStride { get; }

    public int OutputStride { get; }

    public int InputStride { get; }

    /// <summary>B.</summary>
    public int Rows { get; private set; }

    /// <summary>T.</summary>
    public int Steps { get; private set; }

    /// <summary>How the cost is reduced, or null when the pass has no cost (prediction).</summary>
    public CostReduction? Reduction { get; set; }

    /// <summary>h_t, (T+1, B, H); t = 0 is the initial state.</summary>
    public T* States => _states.Pointer;

    /// <summary>dE/dh_t, (T+1, B, H), total derivatives.</summary>
    public T* StateGradients => _stateGradients.Pointer;

    /// <summary>dE/dx_{k+1}, (T, B, H), at entry k.</summary>
    public T* PreGradients => _preGradients.Pointer;

    /// <summary>y, (T, B, O) for an every-step head, (B, O) for a last-step head.</summary>
    public T* Outputs => _outputs.Pointer;

    /// <summary>dE/dy, laid out as <see cref="Outputs"/>; zero where nothing is predicted.</summary>
    public T* OutputGradients => _outputGradients.Pointer;

    /// <summary>Dense inputs in T, (T, B, I).</summary>
    public T* Inputs => _inputs.Pointer;

    /// <summary>
    /// p_k = dE/dx_{k+1} W_rec, (T, B, H): the error that flows back from step k+1 into h_k. For a last-step head it is
    /// dE/dh_k itself, as no cost enters at a step that has a successor.
    /// </summary>
    public T* Flow => Shape.PredictsEveryStep ? _flow.Pointer : StateGradients;

    /// <summary>The right operand of W_rec's gradient when it is not the states alone, (T, B, H).</summary>
    public T* Right => _right.Pointer;

    /// <summary>The states that rows with <see cref="Batch.Carry"/> start from, (B, H).</summary>
    public T* Carried => _carried.Pointer;

    /// <summary>(B): each row's cost, reduced over its steps.</summary>
    public double[] RowCosts { get; private set; } = [];

    /// <summary>(T, B): squared norms of the error signal a at each entry.</summary>
    public double[] SignalSquared { get; private set; } = [];

    /// <summary>(T, B): squared norms of the signal one step earlier, v.</summary>
    public double[] FlowSquared { get; private set; } = [];

    /// <summary>(T, B): what each entry's flow vector is multiplied by in alpha dOmega/dW_rec.</summary>
    public double[] Coefficients { get; private set; } = [];

    public void Prepare(Batch batch)
    {
        (Rows, Steps) = (batch.Rows, batch.Steps);
        long entries = (long)Rows * Steps;
        _states.Ensure((entries + Rows) * HiddenStride);
        _outputs.Ensure((Shape.PredictsEveryStep ? entries : Rows) * OutputStride);
        if (Shape.Encoding == InputEncoding.Dense) _inputs.Ensure(entries * InputStride);
        EnsureCarried(Rows);
        if (RowCosts.Length < Rows) RowCosts = new double[Rows];
    }

    /// <summary>Room for dE/dy, which the forward pass writes with the costs.</summary>
    public void PrepareCosts() => _outputGradients.Ensure((Shape.PredictsEveryStep ? (long)Rows * Steps : Rows) * OutputStride);

    public void PrepareBackward()
    {
        long entries = (long)Rows * Steps;
        PrepareCosts();
        _stateGradients.Ensure((entries + Rows) * HiddenStride);
        _preGradients.Ensure(entries * HiddenStride);
    }

    public void PrepareOmega()
    {
        int entries = Rows * Steps;
        _right.Ensure((long)entries * HiddenStride);
        if (Shape.PredictsEveryStep) _flow.Ensure((long)entries * HiddenStride);
        if (SignalSquared.Length >= entries) return;
        SignalSquared = new double[entries];
        FlowSquared = new double[entries];
        Coefficients = new double[entries];
    }

    /// <summary>(H): h_t of a row, t = 0..T.</summary>
    public Span<T> StateRow(int t, int row) => HiddenRow(_states, t, row);

    /// <summary>(H): dE/dh_t of a row, t = 0..T.</summary>
    public Span<T> StateGradientRow(int t, int row) => HiddenRow(_stateGradients, t, row);

    /// <summary>(H): dE/dx_{k+1} of a row, k = 0..T-1.</summary>
    public Span<T> PreGradientRow(int k, int row) => HiddenRow(_preGradients, k, row);

    /// <summary>(O): the output at index <paramref name="at"/> of <see cref="Outputs"/>.</summary>
    public Span<T> OutputRow(int at) => _outputs.Span.Slice(at * OutputStride, Shape.Outputs);

    /// <summary>(H): the state held for a row.</summary>
    public Span<T> CarriedRow(int row) => HiddenRow(_carried, 0, row);

    /// <summary>Makes room for the held states of this many rows, keeping those there are.</summary>
    public void EnsureCarried(int rows)
    {
        if (rows <= _carriedRows) return;
        AlignedBuffer<T> grown = new AlignedBuffer<T>().Ensure((long)rows * HiddenStride);
        _carried.Span[..(_carriedRows * HiddenStride)].CopyTo(grown.Span);
        (_carried, _carriedRows) = (grown, rows);
    }

    private Span<T> HiddenRow(AlignedBuffer<T> buffer, int t, int row) =>
        buffer.Span.Slice(((t * Rows) + row) * HiddenStride, Shape.Hidden);
}
