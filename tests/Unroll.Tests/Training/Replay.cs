using Unroll.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Updates made one by one with given alpha and rate: the expected result of a schedule.</summary>
internal static class Replay
{
    /// <summary>The parameters after each of the updates, in double.</summary>
    public static double[][] Run(
        ITask task, TrainingOptions options, int updates, Func<int, double> rate, Func<int, double> alpha)
    {
        NetworkShape shape = OptionsRules.Check(task, options);
        using ITrainingEngine engine = Engine(task, options, shape);
        Batch batch = Batch.For(task);
        var all = new double[updates][];
        for (int n = 1; n <= updates; n++)
        {
            task.Fill(batch, task.WholeSet ?? options.BatchSize, new RandomKey(options.Seed, RandomStream.Training, n - 1));
            UpdateReport report = engine.Update(batch, alpha(n), rate(n), n);
            Assert.False(report.NonFinite);
            all[n - 1] = Parameters(engine);
        }

        return all;
    }

    public static ITrainingEngine Engine(ITask task, TrainingOptions options, NetworkShape? shape = null)
    {
        shape ??= OptionsRules.Check(task, options);
        return options.Precision == Precision.Double
            ? new TrainingEngine<double>(task, options, shape)
            : new TrainingEngine<float>(task, options, shape);
    }

    public static double[] Parameters(ITrainingEngine engine)
    {
        var tensors = new Dictionary<string, Array>();
        engine.Capture([], tensors);
        return Runs.Parameters(new Checkpoint(new Dictionary<string, string>(), tensors));
    }
}
