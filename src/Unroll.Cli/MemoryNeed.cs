using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Refuses sizes that this machine cannot hold, before anything is allocated for them.</summary>
internal static class MemoryNeed
{
    /// <summary>Sequences judged at once at a check.</summary>
    private const int JudgedRows = 100;

    /// <summary>Throws a <see cref="UserError"/> when a run would need more than the memory there is.</summary>
    public static void Check(ILengthTask task, TrainingOptions options)
    {
        double need = Estimate(task, options), available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (need > available)
            throw new UserError($"This run would need about {Gibibytes(need)} of memory and the machine has {Gibibytes(available)}; take a smaller --hidden, --batch or --length.");
    }

    /// <summary>
    /// Bytes, roughly (the sequences of some tasks are a tenth or 20 steps longer than T): for each of T x B entries the states, their gradients and Omega's vectors (4 H) and, at predicted steps, the
    /// outputs and their gradients (2 O), and the batch itself; and about ten times the parameters (weights, packed copies,
    /// gradient, optimizer, best, checkpoint).
    /// </summary>
    internal static double Estimate(ILengthTask task, TrainingOptions options)
    {
        double size = options.Precision == Precision.Double ? 8 : 4;
        double hidden = options.Hidden, steps = (task.Length.Maximum * 1.1) + 20;
        double rows = task.WholeSet ?? Math.Max(options.BatchSize, Math.Min(JudgedRows, options.ValidationSequences));
        bool every = task.Head is OutputHead.SoftmaxEvery or OutputHead.LinearEvery or OutputHead.BernoulliEvery;
        double input = task.Encoding == InputEncoding.Dense ? 8.0 * task.Inputs : 4;
        double entry = (size * 4 * hidden) + (every ? ((size * 2) + 8) * task.Outputs : 0) + input;
        return (rows * steps * entry) + (10 * size * hidden * (task.Inputs + hidden + task.Outputs));
    }

    private static string Gibibytes(double bytes) => $"{Format.Number(bytes / (1L << 30))} GiB";
}
