using System.Numerics;

namespace Unroll.Kernels;

internal sealed unsafe partial class SimdKernel<TSimd, TVector, T>
{
    // Entries summed before the tile's accumulators go back to memory: their operands then stay in cache. It changes no bit,
    // as each element remains one chain of multiply-adds in time order.
    private const int EntriesAtOnce = 128;

    public void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts)
    {
        int entries = tape.Rows * tape.Steps;
        T* right = useRight ? tape.Right : tape.States;
        OuterProducts(tape.PreGradients, _hiddenStride, right, entries, _recurrentSum.Pointer, Share(_h, part, parts));
        if (recurrentOnly) return;

        // Input weights and bias: rows of d are added to the row of the symbol that was shown. Split by columns.
        (int from, int to) = Share(_hiddenRegisters, part, parts);
        InputSums(batch, tape, from * TSimd.Lanes, to * TSimd.Lanes);
        if (_shape.Encoding == InputEncoding.Dense)
            OuterProducts(tape.Inputs, _inputStride, tape.PreGradients, entries, _inputSum.Pointer, Share(_shape.Inputs, part, parts));

        (int Start, int End) outputs = Share(_o, part, parts);
        if (_shape.PredictsEveryStep)
        {
            T* states = tape.States + ((nint)tape.Rows * _hiddenStride);
            OuterProducts(tape.OutputGradients, _outputStride, states, entries, _outputSum.Pointer, outputs);
        }
        else
        {
            LastStepProducts(batch, tape, outputs);
        }

        if (part > 0) return;
        int outputEntries = _shape.PredictsEveryStep ? entries : tape.Rows;
        _outputBiasSum.Clear();
        for (int e = 0; e < outputEntries; e++)
            SimdMath<TSimd, TVector, T>.AddTo(_outputBiasSum.Pointer, tape.OutputGradients + ((nint)e * _outputStride), _outputStride);
        _initialSum.Clear();
        for (int r = 0; r < tape.Rows; r++)
        {
            if (!batch.Carry[r]) SimdMath<TSimd, TVector, T>.AddTo(_initialSum.Pointer, tape.StateGradients + ((nint)r * _hiddenStride), _hiddenStride);
        }
    }

    public void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly)
    {
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<T> target = gradient.Slice(block.Offset, block.Length);
            switch (block.Name)
            {
                case ParameterBlock.RecurrentWeights:
                    for (int j = 0; j < _h; j++)
                    {
                        var row = new ReadOnlySpan<T>(_recurrentSum.Pointer + ((nint)j * _hiddenStride), _h);
                        Span<T> to = target.Slice(j * _h, _h);
                        if (!addRecurrentOnly) row.CopyTo(to);
                        else
                            for (int i = 0; i < _h; i++) to[i] += row[i];
                    }

                    break;
                case var _ when addRecurrentOnly: break;
                case ParameterBlock.InputWeights:
                    for (int j = 0; j < _h; j++)
                    {
                        T* column = _inputSum.Pointer + j;
                        for (int i = 0; i < _shape.Inputs; i++) target[(j * _shape.Inputs) + i] = column[(nint)i * _hiddenStride];
                    }

                    break;
                case ParameterBlock.HiddenBias: BiasSum(target); break;
                case ParameterBlock.OutputWeights:
                    for (int o = 0; o < _o; o++)
                        new ReadOnlySpan<T>(_outputSum.Pointer + ((nint)o * _hiddenStride), _h).CopyTo(target[(o * _h)..]);
                    break;
                case ParameterBlock.OutputBias: _outputBiasSum.Span[.._o].CopyTo(target); break;
                case ParameterBlock.InitialState: _initialSum.Span[.._h].CopyTo(target); break;
            }
        }
    }

    /// <summary>The part's half-open share of <paramref name="count"/> rows.</summary>
    private static (int Start, int End) Share(int count, int part, int parts) =>
        ((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts));

    /// <summary>sum(m, :) = sum over entries of left(entry, m) right(entry, :), for the share's rows m; right has hidden width.</summary>
    private void OuterProducts(T* left, int leftStride, T* right, int entries, T* sum, (int Start, int End) share)
    {
        int rows = share.End - share.Start;
        if (rows <= 0) return;
        T* target = sum + ((nint)share.Start * _hiddenStride);
        Clear(target, (nint)rows * _hiddenStride);
        for (int e = 0; e < entries; e += EntriesAtOnce)
        {
            Tile<TSimd, TVector, T>.MultiplyRows(
                left + ((nint)e * leftStride) + share.Start, 1, leftStride, rows,
                right + ((nint)e * _hiddenStride), _hiddenStride, _hiddenRegisters, Math.Min(EntriesAtOnce, entries - e),
                target, _hiddenStride);
        }
    }

    private void LastStepProducts(Batch batch, Tape<T> tape, (int Start, int End) share)
    {
        int count = share.End - share.Start;
        if (count <= 0) return;
        T* target = _outputSum.Pointer + ((nint)share.Start * _hiddenStride);
        Clear(target, (nint)count * _hiddenStride);
        for (int r = 0; r < tape.Rows; r++)
        {
            T* h = tape.States + ((nint)((batch.Lengths[r] * tape.Rows) + r) * _hiddenStride);
            T* dy = tape.OutputGradients + ((nint)r * _outputStride) + share.Start;
            Tile<TSimd, TVector, T>.MultiplyRows(dy, 1, 0, count, h, _hiddenStride, _hiddenRegisters, 1, target, _hiddenStride);
        }
    }

    private void InputSums(Batch batch, Tape<T> tape, int from, int to)
    {
        int width = to - from, inputs = _shape.Inputs;
        if (width <= 0) return;
        bool dense = _shape.Encoding == InputEncoding.Dense, oneHot = _shape.Encoding == InputEncoding.OneHot;
        for (int i = dense ? inputs : 0; i <= inputs; i++) Clear(_inputSum.Pointer + ((nint)i * _hiddenStride) + from, width);
        T* biasSum = _inputSum.Pointer + ((nint)inputs * _hiddenStride) + from;
        for (int t = 0; t < tape.Steps; t++)
        {
            T* d = tape.PreGradients + ((nint)t * tape.Rows * _hiddenStride) + from;
            for (int r = 0; r < tape.Rows; r++, d += _hiddenStride)
            {
                if (oneHot)
                {
                    int symbol = batch.Symbol(t, r);
                    T* sum = _inputSum.Pointer + ((nint)(symbol < 0 ? inputs : symbol) * _hiddenStride) + from;
                    SimdMath<TSimd, TVector, T>.AddTo(sum, d, width);
                    continue;
                }

                SimdMath<TSimd, TVector, T>.AddTo(biasSum, d, width);
                if (dense) continue;
                ReadOnlySpan<ulong> bits = batch.Bits(t, r);
                for (int word = 0; word < bits.Length; word++)
                {
                    for (ulong left = bits[word]; left != 0; left &= left - 1)
                    {
                        int i = (word * 64) + BitOperations.TrailingZeroCount(left);
                        SimdMath<TSimd, TVector, T>.AddTo(_inputSum.Pointer + ((nint)i * _hiddenStride) + from, d, width);
                    }
                }
            }
        }
    }

    /// <summary>dE/db = sum of d over all entries; with one-hot inputs that is the sum over the symbols' rows.</summary>
    private void BiasSum(Span<T> target)
    {
        T* bias = _inputSum.Pointer + ((nint)_shape.Inputs * _hiddenStride);
        new ReadOnlySpan<T>(bias, _h).CopyTo(target);
        if (_shape.Encoding != InputEncoding.OneHot) return;
        for (int i = 0; i < _shape.Inputs; i++)
        {
            T* row = _inputSum.Pointer + ((nint)i * _hiddenStride);
            for (int j = 0; j < _h; j++) target[j] += row[j];
        }
    }
}
