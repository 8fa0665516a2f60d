using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>Every file of the folder Golden (PyTorch autograd in float64) against every kernel.</summary>
public static class GoldenTests
{
    private const double Bound = 1e-9;

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in GoldenCase.Names)
        {
            foreach (string kernel in KernelFactory.Available()) data.Add(name, kernel);
        }

        return data;
    }

    [Fact]
    public static void All_files_are_there() => Assert.Equal(15, GoldenCase.Names.Count());

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Costs_states_outputs_and_gradients_agree(string name, string kernel)
    {
        using GoldenCase golden = GoldenCase.Load(name);
        foreach (InputEncoding encoding in (InputEncoding[])[golden.Shape.Encoding, InputEncoding.Dense])
        {
            using UnrolledNetwork<double> unrolled = Run(golden, kernel, encoding, out _);
            unrolled.Backward();
            CheckPasses(golden, unrolled);
            CheckGradients(golden, unrolled.Gradient, parameter => golden.Array("gradients", parameter), "gradient");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Both_forms_of_Omega_agree(string name, string kernel)
    {
        using GoldenCase golden = GoldenCase.Load(name);
        using UnrolledNetwork<double> unrolled = Run(golden, kernel, golden.Shape.Encoding, out _);
        int h = golden.Shape.Hidden;
        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            var regularizer = new VanishingGradientRegularizer(form);
            string field = form == OmegaForm.Code ? "omega_code" : "omega_paper";
            double[] expected = GoldenCase.Transposed(golden.Array(field + "_gradient"), h, h);
            unrolled.Backward();
            OmegaStatistics measured = regularizer.Measure(unrolled);
            CheckStatistics(measured, "measured");
            CheckGradients(golden, unrolled.Gradient, parameter => golden.Array("gradients", parameter),
                "gradient after measuring");

            // Separate: into an empty gradient, at weight 1.
            unrolled.Gradient.Clear();
            CheckStatistics(regularizer.AddGradient(unrolled, 1), "added");
            Compare.Close(Recurrent(unrolled.Gradient), expected, Bound, $"{field} gradient");
            unrolled.Gradient[(h * golden.Shape.Inputs)..][(h * h)..].ToArray().ToList().ForEach(x => Assert.Equal(0.0, x));

            // Fused with the weight gradient, at another weight; then the states and dE/dh must still be right.
            double[] sum = [.. expected
                .Zip(GoldenCase.Transposed(golden.Array("gradients", "W"), h, h), (a, b) => (0.5 * a) + b)];
            CheckStatistics(unrolled.Backward(regularizer, 0.5), "fused");
            Compare.Close(Recurrent(unrolled.Gradient), sum, Bound, $"{field} gradient, fused");
            CheckPasses(golden, unrolled);

            void CheckStatistics(OmegaStatistics statistics, string how)
            {
                Compare.Close(statistics.Omega, golden.Number(field), Bound, $"{field}, {how}");
                if (form == OmegaForm.Code) Assert.Equal(golden.Number("omega_kept"), statistics.Kept, 12);
            }
        }

        double[] Recurrent(Span<double> gradient) => gradient.Slice(h * golden.Shape.Inputs, h * h).ToArray();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void The_clipped_update_agrees(string name, string kernel)
    {
        using GoldenCase golden = GoldenCase.Load(name);
        var regularizer = new VanishingGradientRegularizer();
        var clipping = new GradientClipping(ClipMode.Norm, golden.Number("update", "clip"));
        foreach (bool fused in (bool[])[false, true])
        {
            using UnrolledNetwork<double> unrolled = Run(golden, kernel, golden.Shape.Encoding, out _);
            double alpha = golden.Number("update", "alpha");
            unrolled.Backward(fused ? regularizer : null, alpha);
            if (!fused) regularizer.AddGradient(unrolled, alpha);
            ClipReport report = clipping.Apply(unrolled.Gradient);
            Compare.Close(report.NormBefore, golden.Number("update", "norm"), Bound, "norm");
            Compare.Close(report.Scale, golden.Number("update", "scale"), Bound, "scale");
            Assert.Equal(golden.Number("update", "scale") < 1, report.Clipped);
            Assert.Equal(golden.Trained.Length, golden.Shape.Blocks().Length);
            CheckGradients(golden, unrolled.Gradient, parameter => golden.Array("update", "gradients", parameter), "update");
        }
    }

    private static UnrolledNetwork<double> Run(GoldenCase golden, string kernel, InputEncoding encoding, out double cost)
    {
        Network<double> source = golden.Network();
        var network = new Network<double>(golden.Shape with { Encoding = encoding });
        source.Parameters.CopyTo(network.Parameters);
        var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        Assert.Equal(kernel, unrolled.Kernel);
        Batch batch = golden.Batch(encoding);
        int h = golden.Shape.Hidden;
        for (int r = 0; r < golden.Rows && !golden.Shape.LearnedInitialState; r++)
        {
            golden.Array("params", "h0").AsSpan(r * h, h).CopyTo(unrolled.CarriedState(r));
            batch.Carry[r] = true;
        }

        cost = unrolled.Forward(batch, CostReduction.Sum);
        Compare.Close(cost, golden.Number("cost"), Bound, "cost");
        return unrolled;
    }

    /// <summary>States and outputs of every valid step, dE/dh_t of every step, and dE/dh_0 of every row.</summary>
    private static void CheckPasses(GoldenCase golden, UnrolledNetwork<double> unrolled)
    {
        (int h, int o) = (golden.Shape.Hidden, golden.Shape.Outputs);
        double[] states = golden.Array("states"), outputs = golden.Array("outputs"), signals = golden.Array("state_gradients");
        List<double> actualStates = [], actualOutputs = [], actualSignals = [], expectedStates = [], expectedOutputs = [];
        for (int t = 0; t < golden.Steps; t++)
        {
            for (int r = 0; r < golden.Rows; r++)
            {
                actualSignals.AddRange(unrolled.StateGradient(t + 1, r));
                if (t >= golden.Lengths[r]) continue;
                actualStates.AddRange(unrolled.State(t + 1, r));
                expectedStates.AddRange(states.AsSpan(((t * golden.Rows) + r) * h, h));
                if (!golden.Shape.PredictsEveryStep && t != golden.Lengths[r] - 1) continue;
                actualOutputs.AddRange(unrolled.Output(t, r));
                expectedOutputs.AddRange(outputs.AsSpan(((t * golden.Rows) + r) * o, o));
            }
        }

        Compare.Close([.. actualStates], [.. expectedStates], Bound, "states");
        Compare.Close([.. actualOutputs], [.. expectedOutputs], Bound, "outputs");
        Compare.Close([.. actualSignals], signals, Bound, "dE/dh_t");
        double[] initial = golden.Array("gradients", "h0");
        for (int r = 0; r < golden.Rows && !golden.Shape.LearnedInitialState; r++)
            Compare.Close(unrolled.StateGradient(0, r), initial.AsSpan(r * h, h), Bound, $"dE/dh_0 of row {r}");
    }

    private static void CheckGradients(GoldenCase golden, Span<double> gradient, Func<string, double[]> source, string what)
    {
        double[] expected = golden.Flat(source);
        foreach (ParameterBlock block in golden.Shape.Blocks())
            Compare.Close(gradient.Slice(block.Offset, block.Length), expected.AsSpan(block.Offset, block.Length), Bound,
                $"{what} of {block.Name}");
    }
}
