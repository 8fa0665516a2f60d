using System.Numerics;
using Unroll.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Kernels;

/// <summary>The heads' costs and slopes at outputs far beyond what a network should produce.</summary>
public static class HeadTests
{
    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Softmax_of_huge_outputs(string kernel)
    {
        Softmax<float>(kernel, [1e30, -1e30, 5, 1e30], 0, Math.Log(2), [-0.5, 0, 0, 0.5]);
        Softmax<double>(kernel, [1e30, -1e30, 5, 1e30], 0, Math.Log(2), [-0.5, 0, 0, 0.5]);
        Softmax<float>(kernel, [1e30, -1e30, 5], 1, 2e30, [1, -1, 0]);
        Softmax<double>(kernel, [1e300, -1e300, 5], 1, 2e300, [1, -1, 0]);

        // All outputs are at or below the value of a padding output.
        Softmax<float>(kernel, [-1e30, -1e30], 1, Math.Log(2), [0.5, -0.5]);
        Softmax<float>(kernel, [-3e38, -3e38, -3.2e38], 0, Math.Log(2), [-0.5, 0.5, 0]);
        Softmax<double>(kernel, [-1.7e308, -1.7e308], 1, Math.Log(2), [0.5, -0.5]);
        Softmax<float>(kernel, [-3e38], 0, 0, [0]);
        Softmax<float>(kernel, [3e38, 3e38], 0, Math.Log(2), [-0.5, 0.5]);
        Softmax<float>(kernel, [.. Enumerable.Repeat(-200.0, 17)], 16, Math.Log(17),
            [.. Enumerable.Repeat(1 / 17.0, 16), -16 / 17.0]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Bernoulli_of_huge_outputs(string kernel)
    {
        Bernoulli<float>(kernel, [1e30, -1e30, -1e30, 3e38, -200, 0], [0], 1e30 + 3e38 - 1e30 + Math.Log(2),
            [0, 0, 0, 1, 0, 0.5]);
        Bernoulli<double>(kernel, [1e30, -1e30, -3e38, 0], [0], Math.Log(2), [0, 0, 0, 0.5]);
        Bernoulli<double>(kernel, [1e30, -1e30, -3e30, 0], [1], 2e30, [1, -1, 0, 0.5]);
        Bernoulli<float>(kernel, [-1e30, -100, 100], [1], 200, [0, -1, 1]);
        Bernoulli<float>(kernel, [.. Enumerable.Repeat(0.0, 65)], [64], 65 * Math.Log(2), [.. Enumerable.Repeat(0.5, 64), -0.5]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void An_undefined_output_makes_the_cost_undefined(string kernel)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            for (int position = 0; position < 19; position++)
            {
                double[] y = new double[19];
                y[position] = double.NaN;
                (double cost, _) = Run<float>(kernel, head, y, 3, []);
                Assert.True(double.IsNaN(cost), $"{head}: the cost is {cost} when output {position} is not a number.");
                (cost, _) = Run<double>(kernel, head, y, 3, [2]);
                Assert.True(double.IsNaN(cost), $"{head}: the cost is {cost} when output {position} is not a number.");
            }
        }
    }

    private static void Softmax<T>(string kernel, double[] y, int label, double cost, double[] slopes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (OutputHead head in (OutputHead[])[OutputHead.SoftmaxLast, OutputHead.SoftmaxEvery])
            Check(Run<T>(kernel, head, y, label, []), cost, slopes, $"{head} of {string.Join(' ', y)}");
    }

    private static void Bernoulli<T>(string kernel, double[] y, int[] bits, double cost, double[] slopes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Check(Run<T>(kernel, OutputHead.BernoulliEvery, y, 0, bits), cost, slopes, $"Bernoulli of {string.Join(' ', y)}");

    private static void Check((double Cost, double[] Slopes) actual, double cost, double[] slopes, string what)
    {
        Compare.Close(actual.Cost, cost, 1e-6, $"cost, {what}");
        for (int o = 0; o < slopes.Length; o++) Assert.Equal(slopes[o], actual.Slopes[o], 1e-6);
    }

    /// <summary>One step of one row whose outputs are the biases alone, so that dE/dy is the bias gradient.</summary>
    private static (double Cost, double[] Slopes) Run<T>(string kernel, OutputHead head, double[] y, int label, int[] bits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(new NetworkShape(1, 3, y.Length) { Head = head });
        for (int o = 0; o < y.Length; o++) network.OutputBias[o] = T.CreateTruncating(y[o]);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 1);
        if (head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery) batch.SetClass(0, 0, label);
        foreach (int bit in head.Cost() == HeadCost.Bernoulli ? bits : []) batch.SetTargetBit(0, 0, bit);
        using var unrolled = new UnrolledNetwork<T>(network, kernel: kernel);
        double cost = unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        return (cost, Compare.Doubles<T>(unrolled.Gradient[^y.Length..]));
    }
}
