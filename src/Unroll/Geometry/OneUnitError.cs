using Unroll.Cells;
using Unroll.Dynamics;

namespace Unroll.Geometry;

/// <summary>x_t of a unit without input with its exact first and second derivatives with respect to w and b.</summary>
/// <param name="X">x_t.</param>
/// <param name="ByW">dx_t/dw; t x_0 w^(t-1) for the identity without bias.</param>
/// <param name="ByB">dx_t/db.</param>
/// <param name="ByWW">d2x_t/dw2; t (t-1) x_0 w^(t-2) for the identity without bias.</param>
/// <param name="ByWB">d2x_t/dw db.</param>
/// <param name="ByBB">d2x_t/db2.</param>
public readonly record struct UnitSensitivity(double X, double ByW, double ByB, double ByWW, double ByWB, double ByBB);

/// <summary>The error of one unit at a point (w, b), with its exact gradient and Hessian.</summary>
/// <param name="W">w.</param>
/// <param name="B">b.</param>
/// <param name="Error">E.</param>
/// <param name="ByW">dE/dw.</param>
/// <param name="ByB">dE/db.</param>
/// <param name="ByWW">d2E/dw2.</param>
/// <param name="ByWB">d2E/dw db.</param>
/// <param name="ByBB">d2E/db2.</param>
public readonly record struct UnitErrorPoint(
    double W, double B, double Error, double ByW, double ByB, double ByWW, double ByWB, double ByBB)
{
    /// <summary>||dE/d(w, b)||.</summary>
    public double GradientNorm => Math.Sqrt((ByW * ByW) + (ByB * ByB));

    /// <summary>
    /// The eigenvalue of the Hessian that is largest in magnitude, and the unit vector (w, b) of its direction.
    /// </summary>
    public (double Value, double W, double B) LeadingCurvature()
    {
        double mean = (ByWW + ByBB) / 2, half = (ByWW - ByBB) / 2, radius = Math.Sqrt((half * half) + (ByWB * ByWB));
        double value = mean >= 0 ? mean + radius : mean - radius;
        // The angle of the larger eigenvalue's direction; the other direction is perpendicular.
        double angle = 0.5 * Math.Atan2(ByWB, half);
        return mean >= 0 ? (value, Math.Cos(angle), Math.Sin(angle)) : (value, -Math.Sin(angle), Math.Cos(angle));
    }
}

/// <summary>A step of gradient descent on the error of one unit.</summary>
/// <param name="At">The point before the step.</param>
/// <param name="IsClipped">Whether the gradient's norm reached the threshold.</param>
public readonly record struct UnitDescentStep(UnitErrorPoint At, bool IsClipped);

/// <summary>
/// The error surface of section 2.3 and figure 6: E_T = (sigma(x_T) - target)^2 over (w, b) for x_t = w sigma(x_{t-1}) + b, with
/// exact first and second derivatives, and gradient descent on it.
/// </summary>
/// <param name="Start">x_0, finite. The paper's is 0.5.</param>
/// <param name="Steps">T, 1..100000. The paper's is 50.</param>
/// <param name="Target">The target, finite. The paper's is 0.7.</param>
/// <param name="Activation">sigma: the logistic function, tanh or the identity.</param>
public sealed record OneUnitError(
    double Start = 0.5, int Steps = 50, double Target = 0.7, Activation Activation = Activation.Sigmoid)
{
    /// <summary>x_0.</summary>
    public double Start { get; } = double.IsFinite(Start) ? Start : throw new ArgumentOutOfRangeException(nameof(Start),
        Invariant($"The initial state is {Start}; it must be a finite number."));

    /// <summary>T.</summary>
    public int Steps { get; } = Steps is >= 1 and <= 100_000 ? Steps : throw new ArgumentOutOfRangeException(nameof(Steps),
        Invariant($"There are {Steps} steps; there must be 1..100000."));

    /// <summary>The target.</summary>
    public double Target { get; } = double.IsFinite(Target) ? Target : throw new ArgumentOutOfRangeException(nameof(Target),
        Invariant($"The target is {Target}; it must be a finite number."));

    /// <summary>sigma.</summary>
    public Activation Activation { get; } = Activation is Activation.Sigmoid or Activation.Tanh or Activation.Identity
        ? Activation
        : throw new ArgumentException($"The unit has the sigmoid, tanh or identity activation, not {Activation}.");

    /// <summary>x_T and its derivatives.</summary>
    public UnitSensitivity State(double w, double b)
    {
        var at = new UnitSensitivity(Start, 0, 0, 0, 0, 0);
        for (int t = 0; t < Steps; t++)
        {
            double sigma = UnitFunction.Value(Activation, at.X);
            double slope = UnitFunction.Slope(Activation, at.X), curvature = UnitFunction.Curvature(Activation, at.X);
            at = new UnitSensitivity(
                (w * sigma) + b,
                sigma + (w * slope * at.ByW),
                1 + (w * slope * at.ByB),
                (2 * slope * at.ByW) + (w * ((curvature * at.ByW * at.ByW) + (slope * at.ByWW))),
                (slope * at.ByB) + (w * ((curvature * at.ByW * at.ByB) + (slope * at.ByWB))),
                w * ((curvature * at.ByB * at.ByB) + (slope * at.ByBB)));
        }

        return at;
    }

    /// <summary>E_T and its derivatives.</summary>
    public UnitErrorPoint At(double w, double b)
    {
        UnitSensitivity x = State(w, b);
        double difference = UnitFunction.Value(Activation, x.X) - Target;
        double slope = UnitFunction.Slope(Activation, x.X), curvature = UnitFunction.Curvature(Activation, x.X);
        double Second(double first, double second, double both) =>
            2 * ((slope * slope * first * second) + (difference * ((curvature * first * second) + (slope * both))));
        return new UnitErrorPoint(
            w, b, difference * difference, 2 * difference * slope * x.ByW, 2 * difference * slope * x.ByB,
            Second(x.ByW, x.ByW, x.ByWW), Second(x.ByW, x.ByB, x.ByWB), Second(x.ByB, x.ByB, x.ByBB));
    }

    /// <summary>
    /// The bias at which, for a given weight and in the limit of many steps, the error surface has its wall: x_0 is on the
    /// boundary between two basins, b = x_0 - w sigma(x_0). Null where that state is not a boundary, w sigma'(x_0) at most 1.
    /// </summary>
    public double? Wall(double w) =>
        Activation != Activation.Identity && w * UnitFunction.Slope(Activation, Start) > 1
            ? Start - (w * UnitFunction.Value(Activation, Start))
            : null;

    /// <summary>
    /// Gradient descent, plain or with the gradient rescaled to a threshold when its norm reaches it (algorithm 1).
    /// </summary>
    /// <param name="w">The initial w.</param>
    /// <param name="b">The initial b.</param>
    /// <param name="rate">The learning rate, above 0.</param>
    /// <param name="threshold">The threshold, above 0, or null for none.</param>
    /// <param name="updates">The number of updates, at least 1.</param>
    /// <returns>Every point from the first to the one after the last update: updates + 1 of them, fewer when the path leaves the
    /// finite numbers.</returns>
    public IReadOnlyList<UnitDescentStep> Descend(double w, double b, double rate, double? threshold, int updates)
    {
        if (!(rate > 0)) throw new ArgumentOutOfRangeException(nameof(rate),
            Invariant($"The learning rate is {rate}; it must be above 0."));
        if (threshold is { } t && !(t > 0)) throw new ArgumentOutOfRangeException(nameof(threshold),
            Invariant($"The threshold is {t}; it must be above 0."));
        ArgumentOutOfRangeException.ThrowIfLessThan(updates, 1);
        var path = new List<UnitDescentStep>(updates + 1);
        for (int i = 0; i <= updates; i++)
        {
            UnitErrorPoint at = At(w, b);
            if (!double.IsFinite(at.Error) || !double.IsFinite(at.GradientNorm)) break;
            bool clipped = threshold is { } limit && at.GradientNorm >= limit;
            path.Add(new UnitDescentStep(at, clipped));
            double factor = clipped ? rate * threshold!.Value / at.GradientNorm : rate;
            (w, b) = (w - (factor * at.ByW), b - (factor * at.ByB));
        }

        return path;
    }
}
