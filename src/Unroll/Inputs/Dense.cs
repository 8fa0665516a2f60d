using System.Numerics;
using System.Numerics.Tensors;
using Unroll.Kernels;

namespace Unroll.Inputs;

/// <summary>
/// I real numbers a step, from the batch or from the layer below: x = W_ih u + b is a product of many steps at once, and so is
/// its gradient, and the signal for the layer below.
/// </summary>
internal sealed unsafe class DenseInput<TSimd, TVector, T> : IInput<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Rows of one product: enough that each panel of the weights stays in the first-level cache, few enough that x is still in
    // the second-level cache when its step is computed. The number changes no bit.
    private const int RowsAtOnce = 64;

    private readonly int _layer;
    private readonly string _weightName;
    private readonly int _inputs;
    private readonly bool _below;
    private readonly GateGrid _grid;
    private readonly InputTable<TSimd, TVector, T> _table;
    private readonly int[] _starts;
    private readonly int _belowRegisters;
    private readonly PackedRows<TSimd, TVector, T> _signals = new();
    private readonly AlignedBuffer<T> _forward = new();  // (I, gates) panels
    private readonly AlignedBuffer<T> _backward = new(); // (blocks of H, I) panels

    public DenseInput(NetworkShape shape, int layer, GateGrid grid)
    {
        (_layer, _inputs, _below, _grid) = (layer, shape.InputsOf(layer), layer > 0, grid);
        _weightName = ParameterBlock.Of("weight_ih", layer);
        _table = new InputTable<TSimd, TVector, T>(shape, layer, grid, withRows: false);
        _starts = grid.ColumnStarts(grid.Layout.InputBlocks, 0, _inputs);
        _belowRegisters = Panels<TSimd, TVector, T>.Registers(_inputs);
        _forward.Ensure((long)_inputs * _starts.Length);
        if (_below) _backward.Ensure((long)grid.Gates * grid.Units * _belowRegisters * TSimd.Lanes);
    }

    public void Pack(Network<T> network, bool drops)
    {
        _table.Pack(network, withBias: false);
        Span<T> weights = network.Parameter(_weightName);
        Panels<TSimd, TVector, T>.Pack(weights, _starts, _inputs, _forward.Pointer);
        for (int g = 0; _below && g < _grid.Gates; g++)
        {
            Panels<TSimd, TVector, T>.Pack(
                weights.Slice(g * _grid.Units * _inputs, _grid.Units * _inputs), 1, _inputs, _grid.Units, _inputs,
                _belowRegisters, _backward.Pointer, _grid.Layout.InputBlocks[g] * _grid.Units, _grid.Gates * _grid.Units);
        }
    }

    public void Begin(Batch batch, Tape<T> tape, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_layer];
        if (!_below) Convert(batch, tape, first, end);
        if (!at.DropsInput) return;
        for (int t = 0; t < tape.Steps; t++)
        {
            for (int r = first; r < end; r++)
            {
                nint entry = (nint)((t * tape.Rows) + r) * at.InputStride;
                T* mask = at.InputMask + entry;
                tape.Noise.FillMask(tape.Noise.RateInto(_layer), _layer, r, t, new Span<T>(mask, _inputs));
                T* source = (_below ? tape.Layers[_layer - 1].Outputs(tape.Rows) : tape.Inputs) + entry;
                Panels<TSimd, TVector, T>.Multiply(source, mask, at.MaskedInput + entry, at.InputStride);
            }
        }
    }

    public void Fill(Batch batch, Tape<T> tape, int step, int first, int end, T* x)
    {
        int n = end - first, steps = Math.Max(1, RowsAtOnce / n);
        if (step % steps != 0) return; // filled with an earlier step
        steps = Math.Min(steps, tape.Steps - step);
        LayerTape<T> at = tape.Layers[_layer];
        T* u = Source(tape) + ((nint)((step * tape.Rows) + first) * at.InputStride);
        nint uStep = (nint)tape.Rows * at.InputStride, xStep = (nint)tape.Rows * _grid.PreStride;
        for (int s = 0; s < steps; s++)
        {
            for (int r = 0; r < n; r++)
                Panels<TSimd, TVector, T>.Copy(_table.Bias, x + (s * xStep) + ((nint)r * _grid.PreStride), _grid.RowWidth);
        }

        bool together = n == tape.Rows; // then the steps' rows follow one another
        int registers = _starts.Length / TSimd.Lanes;
        T* panel = _forward.Pointer;
        for (int done = 0; done < registers;)
        {
            int columns = TilePanels.Registers(registers - done, TSimd.TileColumns);
            T* target = x + (done * TSimd.Lanes);
            if (together)
                Tile<TSimd, TVector, T>.MultiplyPanels(
                    u, at.InputStride, 1, n * steps, panel, columns, _inputs, target, _grid.PreStride);
            else
            {
                for (int s = 0; s < steps; s++)
                    Tile<TSimd, TVector, T>.MultiplyPanels(
                        u + (s * uStep), at.InputStride, 1, n, panel, columns, _inputs, target + (s * xStep), _grid.PreStride);
            }

            panel += (nint)columns * TSimd.Lanes * _inputs;
            done += columns;
        }
    }

    public void AddTangent(Tape<T> tangents, int step, int first, int end, T* x)
    {
        if (!_below) return;
        int stride = tangents.Layers[_layer].InputStride;
        T* u = tangents.Layers[_layer - 1].Outputs(tangents.Rows) + ((nint)((step * tangents.Rows) + first) * stride);
        Tile<TSimd, TVector, T>.MultiplyPanels(
            u, stride, 1, end - first, _forward.Pointer, _starts.Length / TSimd.Lanes, _inputs, x, _grid.PreStride);
    }

    public void SignalBelow(Tape<T> tape, int first, int end)
    {
        if (!_below) return;
        LayerTape<T> at = tape.Layers[_layer], below = tape.Layers[_layer - 1];
        int n = end - first;
        Panels<TSimd, TVector, T>.Clear(below.StateGradients + ((nint)first * below.StateStride), (nint)n * below.StateStride);

        // As in Fill: many rows use a panel of weights while it is in the cache.
        int most = n == tape.Rows ? Math.Max(1, RowsAtOnce / n) : 1;
        for (int t = 0; t < tape.Steps; t += most)
        {
            int rows = n * Math.Min(most, tape.Steps - t);
            nint entry = (t * tape.Rows) + first;
            T* a = below.StateGradients + ((entry + tape.Rows) * below.StateStride);
            Panels<TSimd, TVector, T>.Clear(a, (nint)rows * below.StateStride);
            Tile<TSimd, TVector, T>.MultiplyPanels(
                at.PreGradients + (entry * _grid.SignalStride), _grid.SignalStride, 1, _grid.Width, _grid.Gates, rows,
                _backward.Pointer, _belowRegisters, _grid.Units, a, below.StateStride);
            if (at.DropsInput)
                Panels<TSimd, TVector, T>.Multiply(a, at.InputMask + (entry * at.InputStride), a, (nint)rows * below.StateStride);
        }
    }

    public void Sums(Batch batch, Tape<T> tape, int from, int to, int part, int parts)
    {
        LayerTape<T> at = tape.Layers[_layer];
        T* d = at.PreGradients + ((nint)from * _grid.SignalStride);
        (int column, int columns) = _table.Columns(part, parts);
        if (columns > 0)
        {
            T* bias = _table.Sum(_inputs) + column, own = d + column;
            if (from == 0) Panels<TSimd, TVector, T>.Clear(bias, columns);
            for (int e = from; e < to; e++, own += _grid.SignalStride) SimdMath<TSimd, TVector, T>.AddTo(bias, own, columns);
        }

        (int start, int end) = Panels<TSimd, TVector, T>.Share(_inputs, part, parts);
        if (end <= start) return;
        T* target = _table.Sum(start), u = Source(tape) + start + ((nint)from * at.InputStride);
        if (from == 0) Panels<TSimd, TVector, T>.Clear(target, (nint)(end - start) * _grid.SignalStride);
        _signals.Take(d, _grid.SignalStride, to - from, _grid.Registers(TSimd.Lanes), part).AddTimes(
            u, at.InputStride, end - start, target, _grid.SignalStride);
    }

    public void Collect(Network<T> network, Span<T> gradient) => _table.Collect(gradient, network, withBias: false);

    /// <summary>(T, B, I): what the layer reads, entry by entry.</summary>
    private T* Source(Tape<T> tape)
    {
        LayerTape<T> at = tape.Layers[_layer];
        return at.DropsInput ? at.MaskedInput : _below ? tape.Layers[_layer - 1].Outputs(tape.Rows) : tape.Inputs;
    }

    private void Convert(Batch batch, Tape<T> tape, int first, int end)
    {
        int stride = tape.Layers[0].InputStride;
        for (int t = 0; t < tape.Steps; t++)
        {
            for (int r = first; r < end; r++)
            {
                T* target = tape.Inputs + ((nint)((t * tape.Rows) + r) * stride);
                if (t >= batch.Lengths[r])
                {
                    // The old contents may be infinite, and zero times infinity would reach the gradient.
                    Panels<TSimd, TVector, T>.Clear(target, stride);
                    continue;
                }

                ReadOnlySpan<double> u = batch.Dense(t, r);
                if (typeof(T) == typeof(float)) TensorPrimitives.ConvertTruncating(u, new Span<float>(target, u.Length));
                else u.CopyTo(new Span<double>(target, u.Length));
            }
        }
    }
}
