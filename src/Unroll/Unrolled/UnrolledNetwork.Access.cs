using Unroll.Kernels;
using Unroll.Remedies;

namespace Unroll;

/// <content>The results of the last passes: outputs, states and signals.</content>
public sealed unsafe partial class UnrolledNetwork<T>
{
    /// <summary>
    /// (O): the output y at a step (before softmax or sigmoid) of the last forward pass; a last-step head ignores the step.
    /// </summary>
    public ReadOnlySpan<T> Output(int step, int row)
    {
        Check(Network.Shape.PredictsEveryStep ? step : 0, _tape.Steps, row);
        int at = Network.Shape.PredictsEveryStep ? (step * _tape.Rows) + row : row;
        return _tape.OutputRow(at);
    }

    /// <summary>(H): h_t of a row in the last layer, t = 0 (the initial state) to T; valid until the next forward pass.</summary>
    public ReadOnlySpan<T> State(int t, int row) => State(t, row, _tape.Layers.Length - 1);

    /// <summary>(H): h_t of a row in a layer, t = 0 (the initial state) to T; valid until the next forward pass.</summary>
    /// <param name="t">The step.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="layer">The layer, 0 next to the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step, row or layer.</exception>
    public ReadOnlySpan<T> State(int t, int row, int layer) => Part(t, row, layer).StateRow(0, t, row);

    /// <summary>
    /// (H): what the head reads at a step, before dropout: h_t, or the mean or the largest values of a whole row.
    /// </summary>
    internal ReadOnlySpan<T> HeadInput(int t, int row) => _tape.Pools
        ? new ReadOnlySpan<T>(_tape.PoolRead + ((nint)row * _tape.Layers[^1].StateStride), Network.Shape.Hidden) : State(t, row);

    /// <summary>
    /// (H): c_t of a row in a layer of LSTM cells, Re z_t in one of LRU cells; empty for cells whose state is h alone.
    /// </summary>
    /// <inheritdoc cref="State(int, int, int)"/>
    public ReadOnlySpan<T> CellState(int t, int row, int layer) =>
        Part(t, row, layer) is { Layout.Parts: > 1 } at ? at.StateRow(1, t, row) : default;

    /// <summary>
    /// (H): dE/dh_t of a row in the last layer, t = 0 to T, the total derivative; written by <see cref="Backward()"/>.
    /// </summary>
    public ReadOnlySpan<T> StateGradient(int t, int row) => StateGradient(t, row, _tape.Layers.Length - 1);

    /// <summary>
    /// (H): dE/dh_t of a row in a layer, t = 0 to T, the total derivative; written by <see cref="Backward()"/>.
    /// </summary>
    /// <inheritdoc cref="State(int, int, int)"/>
    public ReadOnlySpan<T> StateGradient(int t, int row, int layer)
    {
        NeedBackward();
        return Part(t, row, layer).StateGradientRow(0, t, row);
    }

    /// <summary>
    /// (H): dE/dc_t of a row in a layer of LSTM cells, or that of Re z_t of LRU cells, through the next step's c only: the use
    /// of c_t in h_t of the same step belongs to dE/dh_t. Empty for cells whose state is h alone.
    /// </summary>
    /// <inheritdoc cref="State(int, int, int)"/>
    public ReadOnlySpan<T> CellStateGradient(int t, int row, int layer)
    {
        NeedBackward();
        return Part(t, row, layer) is { Layout.Parts: > 1 } at ? at.StateGradientRow(1, t, row) : default;
    }

    /// <summary>
    /// (H): dE/dx_t of a row in the last layer, t = 1 to T, the total derivative with respect to the pre-activation.
    /// </summary>
    public ReadOnlySpan<T> PreActivationGradient(int t, int row) => PreActivationGradient(t, row, _tape.Layers.Length - 1, 0);

    /// <summary>
    /// (H): dE/dx_t of a row in a layer, t = 1 to T, with respect to a gate's pre-activation; in a normalized layer with respect
    /// to the sum W_hh h_{t-1} + W_ih u_t before normalization.
    /// </summary>
    /// <param name="t">The step, 1..T.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="layer">The layer, 0 next to the input.</param>
    /// <param name="gate">The gate in PyTorch's order; 0 for a cell with one gate. For a GRU's n it is the input's part.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step, row, layer or gate.</exception>
    public ReadOnlySpan<T> PreActivationGradient(int t, int row, int layer, int gate)
    {
        NeedBackward();
        ArgumentOutOfRangeException.ThrowIfLessThan(t, 1);
        LayerTape<T> at = Part(t, row, layer);
        ArgumentOutOfRangeException.ThrowIfNegative(gate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(gate, at.Layout.Gates);
        return at.PreGradientRow(at.Layout.InputBlocks[gate], t - 1, row);
    }

    /// <summary>
    /// (S): the state kept for a row. Each layer's parts follow one another, h before c (<see cref="NetworkShape.StateWidth"/>
    /// numbers). Every forward pass writes the row's last state here; a row whose <see cref="Batch.Carry"/> is set starts from
    /// it. Write to it to give an initial state. A span becomes stale when the state of a larger row is used for the first time.
    /// </summary>
    /// <param name="row">The row, 0..65535.</param>
    public Span<T> CarriedState(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(row, ushort.MaxValue);
        _tape.EnsureCarried(row + 1);
        return _tape.CarriedRow(row);
    }

    /// <summary>
    /// The first time step (1..T) at which a state of the last forward pass is not finite; or, when all states are finite, the
    /// last step whose dE/dh_t is not finite, which is where the backward pass failed; null when everything is finite.
    /// </summary>
    public int? FirstNonFiniteStep()
    {
        for (int t = 0; t <= _tape.Steps; t++)
        {
            for (int r = 0; r < _tape.Rows; r++)
            {
                foreach (LayerTape<T> layer in _tape.Layers)
                {
                    for (int part = 0; part < layer.Layout.Parts; part++)
                    {
                        if (!AllFinite(layer.StateRow(part, t, r))) return t;
                    }
                }
            }
        }

        for (int t = _tape.Steps; _hasBackward && t >= 0; t--)
        {
            for (int r = 0; r < _tape.Rows; r++)
            {
                foreach (LayerTape<T> layer in _tape.Layers)
                {
                    for (int part = 0; part < layer.Layout.Parts; part++)
                    {
                        if (!AllFinite(layer.StateGradientRow(part, t, r))) return t;
                    }
                }
            }
        }

        return null;

        static bool AllFinite(ReadOnlySpan<T> values)
        {
            foreach (T value in values)
            {
                if (!T.IsFinite(value)) return false;
            }

            return true;
        }
    }

    /// <summary>(S): a copy of s_t of a row, each layer's parts in order.</summary>
    internal T[] WholeState(int t, int row)
    {
        var state = new T[Network.Shape.StateWidth];
        for (int l = 0, at = 0; l < _tape.Layers.Length; l++)
        {
            LayerTape<T> layer = Part(t, row, l);
            for (int part = 0; part < layer.Layout.Parts; part++, at += layer.Shape.Hidden)
                layer.StateRow(part, t, row).CopyTo(state.AsSpan(at));
        }

        return state;
    }

    /// <summary>A copy of dE/ds_t of a row in a layer, its parts in order.</summary>
    internal T[] SignalOf(int t, int row, int layer)
    {
        NeedBackward();
        LayerTape<T> at = Part(t, row, layer);
        return [.. Enumerable.Range(0, at.Layout.Parts).SelectMany(part => at.StateGradientRow(part, t, row).ToArray())];
    }

    /// <summary>||dE/ds_t|| of a row over the parts of all layers.</summary>
    internal double WholeSignalNorm(int t, int row)
    {
        double squares = 0;
        for (int l = 0; l < _tape.Layers.Length; l++) squares += SignalSquared(t, row, l);

        return Math.Sqrt(squares);
    }

    /// <summary>||dE/ds_t||^2 of a row over the parts of one layer.</summary>
    internal double SignalSquared(int t, int row, int layer)
    {
        NeedBackward();
        LayerTape<T> at = Part(t, row, layer);
        double squares = 0;
        for (int part = 0; part < at.Layout.Parts; part++)
        {
            double norm = GradientClipping.Norm<T>(at.StateGradientRow(part, t, row));
            squares += norm * norm;
        }

        return squares;
    }

    /// <summary>The tape of a layer, after checking that the step t = 0..T and the row exist.</summary>
    private LayerTape<T> Part(int t, int row, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, _tape.Layers.Length);
        Check(t, _tape.Steps + 1, row);
        return _tape.Layers[layer];
    }

    private void Check(int step, int steps, int row)
    {
        if ((uint)step >= (uint)steps || (uint)row >= (uint)_tape.Rows)
            throw new ArgumentOutOfRangeException(nameof(step),
                Invariant($"Step {step} of row {row} is outside the last batch."));
    }
}
