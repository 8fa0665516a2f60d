namespace Unroll.Heads;

/// <summary>
/// O real numbers: E = sum of |y - target|, dE/dy = sign(y - target), and 0 where y is the target. It has no curvature.
/// </summary>
internal readonly struct AbsoluteError : IErrorCost
{
    public static bool HasCurvature => false;

    public double Cost(double e) => Math.Abs(e);

    public double Slope(double e) => e > 0 ? 1 : e < 0 ? -1 : e == 0 ? 0 : double.NaN;

    public double Curvature(double e) => 0;
}
