using System.Numerics;
using Unroll.Files;
using Unroll.Heads;
using Unroll.Kernels;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Heads;

/// <summary>
/// Absolute error, Huber's error and quantiles: the values by hand, the registers against the definition, the file.
/// </summary>
public static class ValueHeadTests
{
    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    private static NetworkShape Shape(OutputHead head, int outputs) => new(1, 3, outputs)
    {
        Head = head,
        HuberDelta = 0.5,
        Quantiles = outputs % 3 == 0 ? [0.1, 0.5, 0.8] : [0.3],
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Costs_and_slopes_are_those_by_hand(string kernel)
    {
        foreach (bool every in (bool[])[false, true])
        {
            // Errors y - target: 2, -0.25, 0.
            Check(every ? OutputHead.AbsoluteEvery : OutputHead.AbsoluteLast, 2.25, [1, -1, 0]);
            Check(every ? OutputHead.HuberEvery : OutputHead.HuberLast, (0.5 * 1.75) + (0.25 * 0.25 / 2), [0.5, -0.25, 0]);
            Check(every ? OutputHead.QuantileEvery : OutputHead.QuantileLast, (0.9 * 2) + (0.5 * 0.25), [0.9, -0.5, 0]);
        }

        void Check(OutputHead head, double cost, double[] slopes)
        {
            Run<double>(kernel, head, [3, 0.75, -7], [1, 1, -7], out double actual, out double[] gradient);
            Compare.Close(actual, cost, 1e-15, $"{head} cost");
            Compare.Close(gradient, slopes, 1e-15, $"{head} slopes");
            Run<float>(kernel, head, [3, 0.75, -7], [1, 1, -7], out actual, out gradient);
            Compare.Close(actual, cost, 1e-6, $"{head} cost, float");
            Compare.Close(gradient, slopes, 1e-6, $"{head} slopes, float");
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Registers_give_the_definition_at_awkward_widths_and_sizes(string kernel)
    {
        foreach (OutputHead head in Heads)
        {
            foreach (int outputs in (int[])[1, 2, 15, 17, 33])
            {
                foreach (double size in (double[])[1, 1e-30, 1e30])
                {
                    double[] y = [.. Enumerable.Range(0, outputs).Select(o => size * Math.Sin(o * 1.7))];
                    double[] target = [.. Enumerable.Range(0, outputs).Select(o => size * Math.Cos(o * 2.3))];
                    NetworkShape shape = Shape(head, outputs);
                    Batch batch = Batch.For(shape);
                    batch.Resize(1, 1);
                    target.CopyTo(batch.Values(0, 0));
                    var slopes = new double[outputs];
                    HeadTable.Of(shape).Slopes(y, batch, 0, 0, slopes);
                    Run<double>(kernel, head, y, target, out double cost, out double[] gradient);
                    Compare.Close(cost, HeadTable.Of(shape).Cost(y, batch, 0, 0), 1e-12, $"{head} {outputs} {size}");
                    Compare.Close(gradient, slopes, 1e-12, $"{head} {outputs} {size}");
                }
            }
        }
    }

    [Fact]
    public static void Quantiles_of_a_sample_are_where_the_pinball_cost_is_least()
    {
        double[] sample = [.. Enumerable.Range(0, 200).Select(i => Math.Sin(i * 12.9898) * 43758.5453 % 1)];
        foreach (double level in (double[])[0.1, 0.5, 0.93])
        {
            NetworkShape shape = new(1, 1, 1) { Head = OutputHead.QuantileLast, Quantiles = [level] };
            double best = sample.MinBy(Total);
            Assert.InRange(sample.Count(value => value < best), (level * 200) - 1, (level * 200) + 1);

            double Total(double y)
            {
                Batch batch = Batch.For(shape);
                batch.Resize(1, 1);
                double total = 0;
                foreach (double target in sample)
                {
                    batch.Values(0, 0)[0] = target;
                    total += HeadTable.Of(shape).Cost([y], batch, 0, 0);
                }

                return total;
            }
        }
    }

    [Fact]
    public static void Crossed_quantiles_are_put_in_order_when_they_are_predicted()
    {
        var shape = new NetworkShape(1, 2, 6) { Head = OutputHead.QuantileLast, Quantiles = [0.1, 0.5, 0.9] };
        var network = new Network<float>(shape);
        ((float[])[3, 1, 2, -1, 0, 1]).CopyTo(network.OutputBias);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 2);
        var predictions = new Predictions();
        using var unrolled = new UnrolledNetwork<float>(network);
        unrolled.Predict(batch, predictions);
        Assert.Equal([1, 2, 3, -1, 0, 1], predictions.At(0, 0).ToArray());
        Assert.Equal([3, 1, 2, -1, 0, 1], unrolled.Output(0, 0).ToArray());
        var stream = new StreamingNetwork<float>(network);
        var output = new float[6];
        stream.Step(0, stream.Start(), output);
        Assert.Equal([1, 2, 3, -1, 0, 1], output);
    }

    [Fact]
    public static void A_file_keeps_delta_and_levels_and_says_them_only_where_they_mean_something()
    {
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        foreach (OutputHead head in Heads)
        {
            NetworkShape shape = Shape(head, 6) with { HuberDelta = 1 / 3.0 };
            if (head.Cost() != HeadCost.Huber) shape = shape with { HuberDelta = 1 };
            if (head.Cost() != HeadCost.Quantile) shape = shape with { Quantiles = [0.5] };
            ModelFile.Save(path, new Network<float>(shape), new ModelInfo(shape));
            Assert.Equal(shape, ModelFile.ReadInfo(path).Shape);
            List<string> keys = [.. ModelFile.Metadata(new ModelInfo(shape)).Select(entry => entry.Key)];
            Assert.Equal(head.Cost() == HeadCost.Huber, keys.Contains("unroll.huber_delta"));
            Assert.Equal(head.Cost() == HeadCost.Quantile, keys.Contains("unroll.quantiles"));
        }
    }

    [Fact]
    public static void What_cannot_be_is_refused()
    {
        NetworkShape quantiles = new(1, 2, 4) { Head = OutputHead.QuantileLast };
        Assert.Contains("4 outputs for 3 quantiles", Message(quantiles with { Quantiles = [0.1, 0.5, 0.9] }));
        Assert.Contains("0.5 follows 0.9", Message(quantiles with { Quantiles = [0.9, 0.5] }));
        Assert.Contains("quantile 1 must lie", Message(quantiles with { Quantiles = [0.5, 1] }));
        Assert.Contains("quantile NaN must lie", Message(quantiles with { Quantiles = [double.NaN] }));
        Assert.Contains("There are 0 quantiles", Message(quantiles with { Quantiles = [] }));
        Assert.Contains("delta of a Huber head is 0", Message(quantiles with { HuberDelta = 0 }));

        static string Message(NetworkShape shape) => Assert.Throws<ArgumentException>(shape.Validate).Message;
    }

    [Fact]
    public static void Hessian_free_takes_huber_and_refuses_what_has_no_curvature()
    {
        foreach (OutputHead head in Heads)
        {
            Network<double> network = Specimen.Network<double>(Shape(head, 3), 3);
            using var unrolled = new UnrolledNetwork<double>(network);
            unrolled.Forward(Specimen.Batch(network.Shape, 2, 3, 4), CostReduction.Sum);
            if (head.Cost() == HeadCost.Huber)
            {
                unrolled.BeginCurvature();
                continue;
            }

            string message = Assert.Throws<InvalidOperationException>(() => unrolled.BeginCurvature()).Message;
            Assert.Contains("no curvature", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public static void A_weighted_target_counts_as_often_as_its_weight_says()
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            NetworkShape shape = new(2, 5, 3) { Head = head, Encoding = InputEncoding.Dense };
            Network<double> network = Specimen.Network<double>(shape, 5);
            Batch once = Specimen.Batch(shape, 2, 3, 6), twice = Specimen.Rows(once, 0, 0, 1);
            for (int t = 0; t < 3; t++) once.SetTargetWeight(t, 0, 2);
            foreach (string kernel in KernelFactory.Available())
            {
                using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
                double cost = unrolled.Forward(once, CostReduction.Sum);
                unrolled.Backward();
                double[] gradient = unrolled.Gradient.ToArray();
                Compare.Close(unrolled.Forward(twice, CostReduction.Sum) * 3 / 2, cost, 1e-12, $"{head} {kernel}");
                unrolled.Backward();
                Compare.Close([.. unrolled.Gradient.ToArray().Select(g => g * 3 / 2)], gradient, 1e-12, $"{head} {kernel}");
                var geometry = new Unroll.Geometry.ErrorGeometry(network, once, CostReduction.Sum);
                Compare.Close(geometry.Gradient.ToArray(), gradient, 1e-10, $"{head} scalar");
            }

            once.Resize(2, 3);
            Assert.Equal(1, once.TargetWeight(0, 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => once.SetTargetWeight(0, 0, -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => once.SetTargetWeight(0, 0, double.NaN));
        }
    }

    private static OutputHead[] Heads =>
        [.. Enum.GetValues<OutputHead>().Where(head => head.Cost().HasValues() && head.Cost() != HeadCost.Squared)];

    /// <summary>One step of one row whose outputs are the biases alone, so that dE/dy is the bias gradient.</summary>
    private static void Run<T>(
        string kernel, OutputHead head, double[] y, double[] target, out double cost, out double[] slopes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(Shape(head, y.Length));
        for (int o = 0; o < y.Length; o++) network.OutputBias[o] = T.CreateTruncating(y[o]);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 1);
        target.CopyTo(batch.Values(0, 0));
        using var unrolled = new UnrolledNetwork<T>(network, kernel: kernel);
        cost = unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        slopes = Compare.Doubles<T>(unrolled.Gradient[^y.Length..]);
    }
}
