using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>Refuses sizes that this machine or one buffer cannot hold, before anything is allocated for them.</summary>
internal static class MemoryNeed
{
    /// <summary>Sequences judged at once at a check.</summary>
    private const int JudgedRows = 100;

    /// <summary>The most elements of one buffer.</summary>
    private const double MaximumElements = int.MaxValue;

    /// <summary>Throws a <see cref="UserError"/> when a training run would need more than there is.</summary>
    public static void Check(ITask task, TrainingOptions options)
    {
        Pass training = Training(task, options), judging = Judging(task, options);
        Check(training, judging, options, task);
        CheckTotal(training.Bytes + judging.Bytes + Parameters(task, options));
    }

    /// <summary>Throws a <see cref="UserError"/> when judging a network would need more than there is.</summary>
    public static void CheckEvaluation(ITask task, TrainingOptions options)
    {
        Pass judging = Judging(task, options);
        Check(judging, judging, options, task);
        CheckTotal(judging.Bytes + Parameters(task, options));
    }

    private static void Check(Pass training, Pass judging, TrainingOptions options, ITask task)
    {
        foreach (Pass pass in (Pass[])[training, judging])
        {
            if (pass.LargestBuffer <= MaximumElements && pass.LargestInBatch <= Batch.MaximumNumbers) continue;
            string lengths = task is ICorpusTask ? "--window" : options.SelectionLengths.Any(length => length > Longest(task)) ? "--length or --select-length" : "--length";
            throw new UserError($"{pass.Rows} sequences of up to about {Format.Count(pass.Steps)} steps at once are too many for one buffer; take a smaller {lengths}, --batch or --hidden.");
        }
    }

    private static void CheckTotal(double need)
    {
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (need > available)
            throw new UserError($"This run would need about {Gibibytes(need)} of memory and the machine has {Gibibytes(available)}; take a smaller --hidden, --batch or --length.");
    }

    private static int Longest(ITask task) => task is ICorpusTask corpus ? corpus.Window : ((ILengthTask)task).Length.Maximum;

    private static Pass Training(ITask task, TrainingOptions options) =>
        new(task, options, task.WholeSet ?? options.BatchSize, Longest(task), Backward: true);

    /// <summary>The validation and, where a model is selected by a longer length, the selection.</summary>
    private static Pass Judging(ITask task, TrainingOptions options) => new(
        task, options, task.WholeSet ?? (int)Math.Min(JudgedRows, options.ValidationSequences),
        options.SelectionLengths.Append(task is ICorpusTask ? 1 : Longest(task)).Max(), Backward: false);

    /// <summary>Bytes of about ten times the parameters: weights, packed copies, gradient, optimizer, best, checkpoint.</summary>
    private static double Parameters(ITask task, TrainingOptions options) =>
        10.0 * Size(options) * options.Hidden * (task.Inputs + options.Hidden + task.Outputs);

    private static int Size(TrainingOptions options) => options.Precision == Precision.Double ? 8 : 4;

    private static string Gibibytes(double bytes) => $"{Format.Number(bytes / (1L << 30))} GiB";

    /// <summary>What one network holds for its largest batch; roughly, as the sequences of some tasks are a tenth or 20 steps longer than T.</summary>
    private sealed record Pass(ITask Task, TrainingOptions Options, int Rows, int Length, bool Backward)
    {
        public double Steps => (Length * 1.1) + 20;

        private double Entries => Rows * Steps;

        private bool EveryStep => Task.Head.IsEveryStep();

        private double OutputEntries => EveryStep ? Entries : Rows;

        private bool Dense => Task.Encoding == InputEncoding.Dense;

        /// <summary>Numbers in the largest array of the batch, as <see cref="Batch.Resize"/> counts them.</summary>
        public double LargestInBatch => Entries * Math.Max(Dense ? Task.Inputs : 1, EveryStep ? Task.Outputs : 1);

        /// <summary>Elements of the largest of the buffers.</summary>
        public double LargestBuffer => Math.Max(
            Math.Max((Entries + Rows) * Padded(Options.Hidden), OutputEntries * Padded(Task.Outputs)), Dense ? Entries * Padded(Task.Inputs) : 0);

        /// <summary>
        /// Bytes: the states and, for a pass back, their gradients and Omega's vectors (4 H an entry); the outputs and their
        /// gradients; the inputs; and the batch itself.
        /// </summary>
        public double Bytes
        {
            get
            {
                double hidden = (Backward ? 4 : 1) * Entries * Padded(Options.Hidden), outputs = (Backward ? 2 : 1) * OutputEntries * Padded(Task.Outputs);
                double inputs = Dense ? Entries * Padded(Task.Inputs) : 0;
                double batch = (Entries * (Dense ? 8.0 * Task.Inputs : 4)) + (OutputEntries * 8 * Task.Outputs);
                return (Size(Options) * (hidden + outputs + inputs)) + batch;
            }
        }

        /// <summary>Elements from a row to the next: rows begin at multiples of 64 bytes.</summary>
        private double Padded(int width)
        {
            int line = 64 / Size(Options);
            return (width + line - 1) / line * (double)line;
        }
    }
}
