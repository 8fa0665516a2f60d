using System.Numerics;
using Unroll.Heads;

namespace Unroll.Kernels;

/// <summary>y_t = W_out h_t + b_out for the last layer's states, its cost, and the backward pass.</summary>
internal sealed unsafe class SimdHead<TSimd, TVector, T, THead> : IHead<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where THead : struct, IHeadLanes<T>
{
    private const int EntriesAtOnce = 128;
    private readonly bool _every;
    private readonly int _h;
    private readonly int _o;
    private readonly int _last;
    private readonly int _hiddenStride;
    private readonly int _hiddenRegisters;
    private readonly int _outputRegisters;
    private readonly int _outputStride;
    private readonly PackedRows<TSimd, TVector, T> _states = new();
    private readonly AlignedBuffer<T> _forward = new();  // (H, O) panels
    private readonly AlignedBuffer<T> _backward = new(); // (O, H) panels
    private readonly AlignedBuffer<T> _bias = new();     // (O)
    private readonly AlignedBuffer<T> _sum = new();      // (O, H)
    private readonly AlignedBuffer<T> _biasSum = new();  // (O)
    private SimdHead<TSimd, TVector, T, THead>? _direction; // for a direction of the parameters, made at its first use

    private readonly NetworkShape _shape;
    private readonly THead _cost;
    private readonly StatePool<TSimd, TVector, T>? _pool; // null where the head reads single states

    public SimdHead(NetworkShape shape, THead cost)
    {
        (_shape, _cost) = (shape, cost);
        if (shape.Read != StateReading.Last) _pool = new StatePool<TSimd, TVector, T>(shape);
        (_every, _h, _o, _last) = (shape.PredictsEveryStep, shape.Hidden, shape.Outputs, shape.Layers.Count - 1);
        _hiddenStride = Panels<TSimd, TVector, T>.Stride(_h);
        _outputStride = Panels<TSimd, TVector, T>.Stride(_o);
        _hiddenRegisters = Panels<TSimd, TVector, T>.Registers(_h);
        _outputRegisters = Panels<TSimd, TVector, T>.Registers(_o);
        _forward.Ensure((long)_h * _outputRegisters * TSimd.Lanes);
        _backward.Ensure((long)_o * _hiddenRegisters * TSimd.Lanes);
        _bias.Ensure(_outputStride);
        _sum.Ensure((long)_o * _hiddenStride);
        _biasSum.Ensure(_outputStride);
    }

    public void Pack(Network<T> network)
    {
        Panels<TSimd, TVector, T>.Pack(network.OutputWeights, _h, 1, _h, _o, _outputRegisters, _forward.Pointer);
        Panels<TSimd, TVector, T>.Pack(network.OutputWeights, 1, _h, _o, _h, _hiddenRegisters, _backward.Pointer);
        Span<T> bias = _bias.Span;
        bias.Fill(THead.Padding);
        if (network.OutputBias.IsEmpty) bias[.._o].Clear();
        else network.OutputBias.CopyTo(bias);
    }

    public void AfterStep(Tape<T> tape, int t, int first, int end)
    {
        if (tape.DropsOutput) Mask(tape, t, first, end);
        if (_every) Outputs(tape, ((t - 1) * tape.Rows) + first, Hidden(tape, t, first), end - first);
    }

    public void AfterAll(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            _pool?.Read(tape, Hidden(tape, 0, r), r, batch.Lengths[r]);
            if (!_every) Outputs(tape, r, Last(batch, tape, r), 1);
            if (tape.Reduction is not null) Costs(batch, tape, r);
        }
    }

    public void PackTangent(Network<T> direction) =>
        (_direction ??= new SimdHead<TSimd, TVector, T, THead>(_shape, _cost)).Pack(direction);

    public void AfterStepTangent(Tape<T> tape, Tape<T> tangents, int t, int first, int end)
    {
        if (!_every) return;
        OutputTangents(
            tangents, ((t - 1) * tape.Rows) + first, Hidden(tape, t, first), Hidden(tangents, t, first), end - first);
    }

    public void AfterAllTangent(Batch batch, Tape<T> tape, Tape<T> tangents, int first, int end)
    {
        for (int r = first; !_every && r < end; r++)
        {
            _pool?.ReadTangents(tape, tangents, Hidden(tangents, 0, r), r, batch.Lengths[r]);
            OutputTangents(tangents, r, Last(batch, tape, r), Last(batch, tangents, r), 1);
        }
    }

    public void AddSignal(Batch batch, Tape<T> tape, int t, int first, int end, T* a)
    {
        if (_every)
        {
            FromOutputs(tape, ((t - 1) * tape.Rows) + first, a, end - first);
        }
        else
        {
            Span<int> lengths = batch.Lengths;
            for (int r = first; r < end; r++)
            {
                T* signal = a + ((nint)(r - first) * _hiddenStride);
                if (_pool is not null)
                {
                    if (lengths[r] == t) FromOutputs(tape, r, _pool.Clear(tape, r), 1);
                    if (lengths[r] >= t) _pool.AddSignal(tape, r, t, lengths[r], signal);
                }
                else if (lengths[r] == t)
                {
                    FromOutputs(tape, r, signal, 1);
                }
            }
        }

        if (tape.DropsOutput)
            Panels<TSimd, TVector, T>.Multiply(
                a, tape.OutputMask + ((nint)((t * tape.Rows) + first) * _hiddenStride), a, (nint)(end - first) * _hiddenStride);
    }

    public void WeightGradients(Batch batch, Tape<T> tape, int part, int parts)
    {
        (int start, int end) = Panels<TSimd, TVector, T>.Share(_o, part, parts);
        T* target = _sum.Pointer + ((nint)start * _hiddenStride);
        int entries = tape.Rows * tape.Steps, count = end - start;
        if (count > 0) Panels<TSimd, TVector, T>.Clear(target, (nint)count * _hiddenStride);
        for (int e = 0; _every && count > 0 && e < entries; e += EntriesAtOnce)
        {
            T* h = Hidden(tape, 1, 0) + ((nint)e * _hiddenStride), dy = tape.OutputGradients + ((nint)e * _outputStride) + start;
            _states.Take(h, _hiddenStride, Math.Min(EntriesAtOnce, entries - e), _hiddenRegisters, part).AddTimes(
                dy, _outputStride, count, target, _hiddenStride);
        }

        for (int r = 0; !_every && count > 0 && r < tape.Rows; r++)
        {
            T* dy = tape.OutputGradients + ((nint)r * _outputStride) + start;
            Tile<TSimd, TVector, T>.MultiplyRows(
                dy, 1, 0, count, Last(batch, tape, r), _hiddenStride, _hiddenRegisters, 1, target, _hiddenStride);
        }

        if (part > 0) return;
        _biasSum.Clear();
        for (int e = 0; e < (_every ? entries : tape.Rows); e++)
            SimdMath<TSimd, TVector, T>.AddTo(_biasSum.Pointer, tape.OutputGradients + ((nint)e * _outputStride), _outputStride);
    }

    public void Collect(Network<T> network, Span<T> gradient)
    {
        Span<T> weights = network.Slice(gradient, ParameterBlock.OutputWeights), bias = network.Slice(
            gradient, ParameterBlock.OutputBias);
        for (int o = 0; o < _o; o++)
            new ReadOnlySpan<T>(_sum.Pointer + ((nint)o * _hiddenStride), _h).CopyTo(weights[(o * _h)..]);
        _biasSum.Span[..bias.Length].CopyTo(bias);
    }

    /// <summary>h_t of a row as the head sees it.</summary>
    private T* Hidden(Tape<T> tape, int t, int row) =>
        (tape.DropsOutput ? tape.MaskedOutput : tape.Layers[_last].States) + ((nint)((t * tape.Rows) + row) * _hiddenStride);

    /// <summary>What a head that predicts once a sequence reads.</summary>
    private T* Last(Batch batch, Tape<T> tape, int row) =>
        _pool is null ? Hidden(tape, batch.Lengths[row], row) : tape.PoolRead + ((nint)row * _hiddenStride);

    private void Mask(Tape<T> tape, int t, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            nint at = (nint)((t * tape.Rows) + r) * _hiddenStride;
            tape.Noise.FillMask(tape.Noise.OutputDropout, _last + 1, r, t, new Span<T>(tape.OutputMask + at, _h));
            Panels<TSimd, TVector, T>.Multiply(
                tape.Layers[_last].States + at, tape.OutputMask + at, tape.MaskedOutput + at, _hiddenStride);
        }
    }

    /// <summary>y = W_out h + b_out for n rows, written from output row <paramref name="row"/> on.</summary>
    private void Outputs(Tape<T> tape, int row, T* h, int n)
    {
        T* y = tape.Outputs + ((nint)row * _outputStride);
        for (int r = 0; r < n; r++) Panels<TSimd, TVector, T>.Copy(_bias.Pointer, y + ((nint)r * _outputStride), _outputStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(h, _hiddenStride, 1, n, _forward.Pointer, _outputRegisters, _h, y, _outputStride);
    }

    /// <summary>R{y} = V_out h + v_b + W_out R{h} for n rows.</summary>
    private void OutputTangents(Tape<T> tangents, int row, T* h, T* hR, int n)
    {
        _direction!.Outputs(tangents, row, h, n);
        T* y = tangents.Outputs + ((nint)row * _outputStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(hR, _hiddenStride, 1, n, _forward.Pointer, _outputRegisters, _h, y, _outputStride);
    }

    /// <summary>a += dE/dy W_out for n rows.</summary>
    private void FromOutputs(Tape<T> tape, int row, T* a, int n)
    {
        T* dy = tape.OutputGradients + ((nint)row * _outputStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(
            dy, _outputStride, 1, n, _backward.Pointer, _hiddenRegisters, _o, a, _hiddenStride);
    }

    /// <summary>The row's cost, and dE/dy of its steps, which includes the reduction and the mean over the batch.</summary>
    private void Costs(Batch batch, Tape<T> tape, int row)
    {
        int predicted = 0; // with one step the mean is the cost itself
        for (int t = 0; _every && t < tape.Steps; t++) predicted += batch.IsPredicted(t, row) ? 1 : 0;
        double weight = tape.Reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1.0;
        double total = 0;
        for (int t = _every ? 0 : batch.Lengths[row] - 1; t < (_every ? tape.Steps : batch.Lengths[row]); t++)
        {
            nint at = (nint)(_every ? (t * tape.Rows) + row : row) * _outputStride;
            T* y = tape.Outputs + at, dy = tape.OutputGradients + at;
            if (!batch.IsPredicted(t, row))
            {
                Panels<TSimd, TVector, T>.Clear(dy, _outputStride);
                continue;
            }

            double counts = batch.TargetWeight(t, row);
            T scale = SimdMath<TSimd, TVector, T>.From(weight / tape.Rows * counts);
            total += counts * _cost.Cost(y, dy, _outputRegisters * TSimd.Lanes, _outputStride, batch, t, row, scale);
        }

        tape.RowCosts[row] = total * weight;
    }
}
