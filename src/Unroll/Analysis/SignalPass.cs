using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Unroll.Kernels;

namespace Unroll.Analysis;

/// <summary>One error signal: the cost of step <paramref name="Step"/> (1..T) of one sequence, on its way back in time.</summary>
/// <param name="Step">t, the step whose cost it is, 1..T.</param>
/// <param name="Row">The sequence.</param>
internal readonly record struct SignalTrack(int Step, int Row);

/// <summary>
/// Takes many error signals dE_t/dx_k back in time together, each a row of one matrix, so that a step is a matrix product. A row
/// is rescaled by a power of two, which is exact, before it leaves the range of its type. So no signal overflows or underflows
/// before the double that holds its norm does.
/// </summary>
/// <remarks>
/// Rows are taken in chunks that stay in the cache over all steps. A chunk is sorted from late steps to early ones, so the active
/// rows are always its first ones. Rows do not interact, so the chunks do not change any bit.
/// </remarks>
internal sealed unsafe class SignalPass<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int ChunkRows = 96, CacheLine = 64;

    // Far from the ends of float's range even after squaring.
    private const double Largest = 1e12, Smallest = 1e-12;

    private readonly Tape<T> _tape;
    private readonly NetworkShape _shape;
    private readonly int _h;
    private readonly int _width; // H in whole registers
    private readonly int _stride;
    private readonly T[] _outputWeights;
    private readonly AlignedBuffer<T> _recurrent = new();
    private readonly AlignedBuffer<T> _arriving = new(); // dE_t/dh_k
    private readonly AlignedBuffer<T> _signals = new(); // dE_t/dx_k
    private readonly AlignedBuffer<T> _padded = new();
    private readonly int[] _exponents = new int[ChunkRows];

    public SignalPass(UnrolledNetwork<T> unrolled)
    {
        _tape = unrolled.Tape;
        _shape = unrolled.Network.Shape;
        _h = _shape.Hidden;
        (int lanes, int columns) = Vector512.IsHardwareAccelerated ? Widths<Simd512<T>, Vector512<T>>()
            : Vector256.IsHardwareAccelerated ? Widths<Simd256<T>, Vector256<T>>()
            : Widths<Simd128<T>, Vector128<T>>();
        _width = (_h + lanes - 1) / lanes * lanes;

        // As in the kernels: above four cache lines, an odd number of them.
        int lines = ((_width * sizeof(T)) + CacheLine - 1) / CacheLine;
        _stride = (lines > 4 ? lines | 1 : lines) * CacheLine / sizeof(T);
        _outputWeights = unrolled.Network.OutputWeights.ToArray();
        _arriving.Ensure(ChunkRows * _stride);
        _signals.Ensure(ChunkRows * _stride);
        _padded.Ensure(_width);
        Pack(unrolled.Network.RecurrentWeights, lanes, columns);
    }

    /// <summary>What is done with the signal of a track at a step: its elements times 2^exponent are dE_t/dx_k.</summary>
    public delegate void Visit(int track, int step, ReadOnlySpan<T> signal, int exponent);

    /// <summary>The norms ||dE_t/dx_k|| of the sequence's own cost, k = 1..t of each track at offsets[track] + k - 1.</summary>
    /// <param name="tracks">Sorted from late steps to early ones.</param>
    /// <param name="offsets">Where the norms of each track begin.</param>
    /// <param name="norms">Receives them.</param>
    /// <param name="visit">Also called with each signal, or null.</param>
    public void Run(ReadOnlySpan<SignalTrack> tracks, ReadOnlySpan<long> offsets, double[] norms, Visit? visit = null)
    {
        for (int first = 0; first < tracks.Length; first += ChunkRows)
        {
            int count = Math.Min(ChunkRows, tracks.Length - first);
            ReadOnlySpan<SignalTrack> chunk = tracks.Slice(first, count);
            ReadOnlySpan<long> at = offsets.Slice(first, count);
            if (Vector512.IsHardwareAccelerated) Run<Simd512<T>, Vector512<T>>(chunk, at, norms, visit, first);
            else if (Vector256.IsHardwareAccelerated) Run<Simd256<T>, Vector256<T>>(chunk, at, norms, visit, first);
            else Run<Simd128<T>, Vector128<T>>(chunk, at, norms, visit, first);
        }
    }

    private void Run<TSimd, TVector>(
        ReadOnlySpan<SignalTrack> chunk, ReadOnlySpan<long> offsets, double[] norms, Visit? visit, int first)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
    {
        int active = 0;
        T* a = _arriving.Pointer, d = _signals.Pointer;
        for (int k = chunk.Length == 0 ? 0 : chunk[0].Step; k >= 1; k--)
        {
            if (active > 0)
            {
                new Span<T>(a, active * _stride).Clear();
                Tile<TSimd, TVector, T>.MultiplyPanels(
                    d, _stride, 1, active, _recurrent.Pointer, _width / TSimd.Lanes, _h, a, _stride);
            }

            for (; active < chunk.Length && chunk[active].Step == k; active++) Begin(chunk[active], active);
            for (int i = 0; i < active; i++)
            {
                T* h = States(k, chunk[i].Row);
                T* signal = d + (i * _stride);
                double norm = Math.Sqrt(double.CreateTruncating(TimesSlope<TSimd, TVector>(a + (i * _stride), h, signal)));
                if (norm is < Smallest or > Largest or double.NaN) norm = Rescale(signal, i);
                norms[offsets[i] + k - 1] = _exponents[i] == 0 ? norm : Math.ScaleB(norm, _exponents[i]);
                visit?.Invoke(first + i, k, new ReadOnlySpan<T>(signal, _h), _exponents[i]);
            }
        }
    }

    /// <summary>
    /// The signal's first value, dE_t/dh_t of the sequence's own cost: the mean over the rows of the batch is undone.
    /// </summary>
    private void Begin(SignalTrack track, int i)
    {
        _exponents[i] = 0;
        var a = new Span<T>(_arriving.Pointer + (i * _stride), _stride);
        a.Clear();
        int at = _shape.PredictsEveryStep ? ((track.Step - 1) * _tape.Rows) + track.Row : track.Row;
        T* dy = _tape.OutputGradients + ((nint)at * _tape.OutputStride);
        T rows = T.CreateTruncating(_tape.Rows);
        for (int o = 0; o < _shape.Outputs; o++)
        {
            T weight = dy[o] * rows;
            ReadOnlySpan<T> from = _outputWeights.AsSpan(o * _h, _h);
            for (int j = 0; j < from.Length; j++) a[j] += weight * from[j];
        }
    }

    /// <summary>d = a * sigma'(x) by way of h; returns the sum of its squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T TimesSlope<TSimd, TVector>(T* a, T* h, T* d)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
    {
        TVector one = TSimd.Broadcast(T.One), sum = default;
        switch (_shape.Activation)
        {
            case Activation.Tanh:
                for (int j = 0; j < _width; j += TSimd.Lanes)
                {
                    TVector y = TSimd.Load(h + j);
                    TVector x = TSimd.Multiply(TSimd.Load(a + j), TSimd.Subtract(one, TSimd.Multiply(y, y)));
                    TSimd.Store(d + j, x);
                    sum = TSimd.MultiplyAdd(x, x, sum);
                }

                break;
            case Activation.Sigmoid:
                for (int j = 0; j < _width; j += TSimd.Lanes)
                {
                    TVector y = TSimd.Load(h + j);
                    TVector x = TSimd.Multiply(TSimd.Load(a + j), TSimd.Multiply(y, TSimd.Subtract(one, y)));
                    TSimd.Store(d + j, x);
                    sum = TSimd.MultiplyAdd(x, x, sum);
                }

                break;
            default:
                bool relu = _shape.Activation == Activation.Relu;
                for (int j = 0; j < _width; j += TSimd.Lanes)
                {
                    TVector x = TSimd.Load(a + j);
                    if (relu) x = TSimd.WherePositive(TSimd.Load(h + j), x);
                    TSimd.Store(d + j, x);
                    sum = TSimd.MultiplyAdd(x, x, sum);
                }

                break;
        }

        return TSimd.Sum(sum);
    }

    /// <summary>
    /// Scales a signal so that its largest element is near 1, and returns the norm of the scaled signal. A signal that is zero or
    /// not finite is left as it is.
    /// </summary>
    private double Rescale(T* signal, int i)
    {
        double largest = 0;
        for (int j = 0; j < _h; j++) largest = Math.Max(largest, Math.Abs(double.CreateTruncating(signal[j])));
        if (largest > 0 && double.IsFinite(largest))
        {
            int exponent = Math.ILogB(largest);
            for (int j = 0; j < _h; j++) signal[j] = T.ScaleB(signal[j], -exponent);
            _exponents[i] += exponent;
        }

        double sum = 0;
        for (int j = 0; j < _h; j++)
        {
            double x = double.CreateTruncating(signal[j]);
            sum += x * x;
        }

        return Math.Sqrt(sum);
    }

    /// <summary>h_k of a sequence, readable in whole registers; the reference kernel's rows are not padded.</summary>
    private T* States(int k, int row)
    {
        T* h = _tape.Layers[0].States + ((nint)((k * _tape.Rows) + row) * _tape.Layers[0].StateStride);
        if (_tape.Layers[0].StateStride >= _width) return h;
        new Span<T>(h, _h).CopyTo(_padded.Span);
        return _padded.Pointer;
    }

    /// <summary>Row j of W_rec, the weights into unit j, in panels for a product from the left; padding is zero.</summary>
    private void Pack(ReadOnlySpan<T> recurrent, int lanes, int columns)
    {
        T* to = _recurrent.Ensure((long)_h * _width).Pointer;
        for (int column = 0, width; column < _width; column += width)
        {
            width = TilePanels.Registers((_width - column) / lanes, columns) * lanes;
            for (int row = 0; row < _h; row++, to += width)
            {
                for (int c = 0; c < width; c++) to[c] = column + c < _h ? recurrent[(row * _h) + column + c] : T.Zero;
            }
        }
    }

    private static (int Lanes, int Columns) Widths<TSimd, TVector>()
        where TSimd : ISimd<TVector, T>
        where TVector : struct => (TSimd.Lanes, TSimd.TileColumns);
}
