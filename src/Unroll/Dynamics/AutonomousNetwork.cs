using System.Numerics;
using Unroll.Geometry;

namespace Unroll.Dynamics;

/// <summary>
/// A network without input as a map of its states, F(h) = sigma(W_rec h + b): the map F~ of section 2.2 in the activation form. Where
/// it is slow or at rest, and what it does there, is what the network can remember.
/// </summary>
public sealed class AutonomousNetwork
{
    private readonly Network<double> _network;
    private readonly int _h;

    /// <summary>Takes a copy of the network's parameters.</summary>
    public AutonomousNetwork(Network<double> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        (_network, _h) = (network.Convert<double>(), network.Shape.Hidden);
    }

    /// <summary>H.</summary>
    public int Hidden => _h;

    /// <summary>F(h).</summary>
    /// <param name="state">h, (H).</param>
    /// <param name="next">F(h), (H); not the same memory.</param>
    /// <exception cref="ArgumentException">A length is not H.</exception>
    public void Apply(ReadOnlySpan<double> state, Span<double> next)
    {
        Check(state.Length);
        Check(next.Length);
        next.Clear();
        _network.HiddenBias.CopyTo(next);
        Vectors.AddProduct(next, _network.RecurrentWeights, state);
        for (int i = 0; i < _h; i++) next[i] = UnitFunction.Value(_network.Shape.Activation, next[i]);
    }

    /// <summary>dF/dh, (H, H): row j, column i is the derivative of F_j by h_i.</summary>
    /// <exception cref="ArgumentException">The length is not H.</exception>
    public double[] Jacobian(ReadOnlySpan<double> state)
    {
        Check(state.Length);
        var x = new double[_h];
        _network.HiddenBias.CopyTo(x);
        Vectors.AddProduct(x, _network.RecurrentWeights, state);
        double[] jacobian = _network.RecurrentWeights.ToArray();
        for (int j = 0; j < _h; j++)
        {
            double slope = UnitFunction.Slope(_network.Shape.Activation, x[j]);
            foreach (ref double entry in jacobian.AsSpan(j * _h, _h)) entry *= slope;
        }

        return jacobian;
    }

    /// <summary>The eigenvalues of <see cref="Jacobian"/>, by decreasing magnitude.</summary>
    /// <exception cref="ArgumentException">The length is not H.</exception>
    public Complex[] Eigenvalues(ReadOnlySpan<double> state) => HessenbergQr.Eigenvalues(Jacobian(state), _h);

    /// <summary>q(h) = |F(h) - h|^2 / 2 (Sussillo and Barak, 2013): 0 at a fixed point.</summary>
    /// <exception cref="ArgumentException">The length is not H.</exception>
    public double Speed(ReadOnlySpan<double> state)
    {
        var next = new double[_h];
        Apply(state, next);
        Vectors.Add(next, -1, state);
        return Vectors.Dot(next, next) / 2;
    }

    /// <summary>The states h_1 to h_T of a network on a sequence, h_0 first.</summary>
    /// <param name="batch">The batch; it fits the network.</param>
    /// <param name="row">The sequence.</param>
    /// <exception cref="ArgumentException">The batch does not fit, has no such row, or the row carries on a state.</exception>
    public double[][] StatesOf(Batch batch, int row)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, batch.Rows);
        if (batch.Carry[row]) throw new ArgumentException($"Row {row} of the batch carries on a state; the states of a sequence begin with h_0.", nameof(batch));
        using var unrolled = new UnrolledNetwork<double>(_network);
        unrolled.Forward(batch, CostReduction.Sum);
        return [.. Enumerable.Range(0, batch.Lengths[row] + 1).Select(t => unrolled.State(t, row).ToArray())];
    }

    private void Check(int length)
    {
        if (length != _h) throw new ArgumentException($"A state has {length} numbers; the network has {_h} hidden units.");
    }
}
