using System.Numerics;
using Unroll.Cells;
using Unroll.Inputs;
using Unroll.Numerics;

namespace Unroll.Analysis;

/// <summary>
/// The Jacobians of single steps along the sequences of a forward pass: dx_i/dx_{i-1} of one plain layer, ds_i/ds_{i-1} of the
/// whole state of other networks.
/// </summary>
internal sealed class StepJacobians<T>(UnrolledNetwork<T> unrolled)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ScalarNetwork? _map = unrolled.Network.Shape.IsOnPreActivations ? null
        : new ScalarNetwork(unrolled.Network.Convert<double>());
    private readonly double[] _input = new double[unrolled.Network.Shape.Inputs];

    /// <summary>Multiplies each of n vectors, (n, S), by the Jacobian of the step to i, 2..T of the row, in place.</summary>
    public void Times(int row, int i, Span<double> vectors)
    {
        if (_map is not null)
        {
            InputVector.Read(unrolled.LastBatch, i - 1, row, _input);
            _map.JacobianTimes(_input, StateBefore(row, i), vectors);
            return;
        }

        double[] jacobian = Of(row, i);
        int s = unrolled.Network.Shape.StateWidth;
        var next = new double[s];
        for (int from = 0; from < vectors.Length; from += s)
        {
            Array.Clear(next);
            Vectors.AddProduct(next, jacobian, vectors.Slice(from, s));
            next.CopyTo(vectors[from..]);
        }
    }

    /// <summary>The Jacobian of the step to i, 2..T of the row: (S, S), row-major.</summary>
    public double[] Of(int row, int i)
    {
        if (_map is not null)
        {
            InputVector.Read(unrolled.LastBatch, i - 1, row, _input);
            return _map.Jacobian(_input, StateBefore(row, i));
        }

        int h = unrolled.Network.Shape.Hidden;
        var jacobian = new double[h * h];
        ReadOnlySpan<T> state = unrolled.State(i - 1, row), weights = unrolled.Network.RecurrentWeights;
        for (int l = 0; l < h; l++)
        {
            double slope = unrolled.Network.Shape.Activation.Slope(double.CreateTruncating(state[l]));
            for (int j = 0; j < h; j++) jacobian[(j * h) + l] = double.CreateTruncating(weights[(j * h) + l]) * slope;
        }

        return jacobian;
    }

    private double[] StateBefore(int row, int i) => [.. unrolled.WholeState(i - 1, row).Select(x => double.CreateTruncating(x))];
}
