using Unroll.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>The contract of UnrolledNetwork beyond its numbers: what is kept, what is refused, where a pass failed.</summary>
public static class UnrolledNetworkTests
{
    private static readonly NetworkShape Shape = new(3, 9, 2);

    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Fact]
    public static void The_cost_of_a_row_is_of_the_last_batch_and_a_batch_that_was_changed_is_refused()
    {
        var network = new Network<double>(Shape);
        using var unrolled = new UnrolledNetwork<double>(network);
        Assert.Contains("needs a forward pass", Assert.Throws<InvalidOperationException>(() => unrolled.RowCost(0)).Message);
        Batch batch = Batch.For(Shape);
        batch.Resize(3, 5);
        for (int row = 0; row < 3; row++) batch.SetClass(4, row, 1);
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Equal(Math.Log(2), unrolled.RowCost(2), 1e-12);
        batch.Lengths[1] = 1_000_000;
        Assert.Contains("changed", Assert.Throws<InvalidOperationException>(unrolled.Backward).Message);
        batch.Resize(1, 5);
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.RowCost(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.RowCost(-1));
        Assert.Contains("reduction 7", Assert.Throws<ArgumentException>(() => unrolled.Forward(batch, (CostReduction)7)).Message);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void The_first_step_that_is_not_finite_is_named(string kernel)
    {
        // h doubles each step from 1e36: the first state beyond the floats is at step 9.
        var network = new Network<float>(
            new NetworkShape(1, 1, 1) { Activation = Activation.Identity, Head = OutputHead.LinearLast });
        network.RecurrentWeights[0] = 2;
        network.OutputWeights[0] = 1;
        Batch batch = Batch.For(network.Shape);
        batch.Resize(3, 20);
        (batch.Carry[1], batch.Lengths[1]) = (true, 15);
        using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel);
        unrolled.CarriedState(1)[0] = 1e36f;
        Assert.False(double.IsFinite(unrolled.Forward(batch, CostReduction.Sum)));
        Assert.Equal(9, unrolled.FirstNonFiniteStep());
        unrolled.CarriedState(1)[0] = 1e36f;
        batch.Lengths[1] = 8;
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Null(unrolled.FirstNonFiniteStep());
        unrolled.CarriedState(1)[0] = float.NaN;
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Equal(0, unrolled.FirstNonFiniteStep());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void A_gradient_that_explodes_is_found_where_it_broke(string kernel)
    {
        // The states stay zero; dE/dh grows by 16 a step back from 2 at step 40: beyond 2^128 at 40 - 32 = step 8.
        var network = new Network<float>(
            new NetworkShape(1, 1, 1) { Activation = Activation.Identity, Head = OutputHead.LinearLast });
        network.RecurrentWeights[0] = 16;
        network.OutputWeights[0] = 1;
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 40);
        batch.Values(0, 0)[0] = -1;
        using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel);
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Null(unrolled.FirstNonFiniteStep());
        unrolled.Backward();
        Assert.Equal(8, unrolled.FirstNonFiniteStep());
        Assert.True(float.IsFinite(unrolled.StateGradient(9, 0)[0]));

        // The next batch is not affected.
        batch.Resize(1, 10);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        Assert.Null(unrolled.FirstNonFiniteStep());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void An_explosion_leaves_nothing_behind(string kernel)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            NetworkShape shape = Shape with { Head = head, Activation = Activation.Identity };
            Network<float> network = Specimen.Network<float>(shape, 3);
            Batch batch = Specimen.Batch(shape, 5, 7, 1);
            using var clean = new UnrolledNetwork<float>(network, kernel: kernel);
            using var survivor = new UnrolledNetwork<float>(network, kernel: kernel);
            double cost = clean.Forward(batch, CostReduction.Sum);
            clean.Backward(new Unroll.Remedies.VanishingGradientRegularizer(), 1);
            foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, 3e38f])
            {
                float[] good = network.Parameters.ToArray();
                network.Parameters.Fill(bad);
                survivor.Forward(batch, CostReduction.Sum);
                survivor.Backward(new Unroll.Remedies.VanishingGradientRegularizer(), 1);
                Assert.NotNull(survivor.FirstNonFiniteStep());
                good.CopyTo(network.Parameters);
                Assert.Equal(cost, survivor.Forward(batch, CostReduction.Sum));
                survivor.Backward(new Unroll.Remedies.VanishingGradientRegularizer(), 1);
                Compare.SameBits<float>(survivor.Gradient, clean.Gradient, "gradient after an explosion");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Predictions_are_the_outputs_of_the_forward_pass(string kernel)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            NetworkShape shape = Shape with { Head = head };
            using var unrolled = new UnrolledNetwork<float>(Specimen.Network<float>(shape, 3), kernel: kernel);
            Batch batch = Specimen.Batch(shape, 4, 5, 1);
            var predictions = new Predictions();
            unrolled.Predict(batch, predictions);
            Assert.Throws<InvalidOperationException>(unrolled.Backward);
            Assert.Throws<InvalidOperationException>(() => unrolled.StateGradient(1, 0).Length);
            unrolled.Forward(batch, CostReduction.Sum);
            for (int t = 0; t < 5; t++)
            {
                for (int r = 0; r < 4; r++)
                {
                    Compare.SameBits<double>(predictions.At(t, r), Compare.Doubles(unrolled.Output(t, r)), "prediction");
                    Assert.Contains(unrolled.Output(t, r).ToArray(), y => y != 0);
                }
            }

            Assert.Equal(shape.PredictsEveryStep ? 5 : 1, predictions.Steps);
            Assert.Equal((4, 2), (predictions.Rows, predictions.Outputs));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void An_input_that_makes_a_prediction_not_finite_is_named(string kernel)
    {
        NetworkShape shape = Shape with { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast };
        using var unrolled = new UnrolledNetwork<float>(Specimen.Network<float>(shape, 3), kernel: kernel);
        Batch batch = Specimen.Batch(shape, 4, 5, 1);
        var predictions = new Predictions();
        batch.Dense(2, 3)[1] = double.NaN;
        Assert.Equal(
            "An output is not finite because the input in row 3, step 2, column 1 of the batch (each counted from 0) is NaN; "
                + "correct the data of the task.",
            Assert.Throws<ArithmeticException>(() => unrolled.Predict(batch, predictions)).Message);
        batch.Dense(2, 3)[1] = 0;
        unrolled.Network.Parameters.Fill(float.NaN); // a fault of the network itself is visible in its outputs
        unrolled.Predict(batch, predictions);
        Assert.Equal(double.NaN, predictions.At(0, 0)[0]);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Row_costs_average_to_the_cost_and_a_mean_is_over_each_rows_own_steps(string kernel)
    {
        NetworkShape shape = Shape with { Head = OutputHead.SoftmaxEvery };
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3), kernel: kernel);
        Batch batch = Specimen.Batch(shape, 4, 6, 1, 6, 2, 5, 1);
        double sum = unrolled.Forward(batch, CostReduction.Sum);
        double[] rows = [.. Enumerable.Range(0, 4).Select(unrolled.RowCost)];
        Assert.Equal(rows.Sum() / 4, sum, 12);
        double mean = unrolled.Forward(batch, CostReduction.Mean);
        for (int r = 0; r < 4; r++)
        {
            int predicted = Enumerable.Range(0, 6).Count(t => batch.IsPredicted(t, r));
            Assert.Equal(rows[r] / Math.Max(predicted, 1), unrolled.RowCost(r), 12);
        }

        Assert.Equal(Enumerable.Range(0, 4).Sum(unrolled.RowCost) / 4, mean, 12);
    }

    [Fact]
    public static void Carried_states_survive_the_growth_of_the_batch()
    {
        using var unrolled = new UnrolledNetwork<float>(Specimen.Network<float>(Shape, 3));
        unrolled.CarriedState(2).Fill(0.5f);
        unrolled.CarriedState(40).Fill(0.25f);
        Assert.All(unrolled.CarriedState(2).ToArray(), x => Assert.Equal(0.5f, x));
        Batch batch = Specimen.Batch(Shape, 100, 2, 1);
        batch.Carry[40] = true;
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.All(unrolled.State(0, 40).ToArray(), x => Assert.Equal(0.25f, x));
        Assert.All(unrolled.State(0, 2).ToArray(), x => Assert.Equal(0f, x));
        Compare.SameBits<float>(unrolled.CarriedState(2), unrolled.State(2, 2), "the end of row 2");
    }

    [Fact]
    public static void What_does_not_fit_is_refused()
    {
        var network = new Network<float>(Shape);
        using var unrolled = new UnrolledNetwork<float>(network);
        var error = Assert.Throws<ArgumentException>(() => unrolled.Forward(Batch.For(Shape), CostReduction.Sum));
        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
        Batch other = Batch.For(Shape with { Inputs = 4 });
        other.Resize(1, 1);
        error = Assert.Throws<ArgumentException>(() => unrolled.Forward(other, CostReduction.Sum));
        Assert.Contains("4 OneHot inputs", error.Message, StringComparison.Ordinal);
        Batch batch = Batch.For(Shape);
        batch.Resize(2, 3);
        foreach (int length in (int[])[0, 4, -1])
        {
            batch.Lengths[1] = length;
            error = Assert.Throws<ArgumentException>(() => unrolled.Forward(batch, CostReduction.Sum));
            Assert.Contains("1..3", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.CarriedState(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnrolledNetwork<float>(network, threads: 0));
        error = Assert.Throws<ArgumentException>(() => new UnrolledNetwork<float>(network, kernel: "vector1024"));
        Assert.Contains(KernelFactory.Reference, error.Message, StringComparison.Ordinal);
        batch.Lengths[1] = 3;
        unrolled.Forward(batch, CostReduction.Sum);
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.State(4, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.State(0, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.Output(0, 2).Length);
        unrolled.Backward();
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.PreActivationGradient(0, 0).Length);
    }

    [Fact]
    public static void A_disposed_network_refuses_to_run()
    {
        foreach (int threads in (int[])[1, 2])
        {
            var unrolled = new UnrolledNetwork<float>(new Network<float>(Shape), threads);
            unrolled.Dispose();
            Assert.Throws<ObjectDisposedException>(() => unrolled.Forward(Specimen.Batch(Shape, 1, 1, 1), CostReduction.Sum));
        }
    }
}
