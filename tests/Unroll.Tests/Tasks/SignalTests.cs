using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

/// <summary>The tasks on signals.</summary>
public static class SignalTests
{
    [Fact]
    public static void Mackey_Glass_follows_its_equation_and_the_target_is_the_next_input()
    {
        Batch batch = Filled(new MackeyGlass(400), 5);
        for (int row = 0; row < 5; row++)
        {
            double[] x = [.. Enumerable.Range(0, 400).Select(t => (0.45 * batch.Dense(t, row)[0]) + 0.85)];
            for (int t = 0; t < 399; t++) Assert.Equal(batch.Dense(t + 1, row)[0], batch.Values(t, row)[0]);
            for (int t = 17; t < 399; t++)
            {
                // With the delayed value held over a unit of time the equation has the solution s + (x - s) exp(-0.1).
                double source = 0.2 * x[t - 17] / (1 + Math.Pow(x[t - 17], 10)) / 0.1;
                Assert.Equal(source + ((x[t] - source) * Math.Exp(-0.1)), x[t + 1], 1e-6);
            }

            Assert.InRange(x.Min(), 0.2, 0.7);
            Assert.InRange(x.Max(), 1.1, 1.4);
        }
    }

    [Fact]
    public static void Narma_follows_its_equation()
    {
        Batch batch = Filled(new Narma(300), 4);
        for (int row = 0; row < 4; row++)
        {
            double U(int t) => batch.Dense(t, row)[0];
            double Y(int t) => batch.Values(t - 1, row)[0]; // y_t is the target of the step before
            for (int t = 0; t < 300; t++) Assert.InRange(U(t), 0, 0.5);
            for (int t = 30; t < 300; t++)
            {
                double sum = Enumerable.Range(t - 29, 30).Sum(Y);
                double next = (0.2 * Y(t)) + (0.04 * Y(t) * sum) + (1.5 * U(t - 29) * U(t)) + 0.001;
                Assert.Equal(Math.Min(1, next), Y(t + 1), 1e-12);
            }
        }
    }

    [Fact]
    public static void Narma_with_feedback_has_the_same_series_and_the_target_before_as_its_second_input()
    {
        Batch narma = Filled(new Narma(300), 3), own = Filled(new NarmaFeedback(300), 3);
        for (int row = 0; row < 3; row++)
        {
            for (int t = 0; t < 300; t++)
            {
                Assert.Equal(narma.Dense(t, row)[0], own.Dense(t, row)[0]);
                Assert.Equal(t > 0 ? narma.Values(t - 1, row)[0] : 0, own.Dense(t, row)[1]);
                Assert.Equal(narma.Values(t, row)[0], own.Values(t, row)[0]);
            }
        }
    }

    [Fact]
    public static void Narma_stays_bounded_over_many_steps()
    {
        Batch batch = Filled(new Narma(100_000), 1);
        for (int t = 0; t < 100_000; t++) Assert.InRange(batch.Values(t, 0)[0], 0, 1);
    }

    [Fact]
    public static void Memory_asks_for_the_inputs_before()
    {
        Batch batch = Filled(new MemoryCapacity(200), 3);
        for (int row = 0; row < 3; row++)
        {
            for (int t = 0; t < 200; t++)
            {
                Assert.InRange(batch.Dense(t, row)[0], -0.8, 0.8);
                for (int k = 1; k <= 50; k++)
                    Assert.Equal(t < k ? 0 : batch.Dense(t - k, row)[0], batch.Values(t, row)[k - 1]);
            }
        }
    }

    [Fact]
    public static void The_capacity_of_perfect_memory_is_one_a_delay_and_of_noise_near_none()
    {
        Batch batch = Filled(new MemoryCapacity(2_000), 1);
        var network = new Network<double>(Shape(new MemoryCapacity(2_000), 3));
        var predictions = new Predictions();
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Predict(batch, predictions);
        RandomSource random = new RandomKey(3, RandomStream.Test, 1).Shared();
        for (int t = 0; t < 2_000; t++)
        {
            Span<double> y = predictions.At(t, 0);
            for (int k = 0; k < 50; k++) y[k] = k < 20 ? 3 - (2 * batch.Values(t, 0)[k]) : k < 40 ? random.NextNormal() : 7;
        }

        double[] capacities = MemoryCapacity.Capacities(batch, predictions);
        for (int k = 0; k < 20; k++) Assert.Equal(1, capacities[k], 1e-9);
        for (int k = 20; k < 40; k++) Assert.InRange(capacities[k], 0, 0.02);
        for (int k = 40; k < 50; k++) Assert.Equal(0, capacities[k]);
    }

    [Theory]
    [InlineData("mackey-glass")]
    [InlineData("narma")]
    [InlineData("narma-feedback")]
    [InlineData("memory-capacity")]
    [InlineData("sine")]
    [InlineData("figure-eight")]
    public static void The_first_quarter_or_hundred_steps_are_not_predicted_and_targets_themselves_are_right(string name)
    {
        int shortest = SyntheticTasks.All.Single(task => task.Name == name).MinimumLength;
        foreach ((int steps, int first) in ((int, int)[])[(4, 1), (5, 1), (100, 25), (399, 99), (400, 100), (900, 100)])
        {
            if (steps < shortest) continue;
            ILengthTask task = SyntheticTasks.Create(name, steps);
            Batch batch = Filled(task, 2);
            for (int t = 0; t < steps; t++) Assert.Equal(t >= first, batch.IsPredicted(t, 1));
            var predictions = new Predictions();
            using var unrolled = new UnrolledNetwork<double>(new Network<double>(Shape(task, 2)));
            unrolled.Predict(batch, predictions);
            for (int t = 0; t < steps; t++)
            {
                for (int row = 0; row < 2; row++) batch.Values(t, row).CopyTo(predictions.At(t, row));
            }

            predictions.At(steps - 1, 1)[0] = double.NaN;
            bool[] correct = new bool[2];
            task.MarkCorrect(batch, predictions, correct);
            Assert.Equal([true, false], correct);
        }

        Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(name, shortest - 1));
    }

    /// <summary>Its shortest sequences are still a task: no network that always says the same gets them right.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.03)]
    [InlineData(0.06)]
    [InlineData(0.12)]
    public static void Narma_at_its_shortest_length_is_not_solved_by_a_constant(double constant)
    {
        ILengthTask task = SyntheticTasks.Create("narma", Narma.ShortestLength);
        Batch batch = Filled(task, 500);
        var predictions = new Predictions();
        using var unrolled = new UnrolledNetwork<double>(new Network<double>(Shape(task, 2)));
        unrolled.Predict(batch, predictions);
        for (int t = 0; t < Narma.ShortestLength; t++)
        {
            for (int row = 0; row < batch.Rows; row++) predictions.At(t, row)[0] = constant;
        }

        bool[] correct = new bool[batch.Rows];
        task.MarkCorrect(batch, predictions, correct);
        Assert.InRange(correct.Count(right => right), 0, 5); // solved is 99% right; this is at most 1%
    }

    private static NetworkShape Shape(ITask task, int hidden) => new(task.Inputs, hidden, task.Outputs)
    {
        Encoding = task.Encoding,
        Head = task.Head,
    };

    private static Batch Filled(ITask task, int rows)
    {
        var batch = Batch.For(task);
        task.Fill(batch, rows, new RandomKey(5, RandomStream.Training, 3));
        return batch;
    }
}
