namespace Unroll.Tests.Network;

/// <summary>Windows of a long batch, for truncated backpropagation.</summary>
public class BatchWindowTests
{
    [Theory]
    [InlineData(InputEncoding.OneHot, OutputHead.SoftmaxEvery)]
    [InlineData(InputEncoding.Dense, OutputHead.LinearEvery)]
    [InlineData(InputEncoding.MultiHot, OutputHead.BernoulliEvery)]
    public void States_and_costs_of_the_windows_are_those_of_the_whole(InputEncoding encoding, OutputHead head)
    {
        var shape = new NetworkShape(5, 7, 3) { Encoding = encoding, Head = head };
        var network = new Network<double>(shape);
        Initializer.Initialize(network, Initialization.BasicTanh, seed: 3);
        Batch whole = Filled(shape, [11, 3, 7, 8]);
        using var all = new UnrolledNetwork<double>(network);
        double cost = all.Forward(whole, CostReduction.Sum);

        using var cut = new UnrolledNetwork<double>(network);
        var window = Batch.For(shape);
        double sum = 0;
        for (int start = 0; start < whole.Steps; start += 4)
        {
            window.TakeWindow(whole, start, 4, carry: true);
            sum += cut.Forward(window, CostReduction.Sum);
            for (int row = 0; row < whole.Rows; row++)
            {
                for (int t = 1; t <= window.Steps && start + t <= whole.Lengths[row]; t++)
                    Assert.True(all.State(start + t, row).SequenceEqual(cut.State(t, row)), $"row {row}, step {start + t}");
            }
        }

        Assert.Equal(cost, sum, 1e-12 * cost);
    }

    [Fact]
    public void Without_carry_a_window_starts_from_zero()
    {
        var shape = new NetworkShape(5, 7, 3) { Head = OutputHead.SoftmaxEvery };
        var network = new Network<double>(shape);
        Initializer.Initialize(network, Initialization.BasicTanh, seed: 3);
        using var unrolled = new UnrolledNetwork<double>(network);
        var window = Batch.For(shape);
        window.TakeWindow(Filled(shape, [11, 3, 7, 8]), 4, 4, carry: false);
        unrolled.Forward(window, CostReduction.Sum);
        Assert.All(unrolled.State(0, 0).ToArray(), h => Assert.Equal(0, h));
        Assert.False(window.IsPredicted(0, 1)); // row 1 ended at step 3
        Assert.Equal(-1, window.Symbol(0, 1));
    }

    [Fact]
    public void A_window_that_cannot_be_is_refused()
    {
        var shape = new NetworkShape(5, 7, 3) { Head = OutputHead.SoftmaxEvery };
        Batch whole = Filled(shape, [4]);
        var window = Batch.For(shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => window.TakeWindow(whole, 4, 1, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.TakeWindow(whole, -1, 1, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.TakeWindow(whole, 0, 0, true));
        Assert.Throws<ArgumentException>(() => whole.TakeWindow(whole, 0, 2, true));
        Assert.Throws<ArgumentException>(
            () => Batch.For(shape with { Head = OutputHead.SoftmaxLast }).TakeWindow(whole, 0, 2, true));
    }

    private static Batch Filled(NetworkShape shape, int[] lengths)
    {
        var batch = Batch.For(shape);
        batch.Resize(lengths.Length, lengths.Max());
        RandomSource random = new RandomKey(5, RandomStream.Test, 0).Shared();
        for (int row = 0; row < lengths.Length; row++)
        {
            batch.Lengths[row] = lengths[row];
            for (int t = 0; t < lengths[row]; t++)
            {
                if (shape.Encoding == InputEncoding.OneHot) batch.SetSymbol(t, row, random.NextInt(shape.Inputs));
                if (shape.Encoding == InputEncoding.MultiHot) batch.SetBit(t, row, random.NextInt(shape.Inputs));
                for (int i = 0; shape.Encoding == InputEncoding.Dense && i < shape.Inputs; i++)
                    batch.Dense(t, row)[i] = random.NextNormal();
                if (shape.Head == OutputHead.SoftmaxEvery) batch.SetClass(t, row, random.NextInt(shape.Outputs));
                if (shape.Head == OutputHead.LinearEvery) batch.Values(t, row)[0] = random.NextNormal();
                if (shape.Head.Cost() == HeadCost.Bernoulli) batch.SetTargetBit(t, row, random.NextInt(shape.Outputs));
            }
        }

        return batch;
    }
}
