using Unroll.Cells;
using Unroll.Numerics;
namespace Unroll.Dynamics;

/// <summary>A fixed point at one parameter value of a diagram.</summary>
/// <param name="Parameter">w or b, whichever changes.</param>
/// <param name="X">The state.</param>
/// <param name="Multiplier">F'(x) there.</param>
public sealed record DiagramPoint(double Parameter, double X, double Multiplier);

/// <summary>A piece of a curve of fixed points with the same stability; the ends inside the range are bifurcations.</summary>
/// <param name="Stability">Stable or unstable.</param>
/// <param name="Points">In the order in which the curve was followed.</param>
public sealed record DiagramBranch(Stability Stability, IReadOnlyList<DiagramPoint> Points);

/// <summary>
/// Bifurcation diagram of a one-unit map (figure 3): its fixed points as one parameter changes, found by continuation. Every
/// curve of fixed points that enters the range is followed by arc length, so also around folds; where F' passes 1 or -1 the place
/// is bisected along the curve. It uses no closed form of the bifurcations; the tests compare it with the closed form.
/// </summary>
/// <param name="Along">Which parameter changes.</param>
/// <param name="Branches">The pieces of all curves.</param>
/// <param name="Bifurcations">In decreasing order of the parameter, as in figure 3.</param>
public sealed record FixedPointDiagram(
    UnitParameter Along, IReadOnlyList<DiagramBranch> Branches, IReadOnlyList<Bifurcation> Bifurcations)
{
    private const int MostPoints = 200_000;

    /// <summary>
    /// Follows every fixed point through a range of one parameter; the other parameter is that of <paramref name="map"/>.
    /// </summary>
    /// <param name="map">The map; sigmoid or tanh.</param>
    /// <param name="along">The parameter that changes.</param>
    /// <param name="from">The lower end of its range.</param>
    /// <param name="to">The upper end, above <paramref name="from"/>.</param>
    /// <param name="steps">About how many points lie on a curve that goes through the range once, 10..10000.</param>
    /// <exception cref="ArgumentException">The range is empty or not finite, the steps are out of range or the activation has no
    /// diagram.</exception>
    public static FixedPointDiagram Trace(OneUnitMap map, UnitParameter along, double from, double to, int steps = 400)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Activation == Activation.Identity)
            throw new ArgumentException("A linear map has no diagram: its one fixed point is b / (1 - w).", nameof(map));
        if (!double.IsFinite(from) || !double.IsFinite(to) || from >= to) throw new ArgumentException(
            Invariant($"The range {from}..{to} must have finite ends, the lower one first."), nameof(from));
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, 10_000);
        var curve = new Curve(map, along, from, to, (to - from) / steps);
        var branches = new List<DiagramBranch>();
        var bifurcations = new List<Bifurcation>();

        // Curves enter and leave through the ends of the range. A point at which a curve left is not used as a start again.
        var left = new List<(double Parameter, double X)>();
        foreach (double end in (double[])[to, from])
        {
            foreach (FixedPoint start in curve.At(end).FixedPoints())
            {
                if (left.Any(one => one.Parameter == end && Math.Abs(one.X - start.X) < 1e-6 * (1 + Math.Abs(start.X)))) continue;
                List<DiagramPoint> points = curve.Follow(end, start.X, inward: end == to ? -1 : 1, MostPoints);
                left.Add((points[^1].Parameter, points[^1].X));
                Split(curve, points, branches, bifurcations);
            }
        }

        return new FixedPointDiagram(along, branches, [.. bifurcations.OrderByDescending(one => one.Parameter)]);
    }

    /// <summary>Cuts a curve where its stability changes.</summary>
    private static void Split(
        Curve curve, List<DiagramPoint> points, List<DiagramBranch> branches, List<Bifurcation> bifurcations)
    {
        var piece = new List<DiagramPoint> { points[0] };
        for (int i = 1; i < points.Count; i++)
        {
            foreach (int sign in (int[])[1, -1])
            {
                if (double.IsNegative(points[i - 1].Multiplier - sign) == double.IsNegative(points[i].Multiplier - sign))
                    continue;
                DiagramPoint at = curve.Bisect(points[i - 1], points[i], point => point.Multiplier - sign);
                bool turns = i > 1 && i + 1 < points.Count
                    && (points[i + 1].Parameter - points[i].Parameter) * (points[i - 1].Parameter - points[i - 2].Parameter) < 0;
                BifurcationKind kind = sign == -1 ? BifurcationKind.Flip
                    : turns ? BifurcationKind.Fold
                    : BifurcationKind.Pitchfork;
                bifurcations.Add(new Bifurcation(kind, at.Parameter, at.X));
                piece.Add(at);
                Add(piece);
                piece = [at];
            }

            piece.Add(points[i]);
        }

        Add(piece);

        void Add(List<DiagramPoint> one)
        {
            if (one.Count <= 1) return;
            bool stable = Math.Abs(one[one.Count / 2].Multiplier) < 1;
            branches.Add(new DiagramBranch(stable ? Stability.Stable : Stability.Unstable, one));
        }
    }

    /// <summary>The curves F(x; p) = x of one map in the plane of parameter and state.</summary>
    private sealed class Curve(OneUnitMap map, UnitParameter along, double from, double to, double scale)
    {
        private const int MostCorrections = 12;

        public OneUnitMap At(double parameter) =>
            along == UnitParameter.Weight
                ? new OneUnitMap(parameter, map.Bias, map.Activation)
                : new OneUnitMap(map.Weight, parameter, map.Activation);

        /// <summary>
        /// Follows the curve from an end of the range until it leaves the range; the last point is exactly on an end.
        /// </summary>
        public List<DiagramPoint> Follow(double parameter, double x, int inward, int most)
        {
            var points = new List<DiagramPoint> { Point(parameter, x) };
            (double dp, double dx) = Tangent(parameter, x);
            if (dp * inward < 0 || (dp == 0 && dx < 0)) (dp, dx) = (-dp, -dx);
            double step = scale;
            while (points.Count < most)
            {
                (double p, double y, bool converged) = Correct(parameter + (step * dp), x + (step * dx), dp, dx);
                (double np, double nx) = converged ? Tangent(p, y) : (0, 0);
                double turn = (np * dp) + (nx * dx);
                if (turn < 0) (np, nx, turn) = (-np, -nx, -turn);
                if (turn < 0.99 && step > 1e-9 * scale)
                {
                    step /= 2;
                    continue;
                }

                if (p < from || p > to)
                {
                    double end = p < from ? from : to;
                    points.Add(Point(end, At(end).FixedPoints().MinBy(point => Math.Abs(point.X - y))!.X));
                    return points;
                }

                points.Add(Point(p, y));
                (parameter, x, dp, dx) = (p, y, np, nx);
                step = Math.Min(scale, step * 1.5);
            }

            throw new InvalidOperationException(
                Invariant($"A curve of fixed points did not leave the range {from}..{to} in {most} points."));
        }

        /// <summary>The point between two neighbours on the curve at which a function of the point is zero.</summary>
        public DiagramPoint Bisect(DiagramPoint a, DiagramPoint b, Func<DiagramPoint, double> f)
        {
            (double dp, double dx) = (b.Parameter - a.Parameter, b.X - a.X);
            double length = Math.Sqrt((dp * dp) + (dx * dx));
            DiagramPoint On(double share)
            {
                (double p, double x, _) = Correct(a.Parameter + (share * dp), a.X + (share * dx), dp / length, dx / length);
                return Point(p, x);
            }

            return On(Bisection.Root(share => share == 0 ? f(a) : share == 1 ? f(b) : f(On(share)), 0, 1));
        }

        private DiagramPoint Point(double parameter, double x) => new(parameter, x, At(parameter).Slope(x));

        /// <summary>dF/dp: sigma(x) along w, 1 along b.</summary>
        private double ByParameter(double x) => along == UnitParameter.Weight ? UnitFunction.Value(map.Activation, x) : 1;

        /// <summary>The direction of the curve, (dp, dx) of length 1: (F' - 1) dx + dF/dp dp = 0.</summary>
        private (double Dp, double Dx) Tangent(double parameter, double x)
        {
            (double byX, double byP) = (At(parameter).Slope(x) - 1, ByParameter(x));
            double length = Math.Sqrt((byX * byX) + (byP * byP));
            return length == 0 ? (0, 1) : (-byX / length, byP / length);
        }

        /// <summary>Newton's method for F(x) = x on the line through a point perpendicular to the direction (dp, dx).</summary>
        private (double P, double X, bool Converged) Correct(double p0, double x0, double dp, double dx)
        {
            (double p, double x) = (p0, x0);
            for (int i = 0; i < MostCorrections; i++)
            {
                OneUnitMap here = At(p);
                double residual = here.Apply(x) - x, off = ((p - p0) * dp) + ((x - x0) * dx);
                (double byX, double byP) = (here.Slope(x) - 1, ByParameter(x));
                double determinant = (byP * dx) - (byX * dp);
                if (determinant == 0) return (p, x, residual == 0);
                double changeP = ((-residual * dx) + (byX * off)) / determinant;
                double changeX = ((-byP * off) + (residual * dp)) / determinant;
                (p, x) = (p + changeP, x + changeX);
                if (Math.Abs(changeP) + Math.Abs(changeX) <= 4e-16 * (1 + Math.Abs(p) + Math.Abs(x))) return (p, x, true);
            }

            return (p, x, Math.Abs(At(p).Apply(x) - x) <= 1e-13 * (1 + Math.Abs(x)));
        }
    }
}
