using Unroll.Cells;
using Unroll.Files;
using Unroll.Geometry;
using Unroll.Heads;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Tests.Training;

namespace Unroll.Tests.Cells;

/// <summary>
/// The examples of docs/extending.md, compiled from samples/extending: each is one file, and every kernel and instrument runs
/// it.
/// </summary>
public static class ExtendingTests
{
    private static readonly LayerShape s_cell = new(5) { Own = new UpdateGateCell() };

    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void A_new_cell_trains_alone_and_in_a_stack(string kernel)
    {
        LayerList[] stacks = [[s_cell], [s_cell, s_cell], [new LayerShape(4) { Cell = CellKind.Lstm }, s_cell]];
        foreach (LayerList layers in stacks)
        {
            var shape = new NetworkShape(3, layers, 2) { Head = OutputHead.SoftmaxEvery };
            CheckGradient(shape, kernel);
            CheckGradient(shape with { Head = OutputHead.LinearEvery, OwnCost = new LogCoshCost() }, kernel);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void A_new_cost_is_trained_at_the_last_step_and_at_every_one(string kernel)
    {
        foreach (OutputHead head in (OutputHead[])[OutputHead.LinearLast, OutputHead.LinearEvery])
            CheckGradient(new NetworkShape(3, 5, 2) { Head = head, OwnCost = new LogCoshCost() }, kernel);
    }

    /// <summary>A file names cells and costs, and would be read as another network.</summary>
    [Fact]
    public static void Neither_is_saved()
    {
        using var folder = new TempFolder();
        Refused(new NetworkShape(3, [new LayerShape(4), s_cell], 2), "cell of layer 2");
        Refused(new NetworkShape(3, 5, 2) { Head = OutputHead.LinearEvery, OwnCost = new LogCoshCost() }, "its cost");

        void Refused(NetworkShape shape, string says)
        {
            string path = folder["model.safetensors"];
            var error = Assert.Throws<ArgumentException>(
                () => ModelFile.Save(path, new Network<float>(shape), new ModelInfo(shape)));
            Runs.AssertSentence(error.Message.Replace(path, "FILE", StringComparison.Ordinal), "not saved to FILE", says,
                "none of the library's");
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public static void Its_Omega_and_its_geometry_are_there_too()
    {
        var shape = new NetworkShape(3, [s_cell, s_cell], 2) { Head = OutputHead.LinearEvery, OwnCost = new LogCoshCost() };
        Network<double> network = Specimen.Network<double>(shape, 3);
        Batch batch = Specimen.Batch(shape, 3, 5, 4);
        var values = new List<double>();
        foreach (string kernel in KernelFactory.Available())
        {
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.Forward(batch, CostReduction.Sum);
            values.Add(unrolled.Backward(new VanishingGradientRegularizer(), 1).Omega);
            Compare.Close(values[^1], values[0], 1e-10, "Omega");
        }

        var geometry = new ErrorGeometry(network, batch, CostReduction.Sum);
        double[] v = [.. Enumerable.Range(0, shape.ParameterCount).Select(i => Math.Sin(i))], product = new double[v.Length];
        geometry.HessianTimes(v, product);
        double[] above = Gradient(1e-5), below = Gradient(-1e-5);
        Compare.Close(product, [.. above.Zip(below, (a, b) => (a - b) / 2e-5)], 1e-7, "H v");

        double[] Gradient(double step)
        {
            Network<double> moved = network.Convert<double>();
            for (int i = 0; i < v.Length; i++) moved.Parameters[i] += step * v[i];
            return new ErrorGeometry(moved, batch, CostReduction.Sum).Gradient.ToArray();
        }
    }

    /// <summary>What the page shows are the files' own lines, and it names every file.</summary>
    [Fact]
    public static void The_page_names_the_examples()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "extending.md"));
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "samples", "extending")))
            Assert.Contains($"samples/extending/{Path.GetFileName(file)}", page, StringComparison.Ordinal);
    }

    private static void CheckGradient(NetworkShape shape, string kernel)
    {
        Network<double> network = Specimen.Network<double>(shape, 7);
        Batch batch = Specimen.Batch(shape, 3, 5, 8, 5, 2, 4);
        using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        double[] gradient = unrolled.Gradient.ToArray(), expected = new double[gradient.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            double kept = network.Parameters[i];
            network.Parameters[i] = kept + 1e-5;
            double above = unrolled.Forward(batch, CostReduction.Sum);
            network.Parameters[i] = kept - 1e-5;
            expected[i] = (above - unrolled.Forward(batch, CostReduction.Sum)) / 2e-5;
            network.Parameters[i] = kept;
        }

        Compare.Close(gradient, expected, 1e-7, $"gradient, {shape.Layers}");
    }
}
