using Unroll.Remedies;

namespace Unroll.Kernels;

internal sealed unsafe partial class SimdKernel<TSimd, TVector, T>
{
    /// <remarks>
    /// Per entry k (the link from step k to k+1), with p_k = d_{k+1} W_rec, which the backward pass has already computed:
    /// <code>
    ///   code form    a = dE/dh_{k+1},  v = p_k                       k = 0..T-1
    ///   paper form   a = dE/dx_{k+1},  v = p_k * sigma'(x_k)         k = 1..T-1 (x_0 does not exist)
    /// </code>
    /// so the regularizer costs two sums of squares an entry, and its gradient shares the product of W_rec's own.
    /// </remarks>
    public void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end)
    {
        int rows = tape.Rows, n = end - first;
        if (n <= 0) return;
        if (form == OmegaForm.Code && !_shape.PredictsEveryStep)
        {
            StateGradientNorms(tape, first, end);
            return;
        }

        T* flow = tape.Flow;
        T* scratch = tape.Right;
        for (int k = 0; k < tape.Steps; k++)
        {
            nint at = (nint)((k * rows) + first) * _hiddenStride;
            if (_shape.PredictsEveryStep)
            {
                Clear(flow + at, (nint)n * _hiddenStride);
                FlowBack(tape, k, first, n, flow + at);
            }

            T* v = flow + at;
            T* a = form == OmegaForm.Code ? tape.StateGradients + at + ((nint)rows * _hiddenStride) : tape.PreGradients + at;
            if (form == OmegaForm.Paper)
            {
                SimdMath<TSimd, TVector, T>.TimesSlope(_shape.Activation, v, tape.States + at, scratch + at, (nint)n * _hiddenStride);
                v = scratch + at;
            }

            for (int r = 0; r < n; r++)
            {
                int entry = (k * rows) + first + r;
                bool exists = form == OmegaForm.Code || k > 0;
                nint row = (nint)r * _hiddenStride;
                tape.SignalSquared[entry] = exists ? SimdMath<TSimd, TVector, T>.SumSquares(a + row, _hiddenStride) : 0;
                tape.FlowSquared[entry] = exists ? SimdMath<TSimd, TVector, T>.SumSquares(v + row, _hiddenStride) : 0;
            }
        }
    }

    /// <summary>
    /// The code form with a last-step head, where p_k is dE/dh_k itself: one norm a step serves as v of its own entry and as a of
    /// the one before.
    /// </summary>
    private void StateGradientNorms(Tape<T> tape, int first, int end)
    {
        for (int t = 0; t <= tape.Steps; t++)
        {
            for (int r = first; r < end; r++)
            {
                int entry = (t * tape.Rows) + r;
                double squared = SimdMath<TSimd, TVector, T>.SumSquares(tape.StateGradients + ((nint)entry * _hiddenStride), _hiddenStride);
                if (t < tape.Steps) tape.FlowSquared[entry] = squared;
                if (t > 0) tape.SignalSquared[entry - tape.Rows] = squared;
            }
        }
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end)
    {
        T* flow = tape.Flow;
        for (int k = 0; k < tape.Steps; k++)
        {
            for (int r = first; r < end; r++)
            {
                int entry = (k * tape.Rows) + r;
                nint at = (nint)entry * _hiddenStride;
                T* right = tape.Right + at;
                T* h = tape.States + at;
                TVector c = SimdMath<TSimd, TVector, T>.Constant(tape.Coefficients[entry]);
                T* v = flow + at;
                if (form == OmegaForm.Paper)
                {
                    SimdMath<TSimd, TVector, T>.TimesSlope(_shape.Activation, v, h, right, _hiddenStride);
                    SimdMath<TSimd, TVector, T>.TimesSlope(_shape.Activation, right, h, right, _hiddenStride);
                    v = right;
                }

                for (nint i = 0; i < _hiddenStride; i += TSimd.Lanes)
                {
                    TVector state = withStates ? TSimd.Load(h + i) : default;
                    TSimd.Store(right + i, TSimd.MultiplyAdd(c, TSimd.Load(v + i), state));
                }
            }
        }
    }
}
