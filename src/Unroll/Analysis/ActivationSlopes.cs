using System.Numerics;
using Unroll.Cells;
using Unroll.Kernels;

namespace Unroll.Analysis;

/// <summary>The slope of a nonlinearity and its bound gamma (section 2.1).</summary>
public static class ActivationSlopes
{
    /// <summary>A unit counts as saturated where its slope is below this share of gamma.</summary>
    public const double SaturatedBelow = 0.1;

    /// <summary>gamma, the greatest |sigma'|: 1 for tanh, identity and relu, 1/4 for the logistic sigmoid.</summary>
    public static double Gamma(this Activation activation) => activation == Activation.Sigmoid ? 0.25 : 1;

    /// <summary>sigma'(x) by way of h = sigma(x).</summary>
    public static double Slope(this Activation activation, double h) => Real.SlopeOfValue(activation, h);

    /// <summary>
    /// The share of (step, sequence, unit, nonlinearity) of the last forward pass whose slope is below a tenth of what it can be:
    /// for tanh |h| > 0.949; for relu, units that are off. Nothing flows back through them. A gated cell has one nonlinearity for
    /// each gate, and an LSTM also the one applied to c.
    /// </summary>
    /// <returns>0..1.</returns>
    public static double SaturatedShare<T>(UnrolledNetwork<T> unrolled)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        long saturated = 0, all = 0;
        foreach (LayerTape<T> layer in unrolled.Tape.Layers)
        {
            ICell cell = layer.Shape.Definition;
            for (int kept = 0; kept < layer.Layout.Kept; kept++)
            {
                Activation activation = cell.ActivationOf(layer.Shape, kept);
                if (activation == Activation.Identity && !layer.Layout.InPlace)
                    continue; // kept, but not the value of a nonlinearity
                double bound = SaturatedBelow * activation.Gamma();
                for (int row = 0; row < unrolled.Rows; row++)
                {
                    int length = unrolled.LengthOf(row);
                    for (int t = 1; t <= length; t++)
                    {
                        (long low, long high, _) = Count(activation, layer.KeptRow(kept, t, row), bound);
                        saturated += low + high;
                        all += layer.Shape.Hidden;
                    }
                }
            }
        }

        return all == 0 ? 0 : (double)saturated / all;
    }

    /// <summary>
    /// Counts the values of sigma whose slope is below a bound, at the lower and at the upper end, and sums all values. There are
    /// no branches, because the processor could not predict them.
    /// </summary>
    internal static (long Low, long High, double Sum) Count<T>(Activation activation, ReadOnlySpan<T> values, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => activation switch
        {
            Activation.Tanh => Count<T, TanhSlope>(values, bound),
            Activation.Sigmoid => Count<T, SigmoidSlope>(values, bound),
            Activation.Relu => Count<T, ReluSlope>(values, bound),
            _ => Count<T, IdentitySlope>(values, bound),
        };

    private static (long Low, long High, double Sum) Count<T, TSlope>(ReadOnlySpan<T> values, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TSlope : struct, ISlope
    {
        long low = 0, high = 0;
        double sum = 0, middle = TSlope.Middle;
        foreach (T value in values)
        {
            double h = double.CreateTruncating(value);
            int saturated = TSlope.Of(h) < bound ? 1 : 0, upper = h > middle ? 1 : 0;
            low += saturated & (1 - upper);
            high += saturated & upper;
            sum += h;
        }

        return (low, high, sum);
    }

    private interface ISlope
    {
        static virtual double Middle => 0;

        static abstract double Of(double h);
    }

    private readonly struct TanhSlope : ISlope
    {
        public static double Of(double h) => Activation.Tanh.Slope(h);
    }

    private readonly struct SigmoidSlope : ISlope
    {
        public static double Middle => 0.5;

        public static double Of(double h) => Activation.Sigmoid.Slope(h);
    }

    private readonly struct ReluSlope : ISlope
    {
        public static double Of(double h) => Activation.Relu.Slope(h);
    }

    private readonly struct IdentitySlope : ISlope
    {
        public static double Of(double h) => Activation.Identity.Slope(h);
    }
}
