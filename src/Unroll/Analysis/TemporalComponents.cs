using System.Collections.Immutable;
using System.Numerics;
using Unroll.Inputs;

namespace Unroll.Analysis;

/// <summary>Which steps' costs E_t are followed back in time.</summary>
public sealed class CostSteps
{
    private readonly ImmutableArray<int> _steps; // from 1, or empty for a sample
    private readonly int _sample;

    private CostSteps(ImmutableArray<int> steps, int sample) => (_steps, _sample) = (steps, sample);

    /// <summary>Every predicted step: the whole (t, k) table.</summary>
    public static CostSteps Every { get; } = new([], int.MaxValue);

    /// <summary>
    /// This many predicted steps of each sequence, spread evenly up to its last one, and the same steps every time. A head that
    /// predicts at the last step only has one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static CostSteps Spread(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new([], count);
    }

    /// <summary>These steps, counted from 1; where a sequence has no cost at one of them, there is nothing to follow.</summary>
    /// <exception cref="ArgumentException">There is no step, or one is below 1.</exception>
    public static CostSteps At(params ReadOnlySpan<int> steps)
    {
        if (steps.IsEmpty) throw new ArgumentException("At least one step is needed.", nameof(steps));
        foreach (int step in steps) ArgumentOutOfRangeException.ThrowIfLessThan(step, 1, nameof(steps));
        return new([.. steps], 0);
    }

    /// <summary>The steps t of one sequence, ascending.</summary>
    internal List<int> Of(Batch batch, int row)
    {
        var predicted = new List<int>();
        for (int t = 1; t <= batch.Lengths[row]; t++)
        {
            if (batch.IsPredicted(t - 1, row) && (_steps.IsEmpty || _steps.Contains(t))) predicted.Add(t);
        }

        if (!_steps.IsEmpty || predicted.Count <= _sample) return predicted;
        int n = predicted.Count;
        return [.. Enumerable.Range(1, _sample).Select(i => predicted[(int)((long)i * n / _sample) - 1])];
    }
}

/// <summary>
/// Which parameters' component is meant: d+x_k/dtheta for theta = those of the recurrent layer, or one of its blocks.
/// </summary>
public enum ComponentPart
{
    /// <summary>W_rec, W_in and b (when the network has it) together.</summary>
    RecurrentLayer,

    /// <summary>W_rec.</summary>
    RecurrentWeights,

    /// <summary>W_in.</summary>
    InputWeights,

    /// <summary>b; zero without biases.</summary>
    HiddenBias,
}

/// <summary>
/// The temporal components of a batch's gradient (equations 3 to 5): for a cost E_t and a step k up to t,
/// dE_t/dtheta gets (dE_t/dx_t)(dx_t/dx_k)(d+x_k/dtheta), and this holds the norm of each.
/// </summary>
/// <remarks>
/// x_k is the pre-activation. E_t is the cost of one sequence at step t as the reduction weighs it (with a mean over the steps,
/// divided by the predicted ones), not divided by the batch: the batch's gradient is the mean over its sequences of the sums over
/// t and k of their components. theta is the recurrent layer's: W_rec, W_in, b. The other parts of a gradient have no components
/// in time: the head's part belongs to E_t alone (<see cref="HeadNorm"/>), the part of a learned h_0 is in
/// <see cref="InitialStateNorm"/>. The immediate derivative d+x_k/dtheta is an outer product with [h_{k-1}; u_k; 1], so the
/// component's norm is ||dE_t/dx_k|| sqrt(||h_{k-1}||^2 + ||u_k||^2 + 1), and no matrix is formed. Networks that are not one
/// plain layer have no such x: there a signal is dE_t/ds_k, with respect to the state of all layers (the total derivative for h,
/// and c), and theta is the weights of all recurrent layers, or all of one kind.
/// </remarks>
public sealed class TemporalComponents
{
    private const long MostNumbers = 1L << 28;

    private readonly int _rows;
    private readonly ImmutableArray<SignalTrack> _tracks;
    private readonly long[] _offsets;
    private readonly double[] _signals;
    private readonly double[] _states; // (T, B): ||h_{k-1}||
    private readonly double[] _inputs; // (T, B): ||u_k||
    private readonly double[] _totals; // (T, B): ||dE/dx_k|| of the sequence's whole cost
    private readonly double[] _heads; // by track
    private readonly double[] _initialStates;
    private readonly double _hiddenBias, _outputBias; // how many parameters each bias is the sum of
    private ComponentNorms? _parts; // where the components are not products of two norms

    private TemporalComponents(
        Batch batch, ImmutableArray<SignalTrack> tracks, long[] offsets, long numbers, (double Hidden, double Output) biases)
    {
        (_rows, Steps, _tracks, _offsets) = (batch.Rows, batch.Steps, tracks, offsets);
        (_hiddenBias, _outputBias) = biases;
        Lengths = [.. batch.Lengths];
        _signals = new double[numbers];
        _heads = new double[tracks.Length];
        _initialStates = new double[batch.Rows];
        (_states, _inputs, _totals) = (new double[Steps * _rows], new double[Steps * _rows], new double[Steps * _rows]);
    }

    /// <summary>T of the batch.</summary>
    public int Steps { get; }

    /// <summary>B, the number of sequences.</summary>
    public int Rows => _rows;

    /// <summary>(B): each sequence's own length.</summary>
    public ImmutableArray<int> Lengths { get; }

    /// <summary>The number of costs E_t that were followed, over all sequences.</summary>
    public int Count => _tracks.Length;

    /// <summary>(B): the norm of the gradient of each sequence's cost with respect to h_0, learned or not.</summary>
    public IReadOnlyList<double> InitialStateNorm => _initialStates;

    /// <summary>Measures a batch after its backward pass.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>, in which the signals are computed; norms are
    /// double.</typeparam>
    /// <param name="unrolled">The network after <see cref="UnrolledNetwork{T}.Backward()"/>.</param>
    /// <param name="which">Which costs to follow: with <see cref="CostSteps.Every"/> the work and the memory grow with T^2 when
    /// there is a cost at every step.</param>
    /// <exception cref="InvalidOperationException">There was no backward pass.</exception>
    /// <exception cref="ArgumentException">The table would have more than 2^28 numbers, or the network's last steps start from
    /// one state (<see cref="NetworkShape.Branches"/>).</exception>
    public static TemporalComponents Measure<T>(UnrolledNetwork<T> unrolled, CostSteps which)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Measure(unrolled, which, _ => 1);

    /// <summary>
    /// The same for a model in which a block is the sum of several parameters (<see cref="DiagnosisOptions.Copies"/>).
    /// </summary>
    internal static TemporalComponents Measure<T>(UnrolledNetwork<T> unrolled, CostSteps which, Func<string, int> copies)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        ArgumentNullException.ThrowIfNull(which);
        unrolled.Network.Shape.RequireChain("An analysis of gradients follows them");
        Batch batch = unrolled.AnalysedBatch;
        var tracks = new List<SignalTrack>();
        for (int row = 0; row < batch.Rows; row++)
        {
            foreach (int step in which.Of(batch, row)) tracks.Add(new SignalTrack(step, row));
        }

        // A stable sort: rows stay in order.
        ImmutableArray<SignalTrack> sorted = [.. tracks.OrderByDescending(track => track.Step)];
        var offsets = new long[sorted.Length];
        long numbers = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            offsets[i] = numbers;
            numbers += sorted[i].Step;
        }

        if (numbers > MostNumbers)
            throw new ArgumentException(
                Invariant($"The components of {sorted.Length} costs are {numbers} numbers, more than {MostNumbers}; ")
                    + "take a sample of the steps or fewer sequences.",
                nameof(which));
        (double Hidden, double Output) biases = unrolled.Network.Shape.Biases
            ? (copies(ParameterBlock.HiddenBias), copies(ParameterBlock.OutputBias))
            : (0, 0);
        var components = new TemporalComponents(batch, sorted, offsets, numbers, biases);
        if (unrolled.Network.Shape.IsOnPreActivations)
            new SignalPass<T>(unrolled).Run(sorted.AsSpan(), offsets, components._signals);
        else components._parts = WholeStateSignals.Run(unrolled, sorted.AsSpan(), offsets, components._signals, copies);
        components.MeasureImmediate(unrolled, batch);
        components.MeasureTotals(unrolled);
        return components;
    }

    /// <summary>
    /// The step t, 1..T, and the sequence of one of the <see cref="Count"/> costs that were followed; late steps come first.
    /// </summary>
    public (int Step, int Row) Cost(int index) => (_tracks[index].Step, _tracks[index].Row);

    /// <summary>
    /// ||dE_t/dx_k||, the error signal of cost <paramref name="index"/> at step k; 0 below 1e-308 and infinite above 1e308.
    /// </summary>
    /// <param name="index">Which cost, see <see cref="Cost"/>.</param>
    /// <param name="k">The step, 1..t.</param>
    public double Signal(int index, int k)
    {
        if (k < 1 || k > _tracks[index].Step) throw new ArgumentOutOfRangeException(nameof(k),
            Invariant($"There is no step {k} up to step {_tracks[index].Step}."));
        return _signals[_offsets[index] + k - 1];
    }

    /// <summary>
    /// ||dE_t/ds_k|| of one layer's state (h, and c of an LSTM): the error signal of cost <paramref name="index"/> at step k in
    /// that layer. For one plain layer it is <see cref="Signal(int, int)"/>, with respect to x.
    /// </summary>
    /// <param name="index">Which cost, see <see cref="Cost"/>.</param>
    /// <param name="k">The step, 1..t.</param>
    /// <param name="layer">The layer, 0 next to the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or layer.</exception>
    public double Signal(int index, int k, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, _parts?.Layers ?? 1);
        double whole = Signal(index, k);
        return _parts is null ? whole : _parts.Signal(_offsets[index] + k - 1, layer);
    }

    /// <summary>The norm of the temporal component of cost <paramref name="index"/> at step k.</summary>
    /// <param name="index">Which cost, see <see cref="Cost"/>.</param>
    /// <param name="k">The step, 1..t.</param>
    /// <param name="part">Of which parameters.</param>
    public double Component(int index, int k, ComponentPart part = ComponentPart.RecurrentLayer)
    {
        double signal = Signal(index, k);
        if (_parts is not null) return _parts.Component(_offsets[index] + k - 1, part);
        return signal == 0 ? 0 : signal * Immediate(k, _tracks[index].Row, part);
    }

    /// <summary>
    /// ||dE_t/d(W_out, b_out)||: the part of the gradient of cost <paramref name="index"/> with respect to the head's own
    /// parameters.
    /// </summary>
    public double HeadNorm(int index) => _heads[index];

    /// <summary>||dE/dx_k|| of a sequence's whole cost, the sum over t of the signals: what one backward pass gives.</summary>
    /// <param name="k">The step, 1..T; 0 is returned beyond the sequence's length.</param>
    /// <param name="row">The sequence.</param>
    public double Total(int k, int row)
    {
        if (k < 1 || k > Steps || (uint)row >= (uint)_rows) throw new ArgumentOutOfRangeException(nameof(k),
            Invariant($"There is no step {k} of row {row}."));
        return _totals[((k - 1) * _rows) + row];
    }

    /// <summary>
    /// The long-term share of the components of one cost: the sum of the norms at lags t - k of at least
    /// <paramref name="border"/> divided by the sum of all norms (norms are summed, because sums of components could cancel).
    /// </summary>
    /// <param name="index">Which cost.</param>
    /// <param name="border">The first lag that counts as long, at least 0.</param>
    /// <param name="part">Of which parameters.</param>
    /// <returns>0..1; NaN when all components are zero.</returns>
    public double LongTermShare(int index, int border, ComponentPart part = ComponentPart.RecurrentLayer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(border);
        int t = _tracks[index].Step;

        // Relative to the largest, so that the sum cannot overflow.
        double largest = 0, all = 0, far = 0;
        for (int k = 1; k <= t; k++) largest = Math.Max(largest, Component(index, k, part));
        if (double.IsInfinity(largest)) return double.NaN;
        for (int k = 1; k <= t; k++)
        {
            double norm = Component(index, k, part) / largest;
            all += norm;
            if (t - k >= border) far += norm;
        }

        return far / all;
    }

    /// <summary>The long-term share by sequence (the mean over its costs), as quantiles over the batch.</summary>
    /// <inheritdoc cref="LongTermShare"/>
    public Quantiles LongTermShares(int border, ComponentPart part = ComponentPart.RecurrentLayer) =>
        Quantiles.Of(LongTermSharesBySequence(border, part));

    /// <summary>
    /// ||dE_t/dx_{t-lag}|| against the lag, 0..T-1: the mean over a sequence's costs that reach that far back, then quantiles
    /// over the sequences that have such a cost.
    /// </summary>
    public ImmutableArray<Quantiles> ByLag() =>
        [.. Enumerable.Range(0, Longest())
            .Select(lag => Quantiles.Of(BySequence((index, l) => Signal(index, _tracks[index].Step - l), lag)))];

    /// <summary>||dE/dx_k|| against the step k = 1..T, over the sequences that have the step.</summary>
    public ImmutableArray<Quantiles> ByStep() =>
        [.. Enumerable.Range(1, Steps).Select(k =>
            Quantiles.Of([.. Enumerable.Range(0, _rows).Where(row => Lengths[row] >= k).Select(row => Total(k, row))]))];

    internal double[] LongTermSharesBySequence(int border, ComponentPart part = ComponentPart.RecurrentLayer) =>
        BySequence((index, _) => LongTermShare(index, border, part), 0, skipNothing: true);

    /// <summary>By lag, for each sequence with a cost: the mean of ||dE_t/dx_{t-lag}|| over its costs.</summary>
    internal IEnumerable<double[]> CurvesBySequence() => CurvesBySequence(Signal);

    /// <summary>The same for the state of one layer.</summary>
    internal IEnumerable<double[]> CurvesBySequence(int layer) => CurvesBySequence((index, k) => Signal(index, k, layer));

    private IEnumerable<double[]> CurvesBySequence(Func<int, int, double> signal)
    {
        var longest = new int[_rows]; // tracks are sorted from late to early
        for (int i = _tracks.Length - 1; i >= 0; i--) longest[_tracks[i].Row] = _tracks[i].Step;
        double[][] curves = [.. longest.Select(length => new double[length])];
        int[][] counts = [.. longest.Select(length => new int[length])];
        for (int i = 0; i < _tracks.Length; i++)
        {
            (int t, int row) = (_tracks[i].Step, _tracks[i].Row);
            for (int lag = 0; lag < t; lag++)
            {
                curves[row][lag] += signal(i, t - lag);
                counts[row][lag]++;
            }
        }

        for (int row = 0; row < _rows; row++)
        {
            for (int lag = 0; lag < curves[row].Length; lag++) curves[row][lag] /= counts[row][lag];
        }

        return curves.Where(curve => curve.Length > 0);
    }

    /// <summary>The norm of d+x_k/dtheta's right factor for a part of theta.</summary>
    private double Immediate(int k, int row, ComponentPart part)
    {
        int at = ((k - 1) * _rows) + row;
        double h = _states[at], u = _inputs[at];
        return part switch
        {
            ComponentPart.RecurrentLayer => Math.Sqrt((h * h) + (u * u) + _hiddenBias),
            ComponentPart.RecurrentWeights => h,
            ComponentPart.InputWeights => u,
            _ => Math.Sqrt(_hiddenBias),
        };
    }

    private int Longest() => _tracks.IsEmpty ? 0 : _tracks[0].Step;

    private double[] BySequence(Func<int, int, double> value, int lag, bool skipNothing = false)
    {
        var sums = new double[_rows];
        var counts = new int[_rows];
        for (int i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Step <= lag) break; // sorted by step
            double v = value(i, lag);
            if (skipNothing && double.IsNaN(v)) continue; // a share of a total of zero
            sums[_tracks[i].Row] += v;
            counts[_tracks[i].Row]++;
        }

        return [.. Enumerable.Range(0, _rows).Where(row => counts[row] > 0).Select(row => sums[row] / counts[row])];
    }

    private void MeasureImmediate<T>(UnrolledNetwork<T> unrolled, Batch batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int k = 1; k <= Steps; k++)
        {
            for (int row = 0; row < _rows; row++)
            {
                if (k > Lengths[row]) continue;
                int at = ((k - 1) * _rows) + row;
                _states[at] = Norm(unrolled.State(k - 1, row));
                _inputs[at] = InputVector.Norm(batch, k - 1, row);
            }
        }

        double rows = _rows;
        for (int i = 0; i < _tracks.Length; i++)
        {
            (int t, int row) = (_tracks[i].Step, _tracks[i].Row);
            double h = Norm(unrolled.HeadInput(t, row));
            _heads[i] = rows * Norm<T>(unrolled.OutputGradient(t - 1, row)) * Math.Sqrt((h * h) + _outputBias);
        }

        for (int row = 0; row < _rows; row++) _initialStates[row] = rows * unrolled.WholeSignalNorm(0, row);
    }

    private void MeasureTotals<T>(UnrolledNetwork<T> unrolled)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool onX = unrolled.Network.Shape.IsOnPreActivations;
        for (int at = 0; at < _totals.Length; at++)
        {
            (int t, int row) = ((at / _rows) + 1, at % _rows);
            _totals[at] = _rows * (onX ? Norm(unrolled.PreActivationGradient(t, row)) : unrolled.WholeSignalNorm(t, row));
        }

        if (unrolled.Network.Shape.PredictsEveryStep) return;
        for (int i = 0; i < _tracks.Length; i++)
        {
            // With one cost, its signal is the signal of the whole cost, and it was kept in range.
            for (int k = 1; k <= _tracks[i].Step; k++)
                _totals[((k - 1) * _rows) + _tracks[i].Row] = _signals[_offsets[i] + k - 1];
        }
    }

    private static double Norm<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Remedies.GradientClipping.Norm(values);
}
