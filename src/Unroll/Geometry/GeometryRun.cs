using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Geometry;

/// <summary>The options of a measured training run.</summary>
public sealed record GeometryRunOptions
{
    /// <summary>Updates, at least 1.</summary>
    public int Updates { get; init; } = 20_000;

    /// <summary>B, sequences in a batch, at least 1.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>The learning rate of plain gradient descent, above 0.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Updates from one measurement to the next, at least 1.</summary>
    public int Every { get; init; } = 500;

    /// <summary>
    /// A norm of this many times the median of the norms before it counts as exploding, and its update is measured too; above 1.
    /// </summary>
    public double ExplodesAt { get; init; } = 10;

    /// <summary>The most exploding gradients to measure; further ones are only counted. At least 0.</summary>
    public int MostExplosions { get; init; } = 60;

    /// <summary>The most Hessian-vector products to a measurement, at least 2.</summary>
    public int Products { get; init; } = 60;

    /// <summary>The seed of the batches.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>A measurement along a run, on the batch of its update and before the step.</summary>
/// <param name="Update">The update, from 0.</param>
/// <param name="IsExplosion">Whether its gradient counts as exploding.</param>
/// <param name="MedianNorm">The median norm of the updates before it; NaN at the first update.</param>
/// <param name="Point">What was measured.</param>
public sealed record GeometryMeasurement(int Update, bool IsExplosion, double MedianNorm, GeometryPoint Point);

/// <summary>A run of plain, unclipped gradient descent with its geometry (section 2.3).</summary>
/// <param name="Norms">||dE/dtheta|| at every update.</param>
/// <param name="Measurements">In the order of the updates.</param>
/// <param name="Explosions">How many gradients exploded, measured or not.</param>
/// <param name="StoppedAt">The update at which error or gradient was no longer finite, or null.</param>
public sealed record GeometryRun(
    IReadOnlyList<double> Norms, IReadOnlyList<GeometryMeasurement> Measurements, int Explosions, int? StoppedAt)
{
    private const int Window = 501; // of updates for the running median

    /// <summary>Trains the network (which changes it) and measures it during training.</summary>
    /// <param name="network">The network at first.</param>
    /// <param name="task">The task.</param>
    /// <param name="options">The updates, the learning rate, and when to measure.</param>
    /// <param name="progress">Called with the number of updates made.</param>
    /// <param name="cancellation">Ends the run early; the result has the measurements made so far.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the task does not fit the network.</exception>
    public static GeometryRun Measure(
        Network<double> network, ITask task, GeometryRunOptions options, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(task);
        Check(options);
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(task);
        var norms = new List<double>(options.Updates);
        var measurements = new List<GeometryMeasurement>();
        int explosions = 0, measured = 0;
        for (int update = 0; update < options.Updates && !cancellation.IsCancellationRequested; update++)
        {
            task.Fill(batch, options.BatchSize, new RandomKey(options.Seed, RandomStream.Training, update));
            double error = unrolled.Forward(batch, task.Reduction);
            unrolled.Backward();
            double norm = GradientClipping.Norm<double>(unrolled.Gradient);
            if (!double.IsFinite(error) || !double.IsFinite(norm))
                return new GeometryRun(norms, measurements, explosions, update);
            double median = Median(norms);
            bool explodes = norm > options.ExplodesAt * median && norms.Count >= Window / 5;
            if (explodes) explosions++;
            if (update % options.Every == 0 || (explodes && measured < options.MostExplosions))
            {
                if (explodes) measured++;
                try
                {
                    measurements.Add(new GeometryMeasurement(
                        update, explodes, median, GeometryProbe.Measure(network, batch, task.Reduction, options.Products)));
                }
                catch (ArithmeticException)
                {
                    // The gradient is finite and the curvature is not, so the run ends as it does for a gradient that is not
                    // finite.
                    return new GeometryRun(norms, measurements, explosions, update);
                }
            }

            norms.Add(norm);
            for (int i = 0; i < network.Parameters.Length; i++)
                network.Parameters[i] -= options.LearningRate * unrolled.Gradient[i];
            progress?.Invoke(update + 1);
        }

        return new GeometryRun(norms, measurements, explosions, null);
    }

    private static double Median(List<double> norms)
    {
        if (norms.Count == 0) return double.NaN;
        double[] last = [.. norms.Skip(Math.Max(0, norms.Count - Window))];
        Array.Sort(last);
        return last[last.Length / 2];
    }

    private static void Check(GeometryRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Updates, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Every, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MostExplosions);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Products, 2);
        if (!(options.LearningRate > 0) || !double.IsFinite(options.LearningRate))
            throw new ArgumentOutOfRangeException(nameof(options),
                Invariant($"The learning rate is {options.LearningRate}; it must be a finite number above 0."));
        if (!(options.ExplodesAt > 1)) throw new ArgumentOutOfRangeException(nameof(options),
            Invariant($"ExplodesAt is {options.ExplodesAt}; it must be above 1."));
    }
}
