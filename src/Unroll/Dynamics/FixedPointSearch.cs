using System.Numerics;
using Unroll.Numerics;

namespace Unroll.Dynamics;

/// <summary>A state at which a network without input rests, or nearly.</summary>
/// <param name="State">s, (S): h for one plain layer.</param>
/// <param name="Speed">q = |F(h) - h|^2 / 2.</param>
/// <param name="IsFixed">Whether it is a fixed point, |F(h) - h| about 1e-10 a unit or less; otherwise a slow point, a local
/// minimum of the speed.</param>
/// <param name="Eigenvalues">The eigenvalues of dF/dh, by decreasing magnitude.</param>
/// <param name="Starts">How many of the searches ended here.</param>
public sealed record NetworkFixedPoint(double[] State, double Speed, bool IsFixed, Complex[] Eigenvalues, int Starts)
{
    /// <summary>
    /// Stable when all eigenvalues are inside the unit circle, neutral when the largest is within 1e-9 of the circle.
    /// </summary>
    public Stability Stability => Complex.Abs(Eigenvalues[0]) switch
    {
        < 1 - 1e-9 => Stability.Stable,
        > 1 + 1e-9 => Stability.Unstable,
        _ => Stability.Neutral,
    };

    /// <summary>In how many directions a small distance grows: eigenvalues outside the unit circle.</summary>
    public int UnstableDirections => Eigenvalues.Count(value => Complex.Abs(value) > 1 + 1e-9);
}

/// <summary>The options of the search for fixed and slow points.</summary>
public sealed record FixedPointSearchOptions
{
    /// <summary>The most steps of one search, at least 1.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>A local minimum of the speed of at most this counts as a slow point; 0 keeps fixed points only.</summary>
    public double SlowSpeed { get; init; } = 1e-6;

    /// <summary>Two points at most this far apart, in root mean square over the units, count as one.</summary>
    public double Distance { get; init; } = 1e-5;
}

/// <summary>
/// Fixed and slow points of a trained network without input, by minimising the speed q(h) (Sussillo and Barak, 2013) from states
/// that the network visits: a least-squares problem with the residual F(h) - h, solved by Levenberg's and Marquardt's method in
/// double.
/// </summary>
public static class FixedPointSearch
{
    // Bounds on q a unit: at most the first is a fixed point, and below the second rounding allows no improvement.
    private const double Rest = 1e-20, Rounding = 1e-31;

    // At a minimum that is not a fixed point, the gradient is at most this share of the residual.
    private const double Flat = 1e-10;

    /// <summary>
    /// Searches from every start, in their order; points are sorted by speed class (fixed first), then by how many starts found
    /// them.
    /// </summary>
    /// <param name="map">The network without input.</param>
    /// <param name="starts">States to start from, each of H finite numbers.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ArgumentException">A start has another length or is not finite.</exception>
    public static IReadOnlyList<NetworkFixedPoint> Find(
        AutonomousNetwork map, IReadOnlyList<double[]> starts, FixedPointSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(starts);
        options ??= new FixedPointSearchOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1);
        var found = new List<(double[] State, double Speed, bool IsFixed, int Starts)>();
        foreach (double[] start in starts)
        {
            if (start.Length != map.Hidden) throw new ArgumentException(
                Invariant($"A start has {start.Length} numbers; the network's state has {map.Hidden}."), nameof(starts));
            if (!start.All(double.IsFinite))
                throw new ArgumentException("A start has a number that is not finite.", nameof(starts));
            (double[] state, double speed, bool atMinimum) = Minimise(map, start, options.Steps);
            bool isFixed = speed <= Rest * map.Hidden;
            if (!isFixed && !(atMinimum && speed <= options.SlowSpeed)) continue;
            int same = found.FindIndex(one => one.IsFixed == isFixed && Distance(one.State, state) <= options.Distance);
            if (same < 0) found.Add((state, speed, isFixed, 1));
            else found[same] = found[same] with { Starts = found[same].Starts + 1 };
        }

        return [.. found.OrderByDescending(one => one.IsFixed).ThenByDescending(one => one.Starts)
            .Select(one => new NetworkFixedPoint(one.State, one.Speed, one.IsFixed, map.Eigenvalues(one.State), one.Starts))];
    }

    internal static double Distance(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return Math.Sqrt(sum / a.Length);
    }

    private static (double[] State, double Speed, bool AtMinimum) Minimise(AutonomousNetwork map, double[] start, int steps)
    {
        int n = map.Hidden;
        double[] h = [.. start], residual = Residual(map, h);
        double speed = Vectors.Dot(residual, residual) / 2, damping = 1e-3;
        for (int step = 0; step < steps; step++)
        {
            if (speed <= Rounding * n) return (h, speed, true);

            // (J - 1)^T (J - 1) + damping, and the gradient (J - 1)^T r.
            double[] jacobian = map.Jacobian(h), normal = new double[n * n], gradient = new double[n];
            for (int i = 0; i < n; i++) jacobian[(i * n) + i] -= 1;
            for (int k = 0; k < n; k++)
            {
                ReadOnlySpan<double> row = jacobian.AsSpan(k * n, n);
                Vectors.AddOuter(normal, row, row);
                Vectors.Add(gradient, residual[k], row);
            }

            if (Vectors.Norm(gradient) <= Flat * Vectors.Norm(residual)) return (h, speed, true);
            bool better = false;
            while (!better && damping < 1e12)
            {
                double[]? change = Cholesky.Solve(normal, n, damping, gradient);
                if (change is not null)
                {
                    double[] next = [.. h.Zip(change, (a, b) => a - b)], nextResidual = Residual(map, next);
                    double nextSpeed = Vectors.Dot(nextResidual, nextResidual) / 2;
                    if (nextSpeed < speed)
                    {
                        (h, residual, speed, better) = (next, nextResidual, nextSpeed, true);
                        damping = Math.Max(damping / 10, 1e-15);
                        break;
                    }
                }

                damping *= 10;
            }

            // No step lowers the speed any more: the limit of rounding, or a minimum.
            if (!better) return (h, speed, true);
        }

        return (h, speed, false);
    }

    private static double[] Residual(AutonomousNetwork map, double[] h)
    {
        var next = new double[h.Length];
        map.Apply(h, next);
        Vectors.Add(next, -1, h);
        return next;
    }
}
