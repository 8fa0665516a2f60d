namespace Unroll.Kernels;

internal sealed unsafe partial class SimdLayer<TSimd, TVector, T, TLanes>
{
    // The number of entries summed at once: few enough to stay in the cache for every product that reads them, and more where the
    // sums themselves do not fit. The number changes no bit, because each element remains one chain of multiply-adds in time
    // order.
    private int EntriesAtOnce => (long)_grid.Gates * _units * _grid.StateStride * sizeof(T) <= SmallSums ? 64 : 128;

    private const int SmallSums = 64 * 1024;
    private readonly PackedRows<TSimd, TVector, T> _rights = new();

    public void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts)
    {
        LayerTape<T> at = tape.Layers[_index];
        T* right = useRight ? at.Right : at.States;
        int entries = tape.Rows * tape.Steps;
        int atOnce = EntriesAtOnce;
        for (int from = 0, to; from < entries; from = to)
        {
            to = Math.Min(from + atOnce, EndOfBefore(tape, from));
            if (!recurrentOnly) _input.Sums(batch, tape, from, to, part, parts); // first, because it reads rows in order
            if (!recurrentOnly) _norm?.Sums(at, from, to, part, parts);
            if (!recurrentOnly && _hasVector && part == 0) VectorSums(tape, at, from, to);
            RecurrentSums(at, right + ((nint)Before(tape, from) * _grid.StateStride), from, to, part, parts);
        }

        if (recurrentOnly || part > 0) return;
        _initialSum.Clear();
        for (int r = 0; r < tape.Rows; r++)
        {
            for (int p = 0; p < _grid.Layout.Parts && !batch.Carry[r]; p++)
            {
                T* signal = at.StateGradients + (p * at.PartLength) + ((nint)r * _grid.StateStride);
                SimdMath<TSimd, TVector, T>.AddTo(_initialSum.Pointer + (p * _grid.StateStride), signal, _grid.StateStride);
            }
        }
    }

    public void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly)
    {
        Span<T> recurrent = network.Slice(gradient, _recurrentName);
        for (int j = 0; j < _grid.Layout.RecurrentGates * _units; j++)
        {
            var row = new ReadOnlySpan<T>(_recurrentSum.Pointer + ((nint)j * _grid.StateStride), _units);
            Span<T> to = recurrent.Slice(j * _units, _units);
            if (!addRecurrentOnly) row.CopyTo(to);
            else
                for (int i = 0; i < to.Length; i++) to[i] += row[i];
        }

        if (addRecurrentOnly) return;
        _input.Collect(network, gradient);
        Span<T> initial = network.Slice(gradient, ParameterBlock.InitialState);
        for (int p = 0; p < _grid.Layout.Parts && !initial.IsEmpty; p++)
            _initialSum.Span.Slice(p * _grid.StateStride, _units).CopyTo(initial[(_stateOffset + (p * _units))..]);
        for (int v = 0; _hasVector && v < _vectorNames.Length; v++)
        {
            Span<T> vector = network.Slice(gradient, _vectorNames[v]), parameters = network.Parameter(_vectorNames[v]);
            for (int j = 0; j < vector.Length; j++)
                vector[j] = T.CreateTruncating(_cell.VectorSlope(v, double.CreateTruncating(parameters[j])))
                    * _vectorSum.Span[(v * _grid.StateStride) + j];
        }

        _norm?.Collect(network, gradient); // biases too, in the place of sums behind the products
    }

    /// <summary>The entry of the state from which an entry's step starts: its own, or that before all branches.</summary>
    private int Before(Tape<T> tape, int entry)
    {
        int chain = tape.Rows * (tape.Steps - _shape.Branches);
        return entry < chain ? entry : chain + ((entry - chain) % tape.Rows);
    }

    /// <summary>The end of the entries from one on for which <see cref="Before"/> rises by one an entry.</summary>
    private int EndOfBefore(Tape<T> tape, int entry)
    {
        int chain = tape.Rows * (tape.Steps - _shape.Branches);
        return _shape.Branches == 0 || entry < chain ? chain : chain + ((((entry - chain) / tape.Rows) + 1) * tape.Rows);
    }

    /// <summary>
    /// sum(m, :) += dE/dx(entry, m) right(entry, :) over entries from..to-1; right begins at the first. Each part has some rows
    /// m of every gate.
    /// </summary>
    private void RecurrentSums(LayerTape<T> at, T* right, int from, int to, int part, int parts)
    {
        (int start, int end) = Panels<TSimd, TVector, T>.Share(_units, part, parts);
        if (end <= start || !IsRecurrent) return;
        T* d = at.PreGradients + ((nint)from * _grid.SignalStride) + (_grid.Layout.FirstRecurrent * _grid.Width) + start;
        PackedRows<TSimd, TVector, T>.Operand operand = _rights.Take(
            right, _grid.StateStride, to - from, _registers, part);
        for (int g = 0; g < _grid.Gates; g++, d += _grid.Width)
        {
            T* sum = _recurrentSum.Pointer + ((nint)((g * _units) + start) * _grid.StateStride);
            if (from == 0) Panels<TSimd, TVector, T>.Clear(sum, (nint)(end - start) * _grid.StateStride);
            operand.AddTimes(d, _grid.SignalStride, end - start, sum, _grid.StateStride);
        }
    }

    private void VectorSums(Tape<T> tape, LayerTape<T> at, int from, int to)
    {
        Cells.RowLayout<T> layout = Layout(at);
        if (from == 0) _vectorSum.Clear();
        for (int e = from; e < to; e++)
        {
            T* before = at.States + ((nint)Before(tape, e) * _grid.StateStride);
            TLanes.AddVector(
                layout, at.Gates + ((nint)e * _grid.PreStride), before, at.StateGradients + (
                    (nint)(e + tape.Rows) * _grid.StateStride),
                at.PreGradients + ((nint)e * _grid.SignalStride), _vectorSum.Pointer);
        }
    }
}
