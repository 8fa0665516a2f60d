using System.Numerics;
using Unroll.Cells;

namespace Unroll.Kernels;

/// <summary>
/// Layer normalization of a layer's blocks on whole registers: what <see cref="LayerNorm"/> defines, between the products and
/// the cell. Padding lanes are zero before and after.
/// </summary>
internal sealed unsafe class SimdNorm<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly GateGrid _grid;
    private readonly string _gainName;
    private readonly string _biasName;
    private readonly string _vectorName;
    private readonly int _width;
    private readonly AlignedBuffer<T> _units = new();    // (Width): 1 where there is a unit
    private readonly AlignedBuffer<T> _gain = new();     // (Blocks, Width)
    private readonly AlignedBuffer<T> _bias = new();
    private readonly AlignedBuffer<T> _gainR = new();    // of a direction
    private readonly AlignedBuffer<T> _biasR = new();
    private readonly AlignedBuffer<T> _gainSum = new();
    private readonly AlignedBuffer<T> _biasSum = new();

    public SimdNorm(int index, GateGrid grid)
    {
        _grid = grid;
        _gainName = ParameterBlock.Of("gain", index);
        _biasName = ParameterBlock.Of("bias", index);
        _vectorName = ParameterBlock.Of(grid.Layout.VectorBlock < 0 ? "" : grid.Layout.VectorNames[0], index);
        _width = grid.Layout.Blocks * grid.Width;
        _units.Ensure(grid.Width).Span[..grid.Units].Fill(T.One);
        foreach (AlignedBuffer<T> buffer in (AlignedBuffer<T>[])[_gain, _bias, _gainR, _biasR, _gainSum, _biasSum])
            buffer.Ensure(Math.Max(_width, grid.RowWidth));
    }

    public void Pack(Network<T> network) => Pack(network, _gain, _bias);

    public void PackTangent(Network<T> direction) => Pack(direction, _gainR, _biasR);

    /// <summary>Rows of sums become x; n and r go to the tape, from this entry on.</summary>
    public void Forward(T* x, LayerTape<T> at, nint entry, int rows)
    {
        T* n = at.Normed + (entry * _grid.SignalStride), scales = at.Scales + (entry * _grid.Layout.Blocks);
        TVector share = TSimd.Constant(1.0 / _grid.Units);
        int w = _grid.Width;
        for (int r = 0; r < rows; r++, x += _grid.PreStride, n += _grid.SignalStride)
        {
            for (int b = 0; b < _grid.Layout.Blocks; b++)
            {
                T* a = x + (b * w), normed = n + (b * w), gain = _gain.Pointer + (b * w), bias = _bias.Pointer + (b * w);
                TVector sum = default;
                for (int j = 0; j < w; j += TSimd.Lanes) sum = TSimd.Add(sum, TSimd.Load(a + j));
                TVector mean = TSimd.Multiply(TSimd.Broadcast(TSimd.Sum(sum)), share), squares = default;
                for (int j = 0; j < w; j += TSimd.Lanes)
                {
                    TVector centered = TSimd.Multiply(TSimd.Load(_units.Pointer + j), TSimd.Subtract(TSimd.Load(a + j), mean));
                    TSimd.Store(normed + j, centered);
                    squares = TSimd.MultiplyAdd(centered, centered, squares);
                }

                double variance = double.CreateTruncating(TSimd.Sum(squares)) / _grid.Units;
                T scale = T.CreateTruncating(1 / Math.Sqrt(variance + LayerNorm.Epsilon));
                *scales++ = scale;
                TVector factor = TSimd.Broadcast(scale);
                for (int j = 0; j < w; j += TSimd.Lanes)
                {
                    TVector one = TSimd.Multiply(factor, TSimd.Load(normed + j));
                    TSimd.Store(normed + j, one);
                    TSimd.Store(a + j, TSimd.MultiplyAdd(TSimd.Load(gain + j), one, TSimd.Load(bias + j)));
                }
            }
        }
    }

    /// <summary>Rows of dE/dx are kept on the tape and become those of the sums, from this entry on.</summary>
    public void Backward(LayerTape<T> at, nint entry, int rows)
    {
        T* d = at.PreGradients + (entry * _grid.SignalStride), kept = at.NormedGradients + (entry * _grid.SignalStride);
        T* n = at.Normed + (entry * _grid.SignalStride), scales = at.Scales + (entry * _grid.Layout.Blocks);
        for (int r = 0; r < rows; r++, d += _grid.SignalStride, kept += _grid.SignalStride, n += _grid.SignalStride)
        {
            Panels<TSimd, TVector, T>.Copy(d, kept, _width);
            for (int j = 0; j < _width; j += TSimd.Lanes)
                TSimd.Store(d + j, TSimd.Multiply(TSimd.Load(d + j), TSimd.Load(_gain.Pointer + j)));
            for (int b = 0; b < _grid.Layout.Blocks; b++) Multiply(n + (b * _grid.Width), *scales++, d + (b * _grid.Width));
        }
    }

    /// <summary>Rows of R{a} become R{x} = R{g} n + g J R{a} + R{b}, from this entry on.</summary>
    public void ForwardTangent(T* x, LayerTape<T> at, nint entry, int rows)
    {
        T* n = at.Normed + (entry * _grid.SignalStride), scales = at.Scales + (entry * _grid.Layout.Blocks);
        for (int r = 0; r < rows; r++, x += _grid.PreStride, n += _grid.SignalStride)
        {
            for (int b = 0; b < _grid.Layout.Blocks; b++) Multiply(n + (b * _grid.Width), *scales++, x + (b * _grid.Width));
            for (int j = 0; j < _width; j += TSimd.Lanes)
            {
                TVector moved = TSimd.MultiplyAdd(
                    TSimd.Load(_gainR.Pointer + j), TSimd.Load(n + j), TSimd.Load(_biasR.Pointer + j));
                TSimd.Store(x + j, TSimd.MultiplyAdd(TSimd.Load(_gain.Pointer + j), TSimd.Load(x + j), moved));
            }
        }
    }

    /// <summary>
    /// Adds entries from..to-1 to a part of the gradients of gains and biases. Calls are in time order; the call with entry 0
    /// begins a new sum.
    /// </summary>
    public void Sums(LayerTape<T> at, int from, int to, int part, int parts)
    {
        (int first, int end) = Panels<TSimd, TVector, T>.Share(_width / TSimd.Lanes, part, parts);
        int start = first * TSimd.Lanes, count = (end - first) * TSimd.Lanes;
        if (count == 0) return;
        T* gains = _gainSum.Pointer + start, biases = _biasSum.Pointer + start;
        if (from == 0)
        {
            Panels<TSimd, TVector, T>.Clear(gains, count);
            Panels<TSimd, TVector, T>.Clear(biases, count);
        }

        T* d = at.NormedGradients + ((nint)from * _grid.SignalStride) + start;
        T* n = at.Normed + ((nint)from * _grid.SignalStride) + start;
        for (int e = from; e < to; e++, d += _grid.SignalStride, n += _grid.SignalStride)
        {
            for (int j = 0; j < count; j += TSimd.Lanes)
            {
                TVector one = TSimd.Load(d + j);
                TSimd.Store(gains + j, TSimd.MultiplyAdd(one, TSimd.Load(n + j), TSimd.Load(gains + j)));
                TSimd.Store(biases + j, TSimd.Add(one, TSimd.Load(biases + j)));
            }
        }
    }

    /// <summary>Writes the sums into the flat layout.</summary>
    public void Collect(Network<T> network, Span<T> gradient)
    {
        Span<T> gain = network.Slice(gradient, _gainName), bias = network.Slice(gradient, _biasName);
        Span<T> vector = network.Slice(gradient, _vectorName);
        for (int b = 0; b < _grid.Layout.Blocks; b++)
        {
            int place = _grid.Layout.GainOf(b) * _grid.Units;
            var biases = new ReadOnlySpan<T>(_biasSum.Pointer + (b * _grid.Width), _grid.Units);
            new ReadOnlySpan<T>(_gainSum.Pointer + (b * _grid.Width), _grid.Units).CopyTo(gain[place..]);
            if (b == _grid.Layout.VectorBlock && !vector.IsEmpty) biases.CopyTo(vector);
            if (b < _grid.Gates && !bias.IsEmpty) biases.CopyTo(bias[place..]);
        }
    }

    private void Pack(Network<T> network, AlignedBuffer<T> gain, AlignedBuffer<T> bias)
    {
        ReadOnlySpan<T> gains = network.Parameter(_gainName);
        for (int b = 0; b < _grid.Layout.Blocks; b++)
            gains.Slice(_grid.Layout.GainOf(b) * _grid.Units, _grid.Units).CopyTo(gain.Span[(b * _grid.Width)..]);
        _grid.PackBias(network.Parameter(_biasName), network.Parameter(_vectorName), bias.Pointer);
    }

    /// <summary>v becomes J v, for one block.</summary>
    private void Multiply(T* n, T scale, T* v)
    {
        TVector sum = default, products = default, share = TSimd.Constant(1.0 / _grid.Units);
        for (int j = 0; j < _grid.Width; j += TSimd.Lanes)
        {
            TVector one = TSimd.Load(v + j);
            sum = TSimd.Add(sum, one);
            products = TSimd.MultiplyAdd(one, TSimd.Load(n + j), products);
        }

        TVector mean = TSimd.Multiply(TSimd.Broadcast(TSimd.Sum(sum)), share), factor = TSimd.Broadcast(scale);
        TVector along = TSimd.Multiply(TSimd.Broadcast(TSimd.Sum(products)), share);
        for (int j = 0; j < _grid.Width; j += TSimd.Lanes)
        {
            TVector parallel = TSimd.MultiplyAdd(TSimd.Load(n + j), along, mean);
            TVector moved = TSimd.Multiply(factor, TSimd.Subtract(TSimd.Load(v + j), parallel));
            TSimd.Store(v + j, TSimd.MultiplyAdd(TSimd.Load(_units.Pointer + j), moved, default)); // adding 0 leaves no -0
        }
    }
}
