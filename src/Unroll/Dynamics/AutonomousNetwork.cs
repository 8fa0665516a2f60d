using System.Numerics;
using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Dynamics;

/// <summary>
/// A network without input as a map of its state, s_t = F(s_{t-1}): the map F~ of section 2.2 in the activation form, F(h) =
/// sigma(W_rec h + b) for a plain layer. The states where the map is slow or at rest, and its behaviour near them, determine what
/// the network can remember.
/// </summary>
/// <remarks>The state has the parts of all layers in order, h before c (<see cref="NetworkShape.StateWidth"/>).</remarks>
public sealed class AutonomousNetwork
{
    private readonly Network<double> _network;
    private readonly ScalarNetwork _map;
    private readonly int _s;

    /// <summary>Takes a copy of the network's parameters.</summary>
    public AutonomousNetwork(Network<double> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network.Convert<double>();
        _map = new ScalarNetwork(_network);
        _s = network.Shape.StateWidth;
    }

    /// <summary>
    /// The network that reads its own outputs, as a map of its state: with y_t = W_out h_t + b_out as the input of step t + 1,
    /// h_{t+1} = sigma((W_rec + W_in W_out) h_t + b + W_in b_out).
    /// </summary>
    /// <param name="network">One plain layer with as many real inputs as real outputs, predicted at every step.</param>
    /// <exception cref="ArgumentException">It is another network.</exception>
    public static AutonomousNetwork ClosedLoop(Network<double> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        NetworkShape shape = network.Shape;
        if (OutputFeedback<double>.Refusal(shape, 0) is { } refusal) throw new ArgumentException(refusal, nameof(network));
        if (!shape.IsOnePlainLayer || shape.Inputs != shape.Outputs)
            throw new ArgumentException(
                Invariant($"A loop is closed around one plain layer with as many outputs as inputs; this network has ")
                + Invariant($"{Counted.Of(shape.Layers.Count, "layer")}, {Counted.Of(shape.Inputs, "input")} and ")
                + Invariant($"{Counted.Of(shape.Outputs, "output")}."), nameof(network));
        int n = shape.Hidden, width = shape.Inputs;
        var closed = new Network<double>(shape with { Biases = true });
        ReadOnlySpan<double> into = network.InputWeights, back = network.Parameter(ParameterBlock.OutputWeights);
        ReadOnlySpan<double> recurrent = network.RecurrentWeights;
        Span<double> bias = closed.Parameter(ParameterBlock.HiddenBias);
        if (shape.Biases) network.Parameter(ParameterBlock.HiddenBias).CopyTo(bias);
        for (int j = 0; j < n; j++)
        {
            Span<double> row = closed.RecurrentWeights.Slice(j * n, n);
            recurrent.Slice(j * n, n).CopyTo(row);
            for (int o = 0; o < width; o++)
            {
                double weight = into[(j * width) + o];
                Vectors.Add(row, weight, back.Slice(o * n, n));
                if (shape.Biases) bias[j] += weight * network.Parameter(ParameterBlock.OutputBias)[o];
            }
        }

        return new AutonomousNetwork(closed);
    }

    /// <summary>S, the numbers of a state; H for one plain layer.</summary>
    public int Hidden => _s;

    /// <summary>F(s).</summary>
    /// <param name="state">s, (S).</param>
    /// <param name="next">Receives F(s), (S); it must not overlap <paramref name="state"/>.</param>
    /// <exception cref="ArgumentException">A length is not S.</exception>
    public void Apply(ReadOnlySpan<double> state, Span<double> next)
    {
        Check(state.Length);
        Check(next.Length);
        _map.Step([], state, next);
    }

    /// <summary>dF/ds, (S, S): row j, column i is the derivative of F_j with respect to s_i.</summary>
    /// <exception cref="ArgumentException">The length is not S.</exception>
    public double[] Jacobian(ReadOnlySpan<double> state)
    {
        Check(state.Length);
        return _map.Jacobian([], state);
    }

    /// <summary>The eigenvalues of <see cref="Jacobian"/>, by decreasing magnitude.</summary>
    /// <exception cref="ArgumentException">The length is not S.</exception>
    public Complex[] Eigenvalues(ReadOnlySpan<double> state) => HessenbergQr.Eigenvalues(Jacobian(state), _s);

    /// <summary>q(h) = |F(h) - h|^2 / 2 (Sussillo and Barak, 2013): 0 at a fixed point.</summary>
    /// <exception cref="ArgumentException">The length is not S.</exception>
    public double Speed(ReadOnlySpan<double> state)
    {
        var next = new double[_s];
        Apply(state, next);
        Vectors.Add(next, -1, state);
        return Vectors.Dot(next, next) / 2;
    }

    /// <summary>The states s_1 to s_T of a network on a sequence, s_0 first.</summary>
    /// <param name="batch">The batch; it fits the network.</param>
    /// <param name="row">The sequence.</param>
    /// <exception cref="ArgumentException">The batch does not fit, has no such row, or the row continues from an earlier
    /// state.</exception>
    public double[][] StatesOf(Batch batch, int row)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, batch.Rows);
        if (batch.Carry[row]) throw new ArgumentException(
            Invariant($"Row {row} of the batch continues from an earlier state; the states of a sequence begin with h_0."),
            nameof(batch));
        using var unrolled = new UnrolledNetwork<double>(_network);
        unrolled.Forward(batch, CostReduction.Sum);
        return [.. Enumerable.Range(0, batch.Lengths[row] + 1).Select(t => unrolled.WholeState(t, row))];
    }

    private void Check(int length)
    {
        if (length != _s) throw new ArgumentException(Invariant($"A state has {Counted.Of(length, "number")}; that of ")
            + Invariant($"the network has {_s}."));
    }
}
