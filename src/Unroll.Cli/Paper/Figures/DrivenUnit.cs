using System.Text.Json.Serialization;
using Unroll.Dynamics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// A unit with two attractors under a periodic input, F_t(x) = w sigma(x) + b + u_t, and two states that start a small distance
/// apart on either side of the boundary between what becomes of them: the model behind figures 4 and 5.
/// </summary>
/// <param name="Boundary">The boundary between the basins of the map without input, F~.</param>
/// <param name="Attractors">The two attractors of F~.</param>
/// <param name="Inputs">u_1 to u_T.</param>
/// <param name="DrivenBoundary">c_0 to c_T: a state above c_t at step t stays above all later ones.</param>
/// <param name="Above">The trajectory x_0 to x_T that starts above.</param>
/// <param name="Below">The one that starts below.</param>
internal sealed record DrivenUnit(
    double Boundary, IReadOnlyList<double> Attractors, IReadOnlyList<double> Inputs, IReadOnlyList<double> DrivenBoundary,
    DrivenPath Above, DrivenPath Below)
{
    /// <summary>|x_t - x'_t| for t = 0 to T.</summary>
    [JsonPropertyName("delta_x")]
    public IReadOnlyList<double> Separation => [.. Above.States.Zip(Below.States, (a, b) => a - b)];

    /// <summary>The parameters of both figures.</summary>
    public static IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("w", "the recurrent weight", 5, 0, 100) { WithTanh = 1.25 },
        new("b", "the bias", -2.5, -1000, 1000) { WithTanh = 0 },
        new("dx0", "the distance of the two states at first", 0.02, 1e-12, 10) { WithTanh = 0.01 },
        new("steps", "T, the number of steps", 24, 2, 200) { IsWhole = true },
        new("input", "the amplitude of the input u_t = input sin(2 pi t / period)", 0.25, 0, 100) { WithTanh = 0.125 },
        new("period", "the period of the input", 6, 2, 1000),
    ];

    /// <summary>Computes both trajectories.</summary>
    /// <exception cref="UserError">The unit has one attractor, or the input leaves no boundary.</exception>
    public static DrivenUnit Compute(string figure, FigureSettings settings)
    {
        var map = new OneUnitMap(settings["w"], settings["b"], settings.Activation);
        if (map.BasinBoundaries() is not [var boundary] || map.FixedPoints().Count != 3)
            throw new UserError(OneAttractor(figure, map));
        int steps = settings.Whole("steps");
        double[] inputs = [.. Enumerable.Range(1, steps)
            .Select(t => settings["input"] * Math.Sin(2 * Math.PI * t / settings["period"]))];

        // What is above at the end was above all along: the boundary is carried back from the last step, where F~ alone decides.
        var driven = new double[steps + 1];
        driven[steps] = boundary;
        for (int t = steps; t > 0; t--)
        {
            driven[t - 1] = map.Preimage(driven[t] - inputs[t - 1]);
            if (double.IsNaN(driven[t - 1]))
                throw new UserError(
                    $"{figure}: with an input of amplitude {Format.Exact(settings["input"])} every state ends on the same side, "
                        + "so there is no boundary; take a smaller one (--set input=).");
        }

        DrivenPath Run(double start) => DrivenPath.Run(map, start, inputs);
        double distance = settings["dx0"];
        return new DrivenUnit(boundary, [map.FixedPoints()[0].X, map.FixedPoints()[2].X], inputs, driven,
            Run(driven[0] + (distance / 2)), Run(driven[0] - (distance / 2)));
    }

    private static string OneAttractor(string figure, OneUnitMap map)
    {
        string name = FigureStyle.Name(map.Activation);
        IReadOnlyList<Bifurcation> folds = Bifurcations.InBias(map.Weight, map.Activation);
        string range = folds.Count < 2 || map.Weight <= 0
            ? $"a {name} unit has two only for w above {(map.Activation == Activation.Tanh ? 1 : 4)}"
            : $"with this w it has two for b between {FigureStyle.Short(folds[1].Parameter)} and "
                + $"{FigureStyle.Short(folds[0].Parameter)}";
        return $"{figure} needs a unit with two attractors, and w = {Format.Exact(map.Weight)}, b = {Format.Exact(map.Bias)} has "
            + $"one; {range}.";
    }
}

/// <summary>A trajectory under input, with the two halves of every step.</summary>
/// <param name="States">x_0 to x_T.</param>
/// <param name="AfterAutonomous">F~(x_{t-1}) for t = 1 to T: where the map alone leads; U_t then adds u_t.</param>
/// <param name="Slopes">F'(x_{t-1}) for t = 1 to T.</param>
/// <param name="Crossings">The steps t at which U_t carries the state into the other basin of F~.</param>
internal sealed record DrivenPath(IReadOnlyList<double> States, IReadOnlyList<double> AfterAutonomous,
    IReadOnlyList<double> Slopes, IReadOnlyList<int> Crossings)
{
    public static DrivenPath Run(OneUnitMap map, double start, IReadOnlyList<double> inputs)
    {
        var states = new List<double> { start };
        var halves = new List<double>();
        var slopes = new List<double>();
        var crossings = new List<int>();
        foreach (double u in inputs)
        {
            slopes.Add(map.Slope(states[^1]));
            halves.Add(map.Apply(states[^1]));
            states.Add(halves[^1] + u);

            // F~ leaves a state in its basin by itself; only the input can carry it out.
            if (map.AttractorOf(halves[^1]) != map.AttractorOf(states[^1])) crossings.Add(states.Count - 1);
        }

        return new DrivenPath(states, halves, slopes, crossings);
    }
}
