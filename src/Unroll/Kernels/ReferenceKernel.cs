using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>
/// The meaning of every other kernel: plain loops over plain sums in float64, no registers, no tiles, no tricks. It is the
/// oracle of the tests and the baseline of the benchmarks; never optimise it. With T = double it is the float64 reference;
/// with T = float each result is rounded once when it is stored.
/// </summary>
internal sealed unsafe class ReferenceKernel<T>(NetworkShape shape) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _inputs = shape.Inputs;
    private readonly int _h = shape.Hidden;
    private readonly int _o = shape.Outputs;
    private Network<double> _network = new(shape);
    private double[] _sums = new double[shape.ParameterCount];

    public string Name => KernelFactory.Reference;

    public int Stride(int width) => width;

    public void Pack(Network<T> network) => _network = network.Convert<double>();

    /// <remarks>x_t = W_rec h_{t-1} + W_in u_t + b; h_t = sigma(x_t); y_t = W_out h_t + b_out.</remarks>
    public void Forward(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            for (int j = 0; j < _h; j++)
            {
                double learned = _network.InitialState.IsEmpty ? 0 : _network.InitialState[j];
                tape.States[(r * _h) + j] = batch.Carry[r] ? tape.Carried[(r * _h) + j] : T.CreateTruncating(learned);
            }

            for (int t = 1; t <= tape.Steps; t++)
            {
                for (int j = 0; j < _h; j++)
                {
                    double x = _network.HiddenBias.IsEmpty ? 0 : _network.HiddenBias[j];
                    for (int i = 0; i < _inputs; i++) x += _network.InputWeights[(j * _inputs) + i] * Input(batch, t - 1, r, i);
                    for (int i = 0; i < _h; i++) x += _network.RecurrentWeights[(j * _h) + i] * H(tape, t - 1, r, i);
                    tape.States[Hidden(tape, t, r, j)] = t > batch.Lengths[r] ? T.Zero : T.CreateTruncating(Sigma(x));
                }

                if (shape.PredictsEveryStep) Output(tape, t, r, ((t - 1) * tape.Rows) + r);
            }

            if (!shape.PredictsEveryStep) Output(tape, batch.Lengths[r], r, r);
            for (int j = 0; j < _h; j++) tape.Carried[(r * _h) + j] = tape.States[Hidden(tape, batch.Lengths[r], r, j)];
            if (tape.Reduction is not null) Cost(batch, tape, r);
        }
    }

    /// <remarks>a_t = dE/dh_t = (own cost) + d_{t+1} W_rec; d_t = dE/dx_t = a_t * sigma'(x_t).</remarks>
    public void Backward(Batch batch, Tape<T> tape, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            for (int t = tape.Steps; t >= 0; t--)
            {
                for (int i = 0; i < _h; i++)
                {
                    double a = 0;
                    bool ownCost = t > 0 && (shape.PredictsEveryStep || batch.Lengths[r] == t);
                    int row = shape.PredictsEveryStep ? ((t - 1) * tape.Rows) + r : r;
                    for (int o = 0; ownCost && o < _o; o++)
                        a += double.CreateTruncating(tape.OutputGradients[(row * _o) + o]) * _network.OutputWeights[(o * _h) + i];
                    for (int j = 0; t < tape.Steps && j < _h; j++) a += D(tape, t, r, j) * _network.RecurrentWeights[(j * _h) + i];
                    tape.StateGradients[Hidden(tape, t, r, i)] = T.CreateTruncating(a);
                    if (t > 0) tape.PreGradients[Hidden(tape, t - 1, r, i)] = T.CreateTruncating(a * Slope(H(tape, t, r, i)));
                }
            }
        }
    }

    public void OmegaNorms(Tape<T> tape, OmegaForm form, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            for (int k = 0; k < tape.Steps; k++)
            {
                double signal = 0, flow = 0;
                for (int i = 0; i < _h; i++)
                {
                    double p = 0;
                    for (int j = 0; j < _h; j++) p += D(tape, k, r, j) * _network.RecurrentWeights[(j * _h) + i];
                    // For a last-step head the flow is dE/dh_k itself, which also holds the cost's own part where a row ends.
                    if (shape.PredictsEveryStep) tape.Flow[Hidden(tape, k, r, i)] = T.CreateTruncating(p);
                    double a = form == OmegaForm.Code
                        ? double.CreateTruncating(tape.StateGradients[Hidden(tape, k + 1, r, i)])
                        : D(tape, k, r, i);
                    double v = form == OmegaForm.Code ? p : p * Slope(H(tape, k, r, i));
                    signal += a * a;
                    flow += v * v;
                }

                bool exists = form == OmegaForm.Code || k > 0;
                tape.SignalSquared[(k * tape.Rows) + r] = exists ? signal : 0;
                tape.FlowSquared[(k * tape.Rows) + r] = exists ? flow : 0;
            }
        }
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int first, int end)
    {
        for (int r = first; r < end; r++)
        {
            for (int k = 0; k < tape.Steps; k++)
            {
                for (int i = 0; i < _h; i++)
                {
                    int at = Hidden(tape, k, r, i);
                    double slope = form == OmegaForm.Code ? 1 : Slope(H(tape, k, r, i));
                    double right = tape.Coefficients[(k * tape.Rows) + r] * double.CreateTruncating(tape.Flow[at]) * slope * slope;
                    tape.Right[at] = T.CreateTruncating(right + (withStates ? H(tape, k, r, i) : 0));
                }
            }
        }
    }

    public void WeightGradients(Batch batch, Tape<T> tape, bool useRight, bool recurrentOnly, int part, int parts)
    {
        if (part > 0) return;
        Array.Clear(_sums);
        foreach (ParameterBlock block in _network.Blocks)
        {
            Span<double> sum = _sums.AsSpan(block.Offset, block.Length);
            for (int t = 0; t < tape.Steps; t++)
            {
                for (int r = 0; r < tape.Rows; r++)
                {
                    if (block.Name == ParameterBlock.RecurrentWeights) AddRecurrent(tape, useRight, t, r, sum);
                    else if (!recurrentOnly) AddOther(batch, tape, block.Name, t, r, sum);
                }
            }

            for (int r = 0; !recurrentOnly && block.Name == ParameterBlock.InitialState && r < tape.Rows; r++)
            {
                for (int i = 0; i < _h && !batch.Carry[r]; i++) sum[i] += double.CreateTruncating(tape.StateGradients[(r * _h) + i]);
            }
        }
    }

    public void Collect(Network<T> network, Span<T> gradient, bool addRecurrentOnly)
    {
        foreach (ParameterBlock block in network.Blocks)
        {
            if (addRecurrentOnly && block.Name != ParameterBlock.RecurrentWeights) continue;
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
                gradient[i] = T.CreateTruncating(_sums[i]) + (addRecurrentOnly ? gradient[i] : T.Zero);
        }
    }

    private void AddRecurrent(Tape<T> tape, bool useRight, int k, int r, Span<double> sum)
    {
        for (int j = 0; j < _h; j++)
        {
            for (int i = 0; i < _h; i++)
            {
                double right = useRight ? double.CreateTruncating(tape.Right[Hidden(tape, k, r, i)]) : H(tape, k, r, i);
                sum[(j * _h) + i] += D(tape, k, r, j) * right;
            }
        }
    }

    private void AddOther(Batch batch, Tape<T> tape, string name, int t, int r, Span<double> sum)
    {
        bool ownCost = shape.PredictsEveryStep || batch.Lengths[r] == t + 1;
        int row = shape.PredictsEveryStep ? (t * tape.Rows) + r : r;
        for (int j = 0; j < _h; j++)
        {
            if (name == ParameterBlock.HiddenBias) sum[j] += D(tape, t, r, j);
            for (int i = 0; name == ParameterBlock.InputWeights && i < _inputs; i++)
                sum[(j * _inputs) + i] += D(tape, t, r, j) * Input(batch, t, r, i);
        }

        for (int o = 0; ownCost && o < _o; o++)
        {
            double dy = double.CreateTruncating(tape.OutputGradients[(row * _o) + o]);
            if (name == ParameterBlock.OutputBias) sum[o] += dy;
            for (int i = 0; name == ParameterBlock.OutputWeights && i < _h; i++) sum[(o * _h) + i] += dy * H(tape, t + 1, r, i);
        }
    }

    private void Output(Tape<T> tape, int t, int r, int row)
    {
        for (int o = 0; o < _o; o++)
        {
            double y = _network.OutputBias.IsEmpty ? 0 : _network.OutputBias[o];
            for (int i = 0; i < _h; i++) y += _network.OutputWeights[(o * _h) + i] * H(tape, t, r, i);
            tape.Outputs[(row * _o) + o] = T.CreateTruncating(y);
        }
    }

    private void Cost(Batch batch, Tape<T> tape, int r)
    {
        int predicted = 0;
        for (int t = 0; t < tape.Steps; t++) predicted += batch.IsPredicted(t, r) ? 1 : 0;
        double weight = tape.Reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1.0;
        tape.RowCosts[r] = 0;
        for (int t = 0; t < tape.Steps; t++)
        {
            int row = shape.PredictsEveryStep ? (t * tape.Rows) + r : r;
            if (!shape.PredictsEveryStep && t != batch.Lengths[r] - 1) continue;
            var dy = new Span<T>(tape.OutputGradients + (row * _o), _o);
            dy.Clear();
            if (!batch.IsPredicted(t, r)) continue;
            var y = new double[_o];
            for (int o = 0; o < _o; o++) y[o] = double.CreateTruncating(tape.Outputs[(row * _o) + o]);
            double largest = y.Max();
            double total = y.Sum(v => Math.Exp(v - largest)), log = Math.Log(total);
            for (int o = 0; o < _o; o++)
            {
                (double cost, double slope) = shape.Head switch
                {
                    OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery =>
                        (o == batch.Class(t, r) ? log - (y[o] - largest) : 0, (Math.Exp(y[o] - largest) / total) - (o == batch.Class(t, r) ? 1 : 0)),
                    OutputHead.BernoulliEvery => Bit(y[o], (batch.TargetBits(t, r)[o / 64] >> (o % 64)) & 1),
                    _ => (Math.Pow(y[o] - batch.Values(t, r)[o], 2), 2 * (y[o] - batch.Values(t, r)[o])),
                };
                tape.RowCosts[r] += cost * weight;
                dy[o] = T.CreateTruncating(slope * weight / tape.Rows);
            }
        }

        static (double Cost, double Slope) Bit(double y, ulong target) =>
            (Math.Max(y, 0) - (y * target) + Math.Log(1 + Math.Exp(-Math.Abs(y))), (1 / (1 + Math.Exp(-y))) - target);
    }

    private double Sigma(double x) => shape.Activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Activation.Relu => x > 0 || double.IsNaN(x) ? x : 0,
        _ => x,
    };

    private double Slope(double h) => shape.Activation switch
    {
        Activation.Tanh => 1 - (h * h),
        Activation.Sigmoid => h * (1 - h),
        Activation.Relu => h > 0 ? 1 : 0,
        _ => 1,
    };

    private static double Input(Batch batch, int t, int r, int i) => batch.Encoding switch
    {
        InputEncoding.OneHot => batch.Symbol(t, r) == i ? 1 : 0,
        InputEncoding.MultiHot => (batch.Bits(t, r)[i / 64] >> (i % 64)) & 1,
        _ => t < batch.Lengths[r] ? batch.Dense(t, r)[i] : 0,
    };

    private int Hidden(Tape<T> tape, int t, int r, int i) => (((t * tape.Rows) + r) * _h) + i;

    private double H(Tape<T> tape, int t, int r, int i) => double.CreateTruncating(tape.States[Hidden(tape, t, r, i)]);

    /// <summary>dE/dx_{k+1}.</summary>
    private double D(Tape<T> tape, int k, int r, int i) => double.CreateTruncating(tape.PreGradients[Hidden(tape, k, r, i)]);
}
