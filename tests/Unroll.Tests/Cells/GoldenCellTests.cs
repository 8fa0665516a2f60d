using Unroll.Analysis;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>Every file of Golden/Cells and Golden/Normalized (PyTorch autograd in float64) against every kernel.</summary>
public static class GoldenCellTests
{
    private const double Bound = 1e-9;

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in CellCase.Names)
        {
            foreach (string kernel in KernelFactory.Available()) data.Add(name, kernel);
        }

        return data;
    }

    [Fact]
    public static void All_files_are_there() => Assert.Equal(19 + 7, CellCase.Names.Count());

    [Theory]
    [MemberData(nameof(Cases))]
    public static void States_outputs_and_gradients_agree(string name, string kernel)
    {
        using CellCase golden = CellCase.Load(name);
        foreach (InputEncoding encoding in (InputEncoding[])[golden.Shape.Encoding, InputEncoding.Dense])
        {
            using UnrolledNetwork<double> unrolled = Run(golden, kernel, encoding);
            unrolled.Backward();
            foreach (string parameter in golden.Parameters)
                Compare.Close(
                    golden.Named(unrolled.Network, unrolled.Gradient, parameter), golden.Array("gradients", parameter), Bound,
                    parameter);
            CheckPasses(golden, unrolled);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Omega_and_the_clipped_update_agree(string name, string kernel)
    {
        using CellCase golden = CellCase.Load(name);
        using UnrolledNetwork<double> unrolled = Run(golden, kernel, golden.Shape.Encoding);
        var regularizer = new VanishingGradientRegularizer();
        unrolled.Backward();
        double total = 0;
        for (int l = 0; l < golden.Layers; l++)
        {
            IEnumerable<OmegaStep> steps = OmegaAnalysis.ByStep(unrolled, OmegaForm.Code, l).Where(step => step.Kept > 0);
            double kept = steps.Sum(step => step.Kept), omega = steps.Sum(step => step.Term * step.Kept) / kept;
            Compare.Close(omega, golden.Number("omega", l, "value"), Bound, $"Omega of layer {l}");
            Compare.Close(kept / golden.Lengths.Sum(), golden.Number("omega", l, "kept"), Bound, $"kept of layer {l}");
            total += omega;
        }

        unrolled.Gradient.Clear();
        Compare.Close(regularizer.AddGradient(unrolled, 1).Omega, total, Bound, "Omega");
        for (int l = 0; l < golden.Layers; l++)
            Compare.Close(
                unrolled.Network.Slice(unrolled.Gradient, $"weight_hh_l{l}"), golden.Array("omega", l, "gradient"), Bound,
                $"Omega's gradient of layer {l}");

        // Fused. PyTorch has two biases, and both count in the norm that is clipped.
        unrolled.Backward(regularizer, golden.Number("update", "alpha"));
        string[] names = [.. golden.Parameters];
        double[] update = [.. names.SelectMany(parameter => golden.Named(unrolled.Network, unrolled.Gradient, parameter))];
        ClipReport report = new GradientClipping(ClipMode.Norm, golden.Number("update", "clip")).Apply<double>(update);
        Compare.Close(report.NormBefore, golden.Number("update", "norm"), Bound, "norm");
        Compare.Close(
            update, [.. names.SelectMany(parameter => golden.Array("update", "gradients", parameter))], Bound, "update");
        CheckPasses(golden, unrolled);
    }

    private static UnrolledNetwork<double> Run(CellCase golden, string kernel, InputEncoding encoding)
    {
        Network<double> network = golden.Network();
        if (encoding != golden.Shape.Encoding)
        {
            var dense = new Network<double>(golden.Shape with { Encoding = encoding });
            network.Parameters.CopyTo(dense.Parameters);
            network = dense;
        }

        var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        Batch batch = golden.Batch(encoding);
        golden.Begin(unrolled, batch);
        Compare.Close(unrolled.Forward(batch, CostReduction.Sum), golden.Number("cost"), Bound, "cost");
        return unrolled;
    }

    private static void CheckPasses(CellCase golden, UnrolledNetwork<double> unrolled)
    {
        bool lstm = golden.Shape.Layers[0].Cell == CellKind.Lstm;
        int h = golden.Units, o = golden.Shape.Outputs;
        double[] outputs = golden.Array("outputs");
        for (int r = 0; r < golden.Rows; r++)
        {
            for (int t = 1; t <= golden.Lengths[r]; t++)
            {
                if (golden.Shape.PredictsEveryStep || t == golden.Lengths[r])
                    Compare.Close(
                        unrolled.Output(t - 1, r), outputs.AsSpan((((t - 1) * golden.Rows) + r) * o, o), Bound, $"output {t}");
            }
        }

        for (int l = 0; l < golden.Layers; l++)
        {
            int layer = l;
            Check("states", (t, r) => unrolled.State(t, r, layer).ToArray(), golden.Array("states", l), toTheEnd: false);
            Check(
                "dE/dh", (t, r) =>
                    unrolled.StateGradient(t, r, layer).ToArray(), golden.Array("state_gradients", l), toTheEnd: true);
            Initial("dE/dh_0", r => unrolled.StateGradient(0, r, layer).ToArray(), golden.Array("h0_gradient", l));
            if (!lstm) continue;
            Check("cells", (t, r) => unrolled.CellState(t, r, layer).ToArray(), golden.Array("cells", l), toTheEnd: false);
            Check(
                "dE/dc", (t, r) =>
                    unrolled.CellStateGradient(t, r, layer).ToArray(), golden.Array("cell_gradients", l), toTheEnd: true);
            Initial("dE/dc_0", r => unrolled.CellStateGradient(0, r, layer).ToArray(), golden.Array("c0_gradient", l));
        }

        void Check(string what, Func<int, int, double[]> actual, double[] expected, bool toTheEnd)
        {
            List<double> mine = [], theirs = [];
            for (int t = 1; t <= golden.Steps; t++)
            {
                for (int r = 0; r < golden.Rows; r++)
                {
                    if (!toTheEnd && t > golden.Lengths[r]) continue;
                    mine.AddRange(actual(t, r));
                    theirs.AddRange(expected.AsSpan((((t - 1) * golden.Rows) + r) * h, h));
                }
            }

            Compare.Close(mine.ToArray(), theirs.ToArray(), Bound, what);
        }

        void Initial(string what, Func<int, double[]> actual, double[] expected) =>
            Compare.Close([.. Enumerable.Range(0, golden.Rows).SelectMany(actual)], expected, Bound, what);
    }
}
