using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>Central differences in double against the gradients: every head, activation, encoding and option.</summary>
public static class FiniteDifferenceTests
{
    private const double Step = 1e-5;
    private const double Bound = 1e-6;

    public static TheoryData<OutputHead, Activation, string> Cases()
    {
        var data = new TheoryData<OutputHead, Activation, string>();
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                data.Add(head, activation, TestedKernels.All[0]);
                if (TestedKernels.All[^1] == KernelFactory.Reference) data.Add(head, activation, KernelFactory.Reference);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Gradients_are_derivatives_of_the_cost(OutputHead head, Activation activation, string kernel)
    {
        ulong seed = 1;
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
        {
            for (int options = 0; options < 32; options++)
            {
                var shape = new NetworkShape(3, 4, 2)
                {
                    Head = head,
                    Activation = activation,
                    Encoding = encoding,
                    Biases = (options & 1) == 0,
                    LearnedInitialState = (options & 2) != 0,
                };
                CostReduction reduction = (options & 4) == 0 ? CostReduction.Sum : CostReduction.Mean;
                int[] lengths = (options & 8) == 0 ? [] : [4, 1, 3];
                Batch batch = Specimen.Batch(shape, 3, 4, seed, lengths);
                if ((options & 16) != 0) (batch.Carry[0], batch.Carry[2]) = (true, true);
                Check(Specimen.Network<double>(shape, seed++), batch, reduction, kernel, $"{encoding}, options {options:b5}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Omega_gradients_are_derivatives_with_states_and_signals_frozen(
        OutputHead head, Activation activation, string kernel)
    {
        foreach (int[] lengths in (int[][])[[5, 5, 5], [5, 1, 3]])
        {
            var shape = new NetworkShape(3, 4, 2) { Head = head, Activation = activation };
            Network<double> network = Specimen.Network<double>(shape, 7);
            Batch batch = Specimen.Batch(shape, 3, 5, 11, lengths);
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.CarriedState(1).Fill(0.3);
            batch.Carry[1] = true;
            unrolled.Forward(batch, CostReduction.Sum);
            foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
            {
                var regularizer = new VanishingGradientRegularizer(form);
                unrolled.Backward();
                double[] costGradient = unrolled.Gradient.ToArray();
                OmegaStatistics statistics = regularizer.AddGradient(unrolled, 3);
                double[] w = network.RecurrentWeights.ToArray(), expected = new double[w.Length];
                Compare.Close(statistics.Omega, FrozenOmega.Value(unrolled, form, lengths, w), 1e-12, $"{form} Omega");
                for (int i = 0; i < w.Length; i++)
                {
                    double kept = w[i];
                    w[i] = kept + Step;
                    double above = FrozenOmega.Value(unrolled, form, lengths, w);
                    w[i] = kept - Step;
                    expected[i] = 3 * (above - FrozenOmega.Value(unrolled, form, lengths, w)) / (2 * Step);
                    w[i] = kept;
                }

                Assert.True(expected.Max(Math.Abs) > 1e-3, "The case has no Omega gradient to compare.");
                double[] added = [.. unrolled.Gradient.ToArray().Zip(costGradient, (a, b) => a - b)];
                ParameterBlock block = shape.Blocks().Single(b => b.Name == ParameterBlock.RecurrentWeights);
                Compare.Close(added.AsSpan(block.Offset, block.Length), expected, Bound,
                    $"{form} Omega gradient, lengths {lengths[1]}");
            }
        }
    }

    private static void Check(Network<double> network, Batch batch, CostReduction reduction, string kernel, string what)
    {
        using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        int h = network.Shape.Hidden;
        double costStep = network.Shape.Activation == Activation.Relu ? 1e-5 : 2e-4; // shorter where a step could cross a kink
        double[] carried = [.. Enumerable.Range(0, batch.Rows * h).Select(i => 0.3 * Math.Cos(i))];
        Cost();
        Specimen.MoveFromKinks(unrolled, batch);
        Cost();
        unrolled.Backward();
        double[] gradient = unrolled.Gradient.ToArray(), expected = new double[gradient.Length];
        double[] initial = [.. Enumerable.Range(0, batch.Rows).SelectMany(r => unrolled.StateGradient(0, r).ToArray())];
        for (int i = 0; i < expected.Length; i++) expected[i] = Derivative(ref network.Parameters[i]);
        foreach (ParameterBlock block in network.Shape.Blocks())
        {
            Span<double> actual = gradient.AsSpan(block.Offset, block.Length),
                wanted = expected.AsSpan(block.Offset, block.Length);

            double size = GradientClipping.Norm<double>(wanted);
            if (size < 1e-8)
                Assert.True(GradientClipping.Norm<double>(actual) < 1e-8, $"{block.Name} should have no gradient, {what}.");
            else Compare.Close(actual, wanted, Bound, $"{block.Name}, {what}");
        }

        for (int i = 0; i < carried.Length; i++)
        {
            if (!batch.Carry[i / h]) continue;
            Assert.Equal(Derivative(ref carried[i]), initial[i], 1e-8);
        }

        // Central differences of fourth order: their long step reduces the effect of rounding in costs near 1.
        double Derivative(ref double x)
        {
            double kept = x;
            double near = Difference(ref x, costStep), far = Difference(ref x, 2 * costStep);
            return ((8 * near) - far) / (12 * costStep);

            double Difference(ref double x, double step)
            {
                x = kept + step;
                double above = Cost();
                x = kept - step;
                double difference = above - Cost();
                x = kept;
                return difference;
            }
        }

        double Cost()
        {
            for (int r = 0; r < batch.Rows; r++) carried.AsSpan(r * h, h).CopyTo(unrolled.CarriedState(r));
            return unrolled.Forward(batch, reduction);
        }
    }
}
