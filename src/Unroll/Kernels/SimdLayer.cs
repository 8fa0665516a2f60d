using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll.Cells;
using Unroll.Inputs;

namespace Unroll.Kernels;

/// <summary>
/// One recurrent layer on whole registers, whatever its cell: the passes over time, the products, Omega. The cell is a struct
/// type parameter, so its equations are compiled into the loops. This file has the packed weights and the forward pass; the rest
/// is in SimdLayer.Backward.cs and SimdLayer.Gradients.cs.
/// </summary>
internal sealed unsafe partial class SimdLayer<TSimd, TVector, T, TLanes> : ILayer<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TLanes : ILanes<T>
{
    private readonly NetworkShape _shape;
    private readonly int _index;
    private readonly string _recurrentName;
    private readonly string[] _vectorNames;
    private readonly int _units;
    private readonly int _stateOffset; // in the row of states and the initial state
    private readonly int _registers;   // of H
    private readonly LayerShape _layer;
    private readonly ICell _cell;
    private readonly GateGrid _grid;
    private readonly IInput<T> _input;
    private readonly int[] _starts;
    private readonly bool _hasVector;
    private readonly SimdNorm<TSimd, TVector, T>? _norm;

    // Packed weights, refreshed by Pack. Panels are what Tile.MultiplyPanels reads; padding columns are zero.
    private readonly AlignedBuffer<T> _forward = new();  // (H from, gates) panels: h W_hh^T
    private readonly AlignedBuffer<T> _backward = new(); // (G H to, H from) panels: dE/dx W_hh
    private readonly AlignedBuffer<T> _initial = new();  // parts of (H)
    private readonly AlignedBuffer<T> _vector = new();   // rows of (H), one a vector
    private readonly AlignedBuffer<T> _lastUnits = new(); // a register: 1 where the last register of H has a unit, else 0

    // Sums of the gradients, padded.
    private readonly AlignedBuffer<T> _recurrentSum = new(); // (G H to, H from)
    private readonly AlignedBuffer<T> _initialSum = new();   // parts of (H)
    private readonly AlignedBuffer<T> _vectorSum = new();    // rows of (H)

    public SimdLayer(NetworkShape shape, int index)
    {
        _index = index;
        _layer = shape.Layers[index];
        _units = _layer.Hidden;
        _cell = _layer.Definition;
        CellLayout layout = _cell.Layout;
        _recurrentName = ParameterBlock.Of("weight_hh", index);
        _vectorNames = [.. layout.VectorNames.Select(name => ParameterBlock.Of(name, index))];
        for (int l = 0; l < index; l++) _stateOffset += shape.Layers[l].StateWidth;
        int width = Panels<TSimd, TVector, T>.Width(_units), stride = Panels<TSimd, TVector, T>.Stride(_units);
        _registers = width / TSimd.Lanes;
        int Gates(int blocks) => layout.InPlace ? stride : Panels<TSimd, TVector, T>.Stride(blocks * width);
        _grid = new GateGrid(layout, _units, width, stride, Gates(layout.Kept), Gates(layout.Blocks));
        _starts = _grid.ColumnStarts(layout.RecurrentBlocks, layout.FirstRecurrent, _units);
        _hasVector = _cell.HasVector(_layer, shape.Biases);
        _norm = _layer.LayerNorm ? new SimdNorm<TSimd, TVector, T>(index, _grid) : null;
        _shape = shape;
        _input = InputOf(shape, index, _grid);
        _forward.Ensure((long)_units * _starts.Length);
        _backward.Ensure((long)layout.RecurrentGates * _units * width);
        _initial.Ensure(layout.Parts * stride);
        _vector.Ensure(Math.Max(1, _vectorNames.Length) * stride);
        _lastUnits.Ensure(TSimd.Lanes).Span[..(_units % TSimd.Lanes)].Fill(T.One);
        _recurrentSum.Ensure((long)layout.RecurrentGates * _units * stride);
        _initialSum.Ensure(layout.Parts * stride);
        _vectorSum.Ensure(_vectorNames.Length * stride);
    }

    public void Pack(Network<T> network, bool dropsInputs)
    {
        _input.Pack(network, dropsInputs);
        _norm?.Pack(network);
        if (IsRecurrent)
        {
            Span<T> w = network.Parameter(_recurrentName);
            Panels<TSimd, TVector, T>.Pack(w, _starts, _units, _forward.Pointer);
            Panels<TSimd, TVector, T>.Pack(w, 1, _units, _grid.Gates * _units, _units, _registers, _backward.Pointer);
        }

        for (int part = 0; part < _grid.Layout.Parts && !network.InitialState.IsEmpty; part++)
            network.InitialState.Slice(_stateOffset + (part * _units), _units).CopyTo(
                _initial.Span[(part * _grid.StateStride)..]);
        if (!_hasVector) _vector.Span[.._units].Fill(T.CreateTruncating(_layer.Leak));
        else if (_grid.Layout.VectorBlock < 0) PackVectors(network);
    }

    private void PackVectors(Network<T> network)
    {
        Span<double> unit = stackalloc double[_vectorNames.Length];
        for (int j = 0; j < _units; j++)
        {
            for (int v = 0; v < unit.Length; v++) unit[v] = double.CreateTruncating(network.Parameter(_vectorNames[v])[j]);
            for (int v = 0; v < unit.Length; v++)
                _vector.Span[(v * _grid.StateStride) + j] = T.CreateTruncating(_cell.VectorValue(v, unit));
        }
    }

    /// <remarks>
    /// For every step t: x_t = W_hh h_{t-1} + (W_ih u_t + b), all gates in one product, or the same sums normalized
    /// (<see cref="LayerNorm"/>); then the cell, for the given rows; and
    /// the head while h_t is in cache. The steps of branches all start from the state before the first of them. A row's states
    /// beyond its own length are set to zero, so that nothing there can grow, and its last state is kept for a window that
    /// continues the sequence.
    /// </remarks>
    public void Forward(Batch batch, Tape<T> tape, IHead<T>? head, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index];
        int rows = tape.Rows, steps = tape.Steps, n = end - first;
        Span<int> lengths = batch.Lengths;
        bool unequal = lengths[first..end].IndexOfAnyExcept(steps) >= 0;
        (bool ofStates, bool ofBiases) = (tape.Noise.StateDeviation > 0, tape.Noise.BiasDeviation > 0);
        RowLayout<T> layout = Layout(at);
        nint stateStep = (nint)rows * _grid.StateStride, preStep = (nint)rows * _grid.PreStride;
        int recurrentColumn = _grid.Layout.FirstRecurrent * _grid.Width;
        Start(batch, tape, at, first, end);
        _input.Begin(batch, tape, first, end);

        T* before = at.States + ((nint)first * _grid.StateStride);
        T* after = before + stateStep;
        T* x = _grid.Layout.InPlace ? after : at.Gates + ((nint)first * _grid.PreStride);
        for (int t = 1; t <= steps; t++, after += stateStep, x += preStep)
        {
            if (t > 1 && t <= steps - _shape.Branches + 1) before = after - stateStep;
            _input.Fill(batch, tape, t - 1, first, end, x);
            if (IsRecurrent)
                Tile<TSimd, TVector, T>.MultiplyPanels(
                    before, _grid.StateStride, 1, n, _forward.Pointer, _starts.Length / TSimd.Lanes, _units, x + recurrentColumn,
                    _grid.PreStride);
            _norm?.Forward(x, at, ((nint)(t - 1) * rows) + first, n);
            if (ofStates) AddNoise(tape.StateNoise, t - 1, first, end, x);
            if (ofBiases) AddNoise(tape.BiasNoise, 0, first, end, x); // the same at every step
            TLanes.Step(layout, x, before, after, n);
            if (unequal) ClearEnded(at, lengths, t, first, end);
            head?.AfterStep(tape, t, first, end);
        }

        for (int r = first; r < end; r++)
        {
            for (int part = 0; part < _grid.Layout.Parts; part++)
            {
                nint at0 = (nint)(((lengths[r] - _shape.Branches) * rows) + r) * _grid.StateStride;
                T* last = at.States + (part * at.PartLength) + at0;
                T* carried = tape.Carried + ((nint)r * tape.CarriedStride) + _stateOffset + (part * _units);
                new ReadOnlySpan<T>(last, _units).CopyTo(new Span<T>(carried, _units));
            }
        }
    }

    /// <summary>Whether the layer has weights from its own states.</summary>
    private bool IsRecurrent => _grid.Layout.RecurrentGates > 0;

    private static IInput<T> InputOf(NetworkShape shape, int index, GateGrid grid) => (index, shape.Encoding) switch
    {
        (0, InputEncoding.OneHot) => new OneHotInput<TSimd, TVector, T>(shape, grid),
        (0, InputEncoding.MultiHot) => new MultiHotInput<TSimd, TVector, T>(shape, grid),
        _ => new DenseInput<TSimd, TVector, T>(shape, index, grid),
    };

    private RowLayout<T> Layout(LayerTape<T> at) => new(
        _units, _grid.Width, _grid.StateStride, _grid.PreStride, _grid.SignalStride, at.PartLength, at.PartLength,
        _layer.Activation,
        new AlignedPointer<T>((nint)_vector.Pointer));

    /// <summary>s_0: kept from the window before, learned or zero.</summary>
    private void Start(Batch batch, Tape<T> tape, LayerTape<T> at, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            for (int part = 0; part < _grid.Layout.Parts; part++)
            {
                T* source = batch.Carry[r]
                    ? tape.Carried + ((nint)r * tape.CarriedStride) + _stateOffset + (part * _units)
                    : _initial.Pointer + (part * _grid.StateStride);
                T* start = at.States + (part * at.PartLength) + ((nint)r * _grid.StateStride);
                new ReadOnlySpan<T>(source, _units).CopyTo(new Span<T>(start, _units));
                Panels<TSimd, TVector, T>.Clear(start + _units, _grid.StateStride - _units);
            }
        }
    }

    private void ClearEnded(LayerTape<T> at, Span<int> lengths, int t, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            if (t <= lengths[r]) continue;
            for (int part = 0; part < _grid.Layout.Parts; part++)
                Panels<TSimd, TVector, T>.Clear(
                    at.States + (part * at.PartLength) + ((nint)((t * lengths.Length) + r) * _grid.StateStride),
                    _grid.StateStride);
        }
    }

    /// <summary>
    /// Adds the pass's normal numbers to every gate's pre-activation x. For derivatives the noise is a constant.
    /// </summary>
    private void AddNoise(NoisePool<T> pool, int step, int first, int end, T* x)
    {
        int whole = _units / TSimd.Lanes * TSimd.Lanes;
        for (int g = 0; g < _grid.Gates; g++)
        {
            T* gate = x + (_grid.Layout.InputBlocks[g] * _grid.Width);
            for (int r = first; r < end; r++, gate += _grid.PreStride)
            {
                pool.At(_index, g, r, step, out T* a, out T* b);
                nint j = 0;
                for (; j < whole; j += TSimd.Lanes)
                    TSimd.Store(gate + j, TSimd.Add(TSimd.Load(gate + j), TSimd.Add(TSimd.Load(a + j), TSimd.Load(b + j))));
                if (whole == _units) continue;

                // Elements after the last unit stay zero.
                TVector last = TSimd.Multiply(TSimd.Load(_lastUnits.Pointer), TSimd.Add(TSimd.Load(a + j), TSimd.Load(b + j)));
                TSimd.Store(gate + j, TSimd.Add(TSimd.Load(gate + j), last));
            }
        }
    }
}
