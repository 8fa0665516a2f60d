using System.Numerics;
using Unroll.Heads;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>
/// Defines what every other kernel computes: plain loops and sums in float64, without registers, tiles or tricks, and the
/// equations of the cells and heads. It is the oracle of the tests and the baseline of the benchmarks; never optimise it. With T
/// = double it is the float64 reference; with T = float each result is rounded once when it is stored.
/// </summary>
internal sealed unsafe class ReferenceKernel<T>(NetworkShape shape) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _h = shape.Hidden;
    private readonly int _o = shape.Outputs;
    private readonly int _last = shape.Layers.Count - 1;
    private readonly IHeadCost _cost = HeadTable.Of(shape);
    private readonly ReferenceLayer<T>[] _layers = [.. shape.Layers.Select((_, index) => new ReferenceLayer<T>(shape, index))];
    private Network<double> _network = new(shape);
    private double[] _sums = new double[shape.ParameterCount];

    public string Name => KernelFactory.Reference;

    public int Stride(int width) => width;

    public int BlockWidth(int units) => units;

    public void Pack(Network<T> network, PassNoise noise)
    {
        _network = network.Convert<double>();
        foreach (ReferenceLayer<T> layer in _layers) layer.Pack(_network);
    }

    /// <remarks>Layer by layer; y_t = W_out h_t + b_out.</remarks>
    public void Forward(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            foreach (ReferenceLayer<T> layer in _layers) layer.Forward(batch, tape, r);
            for (int t = 1; shape.PredictsEveryStep && t <= tape.Steps; t++) Output(tape, t, r, ((t - 1) * tape.Rows) + r);
            Pool(tape, r, batch.Lengths[r]);
            if (!shape.PredictsEveryStep) Output(tape, batch.Lengths[r], r, r);
            if (tape.Reduction is not null) Cost(batch, tape, r);
        }
    }

    public void Backward(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int row = first; row < end; row++)
        {
            int r = row, length = batch.Lengths[row];
            for (int l = _last; l >= 0; l--)
            {
                ReferenceLayer<T>? above = l == _last ? null : _layers[l + 1];
                _layers[l].Backward(tape, r, t => above is null ? HeadSignal(tape, length, t, r) : above.SignalBelow(tape, t, r));
            }
        }
    }

    public void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            foreach (ReferenceLayer<T> layer in _layers) layer.OmegaNorms(tape, form, r);
        }
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            foreach (ReferenceLayer<T> layer in _layers) layer.OmegaRight(tape, form, withStates, r);
        }
    }

    public void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts)
    {
        if (part > 0) return;
        Array.Clear(_sums);
        foreach (ParameterBlock block in _network.Blocks)
        {
            if (recurrentOnly && block.Role != ParameterRole.RecurrentWeights) continue;
            Span<double> sum = _sums.AsSpan(block.Offset, block.Length);
            for (int t = 0; t < tape.Steps && block.Role != ParameterRole.InitialState; t++)
            {
                for (int r = 0; r < tape.Rows; r++)
                {
                    if (block.Layer >= 0) _layers[block.Layer].AddGradient(batch, tape, block, useRight, t, r, sum);
                    else AddHead(batch, tape, block.Role, t, r, sum);
                }
            }

            for (int r = 0; block.Role == ParameterRole.InitialState && r < tape.Rows; r++)
            {
                foreach (ReferenceLayer<T> layer in _layers)
                {
                    if (!batch.Carry[r]) layer.AddInitial(tape, r, sum);
                }
            }
        }
    }

    public void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly)
    {
        foreach (ParameterBlock block in network.Blocks)
        {
            if (addRecurrentOnly && block.Role != ParameterRole.RecurrentWeights) continue;
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
                gradient[i] = T.CreateTruncating(_sums[i]) + (addRecurrentOnly ? gradient[i] : T.Zero);
        }
    }

    private void AddHead(Batch batch, Tape<T> tape, ParameterRole role, int t, int r, Span<double> sum)
    {
        if (!shape.PredictsEveryStep && batch.Lengths[r] != t + 1) return;
        double[] mask = Mask(tape, t + 1, r);
        int row = shape.PredictsEveryStep ? (t * tape.Rows) + r : r;
        for (int o = 0; o < _o; o++)
        {
            double dy = double.CreateTruncating(tape.OutputGradients[(row * _o) + o]);
            if (role == ParameterRole.OutputBias) sum[o] += dy;
            for (int i = 0; role == ParameterRole.OutputWeights && i < _h; i++)
                sum[(o * _h) + i] += dy * Read(tape, t + 1, r, i, mask);
        }
    }

    private double[] HeadSignal(Tape<T> tape, int length, int t, int r)
    {
        var signal = new double[_h];
        if (t == 0 || (tape.Pools ? t > length : !shape.PredictsEveryStep && length != t)) return signal;
        double[] mask = Mask(tape, t, r);
        int row = shape.PredictsEveryStep ? ((t - 1) * tape.Rows) + r : r;
        for (int i = 0; i < _h; i++)
        {
            for (int o = 0; o < _o; o++)
                signal[i] += double.CreateTruncating(tape.OutputGradients[(row * _o) + o]) * _network.OutputWeights[(o * _h) + i];
            signal[i] *= mask[i];
            if (shape.Read == StateReading.Mean) signal[i] /= length;
            if (shape.Read == StateReading.Max && tape.PoolWinners[(r * _h) + i] != t) signal[i] = 0;
        }

        return signal;
    }

    /// <summary>
    /// The sum or the largest values of the row's states, as the head sees them; a stream goes on from those before.
    /// </summary>
    private void Pool(Tape<T> tape, int r, int length)
    {
        for (int t = 1; tape.Pools && t <= length; t++)
        {
            double[] mask = Mask(tape, t, r);
            for (int i = 0; i < _h; i++)
            {
                int at = (r * _h) + i;
                double h = Hidden(tape, t, r, i) * mask[i], kept = double.CreateTruncating(tape.Pool[at]);
                bool isFirst = t == 1 && tape.PoolSteps == 0;
                if (shape.Read == StateReading.Mean) tape.Pool[at] = T.CreateTruncating(isFirst ? h : kept + h);
                else if (isFirst || h > kept || double.IsNaN(h))
                    (tape.Pool[at], tape.PoolWinners[at]) = (T.CreateTruncating(h), t);
                tape.PoolRead[at] = shape.Read == StateReading.Max ? tape.Pool[at]
                    : T.CreateTruncating(double.CreateTruncating(tape.Pool[at]) / (tape.PoolSteps + length));
            }
        }
    }

    /// <summary>What the head reads of a unit at a step.</summary>
    private double Read(Tape<T> tape, int t, int r, int i, double[] mask) =>
        tape.Pools ? double.CreateTruncating(tape.PoolRead[(r * _h) + i]) : Hidden(tape, t, r, i) * mask[i];

    private void Output(Tape<T> tape, int t, int r, int row)
    {
        double[] mask = Mask(tape, t, r);
        for (int o = 0; o < _o; o++)
        {
            double y = _network.OutputBias.IsEmpty ? 0 : _network.OutputBias[o];
            for (int i = 0; i < _h; i++) y += _network.OutputWeights[(o * _h) + i] * Read(tape, t, r, i, mask);
            tape.Outputs[(row * _o) + o] = T.CreateTruncating(y);
        }
    }

    private void Cost(Batch batch, Tape<T> tape, int r)
    {
        int predicted = 0;
        for (int t = 0; t < tape.Steps; t++) predicted += batch.IsPredicted(t, r) ? 1 : 0;
        double weight = tape.Reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1.0;
        tape.RowCosts[r] = 0;
        double[] y = new double[_o], slopes = new double[_o];
        for (int t = 0; t < tape.Steps; t++)
        {
            int row = shape.PredictsEveryStep ? (t * tape.Rows) + r : r;
            if (!shape.PredictsEveryStep && t != batch.Lengths[r] - 1) continue;
            var dy = new Span<T>(tape.OutputGradients + (row * _o), _o);
            dy.Clear();
            if (!batch.IsPredicted(t, r)) continue;
            for (int o = 0; o < _o; o++) y[o] = double.CreateTruncating(tape.Outputs[(row * _o) + o]);
            double counts = batch.TargetWeight(t, r);
            tape.RowCosts[r] += _cost.Cost(y, batch, t, r) * weight * counts;
            _cost.Slopes(y, batch, t, r, slopes);
            for (int o = 0; o < _o; o++) dy[o] = T.CreateTruncating(slopes[o] * weight / tape.Rows * counts);
        }
    }

    private double[] Mask(Tape<T> tape, int t, int r)
    {
        var mask = new double[_h];
        if (tape.DropsOutput) tape.Noise.FillMask<double>(tape.Noise.OutputDropout, _last + 1, r, t, mask);
        else Array.Fill(mask, 1);
        return mask;
    }

    private double Hidden(Tape<T> tape, int t, int r, int i) =>
        double.CreateTruncating(tape.Layers[_last].States[(((t * tape.Rows) + r) * _h) + i]);
}
