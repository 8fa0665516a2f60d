using Unroll.Analysis;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Analysis;

public static class TemporalComponentsTests
{
    private const double Bound = 1e-8;

    public static TheoryData<string> Golden => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Golden))]
    public static void Golden_components_are_the_products_multiplied_out_and_sum_to_the_gradient(string name)
    {
        using GoldenCase golden = GoldenCase.Load(name);
        Batch batch = golden.Batch(golden.Shape.Encoding);
        using var unrolled = new UnrolledNetwork<double>(golden.Network());
        unrolled.Forward(batch, CostReduction.Mean);
        unrolled.Backward();
        TemporalComponents all = TemporalComponents.Measure(unrolled, CostSteps.Every);
        var brute = new BruteForce(unrolled, batch);
        var sum = new double[golden.Shape.ParameterCount];
        var one = new double[golden.Shape.ParameterCount];
        var signals = new double[batch.Rows * batch.Steps][];
        for (int index = 0; index < all.Count; index++)
        {
            (int t, int row) = all.Cost(index);
            for (int k = 1; k <= t; k++)
            {
                double[] signal = brute.Signal(t, k, row);
                Compare.Close(all.Signal(index, k), GradientClipping.Norm<double>(signal), Bound, $"dE_{t}/dx_{k} of row {row}");
                Array.Clear(one);
                brute.AddComponent(t, k, row, one);
                Compare.Close(all.Component(index, k), GradientClipping.Norm<double>(one), Bound,
                    $"component {t}, {k} of row {row}");
                (ComponentPart, string)[] parts =
                [
                    (ComponentPart.RecurrentWeights, ParameterBlock.RecurrentWeights),
                    (ComponentPart.InputWeights, ParameterBlock.InputWeights),
                    (ComponentPart.HiddenBias, ParameterBlock.HiddenBias),
                ];
                foreach ((ComponentPart part, string block) in parts)
                {
                    double norm = golden.Shape.Blocks().FirstOrDefault(b => b.Name == block) is { } at
                        ? GradientClipping.Norm<double>(one.AsSpan(at.Offset, at.Length))
                        : 0;
                    Compare.Close(all.Component(index, k, part), norm, Bound, $"component of {block}");
                }

                brute.AddComponent(t, k, row, sum, 1.0 / batch.Rows);
                double[] total = signals[((k - 1) * batch.Rows) + row] ??= new double[golden.Shape.Hidden];
                for (int j = 0; j < total.Length; j++) total[j] += signal[j];
            }
        }

        foreach (ParameterBlock block in golden.Shape.Blocks())
        {
            if (block.Name is ParameterBlock.OutputWeights or ParameterBlock.OutputBias or ParameterBlock.InitialState) continue;
            Compare.Close(sum.AsSpan(block.Offset, block.Length), unrolled.Gradient.Slice(block.Offset, block.Length),
                Bound, block.Name);
        }

        for (int at = 0; at < signals.Length; at++)
            Compare.Close(all.Total((at / batch.Rows) + 1, at % batch.Rows),
                signals[at] is null ? 0 : GradientClipping.Norm<double>(signals[at]), Bound, "total");
    }

    [Fact]
    public static void Totals_are_those_of_the_whole_cost_whichever_costs_are_followed()
    {
        foreach (OutputHead head in (OutputHead[])[OutputHead.SoftmaxLast, OutputHead.SoftmaxEvery])
        {
            var shape = new NetworkShape(3, 7, 2) { Head = head };
            Batch batch = Specimen.Batch(shape, 3, 6, 1, [6, 1, 4]);
            using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 2));
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            TemporalComponents all = TemporalComponents.Measure(unrolled, CostSteps.Every),
                some = TemporalComponents.Measure(unrolled, CostSteps.At(1));
            for (int k = 1; k <= 6; k++)
            {
                for (int row = 0; row < 3; row++)
                    Compare.Close(some.Total(k, row), all.Total(k, row), 1e-12, $"{head}, step {k} of row {row}");
            }

            Assert.True(all.Total(1, 0) > 0);
            Assert.Equal(0, all.Total(5, 2));
        }
    }

    [Theory]
    [InlineData(1, Activation.Tanh)]
    [InlineData(3, Activation.Sigmoid)]
    [InlineData(7, Activation.Relu)]
    [InlineData(16, Activation.Identity)]
    [InlineData(17, Activation.Tanh)]
    [InlineData(50, Activation.Sigmoid)]
    public static void The_signals_themselves_are_those_of_brute_force_whatever_the_width_and_kernel(
        int hidden, Activation activation)
    {
        var shape = new NetworkShape(3, hidden, 2)
        {
            Activation = activation,
            Head = OutputHead.LinearEvery,
            Encoding = InputEncoding.Dense,
        };
        Batch batch = Specimen.Batch(shape, 5, 9, 7, 9, 1, 4, 9, 6);
        foreach (string? kernel in (string?[])[null, "reference"])
        {
            using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3), 1, kernel);
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            TemporalComponents all = TemporalComponents.Measure(unrolled, CostSteps.Every);
            Assert.Equal(Enumerable.Range(0, 5)
                .Sum(r => Enumerable.Range(0, batch.Lengths[r]).Count(t => batch.IsPredicted(t, r))), all.Count);
            var brute = new BruteForce(unrolled, batch);
            for (int index = 0; index < all.Count; index++)
            {
                (int t, int row) = all.Cost(index);
                for (int k = 1; k <= t; k++)
                    Compare.Close(all.Signal(index, k), GradientClipping.Norm<double>(brute.Signal(t, k, row)), 1e-12,
                        $"dE_{t}/dx_{k}");
            }
        }
    }

    [Fact]
    public static void The_parts_outside_time_complete_the_gradient()
    {
        var shape = new NetworkShape(3, 4, 2) { Head = OutputHead.SoftmaxLast, LearnedInitialState = true };
        Batch batch = Specimen.Batch(shape, 1, 6, 5);
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3));
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        TemporalComponents one = TemporalComponents.Measure(unrolled, CostSteps.Spread(1));
        double Block(params string[] names) => Math.Sqrt(shape.Blocks().Where(b => names.Contains(b.Name))
            .Sum(b => Math.Pow(GradientClipping.Norm<double>(unrolled.Gradient.Slice(b.Offset, b.Length)), 2)));
        Compare.Close(one.HeadNorm(0), Block(ParameterBlock.OutputWeights, ParameterBlock.OutputBias), 1e-12, "head");
        Compare.Close(one.InitialStateNorm[0], Block(ParameterBlock.InitialState), 1e-12, "h_0");
    }

    [Theory]
    [InlineData(0.02)] // 1e-680 at the far end: out of the range of double, and long before that out of the range of float
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(9.0)]
    public static void Signals_of_floats_keep_their_digits_over_any_range(double weight)
    {
        // A linear unit: dE_T/dx_k = dE_T/dx_T w^(T-k).
        var shape = new NetworkShape(1, 1, 1)
        {
            Activation = Activation.Identity,
            Head = OutputHead.LinearLast,
            Encoding = InputEncoding.Dense,
            Biases = false,
        };
        var network = new Network<float>(shape);
        network.RecurrentWeights[0] = (float)weight;
        network.OutputWeights[0] = 1;
        var batch = Batch.For(shape);
        batch.Resize(1, 400);
        batch.Values(0, 0)[0] = 3; // no input, so y = 0 and dE/dy = -6
        using var unrolled = new UnrolledNetwork<float>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        TemporalComponents components = TemporalComponents.Measure(unrolled, CostSteps.Every);
        for (int k = 1; k <= 400; k++)
        {
            double log = Math.Log(6) + ((400 - k) * Math.Log((double)(float)weight)), actual = components.Signal(0, k);
            if (log < -744) Assert.Equal(0, actual);
            else if (log > 709.78) Assert.Equal(double.PositiveInfinity, actual);
            else if (log > -708) Compare.Close(Math.Log(actual), log, 1e-5, $"dE/dx_{k}");
        }

        DecayRate rate = DecayRate.Fit([.. components.ByLag().Select(q => q.Median)]);
        Compare.Close(rate.Rate, (float)weight, 1e-5, "rate");
    }

    [Fact]
    public static void Shares_follow_from_the_components_and_any_border_may_be_asked_for()
    {
        var shape = new NetworkShape(2, 7, 3) { Head = OutputHead.SoftmaxEvery };
        Batch batch = Specimen.Batch(shape, 3, 12, 9, 12, 5, 8);
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3));
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        TemporalComponents all = TemporalComponents.Measure(unrolled, CostSteps.Every);
        for (int index = 0; index < all.Count; index++)
        {
            int t = all.Cost(index).Step;
            double[] norms = [.. Enumerable.Range(1, t).Select(k => all.Component(index, k))];
            Assert.Equal(1, all.LongTermShare(index, 0), 12);
            Assert.Equal(0, all.LongTermShare(index, t));
            for (int border = 1; border < t; border++)
                Assert.Equal(norms[..(t - border)].Sum() / norms.Sum(), all.LongTermShare(index, border), 12);
        }

        Assert.Equal(3, all.LongTermShares(2).Count);
        Assert.Equal([3, 3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1], all.ByStep().Select(step => step.Count));
        Assert.All(all.ByLag(), (lag, i) => Assert.InRange(lag.Count, i == 0 ? 3 : 1, 3));
    }

    [Fact]
    public static void Samples_are_spread_up_to_the_last_predicted_step()
    {
        var shape = new NetworkShape(2, 3, 3) { Head = OutputHead.SoftmaxEvery };
        Batch batch = Specimen.Batch(shape, 2, 100, 9, 100, 3);
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3));
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        TemporalComponents few = TemporalComponents.Measure(unrolled, CostSteps.Spread(4));
        int[] steps = [.. Enumerable.Range(0, few.Count).Select(few.Cost).Where(cost => cost.Row == 0).Select(cost => cost.Step)];
        Assert.Equal(4, steps.Length);
        Assert.Equal(Enumerable.Range(1, 100).Last(t => batch.IsPredicted(t - 1, 0)), steps[0]);
        Assert.InRange(steps[3], 20, 35);
        int predicted = Enumerable.Range(1, 100).First(t => batch.IsPredicted(t - 1, 0));
        Assert.Equal((predicted, 0), TemporalComponents.Measure(unrolled, CostSteps.At(predicted)).Cost(0));
        Assert.Throws<ArgumentException>(() => CostSteps.At());
        Assert.Throws<ArgumentOutOfRangeException>(() => CostSteps.At(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => few.Signal(0, 0));
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Throws<InvalidOperationException>(() => TemporalComponents.Measure(unrolled, CostSteps.Every));
    }

    [Fact]
    public static void Numbers_that_are_none_show_in_the_quantiles()
    {
        var shape = new NetworkShape(2, 3, 2)
        {
            Activation = Activation.Identity,
            Head = OutputHead.LinearLast,
            Encoding = InputEncoding.Dense,
        };
        Network<double> network = Specimen.Network<double>(shape, 3, gain: 1e200);
        Batch batch = Specimen.Batch(shape, 2, 8, 9);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        Assert.True(double.IsNaN(TemporalComponents.Measure(unrolled, CostSteps.Every).ByLag()[0].Median));
    }
}
