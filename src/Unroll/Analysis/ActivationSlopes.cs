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
    /// The share of (step, sequence, unit, nonlinearity) of the last forward pass whose slope is below a tenth of what it can
    /// be: for tanh |h|
    /// > 0.949; for relu, units that are off. Nothing flows back through them. A gated cell has one nonlinearity a gate, and an LSTM that of c.
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
                    continue; // a number that is kept, no nonlinearity
                double bound = SaturatedBelow * activation.Gamma();
                for (int row = 0; row < unrolled.Rows; row++)
                {
                    int length = unrolled.LengthOf(row);
                    for (int t = 1; t <= length; t++)
                    {
                        foreach (T h in layer.KeptRow(kept, t, row))
                            saturated += activation.Slope(double.CreateTruncating(h)) < bound ? 1 : 0;
                        all += layer.Shape.Hidden;
                    }
                }
            }
        }

        return all == 0 ? 0 : (double)saturated / all;
    }
}
