using Unroll.Cells;
using Unroll.Files;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>
/// Layer normalization inside the cells, beside what is tested of every stack (<see cref="CellShapes.Stacks"/>): its closed
/// forms, its parameters, and Omega through it.
/// </summary>
public static class LayerNormTests
{
    public static TheoryData<CellKind> Kinds => [CellKind.Plain, CellKind.Leaky, CellKind.Lstm, CellKind.Gru];

    private static NetworkShape Shape(CellKind cell, OutputHead head = OutputHead.SoftmaxEvery) =>
        new(4, [new LayerShape(5) { Cell = cell, Leak = cell == CellKind.Leaky ? 0.3 : 1, LayerNorm = true }], 3)
        {
            Head = head,
            LearnedInitialState = true,
        };

    [Fact]
    public static void A_gain_for_each_pre_activation_is_beside_the_bias()
    {
        LayerList layers =
        [
            new LayerShape(5) { LayerNorm = true }, new LayerShape(4) { Cell = CellKind.Gru, LayerNorm = true },
            new LayerShape(3) { Cell = CellKind.Leaky, Leak = 0.5, TrainedLeak = true, LayerNorm = true },
            new LayerShape(2) { Cell = CellKind.Lstm, LayerNorm = true },
        ];
        var shape = new NetworkShape(6, layers, 7);
        Assert.Equal(
            ["gain_l0 1x5", "gain_l1 1x16", "gain_l2 1x3", "gain_l3 1x8"],
            shape.Blocks().Where(block => block.Role == ParameterRole.NormalizationGain)
                .Select(block => $"{block.Name} {block.Rows}x{block.Columns}"));
        Assert.Equal(shape.Blocks().Sum(block => block.Length), shape.ParameterCount);
        Assert.Equal("plain 5 normalized, gru 4 normalized, leaky 3 normalized, lstm 2 normalized", shape.Layers.ToString());
        Assert.Equal("plain 5 tanh norm, gru 4 norm, leaky 3 tanh 0.5 trained norm, lstm 2 norm", LayerText.Of(shape.Layers));
        Assert.Equal(shape.Layers, LayerText.TryRead(LayerText.Of(shape.Layers)));
        Assert.DoesNotContain(shape.Blocks(), block => block.Role == ParameterRole.NormalizationGain && block.IsWeight);
        var network = new Network<float>(shape);
        Initializer.Initialize(network, new InitializerOptions { Kind = Initialization.Uniform }, 3);
        for (int l = 0; l < layers.Count; l++)
            Assert.All(network.Parameter($"gain_l{l}").ToArray(), gain => Assert.Equal(1, gain));
    }

    /// <summary>
    /// Sums that are all multiplied, or all moved by one number, are the same after normalization; so are all costs, whatever the
    /// sums were.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public static void Scaling_and_shifting_all_weights_of_a_gate_changes_nothing(CellKind cell)
    {
        NetworkShape shape = Shape(cell);
        Network<double> network = Specimen.Network<double>(shape, 2);
        Batch batch = Specimen.Batch(shape, 3, 6, 3);
        foreach (string kernel in KernelFactory.Available())
        {
            double[] before = Outputs(network, batch, kernel);
            Network<double> shifted = network.Convert<double>(), scaled = network.Convert<double>();
            int gates = shape.Layers[0].Definition.Layout.Gates;
            foreach (string name in (string[])["weight_ih_l0", "weight_hh_l0"])
            {
                Span<double> weights = shifted.Parameter(name);
                int columns = weights.Length / (gates * 5);
                for (int i = 0; i < weights.Length; i++)
                    weights[i] += Math.Cos((i % columns) + (3 * (i / columns / 5))); // the same to each unit of a gate
                foreach (ref double weight in scaled.Parameter(name)) weight *= 1000;
            }

            Compare.Close(Outputs(shifted, batch, kernel), before, 1e-11, "shifted");

            // The constant beside the variance counts for less, the larger sums are: a millionth of it is as good as nothing.
            double[] larger = Outputs(scaled, batch, kernel);
            foreach (ref double weight in scaled.Parameter("weight_ih_l0")) weight *= 7;
            foreach (ref double weight in scaled.Parameter("weight_hh_l0")) weight *= 7;
            Compare.Close(Outputs(scaled, batch, kernel), larger, 1e-8, "scaled");
        }
    }

    /// <summary>What a textbook's loops give, with every head's costs at every step.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public static void Costs_are_those_of_plain_loops(CellKind cell)
    {
        NetworkShape shape = Shape(cell) with { LearnedInitialState = false };
        Network<double> network = Specimen.Network<double>(shape, 4);
        Batch batch = Specimen.Batch(shape, 1, 7, 5);
        double expected = new WrittenOut(shape, batch, 0).Costs(_ => network.Parameters.ToArray()).Sum();
        foreach (string kernel in KernelFactory.Available())
        {
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            Assert.Equal(expected, unrolled.Forward(batch, CostReduction.Sum), 1e-12);
        }
    }

    /// <summary>Two units whose sums are a and b become nearly plus and minus 1: (a - b) / 2 over its own size.</summary>
    [Fact]
    public static void Two_units_have_a_closed_form()
    {
        var shape = new NetworkShape(1, [new LayerShape(2) { Activation = Activation.Identity, LayerNorm = true }], 1)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        };
        var network = new Network<double>(shape);
        network.Parameter("weight_ih_l0")[0] = 3;
        network.Parameter("weight_ih_l0")[1] = -1;
        double[] gain = [2, 0.5], bias = [0.25, -4];
        gain.CopyTo(network.Parameter("gain_l0"));
        bias.CopyTo(network.HiddenBias);
        var streaming = new StreamingNetwork<double>(network);
        foreach (double u in (double[])[1, -0.01, 0])
        {
            double[] state = streaming.Start(), output = new double[1];
            streaming.Step([u], state, output);
            double half = 2 * u, n = half / Math.Sqrt((half * half) + 1e-5);
            Compare.Close(state, [(2 * n) + 0.25, (-0.5 * n) - 4], 1e-14, $"state at input {u}");
        }
    }

    /// <summary>
    /// Omega measures a dx_{k+1}/dx_k with the Jacobian of the whole step, normalization included; and its gradient is that of
    /// W_hh alone while everything else stands still.
    /// </summary>
    [Theory]
    [InlineData(CellKind.Plain)]
    [InlineData(CellKind.Leaky)]
    [InlineData(CellKind.Gru)]
    public static void Omega_flows_through_the_normalization(CellKind cell)
    {
        const int H = 5, T = 6;
        NetworkShape shape = Shape(cell, OutputHead.SoftmaxLast);
        Network<double> network = Specimen.Network<double>(shape, 6);
        Batch batch = Specimen.Batch(shape, 1, T, 7);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        double[] without = unrolled.Gradient.ToArray();
        OmegaStatistics omega = new VanishingGradientRegularizer().AddGradient(unrolled, 1);

        CellLayout layout = shape.Layers[0].Definition.Layout;
        LayerTape<double> tape = unrolled.Tape.Layers[0];
        var map = new ScalarNetwork(network);
        double[][] direct = new double[T][], flows = new double[T][], signals = new double[T][];
        double[] weights = network.RecurrentWeights.ToArray(), u = new double[shape.Inputs];
        for (int k = 0; k < T; k++)
        {
            signals[k] = unrolled.StateGradient(k + 1, 0).ToArray();
            Unroll.Inputs.InputVector.Read(batch, k, 0, u);
            double[] jacobian = map.Jacobian(u, unrolled.State(k, 0).ToArray());
            flows[k] = new double[H];
            for (int i = 0; i < H * H; i++) flows[k][i % H] += signals[k][i / H] * jacobian[i];
            direct[k] = [.. flows[k].Zip(Through(k), (all, through) => all - through)];
        }

        double value = Value();
        Assert.Equal(value, omega.Omega, Math.Abs(value) * 1e-9);
        double[] expected = new double[weights.Length], actual = new double[weights.Length];
        int offset = network.Blocks.Single(block => block.Role == ParameterRole.RecurrentWeights).Offset;
        for (int i = 0; i < weights.Length; i++)
        {
            double kept = weights[i];
            weights[i] = kept + 1e-6;
            double above = Moved();
            weights[i] = kept - 1e-6;
            expected[i] = (above - Moved()) / 2e-6;
            weights[i] = kept;
            actual[i] = unrolled.Gradient[offset + i] - without[offset + i];
        }

        Compare.Close(actual, expected, 1e-6, $"dOmega/dW_hh, {cell}");

        // d W_hh with the present weights.
        double[] Through(int k)
        {
            var flow = new double[H];
            for (int g = 0; g < layout.Gates; g++)
            {
                ReadOnlySpan<double> d = tape.PreGradientRow(layout.RecurrentBlocks[g], k, 0);
                for (int j = 0; j < H; j++)
                {
                    for (int i = 0; i < H; i++) flow[i] += d[j] * weights[(((g * H) + j) * H) + i];
                }
            }

            return flow;
        }

        double Value() => Enumerable.Range(0, T).Average(k => Math.Pow((Squared(flows[k]) / Squared(signals[k])) - 1, 2));

        double Moved()
        {
            for (int k = 0; k < T; k++) flows[k] = [.. direct[k].Zip(Through(k), (own, through) => own + through)];
            return Value();
        }
    }

    [Theory]
    [InlineData(Initialization.Reservoir)]
    [InlineData(Initialization.Cycle)]
    [InlineData(Initialization.Bistable)]
    public static void A_start_that_W_rec_alone_decides_is_refused(Initialization kind)
    {
        var network = new Network<double>(Shape(CellKind.Plain));
        string message = Assert.Throws<ArgumentException>(
            () => Initializer.Initialize(network, new InitializerOptions { Kind = kind }, 1)).Message;
        Assert.Equal(
            $"The initialization {kind} sets how a state grows by W_rec alone, and layer 1 is normalized, which sets that anew "
                + "at every step; take another initialization, or no layer normalization.", message);
    }

    [Fact]
    public static void Networks_are_not_joined()
    {
        Network<float> one = Specimen.Network<float>(Shape(CellKind.Gru), 8);
        Assert.StartsWith(
            "Networks with layer normalization cannot be joined",
            Assert.Throws<ArgumentException>(() => NetworkEnsemble.Join([one, one])).Message, StringComparison.Ordinal);
    }

    private static double Squared(double[] x) => x.Sum(value => value * value);

    private static double[] Outputs(Network<double> network, Batch batch, string kernel)
    {
        using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        List<double> all = [unrolled.Forward(batch, CostReduction.Sum)];
        for (int r = 0; r < batch.Rows; r++)
        {
            for (int t = 0; t < batch.Steps; t++) all.AddRange(unrolled.Output(t, r).ToArray());
        }

        return [.. all];
    }
}
