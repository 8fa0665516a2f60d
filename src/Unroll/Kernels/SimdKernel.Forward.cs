namespace Unroll.Kernels;

internal sealed unsafe partial class SimdKernel<TSimd, TVector, T>
{
    /// <remarks>
    /// For every step t: h_t = sigma(W_rec h_{t-1} + W_in u_t + b) for the given rows, and y_t = W_out h_t + b_out while h_t is
    /// in cache. A row's states beyond its own length are set to zero, so that nothing there can grow, and its last state is
    /// kept for a window that carries on.
    /// </remarks>
    public void Forward(Batch batch, Tape<T> tape, int first, int end)
    {
        int rows = tape.Rows, steps = tape.Steps, n = end - first;
        if (n <= 0) return;
        Span<int> lengths = batch.Lengths;
        bool unequal = lengths[first..end].IndexOfAnyExcept(steps) >= 0;
        Start(batch, tape, first, end);
        if (_shape.Encoding == InputEncoding.Dense) ConvertInputs(batch, tape, first, end);

        for (int t = 1; t <= steps; t++)
        {
            T* previous = tape.States + ((nint)(((t - 1) * rows) + first) * _hiddenStride);
            T* h = tape.States + ((nint)((t * rows) + first) * _hiddenStride);
            Inputs(batch, tape, t - 1, first, end, h);
            Tile<TSimd, TVector, T>.MultiplyPanels(previous, _hiddenStride, 1, n, _recurrentForward.Pointer, _hiddenRegisters, _h, h, _hiddenStride);
            SimdMath<TSimd, TVector, T>.Activate(_shape.Activation, h, (nint)n * _hiddenStride);
            if (_shape.Activation == Activation.Sigmoid) ClearPadding(h, n); // sigma(0) is 0.5
            if (unequal)
            {
                for (int r = first; r < end; r++)
                {
                    if (t > lengths[r]) Clear(h + ((nint)(r - first) * _hiddenStride), _hiddenStride);
                }
            }

            if (_shape.PredictsEveryStep) Outputs(tape, ((t - 1) * rows) + first, h, n);
        }

        for (int r = first; r < end; r++)
        {
            T* last = tape.States + ((nint)((lengths[r] * rows) + r) * _hiddenStride);
            if (!_shape.PredictsEveryStep) Outputs(tape, r, last, 1);
            Copy(last, tape.Carried + ((nint)r * _hiddenStride), _hiddenStride);
            if (tape.Reduction is not null) Costs(batch, tape, r);
        }
    }

    /// <summary>h_0: held, learned or zero.</summary>
    private void Start(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            T* h0 = tape.States + ((nint)r * _hiddenStride);
            T* source = batch.Carry[r] ? tape.Carried + ((nint)r * _hiddenStride) : _initial.Pointer;
            Copy(source, h0, _hiddenStride);
        }
    }

    private void ConvertInputs(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int t = 0; t < tape.Steps; t++)
        {
            for (int r = first; r < end; r++)
            {
                T* target = tape.Inputs + ((nint)((t * tape.Rows) + r) * _inputStride);
                if (t >= batch.Lengths[r])
                {
                    Clear(target, _inputStride); // whatever lies there: zero times infinity would reach the gradient
                    continue;
                }

                ReadOnlySpan<double> u = batch.Dense(t, r);
                for (int i = 0; i < u.Length; i++) target[i] = SimdMath<TSimd, TVector, T>.From(u[i]);
            }
        }
    }

    /// <summary>x = W_in u_t + b for each row: a copied row for a one-hot input, a sum of rows for bits, a product for dense ones.</summary>
    private void Inputs(Batch batch, Tape<T> tape, int step, int first, int end, T* x)
    {
        T* bias = _input.Pointer + ((nint)_shape.Inputs * _hiddenStride);
        T* target = x;
        for (int r = first; r < end; r++, target += _hiddenStride)
        {
            if (_shape.Encoding == InputEncoding.OneHot)
            {
                int symbol = batch.Symbol(step, r);
                Copy(symbol < 0 ? bias : _input.Pointer + ((nint)symbol * _hiddenStride), target, _hiddenStride);
                continue;
            }

            Copy(bias, target, _hiddenStride);
            if (_shape.Encoding != InputEncoding.MultiHot) continue;
            ReadOnlySpan<ulong> bits = batch.Bits(step, r);
            for (int word = 0; word < bits.Length; word++)
            {
                for (ulong left = bits[word]; left != 0; left &= left - 1)
                {
                    int i = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(left);
                    SimdMath<TSimd, TVector, T>.AddTo(target, _input.Pointer + ((nint)i * _hiddenStride), _hiddenStride);
                }
            }
        }

        if (_shape.Encoding == InputEncoding.Dense)
        {
            T* u = tape.Inputs + ((nint)((step * tape.Rows) + first) * _inputStride);
            Tile<TSimd, TVector, T>.MultiplyRows(
                u, _inputStride, 1, end - first, _input.Pointer, _hiddenStride, _hiddenRegisters, _shape.Inputs, x, _hiddenStride);
        }
    }

    private void ClearPadding(T* h, int n)
    {
        int padding = _hiddenStride - _h;
        if (padding == 0) return;
        for (int r = 0; r < n; r++) Clear(h + ((nint)r * _hiddenStride) + _h, padding);
    }

    /// <summary>y = W_out h + b_out for n rows, written from output row <paramref name="row"/> on.</summary>
    private void Outputs(Tape<T> tape, int row, T* h, int n)
    {
        T* y = tape.Outputs + ((nint)row * _outputStride);
        for (int r = 0; r < n; r++) Copy(_outputBias.Pointer, y + ((nint)r * _outputStride), _outputStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(h, _hiddenStride, 1, n, _outputForward.Pointer, _outputRegisters, _h, y, _outputStride);
    }

    /// <summary>The row's cost, and dE/dy of its steps with the reduction and the mean over the batch already in it.</summary>
    private void Costs(Batch batch, Tape<T> tape, int row)
    {
        int predicted = 0; // a last step is its own mean
        for (int t = 0; _shape.PredictsEveryStep && t < tape.Steps; t++) predicted += batch.IsPredicted(t, row) ? 1 : 0;
        double weight = tape.Reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1.0;
        T scale = SimdMath<TSimd, TVector, T>.From(weight / tape.Rows);
        double total = 0;
        for (int t = _shape.PredictsEveryStep ? 0 : batch.Lengths[row] - 1; t < tape.Steps; t++)
        {
            nint at = (nint)(_shape.PredictsEveryStep ? (t * tape.Rows) + row : row) * _outputStride;
            T* y = tape.Outputs + at, dy = tape.OutputGradients + at;
            if (!batch.IsPredicted(t, row))
            {
                if (_shape.PredictsEveryStep || t < batch.Lengths[row]) Clear(dy, _outputStride);
                continue;
            }

            total += _shape.Head switch
            {
                OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => Softmax(y, dy, batch.Class(t, row), scale),
                OutputHead.BernoulliEvery => Bernoulli(y, dy, batch.TargetBits(t, row), scale),
                _ => Linear(y, dy, batch.Values(t, row), scale),
            };
        }

        tape.RowCosts[row] = total * weight;
    }

    /// <summary>-log softmax(y)_c, and dy = scale (softmax(y) - onehot(c)).</summary>
    private double Softmax(T* y, T* dy, int label, T scale)
    {
        int count = _outputRegisters * TSimd.Lanes;
        TVector max = TSimd.Load(y);
        for (int i = TSimd.Lanes; i < count; i += TSimd.Lanes) max = TSimd.Max(max, TSimd.Load(y + i));
        double largest = SimdMath<TSimd, TVector, T>.MaxLane(max);
        TVector shift = SimdMath<TSimd, TVector, T>.Constant(largest);
        TVector sum = default;
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector e = SimdMath<TSimd, TVector, T>.ExpOfNegative(TSimd.Subtract(TSimd.Load(y + i), shift));
            TSimd.Store(dy + i, e);
            sum = TSimd.Add(sum, e);
        }

        double total = SimdMath<TSimd, TVector, T>.SumLanes(sum);
        TVector factor = TSimd.Divide(TSimd.Broadcast(scale), SimdMath<TSimd, TVector, T>.Constant(total));
        for (int i = 0; i < count; i += TSimd.Lanes) TSimd.Store(dy + i, TSimd.Multiply(TSimd.Load(dy + i), factor));
        dy[label] -= scale;
        return Math.Log(total) - (SimdMath<TSimd, TVector, T>.ToDouble(y[label]) - largest);
    }

    /// <summary>sum_o of log(1 + exp(y)) - target y, and dy = scale (sigmoid(y) - target).</summary>
    private double Bernoulli(T* y, T* dy, ReadOnlySpan<ulong> targets, T scale)
    {
        // dy holds the targets as 0 and 1 until its register is computed.
        Clear(dy, _outputStride);
        for (int word = 0; word < targets.Length; word++)
        {
            for (ulong left = targets[word]; left != 0; left &= left - 1)
                dy[(word * 64) + System.Numerics.BitOperations.TrailingZeroCount(left)] = T.One;
        }

        TVector one = SimdMath<TSimd, TVector, T>.Constant(1), factor = TSimd.Broadcast(scale), sum = default;
        for (int i = 0; i < _outputRegisters * TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector x = TSimd.Load(y + i), target = TSimd.Load(dy + i);
            TVector e = SimdMath<TSimd, TVector, T>.ExpOfNegative(TSimd.Min(x, TSimd.Subtract(default, x))); // exp(-|x|)
            TVector onePlus = TSimd.Add(one, e);
            TVector top = TSimd.Add(e, TSimd.WherePositive(x, TSimd.Subtract(one, e))); // sigmoid = (x > 0 ? 1 : e) / (1 + e)
            TVector cost = TSimd.Add(TSimd.Log(onePlus), TSimd.WherePositive(x, x));
            sum = TSimd.Add(sum, TSimd.Subtract(cost, TSimd.Multiply(x, target)));
            TSimd.Store(dy + i, TSimd.Multiply(factor, TSimd.Subtract(TSimd.Divide(top, onePlus), target)));
        }

        return SimdMath<TSimd, TVector, T>.SumLanes(sum);
    }

    /// <summary>|y - target|^2, and dy = 2 scale (y - target).</summary>
    private static double Linear(T* y, T* dy, ReadOnlySpan<double> target, T scale)
    {
        double total = 0, factor = 2 * SimdMath<TSimd, TVector, T>.ToDouble(scale);
        for (int i = 0; i < target.Length; i++)
        {
            double e = SimdMath<TSimd, TVector, T>.ToDouble(y[i]) - target[i];
            total += e * e;
            dy[i] = SimdMath<TSimd, TVector, T>.From(factor * e);
        }

        return total;
    }
}
