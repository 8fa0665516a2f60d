namespace Unroll.Tasks;

/// <summary>
/// A figure-eight of a given period (<see cref="CycleTask"/>): the point (sin a, sin 2a) passes (0, 0) twice a cycle, in two
/// directions. So the next point does not follow from the point alone.
/// </summary>
public sealed class FigureEight : CycleTask
{
    /// <summary>The name of the task with the standard period.</summary>
    internal const string Kind = "figure-eight";

    /// <summary>The period of <c>figure-eight</c>; other periods are in the name, such as <c>figure-eight-60</c>.</summary>
    public const double StandardPeriod = 40;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 4, end above <see cref="LengthRange.Longest"/> or are not a
    /// range, or the period is out of its range.</exception>
    public FigureEight(LengthRange length, double period = StandardPeriod, TaskVariant variant = TaskVariant.Code)
        : base(Kind, StandardPeriod, length, period, variant)
    {
    }

    /// <inheritdoc/>
    public override int Outputs => 2;

    /// <inheritdoc/>
    public override ILengthTask WithLength(LengthRange length) => new FigureEight(length, Period, Variant);

    private protected override void Values(double angle, Span<double> values) =>
        (values[0], values[1]) = (Math.Sin(angle), Math.Sin(2 * angle));
}
