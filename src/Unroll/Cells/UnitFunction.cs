namespace Unroll.Cells;

/// <summary>sigma, its derivatives and its inverse in closed form, in double.</summary>
internal static class UnitFunction
{
    /// <summary>sigma(x).</summary>
    public static double Value(Activation activation, double x) => activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)),
        Activation.Relu => x > 0 || double.IsNaN(x) ? x : 0,
        _ => x,
    };

    /// <summary>sigma'(x), without the cancellation of sigma (1 - sigma) where sigma is near 1.</summary>
    public static double Slope(Activation activation, double x)
    {
        switch (activation)
        {
            case Activation.Tanh:
                double cosh = Math.Cosh(x);
                return double.IsInfinity(cosh) ? 0 : 1 / cosh / cosh;
            case Activation.Sigmoid:
                double e = Math.Exp(-Math.Abs(x));
                return e / ((1 + e) * (1 + e));
            case Activation.Relu:
                return x > 0 ? 1 : 0;
            default:
                return 1;
        }
    }

    /// <summary>sigma''(x).</summary>
    public static double Curvature(Activation activation, double x) => activation switch
    {
        Activation.Tanh => -2 * Math.Tanh(x) * Slope(activation, x),
        Activation.Sigmoid => -Math.Tanh(x / 2) * Slope(activation, x),
        _ => 0,
    };

    /// <summary>The x with sigma(x) = y, or NaN.</summary>
    public static double Inverse(Activation activation, double y) => activation switch
    {
        Activation.Tanh => Math.Atanh(y),
        Activation.Sigmoid => Math.Log(y) - Math.Log(1 - y),
        _ => y,
    } is var x && double.IsFinite(x) ? x : double.NaN;

    /// <summary>The x >= 0 with sigma'(x) = 1 / size, or null when sigma' is less everywhere.</summary>
    public static double? CriticalState(Activation activation, double size) => activation switch
    {
        Activation.Tanh when size >= 1 => Math.Asinh(Math.Sqrt(size - 1)),
        Activation.Sigmoid when size >= 4 => 2 * Math.Asinh(Math.Sqrt((size / 4) - 1)),
        _ => null,
    };
}
