using Unroll.Cells;
using Unroll.Inputs;

namespace Unroll.Kernels;

internal sealed unsafe partial class SimdLayer<TSimd, TVector, T, TLanes>
{
    private Direction? _direction; // made when it is first asked for

    public void PackTangent(Network<T> network, Network<T> direction)
    {
        Direction v = _direction ??= new Direction(this);
        v.Input.Pack(direction, drops: false);
        _norm?.PackTangent(direction);
        if (IsRecurrent)
            Panels<TSimd, TVector, T>.Pack(direction.Parameter(_recurrentName), _starts, _units, v.Recurrent.Pointer);
        for (int part = 0; part < _grid.Layout.Parts && !direction.InitialState.IsEmpty; part++)
            direction.InitialState.Slice(_stateOffset + (part * _units), _units).CopyTo(
                v.Initial.Span[(part * _grid.StateStride)..]);
        if (!_hasVector || _grid.Layout.VectorBlock >= 0) return;
        for (int i = 0; i < _vectorNames.Length; i++)
        {
            Span<T> parameters = network.Parameter(_vectorNames[i]), moved = direction.Parameter(_vectorNames[i]);
            for (int j = 0; j < _units; j++)
                v.Vector.Span[(i * _grid.StateStride) + j] =
                    T.CreateTruncating(_cell.VectorSlope(i, double.CreateTruncating(parameters[j]))) * moved[j];
        }
    }

    /// <remarks>
    /// For every step t: R{x_t} = V_hh h_{t-1} + V_ih u_t + v_b + W_hh R{h_{t-1}} + W_ih R{u_t}, then the cell. Beyond a row's
    /// own length everything is zero, as no signal may start there.
    /// </remarks>
    public void ForwardTangent(Batch batch, Tape<T> tape, Tape<T> tangents, IHead<T>? head, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index], along = tangents.Layers[_index];
        Direction v = _direction!;
        int rows = tape.Rows, steps = tape.Steps, n = end - first, registers = _starts.Length / TSimd.Lanes;
        Span<int> lengths = batch.Lengths;
        bool unequal = lengths[first..end].IndexOfAnyExcept(steps) >= 0;
        RowLayout<T> layout = Layout(at);
        nint stateStep = (nint)rows * _grid.StateStride, preStep = (nint)rows * _grid.PreStride;
        nint start = (nint)first * _grid.StateStride;
        int recurrentColumn = _grid.Layout.FirstRecurrent * _grid.Width;
        for (int part = 0; part < _grid.Layout.Parts; part++)
        {
            for (int r = first; r < end; r++)
                Panels<TSimd, TVector, T>.Copy(
                    v.Initial.Pointer + (part * _grid.StateStride),
                    along.States + (part * along.PartLength) + ((nint)r * _grid.StateStride), _grid.StateStride);
        }

        T* before = at.States + start, beforeR = along.States + start;
        T* after = before + stateStep, afterR = beforeR + stateStep;
        T* gates = _grid.Layout.InPlace ? before + stateStep : at.Gates + ((nint)first * _grid.PreStride);
        T* x = along.Gates + ((nint)first * _grid.PreStride);
        for (int t = 1; t <= steps; t++)
        {
            v.Input.Fill(batch, tape, t - 1, first, end, x);
            _input.AddTangent(tangents, t - 1, first, end, x);
            if (IsRecurrent)
            {
                Tile<TSimd, TVector, T>.MultiplyPanels(
                    before, _grid.StateStride, 1, n, v.Recurrent.Pointer, registers, _units, x + recurrentColumn,
                    _grid.PreStride);
                Tile<TSimd, TVector, T>.MultiplyPanels(
                    beforeR, _grid.StateStride, 1, n, _forward.Pointer, registers, _units, x + recurrentColumn, _grid.PreStride);
            }

            _norm?.ForwardTangent(x, at, ((nint)(t - 1) * rows) + first, n);
            TLanes.Push(layout, gates, before, after, x, beforeR, afterR, v.Vector.Pointer, n);
            if (unequal) ClearEndedTangents(along, lengths, t, first, end);
            head?.AfterStepTangent(tape, tangents, t, first, end);
            x += preStep;
            gates += _grid.Layout.InPlace ? stateStep : preStep;
            after += stateStep;
            afterR += stateStep;
            if (t > steps - _shape.Branches) continue;
            before += stateStep;
            beforeR += stateStep;
        }
    }

    private void ClearEndedTangents(LayerTape<T> along, Span<int> lengths, int t, int first, int end)
    {
        ClearEnded(along, lengths, t, first, end);
        for (int r = first; r < end; r++)
        {
            if (t <= lengths[r]) continue;
            Panels<TSimd, TVector, T>.Clear(
                along.Gates + ((nint)(((t - 1) * lengths.Length) + r) * _grid.PreStride), _grid.PreStride);
        }
    }

    /// <summary>A direction of the layer's parameters, packed as they are.</summary>
    private sealed class Direction(SimdLayer<TSimd, TVector, T, TLanes> layer)
    {
        public IInput<T> Input { get; } = InputOf(layer._shape, layer._index, layer._grid);

        public AlignedBuffer<T> Recurrent { get; } = new AlignedBuffer<T>().Ensure((long)layer._units * layer._starts.Length);

        public AlignedBuffer<T> Initial { get; } =
            new AlignedBuffer<T>().Ensure(layer._grid.Layout.Parts * layer._grid.StateStride);

        public AlignedBuffer<T> Vector { get; } = new AlignedBuffer<T>().Ensure(
            Math.Max(1, layer._vectorNames.Length) * layer._grid.StateStride);
    }
}
