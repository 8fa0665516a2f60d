using System.Numerics;

namespace Unroll.Analysis;

/// <summary>The slope of a nonlinearity and its bound gamma (section 2.1).</summary>
public static class ActivationSlopes
{
    /// <summary>A unit counts as saturated where its slope is below this share of gamma.</summary>
    public const double SaturatedBelow = 0.1;

    /// <summary>gamma, the greatest |sigma'|: 1 for tanh, identity and relu, 1/4 for the logistic sigmoid.</summary>
    public static double Gamma(this Activation activation) => activation == Activation.Sigmoid ? 0.25 : 1;

    /// <summary>sigma'(x) by way of h = sigma(x).</summary>
    public static double Slope(this Activation activation, double h) => activation switch
    {
        Activation.Tanh => 1 - (h * h),
        Activation.Sigmoid => h * (1 - h),
        Activation.Relu => h > 0 ? 1 : 0,
        _ => 1,
    };

    /// <summary>
    /// The share of (step, sequence, unit) of the last forward pass whose slope is below a tenth of gamma: for tanh |h| > 0.949; for relu, units
    /// that are off. Nothing flows back through them.
    /// </summary>
    /// <returns>0..1.</returns>
    public static double SaturatedShare<T>(UnrolledNetwork<T> unrolled)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        Activation activation = unrolled.Network.Shape.Activation;
        double bound = SaturatedBelow * activation.Gamma();
        long saturated = 0, all = 0;
        for (int row = 0; row < unrolled.Rows; row++)
        {
            int length = unrolled.LengthOf(row);
            for (int t = 1; t <= length; t++)
            {
                foreach (T h in unrolled.State(t, row)) saturated += activation.Slope(double.CreateTruncating(h)) < bound ? 1 : 0;
                all += unrolled.Network.Shape.Hidden;
            }
        }

        return all == 0 ? 0 : (double)saturated / all;
    }
}
