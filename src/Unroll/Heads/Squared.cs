namespace Unroll.Heads;

/// <summary>O real numbers: E = |y - target|^2, dE/dy = 2 (y - target).</summary>
internal readonly struct SquaredError : IErrorCost
{
    public static bool HasCurvature => true;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public double Cost(double e) => e * e;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public double Slope(double e) => 2 * e;

    public double Curvature(double e) => 2;
}
