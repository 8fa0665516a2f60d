using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Inputs;

/// <summary>
/// W_ih with one row for each input, blocks of gates side by side, and the bias as the last row; and the sums of their gradients
/// in the same layout. For inputs with few active elements, which read and add to single rows.
/// </summary>
internal sealed unsafe class InputTable<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly GateGrid _grid;
    private readonly string _weightName;
    private readonly string _biasName;
    private readonly string _vectorName;
    private readonly int _inputs;
    private readonly bool _withRows;
    private readonly bool _normalized; // then the bias comes after the sums
    private readonly int _rowStride;
    private readonly AlignedBuffer<T> _rows = new(); // (I + 1, blocks); row I is the bias
    private readonly AlignedBuffer<T> _sums = new(); // (I + 1, gates); row I is the bias, or the steps without input

    public InputTable(NetworkShape shape, int layer, GateGrid grid, bool withRows)
    {
        (_grid, _withRows, _inputs) = (grid, withRows, shape.InputsOf(layer));
        _normalized = shape.Layers[layer].LayerNorm;
        (_weightName, _biasName, _vectorName) =
            (
                ParameterBlock.Of("weight_ih", layer), ParameterBlock.Of("bias", layer), ParameterBlock.Of(
                    grid.Layout.VectorBlock < 0 ? "" : grid.Layout.VectorNames[0], layer));
        _rowStride = Panels<TSimd, TVector, T>.Stride(grid.RowWidth);
        _rows.Ensure((long)((withRows ? _inputs : 0) + 1) * _rowStride);
        _sums.Ensure((long)(_inputs + 1) * grid.SignalStride);
        Bias = _rows.Pointer + (withRows ? (nint)_inputs * _rowStride : 0);
    }

    public T* Bias { get; }

    public int Inputs => _inputs;

    /// <summary>The sums of an input's weights; <see cref="Inputs"/> names the bias.</summary>
    public T* Sum(int input) => _sums.Pointer + ((nint)input * _grid.SignalStride);

    public T* Row(int input) => _rows.Pointer + ((nint)input * _rowStride);

    /// <param name="network">The network.</param>
    /// <param name="withBias">Whether every row includes the bias, so that a step with one input is one row copied.</param>
    public void Pack(Network<T> network, bool withBias)
    {
        ReadOnlySpan<T> bias = _normalized ? default : network.Parameter(_biasName);
        _grid.PackBias(bias, _normalized ? default : network.Parameter(_vectorName), Bias);
        if (!_withRows) return;
        ReadOnlySpan<T> weights = network.Parameter(_weightName);
        for (int b = _grid.Gates; b < _grid.Layout.Blocks; b++)
        {
            // A block that no input reaches.
            for (int i = 0; i < _inputs; i++)
            {
                var to = new Span<T>(Row(i) + (b * _grid.Width), _grid.Width);
                if (withBias) new ReadOnlySpan<T>(Bias + (b * _grid.Width), _grid.Width).CopyTo(to);
                else to.Clear();
            }
        }

        for (int g = 0; g < _grid.Gates; g++)
        {
            int block = _grid.Layout.InputBlocks[g] * _grid.Width;
            for (int j = 0; j < _grid.Units; j++)
            {
                T b = withBias ? Bias[block + j] : T.Zero;
                ReadOnlySpan<T> from = weights.Slice(((g * _grid.Units) + j) * _inputs, _inputs);
                T* column = _rows.Pointer + block + j;
                for (int i = 0; i < from.Length; i++) column[(nint)i * _rowStride] = from[i] + b;
            }
        }
    }

    /// <summary>Writes the gradients of W_ih and b.</summary>
    /// <param name="gradient">Flat.</param>
    /// <param name="network">The network whose layout the gradient has.</param>
    /// <param name="withBias">Whether the bias's gradient is the sum over all rows.</param>
    public void Collect(Span<T> gradient, Network<T> network, bool withBias)
    {
        Span<T> weights = network.Slice(gradient, _weightName), bias = network.Slice(gradient, _biasName);
        for (int g = 0; g < _grid.Gates; g++)
        {
            int block = _grid.Layout.InputBlocks[g] * _grid.Width;
            T* row = _sums.Pointer + block;
            nint step = _grid.SignalStride;
            Span<T> all = weights.Slice(g * _grid.Units * _inputs, _grid.Units * _inputs);
            int turned = _inputs & ~3; // inputs, four at a time
            fixed (T* to = all)
            {
                for (int i = 0; i < turned; i += 4, row += 4 * step)
                    Columns<T>.Four(row, row + step, row + (2 * step), row + (3 * step), _grid.Units, to + i, _inputs);
            }

            for (int i = turned; i < _inputs; i++, row += step)
            {
                for (int j = 0; j < _grid.Units; j++) all[(j * _inputs) + i] = row[j];
            }

            if (bias.IsEmpty) continue;
            Span<T> target = bias.Slice(g * _grid.Units, _grid.Units);
            new ReadOnlySpan<T>(Sum(_inputs) + block, _grid.Units).CopyTo(target);
            for (int i = 0; withBias && i < _inputs; i++)
            {
                T* sum = Sum(i) + block;
                for (int j = 0; j < target.Length; j++) target[j] += sum[j];
            }
        }
    }

    /// <summary>The columns of the gates that a part sums.</summary>
    public (int From, int Width) Columns(int part, int parts)
    {
        (int from, int to) = Panels<TSimd, TVector, T>.Share(_grid.Registers(TSimd.Lanes), part, parts);
        return (from * TSimd.Lanes, (to - from) * TSimd.Lanes);
    }

    /// <summary>target += scale source.</summary>
    public static void AddScaled(T* target, T* source, T scale, nint count)
    {
        TVector factor = TSimd.Broadcast(scale);
        for (nint i = 0; i < count; i += TSimd.Lanes)
            TSimd.Store(target + i, TSimd.MultiplyAdd(factor, TSimd.Load(source + i), TSimd.Load(target + i)));
    }
}
