using Unroll.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Small runs and comparisons of their results.</summary>
internal static class Runs
{
    /// <summary>Six units on <see cref="FirstSymbol"/>: an update takes microseconds.</summary>
    public static TrainingOptions Small { get; } = new()
    {
        Hidden = 6,
        Initialization = Initialization.BasicTanh,
        LearningRate = 0.1,
        ClipThreshold = 1,
        BatchSize = 4,
        CheckEvery = 10,
        ValidationSequences = 40,
        MaximumUpdates = 40,
        Stop = StopRule.Budget,
    };

    /// <summary>
    /// The optimizers that take a gradient and a rate; Hessian-Free and ridge regression have tests of their own.
    /// </summary>
    public static IEnumerable<OptimizerKind> GradientOptimizers =>
        Enum.GetValues<OptimizerKind>().Where(kind => kind is not (OptimizerKind.HessianFree or OptimizerKind.Ridge));

    public static FirstSymbol Task { get; } = new(new LengthRange(3, 8));

    /// <summary>Runs to the end; returns the checks without the values that depend on the clock.</summary>
    public static List<TrainingProgress> Checks(Trainer trainer) => ChecksUntil(trainer, CancellationToken.None);

    public static List<TrainingProgress> ChecksUntil(Trainer trainer, CancellationToken cancellation)
    {
        var checks = new List<TrainingProgress>();
        trainer.Run(check => checks.Add(Timeless(check)), cancellation);
        return checks;
    }

    public static TrainingResult End(Trainer trainer) => trainer.Run();

    /// <summary>A run from the start: its checks and its final checkpoint.</summary>
    public static (List<TrainingProgress> Checks, Checkpoint End) Run(ITask task, TrainingOptions options)
    {
        using var trainer = new Trainer(task, options);
        return (Checks(trainer), trainer.Capture());
    }

    public static TrainingResult Result(ITask task, TrainingOptions options)
    {
        using var trainer = new Trainer(task, options);
        return trainer.Run();
    }

    public static TrainingProgress Timeless(TrainingProgress check) => check with { Seconds = 0, UpdatesPerSecond = 0 };

    /// <summary>The final parameters, in double (which is exact).</summary>
    public static double[] Parameters(Checkpoint checkpoint) => Doubles(checkpoint.Tensors["parameters"]);

    public static double[] Doubles(Array values) =>
        values is float[] floats ? [.. floats.Select(x => (double)x)] : (double[])values;

    /// <summary>Asserts that only times differ.</summary>
    public static void AssertSame(Checkpoint expected, Checkpoint actual, string what)
    {
        Assert.Equal(Text(expected), Text(actual));
        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        foreach ((string name, Array values) in expected.Tensors)
            Assert.True(SameBits(values, actual.Tensors[name]), $"{what}: the tensor {name} differs.");

        static IEnumerable<string> Text(Checkpoint c) =>
            c.Properties.Where(p => p.Key is not ("seconds" or "update-seconds" or "threads"))
                .Select(p => $"{p.Key} = {p.Value}").Order();
    }

    public static bool SameBits(Array a, Array b) => a.GetType() == b.GetType() && Bytes(a).AsSpan().SequenceEqual(Bytes(b));

    /// <summary>Asserts that a message is one sentence on one line and contains all of these texts.</summary>
    public static void AssertSentence(string message, params string[] says)
    {
        foreach (string text in says) Assert.Contains(text, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain(". ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    public static byte[] Bytes(Array values)
    {
        var bytes = new byte[Buffer.ByteLength(values)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }
}
