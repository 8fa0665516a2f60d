namespace Unroll.Tasks;

/// <summary>A sine of a given period (<see cref="CycleTask"/>).</summary>
public sealed class Sine : CycleTask
{
    /// <summary>The name of the task with the standard period.</summary>
    internal const string Kind = "sine";

    /// <summary>The period of <c>sine</c>; other periods are in the name, such as <c>sine-40</c>.</summary>
    public const double StandardPeriod = 25;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 4, end above <see cref="LengthRange.Longest"/> or are not a
    /// range, or the period is out of its range.</exception>
    public Sine(LengthRange length, double period = StandardPeriod, TaskVariant variant = TaskVariant.Code)
        : base(Kind, StandardPeriod, length, period, variant)
    {
    }

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new Sine(length, Period, Variant);

    private protected override void Values(double angle, Span<double> values) => values[0] = Math.Sin(angle);
}
