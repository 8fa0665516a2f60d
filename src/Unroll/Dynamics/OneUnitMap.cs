using Unroll.Cells;
using Unroll.Numerics;
namespace Unroll.Dynamics;

/// <summary>
/// The network of one unit without input, x_t = w sigma(x_{t-1}) + b in the paper's form (x is the pre-activation; section 2.2,
/// figures 3 to 6), as a map of the line: its fixed points, their stability, its attractors and the boundaries between their
/// basins.
/// </summary>
/// <remarks>
/// All results are exact up to rounding. The slope w sigma'(x) exceeds 1 on at most one interval, around 0. So x - F(x) has at
/// most three monotone pieces, and each has at most one fixed point, which is found in a bracket.
/// </remarks>
/// <param name="Weight">w, finite.</param>
/// <param name="Bias">b, finite.</param>
/// <param name="Activation">sigma: the logistic function (the paper's choice, as in Doya 1993), tanh, or the identity.</param>
public sealed record OneUnitMap(double Weight, double Bias, Activation Activation = Activation.Sigmoid)
{
    // How far from 0 the extreme value of x - F(x) may be, in units of rounding, for two fixed points to count as one at a fold.
    private const double Touching = 8 * 2.220446049250313e-16;

    /// <summary>w.</summary>
    public double Weight { get; } = Finite(Weight, nameof(Weight));

    /// <summary>b.</summary>
    public double Bias { get; } = Finite(Bias, nameof(Bias));

    /// <summary>sigma.</summary>
    public Activation Activation { get; } = Activation is Activation.Sigmoid or Activation.Tanh or Activation.Identity
        ? Activation
        : throw new ArgumentException($"A one-unit map has the sigmoid, tanh or identity activation, not {Activation}.");

    /// <summary>F(x) = w sigma(x) + b.</summary>
    public double Apply(double x) => (Weight * UnitFunction.Value(Activation, x)) + Bias;

    /// <summary>F'(x) = w sigma'(x).</summary>
    public double Slope(double x) => Weight * UnitFunction.Slope(Activation, x);

    /// <summary>The x with F(x) = y, or NaN when there is none (y outside the range of F, or w = 0).</summary>
    public double Preimage(double y) => Weight == 0 ? double.NaN : UnitFunction.Inverse(Activation, (y - Bias) / Weight);

    /// <summary>
    /// The states ±x at which |F'(x)| = 1: x = 2 asinh(sqrt(|w|/4 - 1)) for the logistic function, asinh(sqrt(|w| - 1)) for tanh.
    /// Null when |F'| stays below 1, which then makes F a contraction. For the identity there is no such state.
    /// </summary>
    public double? CriticalState => UnitFunction.CriticalState(Activation, Math.Abs(Weight));

    /// <summary>
    /// Every fixed point, x = w sigma(x) + b, in increasing order: one, or three; or two at a fold, where one of them has
    /// <see cref="Stability.Neutral"/>. For the identity one, or none when w = 1.
    /// </summary>
    public IReadOnlyList<FixedPoint> FixedPoints()
    {
        if (Activation == Activation.Identity) return Weight == 1 ? [] : [new FixedPoint(Bias / (1 - Weight), Weight)];
        double reach = Math.Abs(Weight) + Math.Abs(Bias) + 1;
        if (Weight <= 0 || CriticalState is not { } critical || critical == 0) return [At(Root(-reach, reach))];

        // x - F(x) rises to -critical, falls to +critical and rises again.
        double high = -critical - Apply(-critical), low = critical - Apply(critical);
        double rounding = Touching * reach;
        bool touchesHigh = Math.Abs(high) <= rounding, touchesLow = Math.Abs(low) <= rounding;
        var points = new List<FixedPoint>(3);
        if (touchesHigh) points.Add(new FixedPoint(-critical, 1));
        else if (high > 0) points.Add(At(Root(-reach, -critical)));
        if (!touchesHigh && !touchesLow && high > 0 && low < 0) points.Add(At(Root(critical, -critical)));
        if (touchesLow) points.Add(new FixedPoint(critical, 1));
        else if (low < 0) points.Add(At(Root(critical, reach)));
        return points;
    }

    /// <summary>
    /// The states between two basins of attraction, in increasing order: the unstable fixed points of an increasing map (w > 0),
    /// and the fixed point at a fold, which attracts from one side. A decreasing map (w &lt;= 0) has one attractor, so there is
    /// no boundary.
    /// </summary>
    public IReadOnlyList<double> BasinBoundaries()
    {
        if (Weight <= 0 || Activation == Activation.Identity) return [];
        IReadOnlyList<FixedPoint> points = FixedPoints();
        return points.Count == 1 ? [] : [.. points.Where(point => point.Stability != Stability.Stable).Select(point => point.X)];
    }

    /// <summary>
    /// The fixed point to which x_0 is attracted, or null when x_0 goes to the cycle of <see cref="PeriodTwo"/> or to no fixed
    /// point (identity). An increasing map moves every state to the next fixed point in the direction of its first step; a state
    /// on a boundary stays.
    /// </summary>
    /// <param name="start">x_0, finite.</param>
    public FixedPoint? AttractorOf(double start)
    {
        Finite(start, nameof(start));
        IReadOnlyList<FixedPoint> points = FixedPoints();
        if (Activation == Activation.Identity || Weight <= 0)
        {
            FixedPoint? only = points.Count == 1 ? points[0] : null;
            return only is { Stability: Stability.Stable } || only?.X == start ? only : null;
        }

        FixedPoint nearest = points.MinBy(point => Math.Abs(point.X - start))!;
        if (nearest.X == start) return nearest;
        return Apply(start) >= start
            ? points.FirstOrDefault(point => point.X > start) ?? nearest
            : points.LastOrDefault(point => point.X < start) ?? nearest;
    }

    /// <summary>The attracting cycle of two states of a map with w &lt; 0 whose fixed point is unstable, or null.</summary>
    public PeriodTwoCycle? PeriodTwo()
    {
        if (Weight >= 0 || Activation == Activation.Identity) return null;
        FixedPoint middle = FixedPoints()[0];
        if (middle.Stability != Stability.Unstable) return null;

        // F applied twice is increasing. Far below the fixed point it raises states, and just below the fixed point it lowers
        // them, so a state of the cycle is in between.
        double Lift(double x) => Apply(Apply(x)) - x;
        double inside = middle.X;
        for (double distance = 1; distance > 1e-12; distance /= 2)
        {
            inside = middle.X - distance;
            if (Lift(inside) < 0) break;
        }

        if (Lift(inside) >= 0) return null; // so near the bifurcation that the cycle and the fixed point coincide within rounding
        double outside = middle.X - (2 * Math.Abs(Weight)) - 1;
        double low = Bisection.Root(Lift, outside, inside), high = Apply(low);
        return new PeriodTwoCycle(low, high, Slope(low) * Slope(high));
    }

    private FixedPoint At(double x) => new(x, Slope(x));

    /// <summary>The root of x - F(x) between a state where it is negative and one where it is positive.</summary>
    private double Root(double negative, double positive) => Bisection.Root(x => x - Apply(x), negative, positive);

    private static double Finite(double value, string name) =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name,
            Invariant($"{name} is {value}; it must be a finite number."));
}
