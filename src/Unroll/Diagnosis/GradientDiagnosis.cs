using System.Collections.Immutable;
using Unroll.Geometry;
using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>What is wrong with a network's gradients, if anything.</summary>
public enum GradientVerdict
{
    /// <summary>Error signals reach the first step and do not grow out of proportion.</summary>
    Healthy,

    /// <summary>Beyond some lag, less than a thousandth of the error signal is left.</summary>
    Vanishing,

    /// <summary>In some sequence the error signal grows a hundredfold on its way back, or is not finite.</summary>
    Exploding,
}

/// <summary>How much is measured.</summary>
public sealed record DiagnosisOptions
{
    /// <summary>
    /// M, the number of fresh batches, at least 1. For a task that is one whole set at one length, only one batch is used.
    /// </summary>
    public int Batches { get; init; } = 20;

    /// <summary>B, the sequences of a batch, at least 1; a task that is one whole set takes all of it.</summary>
    public int Rows { get; init; } = 20;

    /// <summary>The seed of the sequences.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>When every step has a cost, the number of costs that are followed back in each sequence, at least 1.</summary>
    public int CostsPerSequence { get; init; } = 8;

    /// <summary>The first lag that counts as long-term, as a share of the longest sequence, above 0 and at most 1.</summary>
    public double LongFrom { get; init; } = 0.5;

    /// <summary>How per-step costs are combined; null takes the task's own.</summary>
    public CostReduction? Reduction { get; init; }

    /// <summary>Whether to measure the largest curvature too: at most 40 products of the Hessian of one batch.</summary>
    public bool Curvature { get; init; } = true;

    /// <summary>
    /// The number of parameters of the model whose sum a block is, by the name of the block (<see cref="ParameterBlock"/>); 1 for
    /// a block that is not named. PyTorch has two biases a layer, and the gradients of both count in a norm: 2. A bias that a
    /// model lacks is zero here and not a parameter: 0.
    /// </summary>
    public IReadOnlyDictionary<string, int> Copies { get; init; } = new Dictionary<string, int>();

    /// <summary>Worker threads; their number changes no bit.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The copies of a block.</summary>
    internal int CopiesOf(string block) => Copies.GetValueOrDefault(block, 1);
}

/// <summary>
/// Whether a network's gradients vanish or explode on a task, at which lag, and the numbers behind it: sections 2.1, 3.2 and
/// 3.3 measured on M fresh batches, in double.
/// </summary>
public sealed record GradientDiagnosis
{
    /// <summary>An error signal has vanished below this share of its value at lag 0.</summary>
    public const double VanishedBelow = GradientBounds.VanishedBelow;

    /// <summary>An error signal has exploded at this multiple of its value at lag 0.</summary>
    public const double ExplodedFrom = 100;

    private const int MostProducts = 40;
    private const double CurvatureTolerance = 0.01, PassesOfProduct = 3;

    /// <summary>
    /// The approximate number of multiplications that the curvature of gated cells and stacks may take: a few seconds of a core.
    /// </summary>
    private const double MostCurvatureWork = 1e11;

    /// <summary>How many times as long a multiplication takes where the kernels cannot be used.</summary>
    private const int SlowProduct = 20;

    /// <summary>
    /// How far differences of gradients at two step lengths may disagree; much less than the tolerance of the eigenvalue.
    /// </summary>
    private const double SmoothTo = 1e-3;

    /// <summary>The verdict.</summary>
    public required GradientVerdict Verdict { get; init; }

    /// <summary>
    /// Vanishing: the lag from which the median sequence's signal is below <see cref="VanishedBelow"/>. Exploding: the shortest
    /// lag at which a sequence's signal reached <see cref="ExplodedFrom"/>, or null when gradients were not finite before that.
    /// Healthy: null.
    /// </summary>
    public required int? Lag { get; init; }

    /// <summary>The share of batches, and so of updates, in which a sequence exploded, 0..1.</summary>
    public required double ExplodingProbability { get; init; }

    /// <summary>
    /// Mean cost, in the task's unit: for a corpus over its predicted steps (bits a character, nats a step), for other tasks
    /// according to the reduction.
    /// </summary>
    public required double Loss { get; init; }

    /// <summary>The share of wrong sequences, or null for a task without a success rule.</summary>
    public required double? Error { get; init; }

    /// <summary>B, the sequences of a batch.</summary>
    public required int Rows { get; init; }

    /// <summary>What follows from the weights alone.</summary>
    public required GradientBounds Bounds { get; init; }

    /// <summary>The measured rate a step, fitted to the medians of <see cref="ByLag"/>.</summary>
    public required DecayRate Measured { get; init; }

    /// <summary>
    /// ||dE_t/dx_{t-lag}|| over all sequences, at lag 0, 1, ...; for networks that are not one plain layer ||dE_t/ds_{t-lag}||,
    /// where s is the state of all layers.
    /// </summary>
    public required ImmutableArray<Quantiles> ByLag { get; init; }

    /// <summary>
    /// The first lag at which the median sequence's signal is exactly 0, when it is above 0 at lag 0; otherwise null.
    /// </summary>
    public int? ZeroFrom
    {
        get
        {
            int lag = 0;
            while (lag < ByLag.Length && ByLag[lag].Median != 0) lag++;
            return lag > 0 && lag < ByLag.Length ? lag : null;
        }
    }

    /// <summary>What was found in each layer, from the input to the head.</summary>
    public ImmutableArray<LayerDiagnosis> Layers { get; init; } = [];

    /// <summary>||dE/dx_k|| of the sequences' whole costs, at step k = 1, 2, ...</summary>
    public required ImmutableArray<Quantiles> ByStep { get; init; }

    /// <summary>
    /// The share of (step, sequence, unit) that is saturated, see <see cref="ActivationSlopes.SaturatedShare"/>.
    /// </summary>
    public required double Saturated { get; init; }

    /// <summary>The first lag that counts as long-term.</summary>
    public required int LongBorder { get; init; }

    /// <summary>The share of the temporal components that is long-term, over the sequences.</summary>
    public required Quantiles LongTermShare { get; init; }

    /// <summary>(M): the norm of each batch's whole gradient, as an update would clip it.</summary>
    public required ImmutableArray<double> Norms { get; init; }

    /// <summary>The threshold that these norms suggest, without those of exploded batches; NaN when all exploded.</summary>
    public required ClipAdvice Clipping { get; init; }

    /// <summary>The mean of Omega over the batches (the authors' form), and of the share of entries it keeps.</summary>
    public required OmegaStatistics Omega { get; init; }

    /// <summary>
    /// The mean over the batches (for gated cells and stacks over the first five) of the norm of Omega's gradient (equation 10,
    /// the authors' form) with respect to the recurrent weights of all layers: 0 where Omega can change nothing, for example when
    /// there is no recurrent weight. NaN when it is not finite.
    /// </summary>
    public double OmegaGradient { get; init; }

    /// <summary>Omega's terms by step, over all batches.</summary>
    public required ImmutableArray<OmegaStep> OmegaByStep { get; init; }

    /// <summary>
    /// The Hessian's largest eigenvalue on the first batch (for large gated cells and stacks on its first sequences), to a
    /// percent (<see cref="ErrorGeometry.LargestCurvature(int, double)"/>); null when it was not requested or is not finite.
    /// </summary>
    public required double? Curvature { get; init; }

    /// <summary>
    /// 2 / curvature: a larger learning rate makes plain gradient descent diverge along that direction. Null without a positive
    /// curvature.
    /// </summary>
    public double? LearningRateBound => Curvature is > 0 ? 2 / Curvature : null;

    /// <summary>Measures a network on fresh sequences of a task.</summary>
    /// <param name="network">The network, in double, whatever precision it was trained in.</param>
    /// <param name="task">A task that fits it.</param>
    /// <param name="options">How much to measure.</param>
    /// <param name="onProgress">Called with the share that is done, 0 to 1, or null.</param>
    /// <param name="cancellation">Ends the measurement with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the task does not fit the network.</exception>
    public static GradientDiagnosis Measure(
        Network<double> network, ITask task, DiagnosisOptions options, Action<double>? onProgress =
            null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batches, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rows, 1, nameof(options));
        if (!(options.LongFrom is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(options), Invariant($"LongFrom is {options.LongFrom}; it must be above 0 and at most 1."));
        CostReduction reduction = options.Reduction ?? task.Reduction;
        int rows = task.WholeSet ?? options.Rows;

        // A whole set at one length is the same batch every time.
        bool one = task.WholeSet is not null
            && (task is not ILengthTask lengths || lengths.Length.Minimum == lengths.Length.Maximum);
        int batches = one ? 1 : options.Batches;

        // The approximate number of passes over a batch: forward, backward and the signals; then the passes of the curvature.
        double total = (3.0 * batches) + (options.Curvature ? PassesOfProduct * MostProducts : 0);
        Batch batch = Batch.For(task);
        foreach ((string block, int copies) in options.Copies)
        {
            if (copies is < 0 or > 2) throw new ArgumentOutOfRangeException(nameof(options),
                Invariant($"The block {block} is the sum of {copies} parameters; 0, 1 or 2 are possible."));
        }

        var sums = new DiagnosisSums(options);
        using (var unrolled = new UnrolledNetwork<double>(network, options.Threads))
        {
            for (int i = 0; i < batches; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                task.Fill(batch, rows, BatchKey(options.Seed, i));
                sums.Add(unrolled, task, batch, reduction);
                onProgress?.Invoke(3 * (i + 1) / total);
            }
        }

        double? curvature = null;
        if (options.Curvature)
        {
            task.Fill(batch, rows, BatchKey(options.Seed, 0));
            double measured = LargestCurvature(network, task, batch, reduction, options, products =>
            {
                cancellation.ThrowIfCancellationRequested();
                onProgress?.Invoke(((3.0 * batches) + (PassesOfProduct * products)) / total);
            });
            if (double.IsFinite(measured)) curvature = measured;
        }

        return sums.Conclude(network, rows, curvature);
    }

    /// <summary>The key of the sequences of one of the batches.</summary>
    public static RandomKey BatchKey(ulong seed, int batch) => new(seed, RandomStream.Test, batch);

    /// <summary>
    /// The number of sequences of a batch on which the curvature is measured: all of them, or with gates and several layers as
    /// many as can be measured quickly.
    /// </summary>
    internal static int CurvatureRows(NetworkShape shape, int rows, int steps, bool exact = false)
    {
        if (shape.IsOnPreActivations) return rows;
        const int PassesOfWeights = 6; // how often a product uses each weight at a step
        double product = (double)PassesOfWeights * shape.ParameterCount * steps * (exact ? SlowProduct : 1);
        return (int)Math.Clamp(MostCurvatureWork / (MostProducts * product), 1, rows);
    }

    /// <summary>
    /// For one plain layer, from exact products. For smooth cells and stacks, from differences of the kernels' exact gradients.
    /// Where the differences are not accurate, and where units have kinks, from exact products on fewer sequences.
    /// </summary>
    private static double LargestCurvature(
        Network<double> network, ITask task, Batch batch, CostReduction reduction, DiagnosisOptions options,
        Action<int> onProduct)
    {
        NetworkShape shape = network.Shape;
        int[] copies = ParameterCopies.Of(network, options);
        try
        {
            if (!shape.IsOnPreActivations && DifferencedHessian.Suits(shape))
            {
                Take(CurvatureRows(shape, batch.Rows, batch.Steps));
                using var differences = new DifferencedHessian(network, batch, reduction, options.Threads);
                var along = new double[shape.ParameterCount];
                RandomSource random = new RandomKey(1, RandomStream.Study, 0).Shared();
                foreach (ref double one in along.AsSpan()) one = random.NextNormal();
                if (differences.IsSmoothAlong(along, SmoothTo))
                    return ErrorGeometry.LargestCurvature(
                        differences.Times, along.Length, MostProducts, CurvatureTolerance, onProduct, copies);
            }

            Take(CurvatureRows(shape, batch.Rows, batch.Steps, exact: true));
            return new ErrorGeometry(network, batch, reduction).LargestCurvature(
                MostProducts, CurvatureTolerance, onProduct, copies);
        }
        catch (ArithmeticException)
        {
            return double.NaN; // not finite; the norms report that
        }

        // Reduces the batch to the first of the same sequences.
        void Take(int rows)
        {
            if (rows < batch.Rows && task.WholeSet is null) task.Fill(batch, rows, BatchKey(options.Seed, 0));
            batch.Carry.Clear(); // there is no earlier batch
        }
    }
}
