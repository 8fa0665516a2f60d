using Unroll.Training;

namespace Unroll.Tests.Training.Updates;

public static class InputNoiseStepTests
{
    [Fact]
    public static void Noise_is_normal_on_steps_within_the_lengths_and_the_same_for_the_same_update()
    {
        double[] once = Noise(update: 3), again = Noise(update: 3), other = Noise(update: 4);
        Assert.Equal(once, again);
        Assert.NotEqual(once, other);
        Assert.InRange(once.Average(), -0.03, 0.03);
        Assert.InRange(Math.Sqrt(once.Average(x => x * x)), 0.48, 0.52);

        static double[] Noise(long update)
        {
            using var unrolled = new UnrolledNetwork<float>(
                new Network<float>(new NetworkShape(5, 2, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast }));
            var batch = Batch.For(unrolled.Network.Shape);
            batch.Resize(20, 40);
            batch.Lengths[7] = 10;
            var progress = new UpdateInProgress<float>(unrolled);
            progress.Begin(batch, 0, 0.1, update, default);
            new InputNoiseStep<float>(1, 0.5).Apply(progress);
            var noise = new List<double>();
            for (int row = 0; row < 20; row++)
            {
                for (int t = 0; t < 40; t++)
                {
                    if (t < batch.Lengths[row]) noise.AddRange(batch.Dense(t, row));
                    else Assert.All(batch.Dense(t, row).ToArray(), x => Assert.Equal(0, x));
                }
            }

            return [.. noise];
        }
    }

    [Fact]
    public static void Inputs_that_are_no_numbers_have_none()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new Trainer(new Unroll.Tasks.TemporalOrder(50), new TrainingOptions { InputNoise = 0.1 }));
        Assert.Contains("are no numbers", error.Message);
    }
}
