using Unroll.Inputs;
using Unroll.Remedies;

namespace Unroll.Kernels;

internal sealed unsafe partial class SimdLayer<TSimd, TVector, T, TLanes>
{
    /// <remarks>
    /// Backpropagation through time (equations 3 to 5) in the activation form. With a_t = dE/ds_t (total) and d_t = dE/dx_t,
    /// <code>
    ///   d_t     = the cell's vector-Jacobian product of a_t       a_t * sigma'(x_t) for a plain layer
    ///           = that times the normalization's Jacobian         where the layer is normalized
    ///   a_{t-1} = (what enters at t - 1) + (the cell's direct part of a_t) + d_t W_hh
    /// </code>
    /// from t = T, where there is no later step, to t = 1. What enters comes from the head, or is already in the tape, from the
    /// layer above. Then dE/dW_hh = sum_t d_t^T h_{t-1}, and similarly for the other weights. Where nothing flows (beyond a row's
    /// length) a and d are exactly zero.
    /// </remarks>
    public void Backward(Batch batch, Tape<T> tape, IHead<T>? head, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index];
        int rows = tape.Rows, n = end - first;
        Cells.RowLayout<T> layout = Layout(at);
        nint stateStep = (nint)rows * _grid.StateStride;
        T* a = at.StateGradients + ((nint)((tape.Steps * rows) + first) * _grid.StateStride);
        Enter(batch, tape, at, head, tape.Steps, first, end, a);
        ClearOtherParts(at, a, n);
        int chain = tape.Steps - _shape.Branches;
        if (_shape.Branches > 0)
        {
            BackwardBranches(batch, tape, head, chain, first, end);
            a = at.StateGradients + ((nint)((chain * rows) + first) * _grid.StateStride);
        }

        for (int t = chain; t >= 1; t--, a -= stateStep)
        {
            if (tape.TemporalClip is { } clip) Clip(clip, tape, at, a, n);
            nint entry = ((t - 1) * rows) + first;
            T* before = at.States + (entry * _grid.StateStride);
            T* after = before + stateStep, back = a - stateStep;
            T* gates = _grid.Layout.InPlace ? after : at.Gates + (entry * _grid.PreStride);
            T* d = at.PreGradients + (entry * _grid.SignalStride);
            Enter(batch, tape, at, head, t - 1, first, end, back);
            TLanes.Pull(layout, gates, before, after, a, d, back, n);
            _norm?.Backward(at, entry, n);
            FlowBack(d, n, back);
        }

        _input.SignalBelow(tape, first, end);
    }

    /// <summary>
    /// The steps of branches, T0 + 1..T: each gives its part of a_{T0}, to which what enters there is added first. A part is
    /// computed behind the tape's last step, because pulling through a cell may write, in place of add, the parts besides h.
    /// </summary>
    private void BackwardBranches(Batch batch, Tape<T> tape, IHead<T>? head, int chain, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index];
        int rows = tape.Rows, n = end - first;
        nint count = (nint)n * _grid.StateStride;
        T* start = at.StateGradients + ((nint)((chain * rows) + first) * _grid.StateStride);
        T* back = at.StateGradients + ((nint)(((tape.Steps + 1) * rows) + first) * _grid.StateStride);
        T* before = at.States + ((nint)((chain * rows) + first) * _grid.StateStride);
        Enter(batch, tape, at, head, chain, first, end, start);
        ClearOtherParts(at, start, n);
        for (int t = tape.Steps; t > chain; t--)
        {
            nint entry = ((t - 1) * rows) + first;
            nint own = (entry + rows) * _grid.StateStride;
            T* a = at.StateGradients + own, after = at.States + own;
            if (t < tape.Steps) // the last one has been entered
            {
                Enter(batch, tape, at, head, t, first, end, a);
                ClearOtherParts(at, a, n);
            }

            if (tape.TemporalClip is { } clip) Clip(clip, tape, at, a, n);
            T* gates = _grid.Layout.InPlace ? after : at.Gates + (entry * _grid.PreStride);
            T* d = at.PreGradients + (entry * _grid.SignalStride);
            Panels<TSimd, TVector, T>.Clear(back, count);
            TLanes.Pull(Layout(at), gates, before, after, a, d, back, n);
            _norm?.Backward(at, entry, n);
            FlowBack(d, n, back);
            for (int part = 0; part < _grid.Layout.Parts; part++)
                SimdMath<TSimd, TVector, T>.AddTo(start + (part * at.PartLength), back + (part * at.PartLength), (int)count);
        }
    }

    /// <summary>No later step uses the parts of a state besides h.</summary>
    private void ClearOtherParts(LayerTape<T> at, T* a, int n)
    {
        for (int part = 1; part < _grid.Layout.Parts; part++)
            Panels<TSimd, TVector, T>.Clear(a + (part * at.PartLength), (nint)n * _grid.StateStride);
    }

    /// <remarks>
    /// Per entry k (the link from step k to k+1), with v = a_{k+1} ds_{k+1}/ds_k, which the backward pass has already computed or
    /// which is the cell's direct part and d_{k+1} W_hh:
    /// <code>
    ///   code form    a = dE/ds_{k+1}, v as above                                k = 0..T-1
    ///   paper form   the same for cells without one pre-activation a unit       k = 1..T-1
    ///                a = dE/dx_{k+1}, v = (d_{k+1} W_hh) * sigma'(x_k)  else    k = 1..T-1 (x_0 does not exist)
    /// </code>
    /// so the regularizer costs two sums of squares an entry, and its gradient shares the product for the gradient of W_hh.
    /// </remarks>
    public void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index];
        bool onX = form == OmegaForm.Paper && _layer.IsOnPreActivations;
        if (at.FlowIsState && !onX)
        {
            StateGradientNorms(tape, at, form, first, end);
            return;
        }

        int rows = tape.Rows, n = end - first;
        Cells.RowLayout<T> layout = Layout(at);
        T* scratch = at.Right;
        for (int k = 0; k < tape.Steps; k++)
        {
            nint entry = (k * rows) + first, state = entry * _grid.StateStride, next = state + ((nint)rows * _grid.StateStride);
            T* v = at.Flow + state;
            if (!at.FlowIsState)
            {
                TLanes.Direct(layout, at.Gates + (entry * _grid.PreStride), at.StateGradients + next, v, n);
                FlowBack(at.PreGradients + (entry * _grid.SignalStride), n, v);
            }

            T* a = onX ? at.PreGradients + state : at.StateGradients + next;
            if (onX)
            {
                SimdMath<TSimd, TVector, T>.TimesSlope(
                    _layer.Activation, v, at.States + state, scratch + state, (nint)n * _grid.StateStride);
                v = scratch + state;
            }

            bool exists = form == OmegaForm.Code || k > 0;
            for (int r = 0; r < n; r++)
            {
                nint row = (nint)r * _grid.StateStride;
                double signal = exists ? SimdMath<TSimd, TVector, T>.SumSquares(a + row, _grid.StateStride) : 0;
                double flow = exists ? SimdMath<TSimd, TVector, T>.SumSquares(v + row, _grid.StateStride) : 0;
                for (int part = 1; exists && part < _grid.Layout.Parts; part++)
                {
                    T* c = at.StateGradients + (part * at.PartLength) + row;
                    signal += SimdMath<TSimd, TVector, T>.SumSquares(c + next, _grid.StateStride);
                    flow += SimdMath<TSimd, TVector, T>.SumSquares(c + state, _grid.StateStride);
                }

                (at.SignalSquared[entry + r], at.FlowSquared[entry + r]) = (signal, flow);
            }
        }
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end)
    {
        LayerTape<T> at = tape.Layers[_index];
        bool onX = form == OmegaForm.Paper && _layer.IsOnPreActivations;
        T* flow = at.Flow;
        for (int k = 0; k < tape.Steps; k++)
        {
            for (int r = first; r < end; r++)
            {
                int entry = (k * tape.Rows) + r;
                nint state = (nint)entry * _grid.StateStride;
                T* right = at.Right + state, h = at.States + state, v = flow + state;
                TVector c = SimdMath<TSimd, TVector, T>.Constant(at.Coefficients[entry]);
                if (onX)
                {
                    SimdMath<TSimd, TVector, T>.TimesSlope(_layer.Activation, v, h, right, _grid.StateStride);
                    SimdMath<TSimd, TVector, T>.TimesSlope(_layer.Activation, right, h, right, _grid.StateStride);
                    v = right;
                }

                for (nint i = 0; i < _grid.StateStride; i += TSimd.Lanes)
                {
                    TVector withState = withStates ? TSimd.Load(h + i) : default;
                    TSimd.Store(right + i, TSimd.MultiplyAdd(c, TSimd.Load(v + i), withState));
                }
            }
        }
    }

    /// <summary>
    /// Writes into a what enters the layer's h at step t: nothing at t = 0; otherwise the signal of the head, or the signal from
    /// the layer above, which is already there; and <see cref="LayerTape{T}.Entering"/>.
    /// </summary>
    private void Enter(Batch batch, Tape<T> tape, LayerTape<T> at, IHead<T>? head, int t, int first, int end, T* a)
    {
        nint count = (nint)(end - first) * _grid.StateStride;
        if (head is not null)
        {
            Panels<TSimd, TVector, T>.Clear(a, count);
            if (t > 0) head.AddSignal(batch, tape, t, first, end, a);
        }

        if (at.EnteringScale == T.Zero || t == 0) return;
        T* entering = at.Entering + ((nint)(((t - 1) * tape.Rows) + first) * _grid.StateStride);
        InputTable<TSimd, TVector, T>.AddScaled(a, entering, at.EnteringScale, count);
    }

    /// <summary>Clips dE/ds_t of n rows, which is complete.</summary>
    private void Clip(TemporalClipping clip, Tape<T> tape, LayerTape<T> at, T* a, int n)
    {
        for (int r = 0; r < n; r++, a += _grid.StateStride)
        {
            Span<T> c = _grid.Layout.Parts > 1 ? new Span<T>(a + at.PartLength, _units) : default;
            Span<T> last = _grid.Layout.Parts > 2 ? new Span<T>(a + (2 * at.PartLength), _units) : default;
            clip.Apply(new Span<T>(a, _units), c, last, tape.Rows);
        }
    }

    /// <summary>a += d W_hh for n rows, all gates in one product.</summary>
    private void FlowBack(T* d, int n, T* a)
    {
        if (!IsRecurrent) return;
        Tile<TSimd, TVector, T>.MultiplyPanels(
            d + (_grid.Layout.FirstRecurrent * _grid.Width), _grid.SignalStride, 1, _grid.Width, _grid.Gates, n,
            _backward.Pointer, _registers, _units, a, _grid.StateStride);
    }

    /// <summary>
    /// For the case that the flow into s_k is dE/ds_k itself: one norm a step is both v of its own entry and a of the entry
    /// before.
    /// </summary>
    private void StateGradientNorms(Tape<T> tape, LayerTape<T> at, OmegaForm form, int first, int end)
    {
        for (int t = 0; t <= tape.Steps; t++)
        {
            for (int r = first; r < end; r++)
            {
                int entry = (t * tape.Rows) + r;
                double squared = 0;
                for (int part = 0; part < _grid.Layout.Parts; part++)
                    squared += SimdMath<TSimd, TVector, T>.SumSquares(
                        at.StateGradients + (part * at.PartLength) + ((nint)entry * _grid.StateStride), _grid.StateStride);
                if (t < tape.Steps) at.FlowSquared[entry] = form == OmegaForm.Code || t > 0 ? squared : 0;
                if (t > 0) at.SignalSquared[entry - tape.Rows] = form == OmegaForm.Code || t > 1 ? squared : 0;
            }
        }
    }
}
