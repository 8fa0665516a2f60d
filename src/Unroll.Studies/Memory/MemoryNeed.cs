using System.Globalization;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Memory;

/// <summary>
/// Refuses sizes that this machine, a limit on this process or one buffer cannot hold, before anything is allocated for them.
/// </summary>
internal static class MemoryNeed
{
    /// <summary>Sequences evaluated at once at a check.</summary>
    private const int EvaluatedRows = 100;

    /// <summary>Of training: weights, packed copies, gradient, optimizer, best, checkpoint.</summary>
    private const double CopiesOfWeights = 10;

    /// <summary>Of a diagnosis: as many vectors as products of the Hessian.</summary>
    private const int LanczosVectors = 40;

    /// <summary>Of a readout by regression: products of states, of two sums and of their decomposition.</summary>
    private const int ReadoutMatrices = 8;

    /// <summary>Of Hessian-Free: vectors of conjugate gradients, and copies of the weights in two more networks.</summary>
    private const int HessianFreeVectors = 20;

    /// <summary>Sequences whose single costs a diagnosis takes back together.</summary>
    private const int SignalRows = 32;

    /// <summary>Sequences by which the length of a task is known that does not tell it.</summary>
    private const int DrawnRows = 8;

    /// <summary>The most elements of one buffer.</summary>
    private const double MaximumElements = int.MaxValue;

    /// <summary>Throws a <see cref="UserError"/> when a training run would need more than there is.</summary>
    /// <param name="task">What is trained on.</param>
    /// <param name="options">How.</param>
    /// <param name="limit">What there is, by who has read it for many runs; null reads it.</param>
    public static void Check(ITask task, TrainingOptions options, MemoryLimit? limit = null)
    {
        NetworkShape shape = Shape(task, options);
        Check(Training(task, shape, options), Evaluating(task, shape, options), options, task);
        CheckTotal(OfTraining(task, options), limit);
    }

    /// <summary>Bytes that a training run takes, about.</summary>
    public static double OfTraining(ITask task, TrainingOptions options)
    {
        NetworkShape shape = Shape(task, options);
        double passes = Training(task, shape, options).Bytes, own = 0;
        if (options.Optimizer == OptimizerKind.HessianFree)
        {
            // The pass of the curvature, the derivatives along a direction, the pass of the evaluation; vectors in double.
            own = (2.5 * passes) + (Parameters(shape, Precision.Double) * HessianFreeVectors / CopiesOfWeights);
        }

        if (options.Optimizer == OptimizerKind.Ridge)
            own = ReadoutMatrices * sizeof(double) * (double)shape.Hidden * (shape.Hidden + shape.Outputs);
        return passes + own + Spectrum(shape) + OfEvaluation(task, shape, options);
    }

    /// <summary>Bytes that evaluating a network takes, about.</summary>
    public static double OfEvaluation(ITask task, TrainingOptions options) => OfEvaluation(task, Shape(task, options), options);

    /// <summary>
    /// Throws a <see cref="UserError"/> when as many runs at once as there are jobs would need more than there is.
    /// </summary>
    /// <param name="what">What has the runs, as the beginning of a sentence: <c>The study x</c>.</param>
    /// <param name="needs">The bytes of each run.</param>
    /// <param name="jobs">Runs at once; the largest ones may well meet.</param>
    /// <param name="limit">What there is.</param>
    public static void CheckJobs(string what, IEnumerable<double> needs, int jobs, MemoryLimit limit)
    {
        double total = 0;
        int fit = 0, taken = 0;
        foreach (double need in needs.OrderDescending().Take(jobs))
        {
            total += need;
            taken++;
            if (total <= limit.Bytes) fit = taken;
        }

        // One run alone was checked with its options.
        if (fit == taken || taken < 2) return;
        throw new UserError(
            Invariant($"{what} would need about {MemoryLimits.Gibibytes(total)} of memory for ")
                + Invariant($"{Counted.Of(taken, "trial")} at once ")
            + Invariant($"and {limit.Words}; run at most {Math.Max(1, fit)} at once, or take a smaller hidden, batch or length."))
        {
            Option = "--jobs",
        };
    }

    /// <summary>Throws a <see cref="UserError"/> when evaluating the network that options ask for would need too much.</summary>
    public static void CheckEvaluation(ITask task, TrainingOptions options, MemoryLimit limit) =>
        CheckEvaluation(task, Shape(task, options), options, limit);

    /// <summary>Throws a <see cref="UserError"/> when evaluating a network would need more than there is.</summary>
    public static void CheckEvaluation(ITask task, NetworkShape shape, Precision precision) =>
        CheckEvaluation(task, shape, new TrainingOptions { Precision = precision }, limit: null);

    private static void CheckEvaluation(ITask task, NetworkShape shape, TrainingOptions options, MemoryLimit? limit)
    {
        Pass evaluating = Evaluating(task, shape, options);
        Check(evaluating, evaluating, options, task);
        CheckTotal(OfEvaluation(task, shape, options), limit);
    }

    /// <summary>
    /// Throws a <see cref="UserError"/> when diagnosing a network on batches of so many sequences would need more than there is,
    /// by what its own layers hold.
    /// </summary>
    public static void CheckDiagnosis(ITask task, NetworkShape shape, int rows)
    {
        var options = new TrainingOptions { BatchSize = rows, Precision = Precision.Double };
        Pass pass = Training(task, shape, options);
        Check(pass, pass, options, task, "a smaller {0} or --batch");
        CheckTotal(OfDiagnosis(task, shape, rows), limit: null, "a smaller --batch or --length", "This diagnosis");
    }

    /// <summary>
    /// Bytes that a diagnosis takes, about: the pass, the pass of single costs' signals, the Hessian's (as much again, and the
    /// vectors that Lanczos keeps), and the Jacobian of the state with its powers.
    /// </summary>
    public static double OfDiagnosis(ITask task, NetworkShape shape, int rows)
    {
        var options = new TrainingOptions { BatchSize = rows, Precision = Precision.Double };
        double passes = 2 * Training(task, shape, options).Bytes;
        if (!shape.IsOnPreActivations) passes += (Training(task, shape, options) with { Rows = SignalRows }).Bytes;
        double weights = Parameters(shape, Precision.Double);
        return passes + weights + (weights * LanczosVectors / CopiesOfWeights) + Spectrum(shape);
    }

    private static double OfEvaluation(ITask task, NetworkShape shape, TrainingOptions options) =>
        Evaluating(task, shape, options).Bytes + Parameters(shape, options.Precision);

    private static Pass Training(ITask task, NetworkShape shape, TrainingOptions options) =>
        new(task, shape, options.Precision, task.WholeSet ?? options.BatchSize, Longest(task), Backward: true);

    private static NetworkShape Shape(ITask task, TrainingOptions options)
    {
        try
        {
            NetworkShape shape = OptionsRules.ShapeOf(task, options);
            shape.Validate();
            return shape;
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static void Check(
        Pass training, Pass evaluating, TrainingOptions options, ITask task, string take = "a smaller {0}, --batch or --hidden")
    {
        foreach (Pass pass in (Pass[])[training, evaluating])
        {
            if (pass.LargestBuffer <= MaximumElements && pass.LargestInBatch <= Batch.MaximumNumbers) continue;
            string lengths = task is IDataTask ? "--window" : options.SelectionLengths.Any(length => length > Longest(task))
                ? "--length or --select-length" : "--length";
            throw new UserError(
                Invariant($"{pass.Rows} sequences of up to about {Format.Count(pass.Steps)} steps at once are too many for one ")
                + $"buffer; take {string.Format(CultureInfo.InvariantCulture, take, lengths)}.");
        }
    }

    private static void CheckTotal(
        double need, MemoryLimit? limit, string take = "a smaller --hidden, --batch or --length", string what = "This run")
    {
        limit ??= MemoryLimits.Smallest();
        if (need > limit.Bytes)
        {
            throw new UserError(
                $"{what} would need about {MemoryLimits.Gibibytes(need)} of memory and {limit.Words}; take {take}.");
        }
    }

    /// <summary>
    /// The most steps of a sequence: a window, the longest length, or the steps of a few sequences that are drawn.
    /// </summary>
    public static int Longest(ITask task)
    {
        if (task is IDataTask data) return data.Window;
        if (task is ILengthTask lengths) return lengths.Length.Maximum;
        var batch = Batch.For(task);
        task.Fill(batch, task.WholeSet ?? DrawnRows, new RandomKey(1, RandomStream.Study, 0));
        return Math.Max(1, batch.Steps);
    }


    /// <summary>The validation and, where a model is selected by a longer length, the selection.</summary>
    private static Pass Evaluating(ITask task, NetworkShape shape, TrainingOptions options) => new(
        task, shape, options.Precision, task.WholeSet ?? (int)Math.Min(EvaluatedRows, options.ValidationSequences),
        options.SelectionLengths.Append(task is IDataTask ? 1 : Longest(task)).Max(), Backward: false);

    /// <summary>Bytes of the weights and of what is held beside them in training.</summary>
    private static double Parameters(NetworkShape shape, Precision precision)
    {
        double weights = (double)shape.Outputs * shape.Hidden;
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            LayerShape layer = shape.Layers[k];
            weights += (double)layer.Definition.Layout.Gates * layer.Hidden * (shape.InputsOf(k) + layer.Hidden);
        }

        return CopiesOfWeights * Size(precision) * weights;
    }

    /// <summary>
    /// Bytes of the whole state's Jacobian and its powers, whose spectral radius a check tells; W_rec's are few.
    /// </summary>
    private static double Spectrum(NetworkShape shape) =>
        shape.IsOnPreActivations ? 0 : 4 * 8.0 * shape.StateWidth * shape.StateWidth;

    private static int Size(Precision precision) => precision == Precision.Double ? 8 : 4;

    /// <summary>
    /// What one network holds for its largest batch; roughly, as the sequences of some tasks are a tenth or 20 steps longer than
    /// T.
    /// </summary>
    private sealed record Pass(ITask Task, NetworkShape Shape, Precision Precision, int Rows, int Length, bool Backward)
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
            Math.Max(Shape.Layers.Max(LargestOf), OutputEntries * Padded(Task.Outputs)),
            Dense ? Entries * Padded(Task.Inputs) : 0);

        /// <summary>
        /// Bytes: of each layer its states, what its steps keep and, for a pass back, the gradients of its states and
        /// pre-activations and Omega's vectors (of a plain layer 4 H an entry); the outputs and their gradients; the inputs; and
        /// the batch itself.
        /// </summary>
        public double Bytes
        {
            get
            {
                double hidden = 0;
                for (int k = 0; k < Shape.Layers.Count; k++)
                    hidden += NumbersOf(Shape.Layers[k], isTop: k == Shape.Layers.Count - 1) * Entries;

                double outputs = (Backward ? 2 : 1) * OutputEntries * Padded(Task.Outputs);
                double inputs = Dense ? Entries * Padded(Task.Inputs) : 0;
                double batch = (Entries * (Dense ? 8.0 * Task.Inputs : 4)) + (OutputEntries * 8 * Task.Outputs);
                return (Size(Precision) * (hidden + outputs + inputs)) + batch;
            }
        }

        private double LargestOf(LayerShape layer)
        {
            Cells.CellLayout layout = layer.Definition.Layout;
            return Math.Max((Entries + Rows) * layout.Parts, layout.InPlace ? 0 : Entries * layout.Kept) * Padded(layer.Hidden);
        }

        private double NumbersOf(LayerShape layer, bool isTop)
        {
            Cells.CellLayout layout = layer.Definition.Layout;
            int forward = layout.Parts + (layout.InPlace ? 0 : layout.Kept);
            int backward = layout.Parts + layout.Blocks + (isTop ? 1 : 2);
            if (layer.LayerNorm) (forward, backward) = (forward + layout.Blocks, backward + layout.Blocks);
            return (forward + (Backward ? backward : 0)) * Padded(layer.Hidden);
        }

        /// <summary>Elements from a row to the next: rows begin at multiples of 64 bytes.</summary>
        private double Padded(int width)
        {
            int line = 64 / Size(Precision);
            return (width + line - 1) / line * (double)line;
        }
    }
}
