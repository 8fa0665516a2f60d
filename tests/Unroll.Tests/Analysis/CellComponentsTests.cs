using System.Collections.Immutable;
using Unroll.Analysis;
using Unroll.Tasks;
using Unroll.Tests.Cells;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Analysis;

/// <summary>
/// Temporal components, products of Jacobians and Lyapunov exponents of every cell and stack, compared with finite differences
/// and closed forms.
/// </summary>
public static class CellComponentsTests
{
    private const int Steps = 4;
    private const double Small = 1e-5;

    public static TheoryData<int> Stacks() => [.. Enumerable.Range(0, CellShapes.Stacks(3).Count())];

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Components_are_derivatives_by_the_parameters_of_one_step(int stack)
    {
        (NetworkShape shape, Network<double> network, Batch batch, TemporalComponents all,
            UnrolledNetwork<double> unrolled) = Measured(stack);
        using UnrolledNetwork<double> disposed = unrolled;
        foreach (int row in (int[])[0, 1])
        {
            var written = new WrittenOut(shape, batch, row);
            double[] parameters = network.Parameters.ToArray();
            for (int k = 1; k <= batch.Lengths[row]; k++)
            {
                // Squares by cost and part: W_hh, W_ih, biases.
                var squares = new double[3, Steps + 1];
                foreach (ParameterBlock block in shape.Blocks())
                {
                    int part = block.Role switch
                    {
                        ParameterRole.RecurrentWeights => 0,
                        ParameterRole.InputWeights => 1,
                        ParameterRole.HiddenBias => 2,
                        ParameterRole.CellVector when block.Name.StartsWith("bias", StringComparison.Ordinal) => 2,
                        _ => -1,
                    };
                    for (int i = block.Offset; part >= 0 && i < block.Offset + block.Length; i++)
                    {
                        double[] slopes = Slopes(written, parameters, k, i);
                        for (int t = k; t <= slopes.Length; t++) squares[part, t] += slopes[t - 1] * slopes[t - 1];
                    }
                }

                for (int index = 0; index < all.Count; index++)
                {
                    (int t, int of) = all.Cost(index);
                    if (of != row || t < k) continue;
                    string what = $"{shape.Layers}, cost {t}, step {k}";
                    Compare.Close(all.Component(index, k, ComponentPart.RecurrentWeights), Math.Sqrt(squares[0, t]), 1e-7, what);
                    Compare.Close(all.Component(index, k, ComponentPart.InputWeights), Math.Sqrt(squares[1, t]), 1e-7, what);
                    Compare.Close(all.Component(index, k, ComponentPart.HiddenBias), Math.Sqrt(squares[2, t]), 1e-7, what);
                    Compare.Close(all.Component(index, k), Math.Sqrt(squares[0, t] + squares[1, t] + squares[2, t]), 1e-7, what);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Signals_are_derivatives_by_the_state_of_each_layer(int stack)
    {
        (NetworkShape shape, Network<double> network, Batch batch, TemporalComponents all,
            UnrolledNetwork<double> unrolled) = Measured(stack);
        using UnrolledNetwork<double> disposed = unrolled;
        if (shape.IsOnPreActivations)
        {
            Assert.Equal(all.Signal(0, 1), all.Signal(0, 1, 0));
            return;
        }

        var written = new WrittenOut(shape, batch, 0);
        double[] parameters = network.Parameters.ToArray();
        for (int k = 1; k <= Steps; k++)
        {
            var squares = new double[shape.Layers.Count, Steps + 1];
            for (int layer = 0; layer < shape.Layers.Count; layer++)
            {
                for (int i = 0; i < shape.Layers[layer].StateWidth; i++)
                {
                    double[] above = Moved(k, layer, i, Small), below = Moved(k, layer, i, -Small);
                    for (int t = k; t <= Steps; t++)
                        squares[layer, t] += Math.Pow((above[t - 1] - below[t - 1]) / (2 * Small), 2);
                }
            }

            for (int index = 0; index < all.Count; index++)
            {
                (int t, int of) = all.Cost(index);
                if (of != 0 || t < k) continue;
                double sum = 0;
                for (int layer = 0; layer < shape.Layers.Count; layer++)
                {
                    Compare.Close(all.Signal(index, k, layer), Math.Sqrt(squares[layer, t]), 1e-6,
                        $"{shape.Layers}, dE_{t}/ds_{k} of layer {layer}");
                    sum += squares[layer, t];
                }

                Compare.Close(all.Signal(index, k), Math.Sqrt(sum), 1e-6, $"{shape.Layers}, dE_{t}/ds_{k}");
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => all.Signal(0, 1, shape.Layers.Count));

        double[] Moved(int step, int layer, int number, double by) => written.Costs(_ => parameters, (t, l, h, c) =>
        {
            if (t != step || l != layer) return;
            if (number < h.Length) h[number] += by;
            else c[number - h.Length] += by;
        });
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Products_of_Jacobians_are_what_a_moved_state_does_later(int stack)
    {
        (NetworkShape shape, Network<double> network, Batch batch, _, UnrolledNetwork<double> unrolled) = Measured(stack);
        using UnrolledNetwork<double> disposed = unrolled;
        if (shape.IsOnPreActivations) return;
        int s = shape.StateWidth;
        double[] product = JacobianProducts.Jacobian(unrolled, 0, 2), differences = new double[s * s];
        for (int i = 3; i <= Steps; i++)
        {
            double[] next = JacobianProducts.Jacobian(unrolled, 0, i), together = new double[s * s];
            for (int j = 0; j < s * s; j++)
            {
                for (int l = 0; l < s; l++) together[j] += next[(j / s * s) + l] * product[(l * s) + (j % s)];
            }

            product = together;
        }

        // The rest of the sequence begins with s_1 as its state.
        Batch rest = Specimen.Window(Specimen.Rows(batch, 0), 1, Steps - 1);
        using var pass = new UnrolledNetwork<double>(network);
        for (int i = 0; i < s; i++)
        {
            double[] above = End(i, Small), below = End(i, -Small);
            for (int j = 0; j < s; j++) differences[(j * s) + i] = (above[j] - below[j]) / (2 * Small);
        }

        double bound = shape.Layers.Any(layer => layer.LayerNorm) ? 1e-6 : 1e-8; // sums close together are divided by little
        Compare.Close(product, differences, bound, $"{shape.Layers}, ds_T/ds_1");
        double[] logs = JacobianProducts.LogSingularValues(unrolled, 0, Steps, 1);
        Compare.Close(Math.Exp(logs[0]), Spectrum.LargestSingularValue(differences, s, s), 1e-7, "the largest singular value");

        double[] End(int number, double by)
        {
            double[] state = unrolled.WholeState(1, 0);
            state[number] += by;
            pass.Forward(Specimen.Rows(rest, 0), CostReduction.Sum);
            rest.Carry[0] = true;
            state.CopyTo(pass.CarriedState(0));
            pass.Forward(rest, CostReduction.Sum);
            return pass.WholeState(Steps - 1, 0);
        }
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public static void Exponents_are_those_of_repeated_QR(int stack)
    {
        (NetworkShape shape, _, _, _, UnrolledNetwork<double> unrolled) = Measured(stack);
        using UnrolledNetwork<double> disposed = unrolled;
        if (shape.Layers.Count > 2 && shape.Layers[0].LayerNorm) return; // where nothing passes, what follows is of roundings
        int s = shape.StateWidth;
        double[,] q = new double[s, s];
        for (int i = 0; i < s; i++) q[i, i] = 1;
        var sums = new double[s];
        for (int i = 2; i <= Steps; i++)
        {
            double[] jacobian = JacobianProducts.Jacobian(unrolled, 0, i);
            var next = new double[s, s];
            for (int j = 0; j < s; j++)
            {
                for (int c = 0; c < s; c++)
                {
                    for (int l = 0; l < s; l++) next[j, c] += jacobian[(j * s) + l] * q[l, c];
                }
            }

            q = next;
            for (int c = 0; c < s; c++)
            {
                // Twice, so that no part of the earlier columns remains through rounding.
                for (int twice = 0; twice < 2; twice++)
                {
                    for (int before = 0; before < c; before++)
                    {
                        double along = Enumerable.Range(0, s).Sum(j => q[j, before] * q[j, c]);
                        for (int j = 0; j < s; j++) q[j, c] -= along * q[j, before];
                    }
                }

                double length = Math.Sqrt(Enumerable.Range(0, s).Sum(j => q[j, c] * q[j, c]));
                sums[c] += Math.Log(length) / (Steps - 1);
                for (int j = 0; j < s && length > 0; j++) q[j, c] /= length;
            }
        }

        Compare.Close(Known(JacobianProducts.LyapunovExponents(unrolled, 0, Steps)), Known(sums), 1e-9, $"{shape.Layers}");

        // The Jacobian of a normalized layer has directions in which nothing passes; there the logarithm is that of a rounding.
        double[] Known(double[] exponents) =>
            [.. exponents.Select(one => shape.Layers.Any(layer => layer.LayerNorm) ? Math.Max(one, -4) : one).OrderDescending()];
    }

    [Fact]
    public static void A_linear_leaky_layer_has_closed_forms()
    {
        // W rotates by 0.7 and shrinks by 0.8, so (1 - leak) 1 + leak W is a rotation that shrinks all directions by the same
        // factor.
        const double Leak = 0.3, Factor = 0.8, Angle = 0.7;
        var shape = new NetworkShape(6, 2, 4)
        {
            Layers = [new LayerShape(2) { Cell = CellKind.Leaky, Leak = Leak, Activation = Activation.Identity }],
            Encoding = InputEncoding.OneHot,
            Head = OutputHead.SoftmaxLast,
        };
        Network<double> network = Specimen.Network<double>(shape, 4);
        double[] turn = [Factor * Math.Cos(Angle), -Factor * Math.Sin(Angle), Factor * Math.Sin(Angle), Factor * Math.Cos(Angle)];
        turn.CopyTo(network.RecurrentWeights);
        double rate = Math.Sqrt(Math.Pow(1 - Leak + (Leak * turn[0]), 2) + Math.Pow(Leak * turn[2], 2));
        GradientDiagnosis d = GradientDiagnosis.Measure(
            network, SyntheticTasks.Create("temporal-order", 40),
            new DiagnosisOptions { Batches = 2, Rows = 3, Curvature = false },
            cancellation: TestContext.Current.CancellationToken);
        Compare.Close(d.Measured.Rate, rate, 1e-9, "rate");
        Compare.Close(d.Bounds.SpectralRadius, rate, 1e-9, "spectral radius");
        Compare.Close(d.Bounds.LargestSingularValue, rate, 1e-9, "largest singular value");
        Compare.Close(d.Omega.Omega, Math.Pow((rate * rate) - 1, 2), 1e-9, "Omega");
        for (int lag = 1; lag < 40; lag++)
            Compare.Close(d.ByLag[lag].Median, Math.Pow(rate, lag) * d.ByLag[0].Median, 1e-9, $"signal at lag {lag}");
        Assert.False(d.Bounds.Hold || d.Bounds.MustVanish);

        Batch batch = Specimen.Batch(shape, 1, 12, 3);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        Compare.Close(JacobianProducts.LyapunovExponents(unrolled, 0, 12), [Math.Log(rate), Math.Log(rate)], 1e-12, "exponents");
        double[] logs = JacobianProducts.LogSingularValues(unrolled, 0, 12, 2);
        Compare.Close(logs, [10 * Math.Log(rate), 10 * Math.Log(rate)], 1e-12, "singular values of ten steps");
    }

    [Fact]
    public static void Layers_add_up_to_the_network()
    {
        var shape = new NetworkShape(6, 5, 4)
        {
            Layers = [new LayerShape(7) { Cell = CellKind.Gru }, new LayerShape(4) { Cell = CellKind.Leaky, Leak = 0.4 },
                new LayerShape(5) { Cell = CellKind.Lstm }],
            Encoding = InputEncoding.OneHot,
            Head = OutputHead.SoftmaxLast,
        };
        GradientDiagnosis d = GradientDiagnosis.Measure(
            Specimen.Network<double>(shape, 8), SyntheticTasks.Create("temporal-order", 15),
            new DiagnosisOptions { Batches = 2, Rows = 1, Curvature = false },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["n", "r", "z", "s", "i", "f", "g", "o", "tanh(c)"],
            d.Layers.SelectMany(layer => layer.Saturation.Select(gate => gate.Gate)).ToArray());
        Assert.Equal([0, 1, 2], d.Layers.Select(layer => layer.Index));
        Compare.Close(d.Omega.Omega, d.Layers.Sum(layer => layer.Omega.Omega), 1e-12, "Omega");
        Assert.True(d.OmegaGradient > 0);

        // With one sequence a batch, the quantiles at a lag are of two numbers, and the extremes are these numbers. Which batch
        // each comes from is unknown.
        for (int lag = 0; lag < d.ByLag.Length; lag++)
        {
            double least = Math.Sqrt(d.Layers.Sum(layer => Math.Pow(layer.ByLag[lag].Minimum, 2))),
                most = Math.Sqrt(d.Layers.Sum(layer => Math.Pow(layer.ByLag[lag].Maximum, 2)));
            Assert.True(least <= d.ByLag[lag].Minimum * (1 + 1e-12) && most >= d.ByLag[lag].Maximum * (1 - 1e-12), $"lag {lag}");
        }
    }

    [Fact]
    public static void The_curvature_of_large_cells_is_on_fewer_sequences()
    {
        Assert.Equal(20, Rows(50, CellKind.Lstm));
        Assert.Equal(5, Rows(300, CellKind.Lstm));
        Assert.Equal(20, Rows(500, CellKind.Plain));
        Assert.Equal(1, Rows(4000, CellKind.Gru));

        static int Rows(int hidden, CellKind cell) =>
            GradientDiagnosis.CurvatureRows(
                new NetworkShape(6, hidden, 4) { Layers = [new LayerShape(hidden) { Cell = cell }] }, 20, 200);
    }

    [Fact]
    public static void Gates_that_are_open_and_shut_are_told_apart()
    {
        var shape = new NetworkShape(6, 3, 4)
        {
            Layers = [new LayerShape(3) { Cell = CellKind.Lstm }],
            Encoding = InputEncoding.OneHot,
            Head = OutputHead.SoftmaxLast,
        };
        Network<double> network = Specimen.Network<double>(shape, 8, gain: 0.1);
        network.HiddenBias[..3].Fill(-9); // i
        network.HiddenBias[3..6].Fill(9); // f
        Batch batch = Specimen.Batch(shape, 2, 6, 3, 6, 4);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        ImmutableArray<GateSaturation> gates = GateSaturation.Of(unrolled);
        GateSaturation i = gates.Single(gate => gate.Gate == "i"), f = gates.Single(gate => gate.Gate == "f"),
            o = gates.Single(gate => gate.Gate == "o"), g = gates.Single(gate => gate.Gate == "g");
        Assert.Equal((1.0, 0.0, true), (i.Low, i.High, i.IsGate));
        Assert.Equal((0.0, 1.0, true), (f.Low, f.High, f.IsGate));
        Assert.Equal((0.0, 1.0), (o.Share, f.Share));
        Assert.False(g.IsGate);
        Assert.InRange(f.Mean, 0.999, 1);
        Assert.Equal(ActivationSlopes.SaturatedShare(unrolled), gates.Average(gate => gate.Share), 1e-12);
    }


    private static (NetworkShape, Network<double>, Batch, TemporalComponents, UnrolledNetwork<double>) Measured(int stack)
    {
        var shape = new NetworkShape(4, CellShapes.Stacks(3).ElementAt(stack), 3)
        {
            Head = OutputHead.SoftmaxEvery,
            Encoding = (InputEncoding)(stack % 3),
            Biases = stack % 4 != 3,
        };
        Network<double> network = Specimen.Network<double>(shape, 21);
        Batch batch = Specimen.Batch(shape, 2, Steps, 5, Steps, 3);
        var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        return (shape, network, batch, TemporalComponents.Measure(unrolled, CostSteps.Every), unrolled);
    }

    /// <summary>The derivative of every E_t with respect to one parameter as it is used at step k.</summary>
    private static double[] Slopes(WrittenOut written, double[] parameters, int k, int index)
    {
        double[] above = [.. parameters], below = [.. parameters];
        (above[index], below[index]) = (above[index] + Small, below[index] - Small);
        double[] up = written.Costs(t => t == k ? above : parameters), down = written.Costs(t => t == k ? below : parameters);
        return [.. up.Zip(down, (a, b) => (a - b) / (2 * Small))];
    }
}
