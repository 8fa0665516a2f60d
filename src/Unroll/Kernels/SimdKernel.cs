using System.Numerics;
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>
/// The fast kernel, one body for every register width. This file holds the packed weights; the passes are in
/// SimdKernel.Forward.cs, SimdKernel.Backward.cs, SimdKernel.Gradients.cs and SimdKernel.Omega.cs.
/// </summary>
internal sealed unsafe partial class SimdKernel<TSimd, TVector, T> : IKernel<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int CacheLine = 64;
    private readonly NetworkShape _shape;
    private readonly int _h;
    private readonly int _o;
    private readonly int _hiddenRegisters;
    private readonly int _outputRegisters;
    private readonly int _hiddenStride;
    private readonly int _outputStride;
    private readonly int _inputStride;
    private readonly T _padLogit;

    // Packed weights, refreshed by Pack. Panels are what Tile.MultiplyPanels reads; padding columns are zero.
    private readonly AlignedBuffer<T> _recurrentForward = new();  // (H from, H to) panels: h W_rec^T
    private readonly AlignedBuffer<T> _recurrentBackward = new(); // (H to, H from) panels: dE/dx W_rec
    private readonly AlignedBuffer<T> _outputForward = new();     // (H, O) panels
    private readonly AlignedBuffer<T> _outputBackward = new();    // (O, H) panels
    private readonly AlignedBuffer<T> _input = new();             // (I + 1, H) rows; row I is the bias; one-hot rows include it
    private readonly AlignedBuffer<T> _outputBias = new();        // (O)
    private readonly AlignedBuffer<T> _initial = new();           // (H)

    // Sums of the weight gradients, padded.
    private readonly AlignedBuffer<T> _recurrentSum = new();  // (H to, H from)
    private readonly AlignedBuffer<T> _inputSum = new();      // (I + 1, H); row I is the bias or, one-hot, the steps without input
    private readonly AlignedBuffer<T> _outputSum = new();     // (O, H)
    private readonly AlignedBuffer<T> _outputBiasSum = new(); // (O)
    private readonly AlignedBuffer<T> _initialSum = new();    // (H)

    public SimdKernel(NetworkShape shape, string name)
    {
        _shape = shape;
        Name = name;
        (_h, _o) = (shape.Hidden, shape.Outputs);
        _hiddenRegisters = (_h + TSimd.Lanes - 1) / TSimd.Lanes;
        _outputRegisters = (_o + TSimd.Lanes - 1) / TSimd.Lanes;
        _hiddenStride = Stride(_h);
        _outputStride = Stride(_o);
        _inputStride = Stride(shape.Inputs);

        // A padding output of a softmax or sigmoid must have probability zero, whatever the real ones are.
        // (A bit's cost multiplies it by a target of zero, so there it is only far below any output that matters.)
        _padLogit = shape.Head switch
        {
            OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => T.NegativeInfinity,
            OutputHead.BernoulliEvery => T.CreateTruncating(-1e30),
            _ => T.Zero,
        };

        long panel = _hiddenRegisters * TSimd.Lanes;
        _recurrentForward.Ensure(_h * panel);
        _recurrentBackward.Ensure(_h * panel);
        _outputForward.Ensure((long)_h * _outputRegisters * TSimd.Lanes);
        _outputBackward.Ensure(_o * panel);
        _input.Ensure((long)(shape.Inputs + 1) * _hiddenStride);
        _outputBias.Ensure(_outputStride);
        _initial.Ensure(_hiddenStride);
        _recurrentSum.Ensure((long)_h * _hiddenStride);
        _inputSum.Ensure((long)(shape.Inputs + 1) * _hiddenStride);
        _outputSum.Ensure((long)_o * _hiddenStride);
        _outputBiasSum.Ensure(_outputStride);
        _initialSum.Ensure(_hiddenStride);
    }

    public string Name { get; }

    /// <summary>
    /// Whole cache lines, and an odd number of them beyond four: rows a power of two apart would all fall into the same few
    /// sets of the first-level cache.
    /// </summary>
    public int Stride(int width)
    {
        int lines = ((width * sizeof(T)) + CacheLine - 1) / CacheLine;
        if (lines > 4 && lines % 2 == 0) lines++;
        return lines * CacheLine / sizeof(T);
    }

    public void Pack(Network<T> network)
    {
        Span<T> w = network.RecurrentWeights;
        PackPanels(w, _h, 1, _h, _h, _hiddenRegisters, _recurrentForward.Pointer);
        PackPanels(w, 1, _h, _h, _h, _hiddenRegisters, _recurrentBackward.Pointer);
        PackPanels(network.OutputWeights, _h, 1, _h, _o, _outputRegisters, _outputForward.Pointer);
        PackPanels(network.OutputWeights, 1, _h, _o, _h, _hiddenRegisters, _outputBackward.Pointer);

        int inputs = _shape.Inputs;
        Span<T> win = network.InputWeights, bias = network.HiddenBias;
        for (int j = 0; j < _h; j++)
        {
            T b = bias.IsEmpty ? T.Zero : bias[j];
            T withInput = _shape.Encoding == InputEncoding.OneHot ? b : T.Zero;
            T* column = _input.Pointer + j;
            for (int i = 0; i < inputs; i++) column[(nint)i * _hiddenStride] = win[(j * inputs) + i] + withInput;
            column[(nint)inputs * _hiddenStride] = b;
        }

        Span<T> outputBias = _outputBias.Span;
        outputBias.Fill(_padLogit);
        if (network.OutputBias.IsEmpty) outputBias[.._o].Clear();
        else network.OutputBias.CopyTo(outputBias);
        network.InitialState.CopyTo(_initial.Span);
    }

    /// <summary>Packs B(k, n) = source[n * columnStep + k * rowStep] into panels of at most a tile's registers.</summary>
    private static void PackPanels(Span<T> source, int columnStep, int rowStep, int rows, int columns, int registers, T* target)
    {
        for (int done = 0; done < registers;)
        {
            int width = Math.Min(TSimd.TileColumns, registers - done) * TSimd.Lanes;
            int first = done * TSimd.Lanes;
            int used = Math.Min(width, columns - first);
            for (int n = 0; n < used; n++)
            {
                int at = (first + n) * columnStep;
                T* column = target + n;
                for (int k = 0; k < rows; k++) column[(nint)k * width] = source[at + (k * rowStep)];
            }

            target += (nint)width * rows;
            done += width / TSimd.Lanes;
        }
    }

    private static void Clear(T* start, nint count) => new Span<T>(start, (int)count).Clear();

    /// <summary>Copies a row, whose stride is a multiple of every register's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(T* source, T* target, nint stride)
    {
        for (nint i = 0; i < stride; i += TSimd.Lanes) TSimd.Store(target + i, TSimd.Load(source + i));
    }
}
