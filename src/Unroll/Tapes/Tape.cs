using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>
/// What one pass over a batch stores, step-major: the tape of each layer, and the outputs. B rows, T steps, O outputs, S numbers
/// of state; each row is padded to the kernel's stride, and padding stays zero.
/// </summary>
internal sealed unsafe class Tape<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _outputs = new();
    private readonly AlignedBuffer<T> _outputGradients = new();
    private readonly AlignedBuffer<T> _inputs = new();
    private readonly AlignedBuffer<T> _maskedOutput = new();
    private readonly AlignedBuffer<T> _outputMask = new();
    private readonly AlignedBuffer<T> _pool = new();
    private readonly AlignedBuffer<T> _poolRead = new();
    private readonly AlignedBuffer<T> _poolSignals = new();
    private AlignedBuffer<T> _carried = new();
    private int _carriedRows;

    public Tape(NetworkShape shape, IRowSizes kernel)
    {
        Shape = shape;
        OutputStride = kernel.Stride(shape.Outputs);
        CarriedStride = kernel.Stride(shape.StateWidth);
        StateNoise = new NoisePool<T>(shape.Layers.Max(layer => layer.Hidden));
        BiasNoise = new NoisePool<T>(shape.Layers.Max(layer => layer.Hidden));
        Layers = new LayerTape<T>[shape.Layers.Count];
        for (int l = 0; l < Layers.Length; l++) Layers[l] = new LayerTape<T>(shape, l, kernel);
    }

    public NetworkShape Shape { get; }

    /// <summary>The tape of each layer, the layer next to the input first.</summary>
    public LayerTape<T>[] Layers { get; }

    public int OutputStride { get; }

    public int CarriedStride { get; }

    /// <summary>B.</summary>
    public int Rows { get; private set; }

    /// <summary>T.</summary>
    public int Steps { get; private set; }

    /// <summary>How the cost is reduced, or null when the pass has no cost (prediction).</summary>
    public CostReduction? Reduction { get; set; }

    /// <summary>How the backward pass clips the signals that flow back; null for not.</summary>
    public TemporalClipping? TemporalClip { get; set; }

    /// <summary>What the pass draws at random.</summary>
    public PassNoise Noise { get; set; }

    /// <summary>The noise on pre-activations that the pass has drawn.</summary>
    public NoisePool<T> StateNoise { get; }

    /// <summary>The noise on biases that the pass has drawn.</summary>
    public NoisePool<T> BiasNoise { get; }

    /// <summary>y, (T, B, O) for an every-step head, (B, O) for a last-step head.</summary>
    public T* Outputs => _outputs.Pointer;

    /// <summary>dE/dy, laid out as <see cref="Outputs"/>; zero where nothing is predicted.</summary>
    public T* OutputGradients => _outputGradients.Pointer;

    /// <summary>Dense inputs in T, (T, B, I).</summary>
    public T* Inputs => _inputs.Pointer;

    /// <summary>The states from which rows with <see cref="Batch.Carry"/> start, (B, S).</summary>
    public T* Carried => _carried.Pointer;

    /// <summary>Whether this pass drops elements of what the head reads.</summary>
    public bool DropsOutput => Noise.OutputDropout > 0;

    /// <summary>The last layer's h times its dropout mask, (T+1, B, H).</summary>
    public T* MaskedOutput => _maskedOutput.Pointer;

    public T* OutputMask => _outputMask.Pointer;

    /// <summary>Whether the head reads the mean or the largest of the states, in the place of the last one.</summary>
    public bool Pools => Shape.Read != StateReading.Last;

    /// <summary>The sum or the largest values so far of what the head reads, (B, H).</summary>
    public T* Pool => _pool.Pointer;

    /// <summary>The mean or the largest values, (B, H): what the head reads.</summary>
    public T* PoolRead => _poolRead.Pointer;

    /// <summary>What flows from the head into each state that has a part, (B, H): of a mean the same into all of them.</summary>
    public T* PoolSignals => _poolSignals.Pointer;

    /// <summary>(B, H): the step, from 1, at which a unit has its largest value; the first of equal ones.</summary>
    public int[] PoolWinners { get; private set; } = [];

    /// <summary>The steps before this pass that are in <see cref="Pool"/>: 0, except of a stream.</summary>
    public long PoolSteps { get; set; }

    /// <summary>(B): each row's cost, reduced over its steps.</summary>
    public double[] RowCosts { get; private set; } = [];

    public void Prepare(Batch batch)
    {
        (Rows, Steps) = (batch.Rows, batch.Steps);
        StateNoise.Prepare(new RandomKey(Noise.Seed, RandomStream.StateNoise, Noise.Update), Noise.StateDeviation);
        BiasNoise.Prepare(new RandomKey(Noise.Seed, RandomStream.BiasNoise, Noise.Update), Noise.BiasDeviation);
        long entries = (long)Rows * Steps;
        bool dense = Shape.Encoding == InputEncoding.Dense;
        for (int l = 0; l < Layers.Length; l++) Layers[l].Prepare(Rows, Steps, (l > 0 || dense) && Noise.RateInto(l) > 0);
        _outputs.Ensure((Shape.PredictsEveryStep ? entries : Rows) * OutputStride);
        if (dense) _inputs.Ensure(entries * Layers[0].InputStride);
        if (DropsOutput)
        {
            _maskedOutput.Ensure((entries + Rows) * Layers[^1].StateStride);
            _outputMask.Ensure((entries + Rows) * Layers[^1].StateStride);
        }

        if (Pools) PreparePool();
        EnsureCarried(Rows);
        if (RowCosts.Length < Rows) RowCosts = new double[Rows];
    }

    /// <summary>
    /// Makes room for the derivatives of a pass over a batch along a direction of the parameters: states are R{s}, gates R{x},
    /// outputs R{y}.
    /// </summary>
    public void PrepareTangents(int rows, int steps)
    {
        (Rows, Steps) = (rows, steps);
        foreach (LayerTape<T> layer in Layers) layer.PrepareTangents(rows, steps);
        if (Pools) PreparePool();
        _outputs.Ensure((Shape.PredictsEveryStep ? (long)rows * steps : rows) * OutputStride);
    }

    /// <summary>Makes room for dE/dy, which the forward pass writes with the costs.</summary>
    public void PrepareCosts() => _outputGradients.Ensure((Shape.PredictsEveryStep ? (long)Rows * Steps : Rows) * OutputStride);

    public void PrepareBackward()
    {
        PrepareCosts();
        if (Pools) _poolSignals.Ensure((long)Rows * Layers[^1].StateStride);
        foreach (LayerTape<T> layer in Layers) layer.PrepareBackward(Rows, Steps);
    }

    public void PrepareOmega()
    {
        foreach (LayerTape<T> layer in Layers) layer.PrepareOmega(Rows, Steps);
    }

    private void PreparePool()
    {
        long count = (long)Rows * Layers[^1].StateStride;
        _pool.Ensure(count);
        _poolRead.Ensure(count);
        if (PoolWinners.Length < count) PoolWinners = new int[count];
    }

    /// <summary>(O): the output at index <paramref name="at"/> of <see cref="Outputs"/>.</summary>
    public Span<T> OutputRow(int at) => _outputs.Span.Slice(at * OutputStride, Shape.Outputs);

    /// <summary>(S): the state kept for a row.</summary>
    public Span<T> CarriedRow(int row) => _carried.Span.Slice(row * CarriedStride, Shape.StateWidth);

    /// <summary>Makes room for the kept states of this many rows, and preserves the existing ones.</summary>
    public void EnsureCarried(int rows)
    {
        if (rows <= _carriedRows) return;
        AlignedBuffer<T> grown = new AlignedBuffer<T>().Ensure((long)rows * CarriedStride);
        _carried.Span[..(_carriedRows * CarriedStride)].CopyTo(grown.Span);
        (_carried, _carriedRows) = (grown, rows);
    }
}
