using Unroll.Inputs;

namespace Unroll.Tests.Oracles;

/// <summary>
/// Every cell as in a textbook, one sequence at a time in plain loops. The parameters or the state can be changed at one step;
/// temporal components and error signals are the derivatives with respect to such changes.
/// </summary>
internal sealed class WrittenOut(NetworkShape shape, Batch batch, int row)
{
    /// <summary>Changes h and c (empty when the cell has no c) of a layer after step t, before anything reads them.</summary>
    public delegate void Move(int t, int layer, double[] h, double[] c);

    /// <summary>E_t of the steps 1..T, softmax at every step, not divided by the batch size.</summary>
    /// <param name="parametersAt">The flat parameters used at step t.</param>
    /// <param name="move">Called after each layer's step, or null.</param>
    public double[] Costs(Func<int, double[]> parametersAt, Move? move = null)
    {
        int layers = shape.Layers.Count;
        double[][] h = [.. shape.Layers.Select(layer => new double[layer.Hidden])],
            c = [.. shape.Layers.Select(layer => new double[Math.Max(layer.Hidden, layer.StateWidth - layer.Hidden)])];
        var costs = new double[batch.Lengths[row]];
        for (int t = 1; t <= costs.Length; t++)
        {
            double[] p = parametersAt(t), x = new double[shape.Inputs];
            InputVector.Read(batch, t - 1, row, x);
            for (int l = 0; l < layers; l++)
            {
                Step(l, p, x, h[l], c[l]);
                move?.Invoke(t, l, h[l], c[l]);
                x = [.. h[l]];
            }

            costs[t - 1] = batch.IsPredicted(t - 1, row) ? Cost(p, x, batch.Class(t - 1, row)) : 0;
        }

        return costs;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private double Cost(double[] p, double[] h, int label)
    {
        double[] y = Affine(p, "weight", "bias", h, shape.Outputs);
        return Math.Log(y.Sum(Math.Exp)) - y[label];
    }

    private void Step(int l, double[] p, double[] x, double[] h, double[] c)
    {
        LayerShape layer = shape.Layers[l];
        int n = layer.Hidden, gates = layer.Cell switch { CellKind.Lstm => 4, CellKind.Gru or CellKind.Lru => 3, _ => 1 };
        string bias = layer.LayerNorm ? "" : $"bias_l{l}";
        double[] a = Affine(p, $"weight_ih_l{l}", bias, x, gates * n), b = Affine(p, $"weight_hh_l{l}", "", h, gates * n);
        double[] own = Block(p, layer.Cell == CellKind.Gru ? $"bias_hn_l{l}" : $"leak_l{l}");
        if (layer.LayerNorm) Normalize(a, b, layer, Block(p, $"gain_l{l}"), Block(p, $"bias_l{l}"));
        for (int j = 0; j < n; j++)
        {
            double i = a[j] + b[j], last = h[j];
            double f = gates > 1 ? a[n + j] + b[n + j] : 0;
            switch (layer.Cell)
            {
                case CellKind.Lstm:
                    c[j] = (Logistic(f) * c[j]) + (Logistic(i) * Math.Tanh(a[(2 * n) + j] + b[(2 * n) + j]));
                    h[j] = Logistic(a[(3 * n) + j] + b[(3 * n) + j]) * Math.Tanh(c[j]);
                    break;
                case CellKind.Gru:
                    double candidate = Math.Tanh(
                        a[(2 * n) + j] + (Logistic(i) * (b[(2 * n) + j] + (own.Length > 0 ? own[j] : 0))));
                    h[j] = ((1 - Logistic(f)) * candidate) + (Logistic(f) * last);
                    break;
                case CellKind.Lru:
                    double Own(string name) => Block(p, $"{name}_l{l}")[j];
                    var pole = System.Numerics.Complex.FromPolarCoordinates(
                        Math.Exp(-Math.Exp(Own("nu_log"))), Math.Exp(Own("theta_log")));
                    System.Numerics.Complex z = (pole * new System.Numerics.Complex(c[j], c[n + j]))
                        + (Math.Exp(Own("gamma_log")) * new System.Numerics.Complex(a[j], a[n + j]));
                    (c[j], c[n + j]) = (z.Real, z.Imaginary);
                    h[j] = Sigma(layer.Activation, z.Real + a[(2 * n) + j]);
                    break;
                default:
                    double s = Sigma(layer.Activation, i);
                    double leak = own.Length > 0 ? Logistic(own[j]) : layer.Cell == CellKind.Leaky ? layer.Leak : 1;
                    h[j] = ((1 - leak) * last) + (leak * s);
                    break;
            }
        }
    }

    /// <summary>Each gate's sum of both parts; of a GRU's third gate each part alone, the second with the last gain.</summary>
    private static void Normalize(double[] a, double[] b, LayerShape layer, double[] gain, double[] bias)
    {
        int n = layer.Hidden;
        for (int g = 0; g * n < a.Length; g++)
        {
            bool apart = layer.Cell == CellKind.Gru && g == 2;
            double[] own = [.. Enumerable.Range(g * n, n).Select(i => a[i] + (apart ? 0 : b[i]))];
            double[] other = [.. Enumerable.Range(g * n, n).Select(i => b[i])];
            for (int j = 0; j < n; j++)
            {
                a[(g * n) + j] = (gain[(g * n) + j] * Standard(own, j)) + (bias.Length > 0 ? bias[(g * n) + j] : 0);
                b[(g * n) + j] = apart ? gain[(3 * n) + j] * Standard(other, j) : 0;
            }
        }
    }

    private static double Standard(double[] values, int j)
    {
        double mean = values.Average(), variance = values.Average(value => (value - mean) * (value - mean));
        return (values[j] - mean) / Math.Sqrt(variance + 1e-5);
    }

    private static double Sigma(Activation activation, double x) => activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => Logistic(x),
        Activation.Relu => Math.Max(0, x),
        _ => x,
    };

    private double[] Affine(double[] p, string weights, string bias, double[] x, int rows)
    {
        double[] w = Block(p, weights), y = Block(p, bias);
        if (y.Length == 0) y = new double[rows];
        for (int r = 0; r < rows && w.Length > 0; r++)
        {
            for (int i = 0; i < x.Length; i++) y[r] += w[(r * x.Length) + i] * x[i];
        }

        return y;
    }

    private double[] Block(double[] p, string name)
    {
        foreach (ParameterBlock block in shape.Blocks())
        {
            if (block.Name == name) return p[block.Offset..(block.Offset + block.Length)];
        }

        return [];
    }
}
