namespace Unroll.Dynamics;

/// <summary>An attractor of a network without input: a fixed point, or a cycle of several states.</summary>
/// <param name="States">The states of one cycle; a single state for a fixed point.</param>
public sealed record NetworkAttractor(IReadOnlyList<double[]> States)
{
    /// <summary>1 for a fixed point, else the length of the cycle.</summary>
    public int Period => States.Count;
}

/// <summary>
/// A sequence as in figure 5: the map F~ without input has attractors with basins, and the inputs move the state. This has, for
/// each state of the sequence, the attractor in whose basin of F~ the state is. Where the attractor changes from one step to the
/// next, the input has moved the state across a boundary (F~ alone never does). Crossing is what lets gradients explode (section
/// 2.2).
/// </summary>
/// <param name="Attractors">The attractors that were found, in that order.</param>
/// <param name="ByStep">For h_0 to h_T the index of its attractor; -1 where none was reached within the limit (slow or
/// chaotic).</param>
/// <param name="Crossings">The steps t, 1..T, where the attractors of h_{t-1} and h_t are both known and differ.</param>
public sealed record BasinPath(
    IReadOnlyList<NetworkAttractor> Attractors, IReadOnlyList<int> ByStep, IReadOnlyList<int> Crossings)
{
    private const int LongestPeriod = 64;
    private const double AtRest = 1e-10, SameAttractor = 1e-5; // in root mean square over the units

    /// <summary>Follows F~ from every state of one sequence.</summary>
    /// <param name="map">The network without input.</param>
    /// <param name="batch">The batch; it fits the network.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="steps">The most steps of F~ from each state, at least 1.</param>
    /// <exception cref="ArgumentException">The batch does not fit or has no such row.</exception>
    public static BasinPath Follow(AutonomousNetwork map, Batch batch, int row, int steps = 3000)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Follow(map, map.StatesOf(batch, row), steps);
    }

    /// <summary>Follows F~ from every state of a path h_0, h_1, ...</summary>
    /// <param name="map">The network without input.</param>
    /// <param name="states">The states, each of H numbers.</param>
    /// <param name="steps">The most steps of F~ from each state, at least 1.</param>
    /// <exception cref="ArgumentException">A state has another length.</exception>
    public static BasinPath Follow(AutonomousNetwork map, IReadOnlyList<double[]> states, int steps = 3000)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(states);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var attractors = new List<NetworkAttractor>();
        int[] byStep = [.. states.Select(state => Reach(map, state, steps, attractors))];
        int[] crossings = [.. Enumerable.Range(1, Math.Max(0, byStep.Length - 1))
            .Where(t => byStep[t] >= 0 && byStep[t - 1] >= 0 && byStep[t] != byStep[t - 1])];
        return new BasinPath(attractors, byStep, crossings);
    }

    private static int Reach(AutonomousNetwork map, double[] start, int steps, List<NetworkAttractor> attractors)
    {
        double[] h = [.. start], next = new double[h.Length];
        for (int i = 0; i < steps; i++)
        {
            map.Apply(h, next);
            double moved = FixedPointSearch.Distance(h, next);
            (h, next) = (next, h);
            if (moved <= AtRest) return Index([h]);
        }

        // Not a fixed point: a cycle returns to its first state after one period.
        var turn = new List<double[]> { h.ToArray() };
        for (int period = 1; period <= LongestPeriod; period++)
        {
            map.Apply(h, next);
            (h, next) = (next, h);
            if (FixedPointSearch.Distance(h, turn[0]) <= AtRest * 100) return Index([.. turn]);
            turn.Add([.. h]);
        }

        return -1;

        int Index(double[][] found)
        {
            int same = attractors.FindIndex(one => one.Period == found.Length
                && one.States.Any(state => FixedPointSearch.Distance(state, found[0]) <= SameAttractor));
            if (same >= 0) return same;
            attractors.Add(new NetworkAttractor([.. found.Select(state => state.ToArray())]));
            return attractors.Count - 1;
        }
    }
}
