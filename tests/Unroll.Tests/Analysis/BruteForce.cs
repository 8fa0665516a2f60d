using Unroll.Analysis;

namespace Unroll.Tests.Analysis;

/// <summary>The terms of equations 3 to 5 multiplied out, matrix by matrix, in double: slow and simple.</summary>
internal sealed class BruteForce(UnrolledNetwork<double> unrolled, Batch batch)
{
    private readonly Network<double> _network = unrolled.Network;
    private readonly NetworkShape _shape = unrolled.Network.Shape;

    /// <summary>dx_i/dx_{i-1} = W_rec diag(sigma'(x_{i-1})); for i = 1 dx_1/dh_0 = W_rec.</summary>
    public double[,] Jacobian(int i, int row)
    {
        int h = _shape.Hidden;
        var jacobian = new double[h, h];
        for (int j = 0; j < h; j++)
        {
            for (int l = 0; l < h; l++)
                jacobian[j, l] = _network.RecurrentWeights[(j * h) + l]
                    * (i == 1 ? 1 : _shape.Activation.Slope(unrolled.State(i - 1, row)[l]));
        }

        return jacobian;
    }

    /// <summary>dx_t/dx_k, the product of the Jacobians.</summary>
    public double[,] Product(int t, int k, int row)
    {
        int h = _shape.Hidden;
        var product = new double[h, h];
        for (int j = 0; j < h; j++) product[j, j] = 1;
        for (int i = k + 1; i <= t; i++) product = Multiply(Jacobian(i, row), product);
        return product;
    }

    /// <summary>dE_t/dx_t of the sequence's own cost.</summary>
    public double[] Error(int t, int row)
    {
        int h = _shape.Hidden;
        var error = new double[h];
        ReadOnlySpan<double> dy = unrolled.OutputGradient(t - 1, row);
        for (int j = 0; j < h; j++)
        {
            for (int o = 0; o < _shape.Outputs; o++) error[j] += batch.Rows * dy[o] * _network.OutputWeights[(o * h) + j];
            error[j] *= _shape.Activation.Slope(unrolled.State(t, row)[j]);
        }

        return error;
    }

    /// <summary>dE_t/dx_k = dE_t/dx_t dx_t/dx_k.</summary>
    public double[] Signal(int t, int k, int row)
    {
        double[,] product = Product(t, k, row);
        double[] error = Error(t, row), signal = new double[_shape.Hidden];
        for (int l = 0; l < signal.Length; l++)
        {
            for (int j = 0; j < signal.Length; j++) signal[l] += error[j] * product[j, l];
        }

        return signal;
    }

    /// <summary>Adds (dE_t/dx_t)(dx_t/dx_k)(d+x_k/dtheta) to a gradient in the flat layout.</summary>
    public void AddComponent(int t, int k, int row, Span<double> gradient, double scale = 1)
    {
        double[] signal = Signal(t, k, row);
        foreach (ParameterBlock block in _network.Blocks)
        {
            for (int j = 0; j < _shape.Hidden; j++)
            {
                for (int i = 0; block.Name == ParameterBlock.RecurrentWeights && i < _shape.Hidden; i++)
                    gradient[block.Offset + (j * block.Columns) + i] += scale * signal[j] * unrolled.State(k - 1, row)[i];
                for (int i = 0; block.Name == ParameterBlock.InputWeights && i < _shape.Inputs; i++)
                    gradient[block.Offset + (j * block.Columns) + i] += scale * signal[j] * Input(k - 1, row, i);
                if (block.Name == ParameterBlock.HiddenBias) gradient[block.Offset + j] += scale * signal[j];
            }
        }
    }

    private double Input(int step, int row, int i) => batch.Encoding switch
    {
        InputEncoding.OneHot => batch.Symbol(step, row) == i ? 1 : 0,
        InputEncoding.MultiHot => (batch.Bits(step, row)[i / 64] >> (i % 64)) & 1,
        _ => batch.Dense(step, row)[i],
    };

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        int n = a.GetLength(0);
        var c = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                for (int j = 0; j < n; j++) c[i, j] += a[i, k] * b[k, j];
            }
        }

        return c;
    }
}
