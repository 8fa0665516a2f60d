using System.Numerics;
using Unroll.Cells;
using Unroll.Inputs;

namespace Unroll.Analysis;

/// <summary>
/// The Jacobians of single steps along the sequences of a forward pass: dx_i/dx_{i-1} of one plain layer, ds_i/ds_{i-1} of the
/// whole carried
/// state of other networks.
/// </summary>
internal sealed class StepJacobians<T>(UnrolledNetwork<T> unrolled)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ScalarNetwork? _map = unrolled.Network.Shape.IsOnPreActivations ? null
        : new ScalarNetwork(unrolled.Network.Convert<double>());
    private readonly double[] _input = new double[unrolled.Network.Shape.Inputs];

    /// <summary>(S, S), row-major, of the step to i, 2..T of the row.</summary>
    public double[] Of(int row, int i)
    {
        if (_map is not null)
        {
            InputVector.Read(unrolled.LastBatch, i - 1, row, _input);
            return _map.Jacobian(_input, [.. unrolled.WholeState(i - 1, row).Select(x => double.CreateTruncating(x))]);
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
}
