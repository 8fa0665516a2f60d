namespace Unroll.Interop;

/// <summary>The operators RNN, LSTM and GRU of ONNX, opset 14, in one direction and with layout 0.</summary>
internal static class GraphRecurrent
{
    /// <summary>Runs one of them.</summary>
    /// <param name="node">The node.</param>
    /// <param name="given">X (T, B, I), W (1, G H, I), R (1, G H, H), B (1, 2 G H), sequence_lens (B), initial_h (1, B, H), and
    /// an LSTM's initial_c; null for what is left out.</param>
    /// <returns>Y (T, 1, B, H), Y_h (1, B, H), and an LSTM's Y_c.</returns>
    public static GraphValue[] Run(OnnxNode node, GraphValue[] given)
    {
        GraphValue x = given[0], w = given[1], r = given[2];
        int steps = x.Sizes[0], rows = x.Sizes[1], inputs = x.Sizes[2], hidden = r.Sizes[2], wide = w.Sizes[1];
        if ((int)node.Whole("hidden_size", hidden) != hidden || w.Sizes[2] != inputs || r.Sizes[1] != wide)
            throw new FormatException($"has a node {node.Type} whose weights do not fit its inputs");
        GraphValue? biases = Given(3), lengths = Given(4), first = Given(5), firstC = Given(6);
        double[] h = first?.Numbers.ToArray() ?? new double[rows * hidden];
        double[] c = firstC?.Numbers.ToArray() ?? new double[rows * hidden];
        var all = new double[steps * rows * hidden];
        var own = new double[wide];
        var recurrent = new double[wide];
        for (int t = 0; t < steps; t++)
        {
            for (int row = 0; row < rows; row++)
            {
                if (lengths is not null && t >= lengths.Numbers[row]) continue; // its state stays, its outputs are 0
                Product(w.Numbers, x.Numbers.AsSpan(((t * rows) + row) * inputs, inputs), biases, 0, own);
                Product(r.Numbers, h.AsSpan(row * hidden, hidden), biases, wide, recurrent);
                Span<double> state = h.AsSpan(row * hidden, hidden);
                for (int j = 0; j < hidden; j++)
                    state[j] = (float)Unit(node, own, recurrent, j, hidden, state[j], ref c[(row * hidden) + j]);
                state.CopyTo(all.AsSpan(((t * rows) + row) * hidden));
            }
        }

        return
        [
            new GraphValue(OnnxType.Float, [steps, 1, rows, hidden], all), new GraphValue(OnnxType.Float, [1, rows, hidden], h),
            new GraphValue(OnnxType.Float, [1, rows, hidden], c),
        ];

        GraphValue? Given(int place) => place < given.Length ? given[place] : null;
    }

    /// <summary>h_t of a unit; its c_t where it has one.</summary>
    private static double Unit(OnnxNode node, double[] x, double[] r, int j, int hidden, double before, ref double c)
    {
        // Gates lie one behind the other: i, o, f, c of an LSTM, z, r, h of a GRU.
        double Gate(int place) => Sigmoid(x[(place * hidden) + j] + r[(place * hidden) + j]);
        switch (node.Type)
        {
            case "LSTM":
                double candidate = Math.Tanh(x[(3 * hidden) + j] + r[(3 * hidden) + j]);
                c = (float)((Gate(2) * c) + (Gate(0) * candidate));
                return Gate(1) * Math.Tanh(c);
            case "GRU" when node.Whole("linear_before_reset", 0) == 1:
                double z = Gate(0), n = Math.Tanh(x[(2 * hidden) + j] + (Gate(1) * r[(2 * hidden) + j]));
                return ((1 - z) * n) + (z * before);
            case "RNN":
                return Activated(node.Texts("activations") is [string one] ? one : "Tanh", x[j] + r[j]);
            default:
                throw new FormatException("has a GRU whose reset gate works before the product");
        }
    }

    /// <summary>One of the nonlinearities that the writers use.</summary>
    public static double Activated(string name, double x) => name switch
    {
        "Tanh" => Math.Tanh(x),
        "Sigmoid" => Sigmoid(x),
        "Relu" => x > 0 ? x : 0,
        _ => throw new FormatException($"has the nonlinearity {name}"),
    };

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static void Product(double[] matrix, ReadOnlySpan<double> vector, GraphValue? biases, int from, double[] to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            double sum = biases?.Numbers[from + i] ?? 0;
            ReadOnlySpan<double> row = matrix.AsSpan(i * vector.Length, vector.Length);
            for (int k = 0; k < row.Length; k++) sum += row[k] * vector[k];
            to[i] = sum;
        }
    }
}
