using Unroll.Cells;
using Unroll.Geometry;
using Unroll.Heads;
using Unroll.Kernels;
using Unroll.Numerics;
using Unroll.Tests.Cells;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Geometry;

/// <summary>
/// The Gauss-Newton product with structural damping: the scalar passes against finite differences of what they are derivatives
/// of, and the fast passes over whole batches against the scalar ones.
/// </summary>
public static class GaussNewtonTests
{
    public static TheoryData<OutputHead> Heads =>
        [.. Enum.GetValues<OutputHead>().Where(head => HeadTable.Of(new NetworkShape(1, 1, 1) { Head = head }).HasCurvature)];

    [Theory]
    [MemberData(nameof(Heads))]
    public static void Every_kernel_gives_the_scalar_product_for_every_cell_and_stack(OutputHead head)
    {
        ulong seed = 20;
        foreach (LayerList layers in CellShapes.Stacks(5))
        {
            foreach (string kernel in KernelFactory.Available())
            {
                seed++;
                NetworkShape shape = Shape(head, layers, seed);
                CostReduction reduction = seed % 2 == 0 ? CostReduction.Sum : CostReduction.Mean;
                Network<double> network = Specimen.Network<double>(shape, seed);
                Batch batch = Specimen.Batch(shape, 4, 6, seed, seed % 2 == 1 ? [6, 1, 4, 3] : []);
                double structural = seed % 3 == 0 ? 0 : 0.7;
                double[] v = Direction(shape.ParameterCount, seed), expected = new double[v.Length];
                new ErrorGeometry(network, batch, reduction).GaussNewtonTimes(v, structural, expected);
                string what = $"{kernel}, {head}, {layers}, seed {seed}";
                double[] inDouble = Product(network, batch, reduction, v, structural, kernel);
                Compare.Close(inDouble, expected, 1e-10, what);
                double[] inFloat = Product(network.Convert<float>(), batch, reduction, v, structural, kernel);
                Compare.Close(inFloat, expected, 1e-4, $"{what}, float");
            }
        }
    }

    [Theory]
    [InlineData(CellKind.Plain, 1, 1)]
    [InlineData(CellKind.Plain, 17, 33)]
    [InlineData(CellKind.Lstm, 33, 9)]
    [InlineData(CellKind.Gru, 16, 9)]
    public static void Other_widths_and_lengths_too(CellKind cell, int hidden, int steps)
    {
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
        {
            var shape = new NetworkShape(19, LayerList.Repeat(new LayerShape(hidden) { Cell = cell }, 2), 18)
            { Encoding = encoding, Head = OutputHead.SoftmaxEvery, LearnedInitialState = true };
            Network<double> network = Specimen.Network<double>(shape, 7);
            Batch batch = Specimen.Batch(shape, 3, steps, 8);
            double[] v = Direction(shape.ParameterCount, 9), expected = new double[v.Length];
            new ErrorGeometry(network, batch, CostReduction.Mean).GaussNewtonTimes(v, 0.1, expected);
            Compare.Close(Product(network, batch, CostReduction.Mean, v, 0.1), expected, 1e-10, $"{cell} {encoding}");
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public static void It_is_symmetric_and_never_negative(OutputHead head)
    {
        ulong seed = 50;
        foreach (LayerList layers in CellShapes.Stacks(7))
        {
            seed++;
            NetworkShape shape = Shape(head, layers, seed);
            Network<double> network = Specimen.Network<double>(shape, seed, gain: 1.5);
            Batch batch = Specimen.Batch(shape, 3, 12, seed);
            int n = shape.ParameterCount;
            double[] u = Direction(n, seed), v = Direction(n, seed + 1000);
            foreach (double structural in (double[])[0, 0.5])
            {
                double[] gu = Product(network, batch, CostReduction.Mean, u, structural);
                double[] gv = Product(network, batch, CostReduction.Mean, v, structural);
                double size = Vectors.Norm(u) * Vectors.Norm(gv);
                double difference = Math.Abs(Vectors.Dot(u, gv) - Vectors.Dot(v, gu));
                Assert.True(difference <= 1e-10 * size, $"{head}, {layers} is not symmetric.");
                Assert.True(Vectors.Dot(u, gu) >= 0 && Vectors.Dot(v, gv) >= 0, $"{head}, {layers} has a negative curvature.");
            }
        }
    }

    /// <summary>Where every residual is zero the cost's curvature is the whole Hessian.</summary>
    [Theory]
    [InlineData(OutputHead.LinearLast)]
    [InlineData(OutputHead.LinearEvery)]
    public static void Without_residuals_it_is_the_hessian(OutputHead head)
    {
        ulong seed = 80;
        foreach (LayerList layers in CellShapes.Stacks(4))
        {
            NetworkShape shape = Shape(head, layers, ++seed);
            Network<double> network = Specimen.Network<double>(shape, seed);
            Batch batch = Specimen.Batch(shape, 3, 5, seed);
            using var unrolled = new UnrolledNetwork<double>(network);
            unrolled.Forward(batch, CostReduction.Sum);
            for (int t = 0; t < batch.Steps; t++)
            {
                for (int r = 0; r < batch.Rows; r++)
                {
                    if (batch.IsPredicted(t, r)) unrolled.Output(t, r).CopyTo(batch.Values(t, r));
                }
            }

            double[] v = Direction(shape.ParameterCount, seed);
            double[] product = Product(network, batch, CostReduction.Sum, v, 0);
            double bound = layers.Any(layer => layer.LayerNorm) ? 1e-5 : 1e-7; // of a difference of a more curved gradient
            Compare.Close(product, Difference(network, batch, v), bound, $"{layers}");
        }
    }

    /// <summary>The outputs are linear in the head's own parameters: there nothing is left out.</summary>
    [Theory]
    [MemberData(nameof(Heads))]
    public static void Where_the_network_is_linear_it_is_the_hessian(OutputHead head)
    {
        NetworkShape shape = Shape(head, [new LayerShape(6)], 3);
        Network<double> network = Specimen.Network<double>(shape, 4);
        Batch batch = Specimen.Batch(shape, 3, 5, 5);
        double[] v = Direction(shape.ParameterCount, 6);
        List<double> actual = [], expected = [];
        foreach (ParameterBlock block in shape.Blocks())
        {
            if (block.Role is not (ParameterRole.OutputWeights or ParameterRole.OutputBias))
                v.AsSpan(block.Offset, block.Length).Clear();
        }

        double[] product = Product(network, batch, CostReduction.Sum, v, 0), difference = Difference(network, batch, v);
        foreach (ParameterBlock block in shape.Blocks())
        {
            if (block.Role is not (ParameterRole.OutputWeights or ParameterRole.OutputBias)) continue;
            actual.AddRange(product[block.Offset..(block.Offset + block.Length)]);
            expected.AddRange(difference[block.Offset..(block.Offset + block.Length)]);
        }

        Compare.Close([.. actual], [.. expected], 1e-7, $"{head}");
    }

    /// <summary>
    /// The damping is the second derivative of a distance between the hidden states and those before, at which it is 0 with its
    /// gradient: v S v is lim (D(v e) + D(-v e)) / e^2.
    /// </summary>
    [Fact]
    public static void Structural_damping_is_the_curvature_of_how_far_the_states_move()
    {
        ulong seed = 110;
        LayerList[] all = [.. CellShapes.Stacks(4), [new LayerShape(4) { Activation = Activation.Identity }]];
        foreach (LayerList layers in all)
        {
            NetworkShape shape = Shape(OutputHead.SoftmaxEvery, layers, ++seed);
            Network<double> network = Specimen.Network<double>(shape, seed);
            Batch batch = Specimen.Batch(shape, 3, 5, seed, 5, 2, 4);
            double[] v = Direction(shape.ParameterCount, seed);
            double with = Vectors.Dot(v, Product(network, batch, CostReduction.Sum, v, 1));
            double without = Vectors.Dot(v, Product(network, batch, CostReduction.Sum, v, 0));
            const double Step = 1e-4;
            double distance = Distance(network, batch, v, Step) + Distance(network, batch, v, -Step);
            Compare.Close((with - without) / (distance / Step / Step), 1, 1e-5, $"{layers}");
        }
    }

    [Fact]
    public static void Threads_change_no_bit()
    {
        foreach (LayerList layers in CellShapes.Stacks(9))
        {
            NetworkShape shape = Shape(OutputHead.SoftmaxEvery, layers, 5);
            Network<float> network = Specimen.Network<float>(shape, 6);
            Batch batch = Specimen.Batch(shape, 7, 9, 7, Specimen.Lengths(7, 9));
            double[] v = Direction(shape.ParameterCount, 8);
            double[] one = Product(network, batch, CostReduction.Mean, v, 0.3);
            foreach (int threads in (int[])[2, 3])
            {
                double[] product = Product(network, batch, CostReduction.Mean, v, 0.3, null, threads);
                Compare.SameBits<double>(product, one, $"{threads}, {layers}");
            }
        }
    }

    /// <summary>What a product leaves in the network changes nothing of a gradient that follows.</summary>
    [Fact]
    public static void A_gradient_after_a_product_is_as_before()
    {
        NetworkShape shape = Shape(OutputHead.SoftmaxEvery, [new LayerShape(6)], 5);
        Network<double> network = Specimen.Network<double>(shape, 6);
        Batch batch = Specimen.Batch(shape, 4, 7, 7);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        double[] before = unrolled.Gradient.ToArray(), v = Direction(before.Length, 8), product = new double[v.Length];
        unrolled.BeginCurvature();
        unrolled.CurvatureTimes(v, 0.5, product);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        Compare.SameBits<double>(unrolled.Gradient, before, "the gradient");
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public static void Predicted_outputs_and_their_weights_are_counted(OutputHead head)
    {
        NetworkShape shape = Shape(head, [new LayerShape(3)], 4);
        Batch batch = Specimen.Batch(shape, 5, 6, 7, 6, 1, 3, 2, 5);
        int expected = 0;
        for (int r = 0; r < 5; r++)
        {
            for (int t = 0; t < batch.Lengths[r]; t++) expected += batch.IsPredicted(t, r) ? 1 : 0;
        }

        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 6));
        unrolled.Forward(batch, CostReduction.Sum);
        (long predicted, double weight) = unrolled.BeginCurvature();
        Assert.Equal(expected, predicted);
        Assert.Equal(expected / 5.0, weight, 1e-12);
    }

    private static NetworkShape Shape(OutputHead head, LayerList layers, ulong seed) => new(3, layers, 2)
    {
        Head = head,
        Encoding = (InputEncoding)(seed % 3),
        Biases = seed % 4 != 0,
        LearnedInitialState = seed % 2 == 0,
    };

    private static double[] Product<T>(
        Network<T> network, Batch batch, CostReduction reduction, double[] v, double structural, string? kernel = null,
        int threads = 1)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        using var unrolled = new UnrolledNetwork<T>(network, threads, kernel);
        unrolled.Team.FixedParts = threads;
        unrolled.Forward(batch, reduction);
        unrolled.BeginCurvature();
        var result = new double[v.Length];
        unrolled.CurvatureTimes(v, structural, result);
        double[] again = new double[v.Length];
        unrolled.CurvatureTimes(v, structural, again);
        Compare.SameBits<double>(again, result, "the product again");
        return result;
    }

    /// <summary>H v by differences of gradients.</summary>
    private static double[] Difference(Network<double> network, Batch batch, double[] v)
    {
        const double Step = 1e-5;
        double[] up = Gradient(Step), down = Gradient(-Step);
        return [.. up.Zip(down, (a, b) => (a - b) / (2 * Step))];

        double[] Gradient(double step)
        {
            using var unrolled = new UnrolledNetwork<double>(Moved(network, v, step));
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            return unrolled.Gradient.ToArray();
        }
    }

    private static Network<double> Moved(Network<double> network, double[] v, double step)
    {
        Network<double> moved = network.Convert<double>();
        for (int i = 0; i < v.Length; i++) moved.Parameters[i] += step * v[i];
        return moved;
    }

    /// <summary>Of the definition: matching losses for plain layers, half squares for others.</summary>
    private static double Distance(Network<double> network, Batch batch, double[] v, double step)
    {
        using var here = new UnrolledNetwork<double>(network, kernel: "reference");
        using var there = new UnrolledNetwork<double>(Moved(network, v, step), kernel: "reference");
        here.Forward(batch, CostReduction.Sum);
        there.Forward(batch, CostReduction.Sum);
        double sum = 0;
        for (int l = 0; l < network.Shape.Layers.Count; l++)
        {
            LayerShape layer = network.Shape.Layers[l];
            for (int r = 0; r < batch.Rows; r++)
            {
                for (int t = 1; t <= batch.Lengths[r]; t++)
                {
                    ReadOnlySpan<double> h0 = here.State(t, r, l), h = there.State(t, r, l);
                    for (int j = 0; j < h.Length; j++)
                        sum += layer is { Cell: CellKind.Plain, LayerNorm: false } ? Matching(layer.Activation, h0[j], h[j])
                            : (h[j] - h0[j]) * (h[j] - h0[j]) / 2;
                }
            }
        }

        return sum;
    }

    /// <summary>The integral of sigma(s) - sigma(x0) from x0 to x.</summary>
    private static double Matching(Activation activation, double h0, double h)
    {
        double x0 = UnitFunction.Inverse(activation, h0), x = UnitFunction.Inverse(activation, h);
        return activation switch
        {
            Activation.Tanh => Math.Log(Math.Cosh(x) / Math.Cosh(x0)) - (h0 * (x - x0)),
            Activation.Sigmoid => Math.Log((1 + Math.Exp(x)) / (1 + Math.Exp(x0))) - (h0 * (x - x0)),
            _ => (x - x0) * (x - x0) / 2,
        };
    }

    private static double[] Direction(int count, ulong seed)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Validation, 3).Shared();
        var v = new double[count];
        for (int i = 0; i < count; i++) v[i] = random.NextNormal();
        return v;
    }
}
