namespace Unroll.Tasks;

/// <summary>
/// Linear memory (Jaeger, 2002): inputs u_t are uniform on [-0.8, 0.8), and output k of 50 is u_{t-k}, k = 1..50. The capacity
/// of a network is the sum over k of the squared correlation of output and target; it is at most the number of its units.
/// </summary>
/// <remarks>
/// A sequence is right where the first ten outputs have a mean squared error of at most a tenth of the variance of the inputs
/// each.
/// </remarks>
public sealed class MemoryCapacity : SignalTask
{
    private const int Delays = 50;
    private const double Largest = 0.8;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 4, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public MemoryCapacity(LengthRange length, TaskVariant variant = TaskVariant.Code)
        : base("memory-capacity", length, variant)
    {
    }

    /// <summary>50 delays.</summary>
    public override int Outputs => Delays;

    private protected override int Scored => 10;

    private protected override double Bound => Scored * 0.1 * (Largest * Largest / 3);

    private protected override string Question => Invariant($"output k is the input of k steps before, k = 1..{Delays}");

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new MemoryCapacity(length, Variant);

    /// <summary>
    /// The squared correlation of each output with its target over the predicted steps of all rows: the capacity is their sum.
    /// </summary>
    /// <param name="batch">What was predicted.</param>
    /// <param name="predictions">The outputs.</param>
    public static double[] Capacities(Batch batch, Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(predictions);
        var capacities = new double[batch.Outputs];
        for (int k = 0; k < capacities.Length; k++)
        {
            double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
            for (int row = 0; row < batch.Rows; row++)
            {
                for (int step = 0; step < batch.Lengths[row]; step++)
                {
                    if (!batch.IsPredicted(step, row)) continue;
                    double y = predictions.At(step, row)[k], target = batch.Values(step, row)[k];
                    (n, a, b) = (n + 1, a + y, b + target);
                    (aa, bb, ab) = (aa + (y * y), bb + (target * target), ab + (y * target));
                }
            }

            double covariance = ab - (a * b / n), variances = (aa - (a * a / n)) * (bb - (b * b / n));
            capacities[k] = variances > 0 ? covariance * covariance / variances : 0;
        }

        return capacities;
    }

    private protected override void Fill(Batch batch, int row, int steps, RandomSource random)
    {
        for (int step = 0; step < steps; step++) batch.Dense(step, row)[0] = Largest * ((2 * random.NextDouble()) - 1);
        for (int step = 0; step < steps; step++)
        {
            // Before the first step there was no input.
            Span<double> target = batch.Values(step, row);
            for (int k = 1; k <= Delays; k++) target[k - 1] = step >= k ? batch.Dense(step - k, row)[0] : 0;
        }
    }
}
