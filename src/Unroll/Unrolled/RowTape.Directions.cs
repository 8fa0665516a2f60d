using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll;

internal sealed partial class RowTape
{
    /// <summary>Adds this row's part of H v: the derivative of the backward pass along v.</summary>
    public void HessianTimes(Network<double> network, Network<double> v, Span<double> result)
    {
        ForwardR(network, v);
        Array.Clear(_signalR);
        Span<double> flat = network.Parameters, direction = v.Parameters;
        Span<double> outputWeights = network.Slice(result, ParameterBlock.OutputWeights), outputBias = network.Slice(
            result, ParameterBlock.OutputBias);
        int last = _layers.Length - 1;
        double[] dy = new double[_o], rdy = new double[_o];
        for (int t = Length; t >= 1; t--)
        {
            if (_weights[t - 1] != 0)
            {
                _cost.CurvatureTimes(Output(_outputs, t - 1), Output(_outputR, t - 1), rdy);
                for (int o = 0; o < _o; o++)
                    (dy[o], rdy[o]) = (Output(_outputSlopes, t - 1)[o] * _weights[t - 1], rdy[o] * _weights[t - 1]);
                AddFromOutputs(_signalR, t, v.OutputWeights, dy);
                AddFromOutputs(_signalR, t, network.OutputWeights, rdy);
                Vectors.AddOuter(outputWeights, rdy, Read(t));
                Vectors.AddOuter(outputWeights, dy, ReadR(t));
                Vectors.Add(outputBias, 1, rdy.AsSpan(0, outputBias.Length));
            }

            for (int l = last; l >= 0; l--)
            {
                ScalarLayer layer = _layers[l];
                var rd = new double[layer.PreWidth];
                Span<double> d = Pre(_preGradients, l, t), back = State(_signalR, Before(t), l);
                Span<double> before = State(_states, Before(t), l), beforeR = State(_stateR, Before(t), l);
                layer.PullR(
                    flat, direction, Pre(_pre, l, t), Pre(_preR, l, t), before, beforeR, State(_stateGradients, t, l),
                    State(_signalR, t, l), rd, back, result);
                layer.AddFlow(direction, d, back[..layer.Units]);
                layer.AddFlow(flat, rd, back[..layer.Units]);
                layer.AddGradient(result, rd, InputOf(t, l), before[..layer.Units]);
                layer.AddGradient(result, d, InputR(t, l), beforeR[..layer.Units]);
                layer.AddBiasGradient(result, rd);
                if (l == 0) continue;
                layer.AddInputSignal(direction, d, Hidden(_signalR, t, l - 1));
                layer.AddInputSignal(flat, rd, Hidden(_signalR, t, l - 1));
            }
        }

        Span<double> initial = network.Slice(result, ParameterBlock.InitialState);
        Vectors.Add(initial, 1, _signalR.AsSpan(0, initial.Length));
    }

    /// <summary>
    /// Adds this row's part of J^T (d2E/dy2) J v, the Gauss-Newton approximation of H v: the curvature of the cost alone; and
    /// <paramref name="structural"/> times that of how far the hidden states move (see
    /// <see cref="UnrolledNetwork{T}.CurvatureTimes"/>).
    /// </summary>
    public void GaussNewtonTimes(Network<double> network, Network<double> v, Span<double> result, double structural = 0)
    {
        ForwardR(network, v);
        Array.Clear(_signalR);
        for (int t = 1; structural != 0 && t <= Length; t++)
        {
            // What is added to dE/dh_t is multiplied by sigma'(x_t) on its way to a plain layer's dE/dx_t.
            for (int l = 0; l < _layers.Length; l++)
            {
                bool onX = _layers[l].Layout.InPlace && !_layers[l].IsNormalized;
                Vectors.Add(Hidden(_signalR, t, l), structural, onX ? Pre(_preR, l, t) : Hidden(_stateR, t, l));
            }
        }

        var slopes = new double[_outputs.Length];
        for (int t = 0; t < Length; t++)
        {
            if (_weights[t] != 0) _cost.CurvatureTimes(Output(_outputs, t), Output(_outputR, t), Output(slopes, t));
        }

        Backward(network, result, slopes, _signalR, ByLayer());
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

    private void ForwardR(Network<double> network, Network<double> v)
    {
        Span<double> flat = network.Parameters, direction = v.Parameters;
        Array.Clear(_stateR);
        v.InitialState.CopyTo(_stateR);
        int last = _layers.Length - 1;
        for (int t = 1; t <= Length; t++)
        {
            for (int l = 0; l <= last; l++)
            {
                ScalarLayer layer = _layers[l];
                Span<double> rx = Pre(_preR, l, t), before = State(_states, Before(t), l), beforeR = State(_stateR, Before(t), l);
                rx.Clear();
                layer.AddBias(direction, rx);
                layer.AddInput(direction, InputOf(t, l), rx);
                layer.AddRecurrent(direction, before[..layer.Units], rx);
                layer.AddRecurrent(flat, beforeR[..layer.Units], rx);
                if (l > 0) layer.AddInput(flat, InputR(t, l), rx);
                layer.Step(flat, direction, Pre(_pre, l, t), rx, before, beforeR, State(_stateR, t, l));
            }

            if (Pools) PoolR(t);
            Span<double> ry = Output(_outputR, t - 1);
            ry.Clear();
            v.OutputBias.CopyTo(ry);
            Vectors.AddProduct(ry, v.OutputWeights, Read(t));
            Vectors.AddProduct(ry, network.OutputWeights, ReadR(t));
        }
    }

    /// <summary>R{input of a layer}; the network's inputs do not depend on parameters.</summary>
    private Span<double> InputR(int t, int layer) => layer == 0 ? new double[_shape.Inputs] : Hidden(_stateR, t, layer - 1);
}
