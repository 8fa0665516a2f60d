namespace Unroll.Kernels;

internal sealed unsafe partial class SimdKernel<TSimd, TVector, T>
{
    /// <remarks>
    /// Backpropagation through time (equations 3 to 5) in the activation form. With a_t = dE/dh_t (total) and
    /// d_t = dE/dx_t,
    /// <code>
    ///   a_t = (d+E_t/dh_t) + d_{t+1} W_rec      the cost of step t itself, and all later ones through x_{t+1}
    ///   d_t = a_t * sigma'(x_t)                 row vectors; sigma' from h_t
    /// </code>
    /// from t = T, where there is no later step, to t = 0. Then dE/dW_rec = sum_t d_t^T h_{t-1}, and likewise for the others.
    /// Where nothing flows (beyond a row's length) a and d are exactly zero.
    /// </remarks>
    public void Backward(Batch batch, Tape<T> tape, int first, int end)
    {
        int rows = tape.Rows, steps = tape.Steps, n = end - first;
        if (n <= 0) return;
        Span<int> lengths = batch.Lengths;
        for (int t = steps; t >= 0; t--)
        {
            T* a = tape.StateGradients + ((nint)((t * rows) + first) * _hiddenStride);
            Clear(a, (nint)n * _hiddenStride);
            if (t > 0 && _shape.PredictsEveryStep)
            {
                FromOutputs(tape, ((t - 1) * rows) + first, a, n);
            }
            else if (t > 0)
            {
                for (int r = first; r < end; r++)
                {
                    if (lengths[r] == t) FromOutputs(tape, r, a + ((nint)(r - first) * _hiddenStride), 1);
                }
            }

            if (t < steps) FlowBack(tape, t, first, n, a);
            if (t == 0) break;
            nint entry = (nint)(((t - 1) * rows) + first) * _hiddenStride;
            T* h = tape.States + ((nint)((t * rows) + first) * _hiddenStride);
            SimdMath<TSimd, TVector, T>.TimesSlope(_shape.Activation, a, h, tape.PreGradients + entry, (nint)n * _hiddenStride);
        }
    }

    /// <summary>a += dE/dy W_out for n rows.</summary>
    private void FromOutputs(Tape<T> tape, int row, T* a, int n)
    {
        T* dy = tape.OutputGradients + ((nint)row * _outputStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(dy, _outputStride, 1, n, _outputBackward.Pointer, _hiddenRegisters, _o, a, _hiddenStride);
    }

    /// <summary>a += d_{k+1} W_rec for n rows of entry k.</summary>
    private void FlowBack(Tape<T> tape, int k, int first, int n, T* a)
    {
        T* d = tape.PreGradients + ((nint)((k * tape.Rows) + first) * _hiddenStride);
        Tile<TSimd, TVector, T>.MultiplyPanels(d, _hiddenStride, 1, n, _recurrentBackward.Pointer, _hiddenRegisters, _h, a, _hiddenStride);
    }
}
