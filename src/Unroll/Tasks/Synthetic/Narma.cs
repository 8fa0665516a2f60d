namespace Unroll.Tasks;

/// <summary>
/// NARMA of order 30 (Atiya and Parlos, 2000), a nonlinear system with a long memory: with inputs u_t uniform on [0, 0.5),
/// <code>
///   y_{t+1} = 0.2 y_t + 0.04 y_t (y_t + ... + y_{t-29}) + 1.5 u_{t-29} u_t + 0.001
/// </code>
/// The target at step t is y_{t+1}. y is kept at 1 at most: few inputs would let it grow without bound.
/// </summary>
/// <remarks>
/// A sequence is right where the root mean squared error is at most half the deviation of y, which is 0.093.
/// </remarks>
public sealed class Narma : SignalTask
{
    /// <summary>The variance of y.</summary>
    internal const double Variance = 0.0087;

    /// <summary>
    /// Before step 30 no product of two inputs has reached y, which stays near its rest whatever the inputs are: of sequences of
    /// 30 steps nine in ten are right for a network that always says the same, of 40 one in fourteen, of 50
    /// one in three hundred.
    /// </summary>
    internal const int ShortestLength = 50;

    private const int Order = 30;
    private const double Largest = 1;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 50, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public Narma(LengthRange length, TaskVariant variant = TaskVariant.Code)
        : base("narma", length, variant, ShortestLength)
    {
    }

    private protected override double Bound => Variance / 4;

    private protected override string Question => Invariant($"predict the next output of a system of order {Order}");

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new Narma(length, Variant);

    private protected override void Fill(Batch batch, int row, int steps, RandomSource random) =>
        Generate(batch, row, steps, random);

    /// <summary>Writes u_t into input 0 and y_{t+1} into the target.</summary>
    internal static void Generate(Batch batch, int row, int steps, RandomSource random)
    {
        for (int t = 0; t < steps; t++) batch.Dense(t, row)[0] = 0.5 * random.NextDouble();
        for (int t = 0; t < steps; t++) batch.Values(t, row)[0] = Next(batch, t, row);
    }

    /// <summary>y_{t+1}; before the first step the system is at rest.</summary>
    private static double Next(Batch batch, int t, int row)
    {
        double y = t > 0 ? batch.Values(t - 1, row)[0] : 0, sum = 0;
        for (int i = Math.Max(1, t - Order + 1); i <= t; i++) sum += batch.Values(i - 1, row)[0];
        double oldest = t >= Order - 1 ? batch.Dense(t - Order + 1, row)[0] : 0;
        return Math.Min(Largest, (0.2 * y) + (0.04 * y * sum) + (1.5 * oldest * batch.Dense(t, row)[0]) + 0.001);
    }
}
