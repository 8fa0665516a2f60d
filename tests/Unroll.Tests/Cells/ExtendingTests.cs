using Unroll.Cells;
using Unroll.Files;
using Unroll.Geometry;
using Unroll.Heads;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Tests.Tasks;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Cells;

/// <summary>
/// The examples of docs/extending.md, compiled from samples/extending: each is one file, and every kernel and analysis runs it.
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

    /// <summary>
    /// A file stores cells and costs by name, so a network with an unknown one would be read back as another network.
    /// </summary>
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
                "not one of the library, and a file could not name it");
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
        geometry.GaussNewtonTimes(v, 0.3, product);
        foreach (string kernel in KernelFactory.Available())
        {
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.BeginCurvature();
            var fast = new double[v.Length];
            unrolled.CurvatureTimes(v, 0.3, fast);
            Compare.Close(fast, product, 1e-10, "G v");
        }

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

    private static readonly TaskDescription s_task =
        new("recall-first", "The first of T symbols, 8 classes.", 2, 50, 50) { Make = (length, _) => new RecallFirst(length) };

    /// <summary>The same requirements as in the tests of the synthetic tasks.</summary>
    [Fact]
    public static void A_new_task_is_what_its_line_says_at_every_length_and_is_learned()
    {
        ILengthTask task = s_task.Make(s_task.DefaultLength, TaskVariant.Code);
        Assert.Equal((s_task.Name, s_task.MinimumLength, s_task.DefaultLength), (task.Name, task.MinimumLength, task.Length));
        foreach (int length in (int[])[2, 3, 50])
        {
            ILengthTask at = task.WithLength(length);
            Batch batch = Answers.Filled(at, 40);
            Assert.All(Answers.Evaluated(at, batch, Answers.Right(batch)), Assert.True);
        }

        Assert.Contains("shortest length is 2", Assert.Throws<ArgumentException>(() => task.WithLength(1)).Message,
            StringComparison.Ordinal);
        var options = new TrainingOptions
        {
            Hidden = 20,
            Initialization = Initialization.Orthogonal,
            Optimizer = OptimizerKind.Adam,
            LearningRate = 0.01,
            CheckEvery = 100,
            ValidationSequences = 200,
            MaximumUpdates = 2000,
        };
        using var trainer = new Trainer(task.WithLength(new LengthRange(2, 4)), options);
        Assert.Equal(TrainingOutcome.Solved, trainer.Run(cancellation: TestContext.Current.CancellationToken).Outcome);
    }

    /// <summary>
    /// The line of the task is the one above. The lines of an input and the lines that the page removes are in the code.
    /// </summary>
    [Fact]
    public static void The_page_shows_lines_that_there_are()
    {
        string[] page = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs", "extending.md"));
        string tests = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Tests", "Cells", "ExtendingTests.cs"));
        string line = Assert.Single(page,
            line => line.StartsWith('+') && line.Contains("new RecallFirst", StringComparison.Ordinal));
        Assert.Contains(line[1..].Trim().TrimEnd(','), tests, StringComparison.Ordinal);

        string[] files = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories);
        string source = string.Concat(files.Select(File.ReadAllText));
        int input = Array.IndexOf(page, "## An input"), after = Array.IndexOf(page, "## An optimizer");
        Assert.InRange(input, 0, after);
        string[] shown =
        [
            .. page[input..after].Where(line => line.StartsWith('+')),
            .. page.Where(line => line.StartsWith('-') && !line.StartsWith("- ", StringComparison.Ordinal)),
        ];
        Assert.InRange(shown.Length, 10, 30);
        Assert.All(shown, line => Assert.Contains(line[1..].Trim(), source, StringComparison.Ordinal));
    }

    /// <summary>The page names every file.</summary>
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
