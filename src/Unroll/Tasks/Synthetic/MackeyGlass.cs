namespace Unroll.Tasks;

/// <summary>
/// The next value of the Mackey-Glass series (Mackey and Glass, 1977), chaotic at a delay of 17:
/// <code>
///   dx/ds = 0.2 x(s - 17) / (1 + x(s - 17)^10) - 0.1 x(s)
/// </code>
/// by one Runge-Kutta step a unit of time, from a history near 1.2 that differs from sequence to sequence. Inputs and targets are
/// (x - 0.85) / 0.45, which lies within about -1 and 1.
/// </summary>
/// <remarks>
/// A sequence is right where the root mean squared error is at most 0.02, a hundredth of the range.
/// </remarks>
public sealed class MackeyGlass : SignalTask, IFeedbackTask
{
    private const int Delay = 17;
    private const int Transient = 200;
    private const double Middle = 0.85, Half = 0.45;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 4, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public MackeyGlass(LengthRange length, TaskVariant variant = TaskVariant.Code)
        : base("mackey-glass", length, variant)
    {
    }

    /// <summary>0: the input is the value that was to be predicted at the step before.</summary>
    public int FeedbackColumn => 0;

    /// <summary>False: the task asks for the next value of the true series.</summary>
    public bool RunsFree => false;

    private protected override double Bound => 0.02 * 0.02;

    private protected override string Question => "predict the value of the next step";

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new MackeyGlass(length, Variant);

    private protected override void Fill(Batch batch, int row, int steps, RandomSource random)
    {
        Span<double> history = stackalloc double[Delay];
        for (int i = 0; i < Delay; i++) history[i] = 1.2 + (0.2 * (random.NextDouble() - 0.5));
        double x = history[^1];
        for (int t = -Transient; t <= steps; t++)
        {
            double scaled = (x - Middle) / Half;
            if (t >= 0 && t < steps) batch.Dense(t, row)[0] = scaled;
            if (t > 0) batch.Values(t - 1, row)[0] = scaled;
            int oldest = (t + Transient) % Delay;
            double delayed = history[oldest];
            history[oldest] = x;
            x = Next(x, delayed);
        }
    }

    /// <summary>x one unit of time later, with the delayed value held.</summary>
    private static double Next(double x, double delayed)
    {
        double power = delayed * delayed;
        power = power * power * power * power * power;
        double source = 0.2 * delayed / (1 + power);
        double k1 = source - (0.1 * x);
        double k2 = source - (0.1 * (x + (k1 / 2)));
        double k3 = source - (0.1 * (x + (k2 / 2)));
        double k4 = source - (0.1 * (x + k3));
        return x + ((k1 + (2 * k2) + (2 * k3) + k4) / 6);
    }
}
