using System.Numerics;
using Unroll.Cells;

namespace Unroll.Analysis;

/// <summary>
/// What the weights alone say about gradients (equations 6 and 7 and the paper's appendix). One step back in time multiplies an
/// error signal by W_rec diag(sigma'), so its norm by at most eta = gamma sigma_max.
/// </summary>
/// <param name="SpectralRadius">The largest |eigenvalue| of W_rec: it decides for a linear network only.</param>
/// <param name="LargestSingularValue">sigma_max, the 2-norm of W_rec.</param>
/// <param name="Gamma">The bound on |sigma'|; NaN where the bounds do not hold, as the cell has other ways back in time.</param>
/// <param name="Linear">Whether the network is linear (identity activation).</param>
public sealed record GradientBounds(double SpectralRadius, double LargestSingularValue, double Gamma, bool Linear)
{
    /// <summary>Rounding units of an orthogonal matrix that do not depend on its size (<see cref="Tolerance"/>).</summary>
    private const int UnitsOfAnySize = 32;

    /// <summary>The share of an error signal below which it counts as vanished.</summary>
    internal const double VanishedBelow = 1e-3;

    /// <summary>
    /// How far, relative to 1, a bound may be from its limit and still count as equal to it: n + 32 times the rounding unit of
    /// the type in which the weights are stored. An orthogonal n x n matrix that was computed and stored in that type has a
    /// sigma_max of 1 only to this accuracy: n for its sums of n products, 32 for what does not depend on n, such as scaling by a
    /// constant.
    /// </summary>
    public double Tolerance { get; init; }

    /// <summary>
    /// Whether the bounds hold: they are for one layer whose state is sigma of a pre-activation. For other networks nothing
    /// follows from the weights alone, and the two numbers are those of the Jacobian of the whole state at zero state and input
    /// (<see cref="Spectrum"/>).
    /// </summary>
    public bool Hold => !double.IsNaN(Gamma);

    /// <summary>eta = gamma sigma_max: an error signal's norm grows by at most this factor a step.</summary>
    public double Eta => Gamma * LargestSingularValue;

    /// <summary>
    /// The sufficient condition for vanishing: sigma_max below 1 / gamma; for a linear network, a spectral radius below 1. Beyond
    /// rounding.
    /// </summary>
    public bool MustVanish => Eta < 1 - Tolerance || (Linear && SpectralRadius < 1 - Tolerance);

    /// <summary>
    /// The necessary condition for exploding: sigma_max above 1 / gamma; for a linear network, a spectral radius above 1 (over
    /// many steps; a defective or far from normal matrix can still grow at first). Beyond rounding.
    /// </summary>
    public bool CanExplode => !Hold || (Eta > 1 + Tolerance && (!Linear || SpectralRadius > 1 + Tolerance));

    /// <summary>
    /// The lag from which less than <see cref="VanishedBelow"/> of any signal can be left, by eta alone; null when eta does not
    /// imply one.
    /// </summary>
    public int? VanishedBy => Eta == 0 ? 1
        : Eta < 1 - Tolerance && Math.Log(VanishedBelow) / Math.Log(Eta) is var lag and < int.MaxValue
            ? (int)Math.Ceiling(lag)
            : null;

    /// <summary>The bounds of a network.</summary>
    public static GradientBounds Of<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        double gamma = GammaOf(network.Shape) ?? double.NaN;
        return new GradientBounds(
            Spectrum.SpectralRadius(network), Spectrum.LargestSingularValue(network), gamma, !double.IsNaN(gamma)
                && network.Shape.Activation == Activation.Identity)
        {
            Tolerance = Rounding(network.RecurrentWeights) * (network.Shape.Hidden + UnitsOfAnySize),
        };
    }

    /// <summary>gamma of one plain layer; null for other cells and stacks, where the bounds do not hold.</summary>
    internal static double? GammaOf(NetworkShape shape) =>
        shape.IsOnPreActivations ? shape.Layers[0].Definition.Gamma(shape.Layers[0]) : null;

    /// <summary>
    /// The rounding unit of the weights: that of float when every weight is a float, whatever type the network computes in.
    /// </summary>
    private static double Rounding<T>(ReadOnlySpan<T> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double OfFloat = 1.1920928955078125e-7, OfDouble = 2.220446049250313e-16;
        foreach (T weight in weights)
        {
            if (T.CreateTruncating(float.CreateTruncating(weight)) != weight) return OfDouble;
        }

        return OfFloat;
    }
}

/// <summary>A straight line through the logarithms of a curve: how fast it decays or grows a step.</summary>
/// <param name="Rate">The factor a step: below 1 it vanishes, above 1 it explodes. NaN when there were fewer than two
/// points.</param>
/// <param name="Scale">The line's value at lag 0.</param>
/// <param name="Residual">The root of the mean squared distance of the natural logarithms from the line.</param>
/// <param name="Points">The number of lags in the fit: those whose value is above 0 and finite.</param>
public readonly record struct DecayRate(double Rate, double Scale, double Residual, int Points)
{
    /// <summary>The least squares fit of log ||dE/dx_{t-lag}|| by the lag.</summary>
    /// <param name="curve">The values at lag 0, 1, ...</param>
    /// <param name="first">The first lag to take.</param>
    public static DecayRate Fit(ReadOnlySpan<double> curve, int first = 0)
    {
        double n = 0, x = 0, y = 0;
        for (int lag = first; lag < curve.Length; lag++)
        {
            if (!IsCounted(curve[lag])) continue;
            n++;
            x += lag;
            y += Math.Log(curve[lag]);
        }

        if (n < 2) return new DecayRate(double.NaN, double.NaN, double.NaN, (int)n);
        (x, y) = (x / n, y / n);
        double xx = 0, xy = 0, squares = 0;
        for (int lag = first; lag < curve.Length; lag++)
        {
            if (!IsCounted(curve[lag])) continue;
            xx += (lag - x) * (lag - x);
            xy += (lag - x) * (Math.Log(curve[lag]) - y);
        }

        double slope = xy / xx;
        for (int lag = first; lag < curve.Length; lag++)
        {
            if (!IsCounted(curve[lag])) continue;
            double distance = Math.Log(curve[lag]) - y - (slope * (lag - x));
            squares += distance * distance;
        }

        return new DecayRate(Math.Exp(slope), Math.Exp(y - (slope * x)), Math.Sqrt(squares / n), (int)n);
    }

    private static bool IsCounted(double value) => value > 0 && double.IsFinite(value);
}
