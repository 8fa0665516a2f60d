using Unroll.Files;

namespace Unroll.Tasks;

/// <summary>
/// A task of generation: a network is shown the first part of a cycle that repeats, from a random phase, and goes on with it by
/// itself. Inputs are the values of the step before, of which the network reads its own outputs behind the part that is shown
/// (<see cref="IFeedbackTask"/>).
/// </summary>
/// <remarks>
/// A sequence is right where the root mean squared error of the part that the network makes is at most 0.1, a twentieth of the
/// range.
/// </remarks>
public abstract class CycleTask : SignalTask, IFeedbackTask
{
    /// <summary>The shortest period, below which the values of a cycle are too few to show its form.</summary>
    public const double ShortestPeriod = 3;

    /// <summary>The longest period.</summary>
    public const double LongestPeriod = 10_000;

    private protected CycleTask(string kind, double standard, LengthRange length, double period, TaskVariant variant)
        : base(NameOf(kind, standard, period), length, variant)
    {
        if (!(period is >= ShortestPeriod and <= LongestPeriod))
            throw new ArgumentException(
                Invariant($"The period of a {kind} is {period} steps; it must lie in {ShortestPeriod}..{LongestPeriod}."));
        Period = period;
    }

    /// <summary>The period in steps; it need not be a whole number.</summary>
    public double Period { get; }

    /// <summary>0: all inputs are the values that were to be predicted at the step before.</summary>
    public int FeedbackColumn => 0;

    /// <summary>True: the network goes on by itself.</summary>
    public bool RunsFree => true;

    /// <inheritdoc/>
    public sealed override int Inputs => Outputs;

    private protected sealed override int Scored => Outputs;

    private protected sealed override double Bound => 0.1 * 0.1;

    private protected sealed override string Question =>
        Invariant($"go on with a cycle of {Period} steps without being shown it");

    /// <summary>Writes the values of the cycle at an angle, in radians.</summary>
    private protected abstract void Values(double angle, Span<double> values);

    private protected sealed override void Fill(Batch batch, int row, int steps, RandomSource random)
    {
        double phase = random.NextDouble();
        for (int t = 0; t < steps; t++)
        {
            Values(Angle(t - 1, phase), batch.Dense(t, row));
            Values(Angle(t, phase), batch.Values(t, row));
        }
    }

    private double Angle(int step, double phase)
    {
        double turns = (step / Period) + phase;
        return 2 * Math.PI * (turns - Math.Floor(turns));
    }

    /// <summary>The name of the task has its period where that is not the standard one.</summary>
    private static string NameOf(string kind, double standard, double period) =>
        period == standard ? kind : $"{kind}-{ExactNumber.ToText(period)}";
}
