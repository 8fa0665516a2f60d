using System.Numerics;
using Unroll.Analysis;
using Unroll.Files;
using Unroll.Geometry;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Cells;
using Unroll.Tests.Files;
using Unroll.Tests.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>Last steps that all start from one state: every cell, stack, kernel and pass.</summary>
public static class BranchesTests
{
    private const int Read = 4, Branches = 3, Rows = 3;

    public static TheoryData<string> Kernels() => [.. TestedKernels.All];

    private static NetworkShape Shape(LayerList layers, OutputHead head = OutputHead.LinearEvery) =>
        new(3, layers, 2) { Head = head, Branches = Branches, Encoding = InputEncoding.Dense, LearnedInitialState = true };

    /// <summary>Targets at the branches alone, at one of which of one row there is none.</summary>
    private static Batch Filled(NetworkShape shape, ulong seed, int rows = Rows)
    {
        Batch batch = Specimen.Batch(shape, rows, Read + Branches, seed);
        for (int row = 0; row < rows; row++)
        {
            for (int t = 0; t < Read; t++) Skip(batch, t, row);
        }

        Skip(batch, Read + 1, 1);
        return batch;
    }

    private static void Skip(Batch batch, int t, int row)
    {
        if (batch.Head.Cost() == HeadCost.Softmax) batch.SetClass(t, row, -1);
        else batch.SkipTarget(t, row);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Branches_are_as_sequences_of_their_own_that_begin_alike(string kernel)
    {
        ulong seed = 0;
        foreach (LayerList layers in CellShapes.Stacks(5))
        {
            NetworkShape shape = Shape(layers), chain = shape with { Branches = 0 };
            Network<double> network = Specimen.Network<double>(shape, ++seed), copy = new(chain);
            network.Parameters.CopyTo(copy.Parameters);
            Batch batch = Filled(shape, seed), apart = Batch.For(chain);
            apart.Resize(Rows * Branches, Read + 1);
            for (int row = 0; row < Rows; row++)
            {
                for (int part = 0; part < Branches; part++)
                {
                    int own = (row * Branches) + part;
                    for (int t = 0; t <= Read; t++)
                    {
                        int from = t < Read ? t : Read + part;
                        batch.Dense(from, row).CopyTo(apart.Dense(t, own));
                        batch.Values(from, row).CopyTo(apart.Values(t, own));
                        if (!batch.IsPredicted(from, row)) apart.SkipTarget(t, own);
                    }
                }
            }

            using UnrolledNetwork<double> unrolled = new(network, kernel: kernel), other = new(copy, kernel: kernel);
            double cost = unrolled.Forward(batch, CostReduction.Sum), expected = other.Forward(apart, CostReduction.Sum);
            Assert.Equal(expected * Branches, cost, 1e-12); // each is a mean over its rows
            for (int row = 0; row < Rows; row++)
            {
                for (int part = 0; part < Branches; part++)
                    Compare.Close(unrolled.Output(Read + part, row).ToArray(),
                        other.Output(Read, (row * Branches) + part).ToArray(), 1e-12, $"{layers}, output");
            }

            unrolled.Backward();
            other.Backward();
            double[] wanted = [.. other.Gradient.ToArray().Select(one => one * Branches)];
            Compare.Close(unrolled.Gradient.ToArray(), wanted, 1e-11, $"{layers}, {kernel}");
        }
    }

    /// <summary>Of the fastest kernel; the others have the gradients of sequences apart, by the test above.</summary>
    [Fact]
    public static void Gradients_are_derivatives_of_the_cost_for_every_cell_and_stack()
    {
        string kernel = KernelFactory.Available()[0];
        ulong seed = 10;
        foreach (LayerList layers in CellShapes.Stacks(4))
        {
            OutputHead head = (++seed % 4) switch
            {
                0 => OutputHead.SoftmaxEvery,
                1 => OutputHead.LinearEvery,
                2 => OutputHead.HuberEvery,
                _ => OutputHead.BernoulliEvery,
            };
            NetworkShape shape = Shape(layers, head);
            Network<double> network = Specimen.Network<double>(shape, seed);
            Batch batch = Filled(shape, seed);
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.Noise = CellShapes.Noises[seed % 4];
            unrolled.Forward(batch, CostReduction.Mean);
            unrolled.Backward();
            double[] gradient = unrolled.Gradient.ToArray(), expected = new double[gradient.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                double kept = network.Parameters[i];
                network.Parameters[i] = kept + 1e-6;
                double above = unrolled.Forward(batch, CostReduction.Mean);
                network.Parameters[i] = kept - 1e-6;
                expected[i] = (above - unrolled.Forward(batch, CostReduction.Mean)) / 2e-6;
                network.Parameters[i] = kept;
            }

            Compare.Close(gradient, expected, 1e-7, $"{layers}, {head}");
            if (unrolled.Noise != default) continue;
            Compare.Close(new ErrorGeometry(network, batch, CostReduction.Mean).Gradient.ToArray(), gradient, 1e-10, "scalar");
            using var inFloat = new UnrolledNetwork<float>(network.Convert<float>(), kernel: kernel);
            inFloat.Forward(batch, CostReduction.Mean);
            inFloat.Backward();
            Compare.Close(Compare.Doubles<float>(inFloat.Gradient), gradient, 1e-4, $"{layers}, float");
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Products_with_curvatures_are_those_of_the_scalar_passes(string kernel)
    {
        ulong seed = 40;
        foreach (LayerList layers in CellShapes.Stacks(5))
        {
            NetworkShape shape = Shape(layers);
            Network<double> network = Specimen.Network<double>(shape, ++seed);
            CurvatureProducts.Check(network, Filled(shape, seed), kernel, $"{layers}");
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Threads_and_clipping_of_signals_follow_the_reference(string kernel)
    {
        foreach (LayerList layers in CellShapes.Stacks(17))
        {
            NetworkShape shape = Shape(layers);
            Network<double> network = Specimen.Network<double>(shape, 3);
            Batch batch = Filled(shape, 5, rows: 41); // more entries than are summed at once
            double[] alone = Run(kernel, 1, null);
            Compare.SameBits<double>(Run(kernel, 3, null), alone, $"threads, {layers}");
            var clip = new TemporalClipping(1e-3);
            double[] clipped = Run(kernel, 1, clip);
            Assert.NotEqual(alone, clipped);
            Compare.Close(clipped, Run(KernelFactory.Reference, 1, clip), 1e-9, $"clipped, {layers}");

            double[] Run(string name, int threads, TemporalClipping? clipping)
            {
                using var unrolled = new UnrolledNetwork<double>(network, threads, name) { TemporalClip = clipping };
                unrolled.Team.FixedParts = threads;
                unrolled.Forward(batch, CostReduction.Mean);
                unrolled.Backward();
                return unrolled.Gradient.ToArray();
            }
        }
    }

    [Fact]
    public static void A_model_file_keeps_them_in_a_format_that_versions_before_refuse()
    {
        using var folder = new TempFolder();
        string path = folder["branches.safetensors"];
        var info = new ModelInfo(Shape([new LayerShape(4) { Cell = CellKind.Gru }]));
        Network<float> network = Specimen.Network<float>(info.Shape, 1);
        ModelFile.Save(path, network, info);
        Network<float> back = ModelFile.Load<float>(path, out ModelInfo read);
        Assert.Equal(info.Shape, read.Shape);
        Assert.Equal(network.Parameters.ToArray(), back.Parameters.ToArray());
        Assert.Contains("\"unroll.format\":\"4\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public static void What_needs_a_chain_of_steps_is_refused_in_a_sentence()
    {
        NetworkShape shape = Shape([new LayerShape(4)]);
        Network<double> network = Specimen.Network<double>(shape, 1);
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch short1 = Specimen.Batch(shape, 2, Branches, 1), unequal = Specimen.Batch(shape, 2, Read + Branches, 1, 7, 6);
        foreach (Batch batch in (Batch[])[short1, unequal])
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => unrolled.Forward(batch, CostReduction.Sum));
            Assert.Contains("same length", error.Message, StringComparison.Ordinal);
        }

        unrolled.Forward(Filled(shape, 1), CostReduction.Sum);
        unrolled.Backward();
        Refused(() => unrolled.Backward(new VanishingGradientRegularizer(OmegaForm.Paper), 1));
        Refused(() => new VanishingGradientRegularizer(OmegaForm.Code).Measure(unrolled));
        Refused(() => TemporalComponents.Measure(unrolled, CostSteps.Every));
        Refused(() => JacobianProducts.Jacobian(unrolled, 0, 2));
        Refused(() => _ = new StreamingNetwork<double>(network));
        NetworkShape[] wrong = [shape with { Branches = -1 }, shape with { Head = OutputHead.LinearLast }];
        foreach (NetworkShape one in wrong) Assert.Throws<ArgumentException>(one.Validate);

        static void Refused(Action act) =>
            Assert.Contains("parallel decoding", Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);
    }
}
