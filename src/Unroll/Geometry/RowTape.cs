using Unroll.Dynamics;

namespace Unroll.Geometry;

/// <summary>
/// One sequence's pass through a network, and the derivatives of that pass along a direction of the parameters. R{.} below is the
/// derivative along that direction (Pearlmutter's notation): R{x_t} = V h_{t-1} + W R{h_{t-1}} + V_in u_t + v_b, and so on.
/// </summary>
internal sealed class RowTape
{
    private readonly NetworkShape _shape;
    private readonly int _h;
    private readonly int _o;
    private readonly double[] _inputs; // (T, I)
    private readonly double[] _states; // (T + 1, H)
    private readonly double[] _slopes; // (T + 1, H): sigma'(x_t), from t = 1
    private readonly double[] _outputs; // (T, O): y_t; of a softmax the probabilities
    private readonly double[] _outputSlopes; // (T, O): dE_t/dy_t
    private readonly double[] _stateGradients; // (T + 1, H): dE/dh_t
    private readonly double[] _preGradients; // (T + 1, H): dE/dx_t, from t = 1
    private readonly double[] _stateR; // (T + 1, H)
    private readonly double[] _preR; // (T + 1, H)
    private readonly double[] _outputR; // (T, O)
    private readonly double[] _weights; // (T): what E_t counts for in E; 0 where nothing is predicted

    public RowTape(Network<double> network, Batch batch, int row, CostReduction reduction)
    {
        _shape = network.Shape;
        (_h, _o) = (_shape.Hidden, _shape.Outputs);
        Length = batch.Lengths[row];
        _inputs = new double[Length * _shape.Inputs];
        _states = new double[(Length + 1) * _h];
        _slopes = new double[(Length + 1) * _h];
        _stateGradients = new double[(Length + 1) * _h];
        _preGradients = new double[(Length + 1) * _h];
        _stateR = new double[(Length + 1) * _h];
        _preR = new double[(Length + 1) * _h];
        _outputs = new double[Length * _o];
        _outputSlopes = new double[Length * _o];
        _outputR = new double[Length * _o];
        _weights = new double[Length];
        int predicted = Enumerable.Range(0, Length).Count(t => batch.IsPredicted(t, row));
        double weight = (reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1) / batch.Rows;
        for (int t = 0; t < Length; t++)
        {
            _weights[t] = batch.IsPredicted(t, row) ? weight : 0;
            ReadInput(batch, t, row);
        }

        Forward(network);
        for (int t = 0; t < Length; t++) Cost += StepCost(batch, t, row) * _weights[t] * batch.Rows;
    }

    /// <summary>T, the sequence's own length.</summary>
    public int Length { get; }

    /// <summary>The row's cost, reduced over its steps.</summary>
    public double Cost { get; }

    private Span<double> Input(int t) => _inputs.AsSpan(t * _shape.Inputs, _shape.Inputs);

    private Span<double> State(double[] array, int t) => array.AsSpan(t * _h, _h);

    private Span<double> Output(double[] array, int t) => array.AsSpan(t * _o, _o);

    /// <summary>Backpropagation through time; adds dE/dtheta of this row.</summary>
    public void Backward(Network<double> network, double[] gradient)
    {
        ParameterParts sums = ParameterParts.Of(_shape, gradient);
        for (int t = Length; t >= 0; t--)
        {
            Span<double> a = State(_stateGradients, t), d = State(_preGradients, t);
            if (t < Length) Vectors.AddTransposed(a, network.RecurrentWeights, State(_preGradients, t + 1));
            if (t == 0) break;
            if (_weights[t - 1] != 0)
            {
                Span<double> dy = Output(_outputSlopes, t - 1);
                var weighted = new double[_o];
                for (int o = 0; o < _o; o++) weighted[o] = dy[o] * _weights[t - 1];
                Vectors.AddTransposed(a, network.OutputWeights, weighted);
                Vectors.AddOuter(sums.Output, weighted, State(_states, t));
                Vectors.Add(sums.OutputBias, 1, weighted.AsSpan(0, sums.OutputBias.Length));
            }

            for (int i = 0; i < _h; i++) d[i] = a[i] * State(_slopes, t)[i];
            Vectors.AddOuter(sums.Recurrent, d, State(_states, t - 1));
            Vectors.AddOuter(sums.Input, d, Input(t - 1));
            Vectors.Add(sums.HiddenBias, 1, d[..sums.HiddenBias.Length]);
        }

        Vectors.Add(sums.InitialState, 1, State(_stateGradients, 0)[..sums.InitialState.Length]);
    }

    /// <summary>Adds this row's part of H v: the derivative of <see cref="Backward"/> along v.</summary>
    public void HessianTimes(Network<double> network, Network<double> v, Span<double> result)
    {
        ForwardR(network, v);
        ParameterParts sums = ParameterParts.Of(_shape, result);
        double[] next = new double[_h], current = new double[_h]; // R{dE/dx_{t+1}}, R{dE/dx_t}
        double[] ra = new double[_h], dy = new double[_o], rdy = new double[_o];
        for (int t = Length; t >= 0; t--)
        {
            ra.AsSpan().Clear();
            if (t < Length)
            {
                Vectors.AddTransposed(ra, v.RecurrentWeights, State(_preGradients, t + 1));
                Vectors.AddTransposed(ra, network.RecurrentWeights, next);
            }

            if (t == 0) break;
            Span<double> h = State(_states, t), slope = State(_slopes, t), rh = State(_stateR, t), a = State(_stateGradients, t), d = State(_preGradients, t), rx = State(_preR, t);
            if (_weights[t - 1] != 0)
            {
                SlopesR(t - 1, rdy);
                for (int o = 0; o < _o; o++) (dy[o], rdy[o]) = (Output(_outputSlopes, t - 1)[o] * _weights[t - 1], rdy[o] * _weights[t - 1]);
                Vectors.AddTransposed(ra, v.OutputWeights, dy);
                Vectors.AddTransposed(ra, network.OutputWeights, rdy);
                Vectors.AddOuter(sums.Output, rdy, h);
                Vectors.AddOuter(sums.Output, dy, rh);
                Vectors.Add(sums.OutputBias, 1, rdy.AsSpan(0, sums.OutputBias.Length));
            }

            for (int i = 0; i < _h; i++) current[i] = (Curvature(h[i], slope[i]) * rx[i] * a[i]) + (slope[i] * ra[i]);
            Vectors.AddOuter(sums.Recurrent, current, State(_states, t - 1));
            Vectors.AddOuter(sums.Recurrent, d, State(_stateR, t - 1));
            Vectors.AddOuter(sums.Input, current, Input(t - 1));
            Vectors.Add(sums.HiddenBias, 1, current.AsSpan(0, sums.HiddenBias.Length));
            (next, current) = (current, next);
        }

        Vectors.Add(sums.InitialState, 1, ra.AsSpan(0, sums.InitialState.Length));
    }

    /// <summary>Adds dE_t/dtheta . v of every step t.</summary>
    public void DirectionalByStep(Network<double> network, Network<double> v, double[] sums, int[] counts)
    {
        ForwardR(network, v);
        for (int t = 0; t < Length; t++)
        {
            if (_shape.PredictsEveryStep && _weights[t] == 0) continue;
            sums[t] += Vectors.Dot(Output(_outputSlopes, t), Output(_outputR, t));
            counts[t]++;
        }
    }

    private void Forward(Network<double> network)
    {
        network.InitialState.CopyTo(State(_states, 0));
        for (int t = 1; t <= Length; t++)
        {
            Span<double> h = State(_states, t), slope = State(_slopes, t), y = Output(_outputs, t - 1);
            network.HiddenBias.CopyTo(h);
            Vectors.AddProduct(h, network.InputWeights, Input(t - 1));
            Vectors.AddProduct(h, network.RecurrentWeights, State(_states, t - 1));
            for (int i = 0; i < _h; i++) (h[i], slope[i]) = (UnitFunction.Value(_shape.Activation, h[i]), UnitFunction.Slope(_shape.Activation, h[i]));
            network.OutputBias.CopyTo(y);
            Vectors.AddProduct(y, network.OutputWeights, h);
        }
    }

    private void ForwardR(Network<double> network, Network<double> v)
    {
        State(_stateR, 0).Clear();
        v.InitialState.CopyTo(State(_stateR, 0));
        for (int t = 1; t <= Length; t++)
        {
            Span<double> h = State(_states, t), slope = State(_slopes, t), rx = State(_preR, t), rh = State(_stateR, t), ry = Output(_outputR, t - 1);
            rx.Clear();
            v.HiddenBias.CopyTo(rx);
            Vectors.AddProduct(rx, v.InputWeights, Input(t - 1));
            Vectors.AddProduct(rx, v.RecurrentWeights, State(_states, t - 1));
            Vectors.AddProduct(rx, network.RecurrentWeights, State(_stateR, t - 1));
            for (int i = 0; i < _h; i++) rh[i] = slope[i] * rx[i];
            ry.Clear();
            v.OutputBias.CopyTo(ry);
            Vectors.AddProduct(ry, v.OutputWeights, h);
            Vectors.AddProduct(ry, network.OutputWeights, rh);
        }
    }

    /// <summary>
    /// The cost of a step, and dE_t/dy_t in its place. y is replaced by the probabilities of a softmax. With a head at
    /// the last step every step has the sequence's target.
    /// </summary>
    private double StepCost(Batch batch, int t, int row)
    {
        Span<double> y = Output(_outputs, t), dy = Output(_outputSlopes, t);
        if (_shape.PredictsEveryStep && _weights[t] == 0) return 0;
        double cost = 0;
        switch (_shape.Head)
        {
            case OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery:
                int label = batch.Class(t, row);
                if (label < 0) return 0;
                double largest = double.NegativeInfinity, total = 0;
                foreach (double value in y) largest = Math.Max(largest, value);
                foreach (double value in y) total += Math.Exp(value - largest);
                cost = Math.Log(total) - (y[label] - largest);
                double others = 0; // 1 - p of the label, whose own digits are lost where p is nearly 1
                for (int o = 0; o < _o; o++)
                {
                    dy[o] = y[o] = Math.Exp(y[o] - largest) / total;
                    if (o != label) others += y[o];
                }

                dy[label] = -others;
                return cost;
            case OutputHead.BernoulliEvery:
                ReadOnlySpan<ulong> bits = batch.TargetBits(t, row);
                for (int o = 0; o < _o; o++)
                {
                    bool target = ((bits[o / 64] >> (o % 64)) & 1) != 0;
                    cost += Math.Max(y[o], 0) - (target ? y[o] : 0) + Math.Log(1 + Math.Exp(-Math.Abs(y[o])));
                    dy[o] = target ? -UnitFunction.Value(Activation.Sigmoid, -y[o]) : UnitFunction.Value(Activation.Sigmoid, y[o]);
                }

                return cost;
            default:
                Span<double> values = batch.Values(t, row);
                for (int o = 0; o < _o; o++)
                {
                    double difference = y[o] - values[o];
                    cost += difference * difference;
                    dy[o] = 2 * difference;
                }

                return cost;
        }
    }

    /// <summary>R{dE_t/dy_t} from R{y_t}.</summary>
    private void SlopesR(int t, double[] rdy)
    {
        Span<double> y = Output(_outputs, t), ry = Output(_outputR, t);
        double likeliest = 0, mean = 0;
        if (_shape.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery)
        {
            // Only differences of R{y} count. Measured from the likeliest class nothing cancels where its probability is nearly 1.
            int top = 0;
            for (int o = 1; o < _o; o++) top = y[o] > y[top] ? o : top;
            likeliest = ry[top];
            for (int o = 0; o < _o; o++) mean += y[o] * (ry[o] - likeliest);
        }

        for (int o = 0; o < _o; o++)
        {
            rdy[o] = _shape.Head switch
            {
                OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => y[o] * (ry[o] - likeliest - mean),
                OutputHead.BernoulliEvery => UnitFunction.Slope(Activation.Sigmoid, y[o]) * ry[o],
                _ => 2 * ry[o],
            };
        }
    }

    /// <summary>sigma''(x) from h = sigma(x) and the slope, which is taken from x: 1 - h^2 has no digits left where a unit is saturated.</summary>
    private double Curvature(double h, double slope) => _shape.Activation switch
    {
        Activation.Tanh => -2 * h * slope,
        Activation.Sigmoid => (1 - (2 * h)) * slope,
        _ => 0,
    };

    private void ReadInput(Batch batch, int t, int row)
    {
        Span<double> u = Input(t);
        switch (batch.Encoding)
        {
            case InputEncoding.OneHot:
                if (batch.Symbol(t, row) is >= 0 and var symbol) u[symbol] = 1;
                break;
            case InputEncoding.MultiHot:
                for (int i = 0; i < u.Length; i++) u[i] = (batch.Bits(t, row)[i / 64] >> (i % 64)) & 1;
                break;
            default:
                batch.Dense(t, row).CopyTo(u);
                break;
        }
    }
}

/// <summary>The named parts of a flat array of parameters; empty where the shape lacks them.</summary>
internal readonly ref struct ParameterParts
{
    public Span<double> Input { get; private init; }

    public Span<double> Recurrent { get; private init; }

    public Span<double> HiddenBias { get; private init; }

    public Span<double> Output { get; private init; }

    public Span<double> OutputBias { get; private init; }

    public Span<double> InitialState { get; private init; }

    public static ParameterParts Of(NetworkShape shape, Span<double> flat)
    {
        int at = 0;
        return new ParameterParts
        {
            Input = Take(flat, ref at, shape.Hidden * shape.Inputs),
            Recurrent = Take(flat, ref at, shape.Hidden * shape.Hidden),
            HiddenBias = Take(flat, ref at, shape.Biases ? shape.Hidden : 0),
            Output = Take(flat, ref at, shape.Outputs * shape.Hidden),
            OutputBias = Take(flat, ref at, shape.Biases ? shape.Outputs : 0),
            InitialState = Take(flat, ref at, shape.LearnedInitialState ? shape.Hidden : 0),
        };
    }

    private static Span<double> Take(Span<double> flat, scoped ref int at, int length)
    {
        Span<double> part = flat.Slice(at, length);
        at += length;
        return part;
    }
}
