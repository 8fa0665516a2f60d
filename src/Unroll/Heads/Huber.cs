namespace Unroll.Heads;

/// <summary>
/// O real numbers (Huber, 1964): with e = y - target, E = sum of e^2 / 2 where |e| is at most delta and delta (|e| - delta / 2)
/// beyond it; dE/dy = e, kept within -delta..delta. Half of a squared error for small errors, as in PyTorch.
/// </summary>
internal readonly struct HuberError(double delta) : IErrorCost
{
    public static bool HasCurvature => true;

    public double Cost(double e) => Math.Abs(e) <= delta ? e * e / 2 : delta * (Math.Abs(e) - (delta / 2));

    public double Slope(double e) => Math.Clamp(e, -delta, delta);

    public double Curvature(double e) => Math.Abs(e) <= delta ? 1 : 0;
}
