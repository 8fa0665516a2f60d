using Unroll.Cells;
using Unroll.Heads;
using Unroll.Inputs;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// One sequence's pass through a network, and the derivatives of that pass along a direction of the parameters. R{.} below
/// is the derivative along that direction (Pearlmutter's notation): R{x_t} = V h_{t-1} + W R{h_{t-1}} + V_in u_t + v_b, and
/// so on. This file has the passes themselves; their derivatives along a direction are in RowTape.Directions.cs, what the
/// head reads of several states in RowTape.Reading.cs.
/// </summary>
internal sealed partial class RowTape
{
    private readonly NetworkShape _shape;
    private readonly IHeadCost _cost;
    private readonly ScalarLayer[] _layers;
    private readonly int _o;
    private readonly int _s;
    private readonly double[] _inputs; // (T, I)
    private readonly double[] _states; // (T + 1, S)
    private readonly double[] _stateGradients; // (T + 1, S)
    private readonly double[] _stateR; // (T + 1, S)
    private readonly double[] _signalR; // (T + 1, S)
    private readonly double[][] _pre; // by layer (T + 1, blocks): x_t, from t = 1
    private readonly double[][] _preGradients; // the same for dE/dx_t
    private readonly double[][] _preR;
    private readonly double[] _outputs; // (T, O): y_t, or what the head writes over it
    private readonly double[] _outputSlopes; // (T, O): dE_t/dy_t
    private readonly double[] _outputR; // (T, O)
    private readonly double[] _weights; // (T): the weight of E_t in E; 0 where nothing is predicted

    public RowTape(Network<double> network, Batch batch, int row, CostReduction reduction)
    {
        _shape = network.Shape;
        _cost = HeadTable.Of(_shape);
        _layers = [.. Enumerable.Range(0, _shape.Layers.Count).Select(l => new ScalarLayer(_shape, l))];
        (_o, _s) = (_shape.Outputs, _shape.StateWidth);
        Length = batch.Lengths[row];
        _inputs = new double[Length * _shape.Inputs];
        (_states, _stateGradients) = (new double[(Length + 1) * _s], new double[(Length + 1) * _s]);
        (_stateR, _signalR) = (new double[(Length + 1) * _s], new double[(Length + 1) * _s]);
        (_pre, _preGradients, _preR) = (ByLayer(), ByLayer(), ByLayer());
        (_outputs, _outputSlopes, _outputR) = (new double[Length * _o], new double[Length * _o], new double[Length * _o]);
        _weights = new double[Length];
        if (Pools) (_read, _readR, _winners) = (new double[Length * H], new double[Length * H], new int[Length * H]);
        int predicted = Enumerable.Range(0, Length).Count(t => batch.IsPredicted(t, row));
        double weight = (reduction == CostReduction.Mean && predicted > 0 ? 1.0 / predicted : 1) / batch.Rows;
        for (int t = 0; t < Length; t++)
        {
            _weights[t] = batch.IsPredicted(t, row) ? weight * batch.TargetWeight(t, row) : 0;
            InputVector.Read(batch, t, row, Input(t));
        }

        Forward(network);
        for (int t = 0; t < Length; t++) Cost += StepCost(batch, t, row) * _weights[t] * batch.Rows;
    }

    /// <summary>T, the sequence's own length.</summary>
    public int Length { get; }

    /// <summary>The row's cost, reduced over its steps.</summary>
    public double Cost { get; }

    /// <summary>Backpropagation through time; adds dE/dtheta of this row.</summary>
    public void Backward(Network<double> network, double[] gradient)
    {
        Array.Clear(_stateGradients);
        Backward(network, gradient, _outputSlopes, _stateGradients, _preGradients);
    }

    /// <summary>Backpropagation of any dE_t/dy_t.</summary>
    private void Backward(
        Network<double> network, Span<double> gradient, double[] outputSlopes, double[] signals, double[][] preSignals)
    {
        Span<double> flat = network.Parameters;
        Span<double> outputWeights = network.Slice(gradient, ParameterBlock.OutputWeights), outputBias = network.Slice(
            gradient, ParameterBlock.OutputBias);
        var weighted = new double[_o];
        for (int t = Length; t >= 1; t--)
        {
            if (_weights[t - 1] != 0)
            {
                for (int o = 0; o < _o; o++) weighted[o] = Output(outputSlopes, t - 1)[o] * _weights[t - 1];
                AddFromOutputs(signals, t, network.OutputWeights, weighted);
                Vectors.AddOuter(outputWeights, weighted, Read(t));
                Vectors.Add(outputBias, 1, weighted.AsSpan(0, outputBias.Length));
            }

            for (int l = _layers.Length - 1; l >= 0; l--)
            {
                ScalarLayer layer = _layers[l];
                Span<double> d = Pre(preSignals, l, t), before = State(_states, Before(t), l);
                Span<double> back = State(signals, Before(t), l);
                layer.Pull(flat, Pre(_pre, l, t), before, State(signals, t, l), d, back, gradient);
                layer.AddFlow(flat, d, back[..layer.Units]);
                if (l > 0) layer.AddInputSignal(flat, d, Hidden(signals, t, l - 1));
                layer.AddGradient(gradient, d, InputOf(t, l), before[..layer.Units]);
                layer.AddBiasGradient(gradient, d);
            }
        }

        Span<double> initial = network.Slice(gradient, ParameterBlock.InitialState);
        Vectors.Add(initial, 1, signals.AsSpan(0, initial.Length));
    }

    private void Forward(Network<double> network)
    {
        Span<double> flat = network.Parameters;
        network.InitialState.CopyTo(_states);
        for (int t = 1; t <= Length; t++)
        {
            for (int l = 0; l < _layers.Length; l++)
            {
                ScalarLayer layer = _layers[l];
                Span<double> x = Pre(_pre, l, t), before = State(_states, Before(t), l);
                layer.AddBias(flat, x);
                layer.AddInput(flat, InputOf(t, l), x);
                layer.AddRecurrent(flat, before[..layer.Units], x);
                layer.Step(flat, x, before, State(_states, t, l));
            }

            if (Pools) Pool(t);
            Span<double> y = Output(_outputs, t - 1);
            network.OutputBias.CopyTo(y);
            Vectors.AddProduct(y, network.OutputWeights, Read(t));
        }
    }

    /// <summary>
    /// The cost of a step, and dE_t/dy_t. With a head at the last step every step has the sequence's target.
    /// </summary>
    private double StepCost(Batch batch, int t, int row)
    {
        Span<double> y = Output(_outputs, t);
        if (_shape.PredictsEveryStep ? _weights[t] == 0 : !_cost.HasTarget(batch, t, row)) return 0;
        double cost = _cost.Cost(y, batch, t, row);
        _cost.Linearize(y, batch, t, row, Output(_outputSlopes, t));
        return cost;
    }

    /// <summary>The step from whose state step t starts.</summary>
    private int Before(int t) => _shape.Before(t, Length);

    private double[][] ByLayer() => [.. _layers.Select(layer => new double[(Length + 1) * layer.PreWidth])];

    private Span<double> Input(int t) => _inputs.AsSpan(t * _shape.Inputs, _shape.Inputs);

    /// <summary>The input of a layer at step t, from 1.</summary>
    private Span<double> InputOf(int t, int layer) => layer == 0 ? Input(t - 1) : Hidden(_states, t, layer - 1);

    private Span<double> State(double[] array, int t, int layer) =>
        array.AsSpan((t * _s) + _layers[layer].StateOffset, _layers[layer].StateWidth);

    private Span<double> Hidden(double[] array, int t, int layer) =>
        array.AsSpan((t * _s) + _layers[layer].StateOffset, _layers[layer].Units);

    private Span<double> Pre(double[][] arrays, int layer, int t) =>
        arrays[layer].AsSpan(t * _layers[layer].PreWidth, _layers[layer].PreWidth);

    private Span<double> Output(double[] array, int t) => array.AsSpan(t * _o, _o);
}
