using System.Numerics;
using Unroll.Cells;
using Unroll.Inputs;
using Unroll.Remedies;

namespace Unroll.Kernels;

/// <summary>One layer of <see cref="ReferenceKernel{T}"/>: the cell's own equations, unit by unit, between plain sums.</summary>
internal sealed unsafe partial class ReferenceLayer<T>(NetworkShape shape, int index)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LayerShape _layer = shape.Layers[index];
    private readonly int _h = shape.Layers[index].Hidden;
    private readonly int _inputs = shape.InputsOf(index);
    private readonly int _stateOffset = shape.Layers.Take(index).Sum(layer => layer.StateWidth);
    private readonly ICell _cell = shape.Layers[index].Definition;
    private double[] _inputWeights = [];
    private double[] _recurrentWeights = [];
    private double[] _bias = [];
    private double[][] _vectors = [];
    private double[] _initial = [];

    private CellLayout Layout => _cell.Layout;

    public void Pack(Network<double> network)
    {
        _inputWeights = network.Parameter(ParameterBlock.Of("weight_ih", index)).ToArray();
        _recurrentWeights = network.Parameter(ParameterBlock.Of("weight_hh", index)).ToArray();
        _bias = network.Parameter(ParameterBlock.Of("bias", index)).ToArray();
        _vectors = [.. Layout.VectorNames.Select(name => network.Parameter(ParameterBlock.Of(name, index)).ToArray())];
        _initial = network.InitialState.ToArray();
        _gain = network.Parameter(ParameterBlock.Of("gain", index)).ToArray();
    }

    /// <summary>
    /// Every step of one row: each block is the sum of its bias, its input part and its recurrent part, in this order, or is
    /// normalized without the bias; then the cell is computed.
    /// </summary>
    public void Forward(Batch batch, Tape<T> tape, int r)
    {
        LayerTape<T> at = tape.Layers[index];
        var unit = new UnitBuffer<Real>(Layout);
        double[] u = new double[_inputs], noise = new double[Layout.Gates * _h], pre = new double[Layout.Blocks * _h];
        for (int part = 0; part < Layout.Parts; part++)
        {
            for (int j = 0; j < _h; j++)
            {
                int own = _stateOffset + (part * _h) + j;
                double learned = _initial.Length == 0 ? 0 : _initial[own];
                State(at, tape.Rows, part, 0, r, j) =
                    batch.Carry[r] ? tape.Carried[(r * tape.CarriedStride) + own] : T.CreateTruncating(learned);
            }
        }

        for (int t = 1; t <= tape.Steps; t++)
        {
            ReadInput(batch, tape, t - 1, r, u);
            DrawNoise(tape, t - 1, r, noise);
            for (int b = 0; b < Layout.Blocks; b++)
            {
                for (int j = 0; j < _h; j++)
                {
                    double x = b == Layout.VectorBlock && _vectors[0].Length > 0 && !_layer.LayerNorm ? _vectors[0][j] : 0;
                    for (int g = 0; g < Layout.Gates; g++) x = Layout.InputBlocks[g] == b ? AddInput(x, g, j, u) : x;
                    for (int g = 0; g < Layout.RecurrentGates; g++)
                        x = Layout.RecurrentBlocks[g] == b ? AddRecurrent(x, g, j, at, tape.Rows, Before(tape, t), r) : x;
                    pre[(b * _h) + j] = x;
                }
            }

            if (_layer.LayerNorm) Normalize(tape, t - 1, r, pre);
            for (int j = 0; j < _h; j++)
            {
                for (int b = 0; b < Layout.Blocks; b++)
                {
                    double x = pre[(b * _h) + j];
                    for (int g = 0; g < Layout.Gates; g++)
                        x += Layout.InputBlocks[g] == b ? noise[(g * _h) + j] : 0;
                    unit.Pre[b] = new Real(x);
                }

                for (int part = 0; part < Layout.Parts; part++)
                    unit.Before[part] = new Real(H(at, tape.Rows, part, Before(tape, t), r, j));
                LoadVectors(j, unit);
                _cell.Step(_layer, unit.Unit);
                for (int part = 0; part < Layout.Parts; part++)
                    State(at, tape.Rows, part, t, r, j) =
                        t > batch.Lengths[r] ? T.Zero : T.CreateTruncating(unit.After[part].Value);
                for (int kept = 0; !Layout.InPlace && kept < Layout.Kept; kept++)
                    at.Gates[((((t - 1) * tape.Rows) + r) * at.GateStride) + (kept * _h) + j] =
                        T.CreateTruncating(unit.Kept[kept].Value);
            }
        }

        for (int part = 0; part < Layout.Parts; part++)
        {
            for (int j = 0; j < _h; j++)
                tape.Carried[(r * tape.CarriedStride) + _stateOffset + (part * _h) + j] = State(
                    at, tape.Rows, part, batch.Lengths[r] - shape.Branches, r, j);
        }
    }

    /// <summary>The step from whose state step t starts.</summary>
    private int Before(Tape<T> tape, int t) => shape.Before(t, tape.Steps);

    /// <remarks>
    /// a_t = dE/ds_t = (what enters from above) + (the cell's direct part of a_{t+1}) + d_{t+1} W_hh; d_t is the cell's
    /// vector-Jacobian product. Into the state before branches flows what comes from each of them, and into theirs nothing.
    /// </remarks>
    public void Backward(Tape<T> tape, int r, Func<int, double[]> entering)
    {
        LayerTape<T> at = tape.Layers[index];
        var unit = new UnitBuffer<Real>(Layout);
        var back = new double[Layout.Parts * _h];
        int chain = tape.Steps - shape.Branches;
        for (int t = tape.Steps; t >= 0; t--)
        {
            double[] own = entering(t), before = t <= chain ? back : new double[Layout.Parts * _h];
            if (t <= chain) back = new double[Layout.Parts * _h];
            var signal = new double[Layout.Parts * _h];
            for (int i = 0; i < _h; i++)
            {
                for (int part = 0; part < Layout.Parts; part++)
                {
                    double a = (part == 0 ? own[i] : 0) + before[(part * _h) + i];
                    for (int k = t; part == 0 && t <= chain && k < (t < chain ? t + 1 : tape.Steps); k++)
                        a = AddFlow(a, at, tape.Rows, k, r, i);
                    at.StateGradients[Index(at, tape.Rows, part, t, r, i)] = T.CreateTruncating(a);
                    signal[(part * _h) + i] = a;
                }
            }

            if (t == 0) continue;
            if (tape.TemporalClip is { } clip)
            {
                clip.Apply(signal.AsSpan(0, _h), signal.AsSpan(_h), default, tape.Rows);
                for (int i = 0; i < signal.Length; i++)
                    at.StateGradients[Index(at, tape.Rows, i / _h, t, r, i % _h)] = T.CreateTruncating(signal[i]);
            }

            for (int i = 0; i < _h; i++)
            {
                for (int part = 0; part < Layout.Parts; part++) unit.Signal[part] = new Real(signal[(part * _h) + i]);
                Load(tape, at, t, r, i, unit);
                _cell.Pull(_layer, unit.Unit);
                for (int part = 0; part < Layout.Parts; part++) back[(part * _h) + i] += unit.Back[part].Value;
                for (int b = 0; b < Layout.Blocks; b++)
                    at.PreGradients[((((t - 1) * tape.Rows) + r) * at.SignalStride) + (b * _h) + i] =
                        T.CreateTruncating(unit.PreSignal[b].Value);
            }

            if (_layer.LayerNorm) PullNormalization(tape, t - 1, r);
        }
    }

    /// <summary>dE/d(the layer below's h_t), t from 1: dE/dx_t W_ih, times the mask.</summary>
    public double[] SignalBelow(Tape<T> tape, int t, int r)
    {
        var signal = new double[_inputs];
        if (t == 0) return signal;
        LayerTape<T> at = tape.Layers[index];
        double[] mask = Mask(tape, t - 1, r);
        for (int i = 0; i < _inputs; i++)
        {
            for (int g = 0; g < Layout.Gates; g++)
            {
                for (int j = 0; j < _h; j++)
                    signal[i] += D(at, tape.Rows, Layout.InputBlocks[g], t - 1, r, j)
                        * _inputWeights[(((g * _h) + j) * _inputs) + i];
            }

            signal[i] *= mask[i];
        }

        return signal;
    }

    public void OmegaNorms(Tape<T> tape, OmegaForm form, int r)
    {
        LayerTape<T> at = tape.Layers[index];
        bool onX = form == OmegaForm.Paper && _layer.IsOnPreActivations;
        var unit = new UnitBuffer<Real>(Layout);
        for (int k = 0; k < tape.Steps; k++)
        {
            double signal = 0, flow = 0;
            for (int i = 0; i < _h; i++)
            {
                Load(tape, at, k + 1, r, i, unit);
                for (int part = 0; part < Layout.Parts; part++) unit.Signal[part] = new Real(A(at, tape.Rows, part, k + 1, r, i));
                _cell.Pull(_layer, unit.Unit);
                double p = AddFlow(unit.Back[0].Value, at, tape.Rows, k, r, i);

                // For a last-step head the flow is dE/dh_k itself, which also includes the part from the cost where a row ends.
                if (!at.FlowIsState) at.Flow[Index(at, tape.Rows, 0, k, r, i)] = T.CreateTruncating(p);
                double a = onX ? D(at, tape.Rows, 0, k, r, i) : A(at, tape.Rows, 0, k + 1, r, i);
                double v = onX ? p * Slope(at, tape.Rows, k, r, i) : p;
                signal += a * a;
                flow += v * v;
                for (int part = 1; part < Layout.Parts; part++)
                {
                    double before = A(at, tape.Rows, part, k, r, i), after = A(at, tape.Rows, part, k + 1, r, i);
                    signal += after * after;
                    flow += before * before;
                }
            }

            bool exists = form == OmegaForm.Code || k > 0;
            at.SignalSquared[(k * tape.Rows) + r] = exists ? signal : 0;
            at.FlowSquared[(k * tape.Rows) + r] = exists ? flow : 0;
        }
    }

    public void OmegaRight(Tape<T> tape, OmegaForm form, bool withStates, int r)
    {
        LayerTape<T> at = tape.Layers[index];
        bool onX = form == OmegaForm.Paper && _layer.IsOnPreActivations;
        for (int k = 0; k < tape.Steps; k++)
        {
            for (int i = 0; i < _h; i++)
            {
                int here = Index(at, tape.Rows, 0, k, r, i);
                double slope = onX ? Slope(at, tape.Rows, k, r, i) : 1;
                double right = at.Coefficients[(k * tape.Rows) + r] * double.CreateTruncating(at.Flow[here]) * slope * slope;
                at.Right[here] = T.CreateTruncating(right + (withStates ? H(at, tape.Rows, 0, k, r, i) : 0));
            }
        }
    }

    /// <summary>Adds the part of entry (k, r) to the sum of one of the layer's parameters.</summary>
    public void AddGradient(Batch batch, Tape<T> tape, ParameterBlock block, bool useRight, int k, int r, Span<double> sum)
    {
        ParameterRole role = block.Role;
        LayerTape<T> at = tape.Layers[index];
        if (_layer.LayerNorm && AddNormalizationGradient(tape, block, k, r, sum)) return;
        var u = new double[_inputs];
        if (role == ParameterRole.InputWeights) ReadInput(batch, tape, k, r, u);
        for (int g = 0; g < Layout.Gates && role != ParameterRole.CellVector; g++)
        {
            for (int j = 0; j < _h; j++)
            {
                int row = (g * _h) + j;
                double d = D(
                    at, tape.Rows, role == ParameterRole.RecurrentWeights ? Layout.RecurrentBlocks[g]
                        : Layout.InputBlocks[g], k, r, j);
                if (role == ParameterRole.HiddenBias) sum[row] += d;
                for (int i = 0; role == ParameterRole.InputWeights && i < _inputs; i++) sum[(row * _inputs) + i] += d * u[i];
                for (int i = 0; role == ParameterRole.RecurrentWeights && i < _h; i++)
                    sum[(row * _h) + i] += d * (
                        useRight ? double.CreateTruncating(at.Right[Index(at, tape.Rows, 0, k, r, i)])
                            : H(at, tape.Rows, 0, Before(tape, k + 1), r, i));
            }
        }

        if (role != ParameterRole.CellVector) return;
        int vector = Array.FindIndex(Layout.VectorNames, name => ParameterBlock.Of(name, index) == block.Name);
        var unit = new UnitBuffer<Real>(Layout);
        for (int j = 0; j < _h; j++)
        {
            Load(tape, at, k + 1, r, j, unit);
            for (int part = 0; part < Layout.Parts; part++) unit.Signal[part] = new Real(A(at, tape.Rows, part, k + 1, r, j));
            _cell.Pull(_layer, unit.Unit);
            sum[j] += Layout.VectorBlock >= 0 ? D(at, tape.Rows, Layout.VectorBlock, k, r, j) : unit.VectorSignal[vector].Value;
        }
    }

    /// <summary>Adds a row's part of the gradient of the learned initial state.</summary>
    public void AddInitial(Tape<T> tape, int r, Span<double> sum)
    {
        LayerTape<T> at = tape.Layers[index];
        for (int part = 0; part < Layout.Parts; part++)
        {
            for (int i = 0; i < _h; i++) sum[_stateOffset + (part * _h) + i] += A(at, tape.Rows, part, 0, r, i);
        }
    }

    private double AddInput(double x, int gate, int j, double[] u)
    {
        int row = (gate * _h) + j;
        x += _bias.Length == 0 || _layer.LayerNorm ? 0 : _bias[row];
        for (int i = 0; i < _inputs; i++) x += _inputWeights[(row * _inputs) + i] * u[i];
        return x;
    }

    private double AddRecurrent(double x, int gate, int j, LayerTape<T> at, int rows, int t, int r)
    {
        for (int i = 0; i < _h; i++) x += _recurrentWeights[(((gate * _h) + j) * _h) + i] * H(at, rows, 0, t, r, i);
        return x;
    }

    private double AddFlow(double a, LayerTape<T> at, int rows, int k, int r, int i)
    {
        for (int g = 0; g < Layout.RecurrentGates; g++)
        {
            for (int j = 0; j < _h; j++)
                a += D(at, rows, Layout.RecurrentBlocks[g], k, r, j) * _recurrentWeights[(((g * _h) + j) * _h) + i];
        }

        return a;
    }

    /// <summary>Loads what step t (from 1) of a unit kept, and the states before and after it.</summary>
    private void Load(Tape<T> tape, LayerTape<T> at, int t, int r, int j, UnitBuffer<Real> unit)
    {
        for (int kept = 0; kept < Layout.Kept; kept++)
        {
            double value = Layout.InPlace
                ? H(at, tape.Rows, 0, t, r, j)
                : double.CreateTruncating(at.Gates[((((t - 1) * tape.Rows) + r) * at.GateStride) + (kept * _h) + j]);
            unit.Kept[kept] = new Real(value);
            unit.Slopes[kept] = new Real(Real.SlopeOfValue(_cell.ActivationOf(_layer, kept), value));
        }

        for (int part = 0; part < Layout.Parts; part++)
            unit.Before[part] = new Real(H(at, tape.Rows, part, Before(tape, t), r, j));
        LoadVectors(j, unit);
    }

    private void LoadVectors(int j, UnitBuffer<Real> unit)
    {
        for (int v = 0; v < _vectors.Length; v++) unit.Vectors[v] = new Real(_vectors[v].Length == 0 ? 0 : _vectors[v][j]);
    }

    private void ReadInput(Batch batch, Tape<T> tape, int t, int r, double[] u)
    {
        double[] mask = Mask(tape, t, r);
        if (index == 0) InputVector.Read(batch, t, r, u.AsSpan(0, _inputs));
        else
        {
            for (int i = 0; i < _inputs; i++) u[i] = H(tape.Layers[index - 1], tape.Rows, 0, t + 1, r, i);
        }

        for (int i = 0; i < _inputs; i++) u[i] *= mask[i];
    }

    private double[] Mask(Tape<T> tape, int step, int r)
    {
        var mask = new double[_inputs];
        if (tape.Noise.RateInto(index) > 0) tape.Noise.FillMask<double>(tape.Noise.RateInto(index), index, r, step, mask);
        else Array.Fill(mask, 1);
        return mask;
    }

    private void DrawNoise(Tape<T> tape, int step, int r, double[] noise)
    {
        Array.Clear(noise);
        for (int g = 0; g < Layout.Gates; g++)
        {
            Span<double> gate = noise.AsSpan(g * _h, _h);
            if (tape.Noise.StateDeviation > 0) tape.StateNoise.AddTo(gate, index, g, r, step);
            if (tape.Noise.BiasDeviation > 0) tape.BiasNoise.AddTo(gate, index, g, r, step: 0); // the same at every step
        }
    }

    private double Slope(LayerTape<T> at, int rows, int k, int r, int i) =>
        Real.SlopeOfValue(_layer.Activation, H(at, rows, 0, k, r, i));

    private static int Index(LayerTape<T> at, int rows, int part, int t, int r, int i) =>
        (int)(part * at.PartLength) + (((t * rows) + r) * at.StateStride) + i;

    private static ref T State(LayerTape<T> at, int rows, int part, int t, int r, int i) =>
        ref at.States[Index(at, rows, part, t, r, i)];

    private static double H(LayerTape<T> at, int rows, int part, int t, int r, int i) =>
        double.CreateTruncating(State(at, rows, part, t, r, i));

    private static double A(LayerTape<T> at, int rows, int part, int t, int r, int i) =>
        double.CreateTruncating(at.StateGradients[Index(at, rows, part, t, r, i)]);

    /// <summary>dE/dx_{k+1} of a block.</summary>
    private static double D(LayerTape<T> at, int rows, int block, int k, int r, int i) =>
        double.CreateTruncating(at.PreGradients[(((k * rows) + r) * at.SignalStride) + (block * at.BlockWidth) + i]);
}
