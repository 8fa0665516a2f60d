using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

/// <summary>The tasks of generation.</summary>
public static class CycleTaskTests
{
    [Theory]
    [InlineData("sine", 25, 1)]
    [InlineData("sine-40", 40, 1)]
    [InlineData("sine-12.5", 12.5, 1)]
    [InlineData("figure-eight", 40, 2)]
    [InlineData("figure-eight-7", 7, 2)]
    public static void The_name_has_the_period_and_the_values_repeat_after_it(string name, double period, int outputs)
    {
        var task = (CycleTask)SyntheticTasks.Create(name, 200);
        Assert.Equal((name, period, outputs, outputs), (task.Name, task.Period, task.Inputs, task.Outputs));
        Assert.True(task.RunsFree);
        Assert.Equal(name, task.WithLength(80).Name);
        var batch = Batch.For(task);
        task.Fill(batch, 6, new RandomKey(3, RandomStream.Training, 1));
        double turn = Math.Cos(2 * Math.PI / period);
        int again = (int)(2 * period); // a whole number of steps and of cycles
        for (int r = 0; r < 6; r++)
        {
            for (int t = 0; t < 200; t++)
            {
                double[] y = batch.Values(t, r).ToArray();
                if (t > 0) Assert.Equal(batch.Values(t - 1, r).ToArray(), batch.Dense(t, r).ToArray());
                if (t + again < 200)
                {
                    for (int o = 0; o < outputs; o++) Assert.Equal(y[o], batch.Values(t + again, r)[o], 1e-9);
                }

                // The curve itself: y_1^2 = 4 y_0^2 (1 - y_0^2); of a sine its next value by the addition theorem.
                if (outputs == 2) Assert.Equal(4 * y[0] * y[0] * (1 - (y[0] * y[0])), y[1] * y[1], 1e-9);
                else if (t is > 0 and < 199)
                    Assert.Equal(2 * turn * y[0], batch.Values(t + 1, r)[0] + batch.Values(t - 1, r)[0], 1e-9);
            }
        }

        Assert.NotEqual(batch.Values(0, 0)[0], batch.Values(0, 1)[0]); // each row has a phase of its own
    }

    [Theory]
    [InlineData("sine-")]
    [InlineData("sine-2")]
    [InlineData("sine-25")] // that is the task sine
    [InlineData("sine-040")]
    [InlineData("sine-NaN")]
    [InlineData("sine-1e9")]
    [InlineData("figure-eight-x")]
    [InlineData("cosine-40")]
    public static void Other_names_are_no_tasks(string name) =>
        Assert.Contains("There is no task", Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(name, 200)).Message);

    [Theory]
    [InlineData(2)]
    [InlineData(double.NaN)]
    [InlineData(1e5)]
    public static void A_period_out_of_its_range_is_refused(double period) =>
        Assert.Contains("period", Assert.Throws<ArgumentException>(() => new Sine(100, period)).Message);

    [Theory]
    [InlineData(0.099, true)]
    [InlineData(0.101, false)]
    public static void A_sequence_is_right_within_a_tenth(double error, bool right)
    {
        foreach (CycleTask task in (CycleTask[])[new Sine(100), new FigureEight(100)])
        {
            var batch = Batch.For(task);
            task.Fill(batch, 1, new RandomKey(3, RandomStream.Training, 1));
            var predictions = new Predictions();
            predictions.Resize(1, 100, task.Outputs, everyStep: true);
            for (int t = 0; t < 100; t++)
            {
                for (int o = 0; o < task.Outputs; o++)
                    predictions.At(t, 0)[o] = batch.Values(t, 0)[o] + (t < 25 ? 5 : o == 0 ? error : 0);
            }

            bool[] correct = new bool[1];
            task.MarkCorrect(batch, predictions, correct);
            Assert.Equal(right, correct[0]);
        }
    }
}
