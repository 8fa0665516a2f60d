using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Kernels;

/// <summary>
/// The float kernels against the double reference, at awkward sizes: the forward pass on networks that do not explode, the
/// backward pass and Omega on the very same tape, also where gradients explode or vanish.
/// </summary>
public static class FloatKernelTests
{
    private const double Bound = 1e-4;
    private static readonly int[] Hidden = [1, 3, 7, 8, 9, 16, 17, 31, 50, 64, 65, 100];
    private static readonly int[] Rows = [1, 2, 5, 6, 7, 13, 20];
    private static readonly int[] Outputs = [1, 2, 5, 17];

    public static TheoryData<int, int> Sizes()
    {
        var data = new TheoryData<int, int>();
        foreach (int hidden in Hidden)
        {
            foreach (int rows in Rows) data.Add(hidden, rows);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public static void Every_size_on_the_same_tape(int hidden, int rows)
    {
        int n = (Array.IndexOf(Hidden, hidden) * Rows.Length) + Array.IndexOf(Rows, rows);
        foreach (int steps in (int[])[1, 2, 9])
        {
            // With few steps all numbers of outputs are tested, which costs little; with many steps one of them in turn.
            foreach (int outputs in steps == 2 ? Outputs : [Outputs[n % 4]])
            {
                n++;
                Check(hidden, rows, steps, outputs, n, gain: 0.9);
            }
        }
    }

    [Theory]
    [InlineData(0.03)]
    [InlineData(3.0)]
    [InlineData(30.0)]
    public static void Vanishing_and_exploding_gradients_on_the_same_tape(double gain)
    {
        for (int n = 0; n < 20; n++) Check(hidden: 17 + n, rows: 5, steps: 25, outputs: 5, n, gain);
    }

    [Theory]
    [InlineData(OmegaForm.Code)]
    [InlineData(OmegaForm.Paper)]
    public static void An_update_end_to_end(OmegaForm form)
    {
        for (int n = 0; n < 20; n++)
        {
            NetworkShape shape = Shape(Hidden[n % Hidden.Length], Outputs[n % 4], n);
            Network<float> network = Specimen.Network<float>(shape, 5);
            Batch batch = Specimen.Batch(shape, 7, 20, (ulong)n, Specimen.Lengths(7, 20));
            using var expected = new UnrolledNetwork<double>(network.Convert<double>(), kernel: KernelFactory.Reference);
            double cost = expected.Forward(batch, CostReduction.Mean);
            OmegaStatistics omega = expected.Backward(new VanishingGradientRegularizer(form), 0.5);
            foreach (string kernel in KernelFactory.Available())
            {
                using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel);
                string what = $"{kernel}, {shape}";
                Compare.Close(unrolled.Forward(batch, CostReduction.Mean), cost, Bound, $"cost, {what}");
                Compare.Close(unrolled.Backward(new VanishingGradientRegularizer(form), 0.5).Omega, omega.Omega, Bound,
                    $"Omega, {what}");
                Compare.Close(Compare.Doubles<float>(unrolled.Gradient), expected.Gradient, Bound, $"gradient, {what}");
            }
        }
    }

    private static NetworkShape Shape(int hidden, int outputs, int n) => new(1 + (n * 7 % 71), hidden, outputs)
    {
        Head = (OutputHead)(n % 5),
        Activation = (Activation)(n / 5 % 4),
        Encoding = (InputEncoding)(n % 3),
        Biases = n % 7 != 0,
        LearnedInitialState = n % 2 == 0,
    };

    private static void Check(int hidden, int rows, int steps, int outputs, int n, double gain)
    {
        NetworkShape shape = Shape(hidden, outputs, n);
        if (gain > 1 && shape.Activation is Activation.Identity or Activation.Relu && gain > 1)
            shape = shape with { Activation = Activation.Tanh };
        Network<float> network = Specimen.Network<float>(shape, (ulong)n, gain);
        Batch batch = Specimen.Batch(shape, rows, steps, (ulong)n, Specimen.Lengths(rows, steps));
        for (int r = 0; r < rows; r += 3) batch.Carry[r] = true; // a zero state, and no gradient for a learned one

        // Both read dense inputs that are rounded to float.
        for (int t = 0; t < steps && shape.Encoding == InputEncoding.Dense; t++)
        {
            for (int r = 0; r < rows; r++)
                foreach (ref double u in batch.Dense(t, r)) u = (float)u;
        }

        var reference = new SameTape<double>(network, batch, KernelFactory.Reference);
        reference.Forward();
        (double[] states, double[] y, double[] signals, double[] costs) = reference.Read();
        double[] roundedStates = [.. states.Select(x => (double)(float)x)],
            roundedSignals = [.. signals.Select(x => (double)(float)x)];
        reference.Write(roundedStates, roundedSignals);
        var form = (OmegaForm)(n % 2);
        Dictionary<string, double[]> expected = reference.Backward(form, 0.5);
        double whole = GradientClipping.Norm<double>([.. network.Blocks.SelectMany(block => expected[block.Name])]);
        foreach (string kernel in KernelFactory.Available())
        {
            string what = $"{kernel}, gain {gain}, {rows} rows, {steps} steps, {shape}";
            var tested = new SameTape<float>(network, batch, kernel);
            tested.Forward();
            (double[] testedStates, double[] testedY, double[] testedSignals, double[] testedCosts) = tested.Read();
            if (gain <= 1)
            {
                Compare.Close(testedStates, states, Bound, $"states, {what}");
                Compare.Close(testedY, y, Bound, $"outputs, {what}");
                if (expected["dE/dx"].Any(x => x != 0)) Compare.Close(testedSignals, signals, Bound, $"dE/dy, {what}");
                Compare.Close(testedCosts, costs, Bound, $"costs, {what}");
            }

            tested.Write(roundedStates, roundedSignals);
            Dictionary<string, double[]> actual = tested.Backward(form, 0.5);
            foreach ((string name, double[] wanted) in expected)
            {
                // A bias gradient can be a sum that cancels to nearly 0. It is then compared relative to the whole gradient.
                double size = GradientClipping.Norm<double>(wanted),
                    floor = network.Blocks.Any(b => b.Name == name) ? 0.01 * whole : 0;
                double bound = size > 0 ? Bound * Math.Max(1, floor / size) : Bound * floor;
                Compare.Close(actual[name], wanted, bound, $"{name}, {form}, {what}");
            }
        }
    }
}
