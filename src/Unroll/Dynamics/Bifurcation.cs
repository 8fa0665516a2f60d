using Unroll.Cells;
using Unroll.Numerics;
namespace Unroll.Dynamics;

/// <summary>Which of a one-unit map's two parameters changes.</summary>
public enum UnitParameter
{
    /// <summary>w, the recurrent weight.</summary>
    Weight,

    /// <summary>b, the bias.</summary>
    Bias,
}

/// <summary>What happens to the attractors of a one-unit map at a parameter value.</summary>
public enum BifurcationKind
{
    /// <summary>A stable and an unstable fixed point meet and vanish (F' = 1): b1 and b2 of figure 3.</summary>
    Fold,

    /// <summary>A fixed point loses its stability to two new ones (F' = 1, by symmetry: tanh with b = 0).</summary>
    Pitchfork,

    /// <summary>A fixed point loses its stability to a cycle of two states (F' = -1, w below 0).</summary>
    Flip,
}

/// <summary>A parameter value at which attractors appear, disappear or change their kind.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Parameter">The value of w or b, whichever changes.</param>
/// <param name="X">The state at which it happens.</param>
public sealed record Bifurcation(BifurcationKind Kind, double Parameter, double X);

/// <summary>
/// The bifurcations of a one-unit map in closed form (in w up to the root of one monotone function): F(x) = x together with F'(x)
/// = ±1. <see cref="FixedPointDiagram"/> finds the same points by following the fixed points; this is its test oracle and the
/// faster method.
/// </summary>
public static class Bifurcations
{
    /// <summary>
    /// Every bifurcation as b changes, in decreasing b, so that b1 of figure 3 (met first as b decreases) comes before b2. There
    /// are two or none: x = ± the critical state of w and b = x - w sigma(x); folds for w > 0, flips for w &lt; 0.
    /// </summary>
    /// <param name="weight">w, finite.</param>
    /// <param name="activation">The logistic function or tanh.</param>
    /// <exception cref="ArgumentException">The weight is not finite or the activation another.</exception>
    public static IReadOnlyList<Bifurcation> InBias(double weight, Activation activation = Activation.Sigmoid)
    {
        OneUnitMap map = Checked(weight, 0, activation);
        if (map.CriticalState is not { } critical) return [];

        // At |w| of 4 (tanh: 1) the two points coincide in a cusp, and the attractors do not change.
        if (critical == 0) return [];
        BifurcationKind kind = weight > 0 ? BifurcationKind.Fold : BifurcationKind.Flip;
        return [.. new[] { -critical, critical }.Select(x => new Bifurcation(kind, x - map.Apply(x), x))
            .OrderByDescending(one => one.Parameter)];
    }

    /// <summary>
    /// Every bifurcation as w changes, in increasing w. Folds: (x - b) sigma'(x) = sigma(x), which is 1 + e^x - x + b = 0 for the
    /// logistic function (two for b below -2) and sinh(2x)/2 - x + b = 0 for tanh (one; a pitchfork at w = 1 for b = 0). Flips:
    /// the same with the other sign, one for every b. In both cases w = ±1/sigma'(x).
    /// </summary>
    /// <param name="bias">b, finite, |b| at most 300.</param>
    /// <param name="activation">The logistic function or tanh.</param>
    /// <exception cref="ArgumentException">The bias is out of its range or the activation another.</exception>
    public static IReadOnlyList<Bifurcation> InWeight(double bias, Activation activation = Activation.Sigmoid)
    {
        Checked(0, bias, activation);
        if (Math.Abs(bias) > 300) throw new ArgumentOutOfRangeException(nameof(bias),
            Invariant($"The bias {bias} must lie in -300..300."));
        double bound = 2 * (Math.Abs(bias) + 4);
        double Ratio(double x) => activation == Activation.Tanh ? Math.Sinh(2 * x) / 2 : 1 + Math.Exp(x);
        double Fold(double x) => Ratio(x) - x + bias;
        double Flip(double x) => Ratio(x) + x - bias;
        Bifurcation At(BifurcationKind kind, double x) =>
            new(kind, (kind == BifurcationKind.Flip ? -1 : 1) / UnitFunction.Slope(activation, x), x);

        var found = new List<Bifurcation> { At(BifurcationKind.Flip, Bisection.Root(Flip, -bound, bound)) };
        if (activation == Activation.Tanh)
        {
            found.Add(bias == 0
                ? At(BifurcationKind.Pitchfork, 0)
                : At(BifurcationKind.Fold, Bisection.Root(Fold, -bound, bound)));
        }
        else if (bias < -2)
        {
            found.Add(At(BifurcationKind.Fold, Bisection.Root(Fold, -bound, 0)));
            found.Add(At(BifurcationKind.Fold, Bisection.Root(Fold, 0, bound)));
        }

        return [.. found.OrderBy(one => one.Parameter)];
    }

    private static OneUnitMap Checked(double weight, double bias, Activation activation) =>
        activation is Activation.Sigmoid or Activation.Tanh
        ? new OneUnitMap(weight, bias, activation)
        : throw new ArgumentException(
            $"A one-unit map bifurcates with the sigmoid or tanh activation, not with {activation}.", nameof(activation));
}
