using System.Text.Json.Serialization;
using ScottPlot;
using Unroll.Dynamics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Figure 3: where a unit with a fixed weight w ends, against its bias b. Between b1 and b2 there are two attractors, and the
/// unstable state between their basins is the boundary.
/// </summary>
internal sealed class Figure3 : IFigure
{
    public string Id => "fig3";

    public string Section => "Figure 3, section 2.2";

    public string Summary =>
        "bifurcation diagram of one unit: attractors, b1 and b2, the boundary between basins, the vector field";

    public bool HasSigma => true;

    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("w", "the recurrent weight", 5, -100, 100) { WithTanh = 1.25 },
        new("bmin", "the left end of the axis", null, -1000, 1000),
        new("bmax", "the right end of the axis", null, -1000, 1000),
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        (double w, Activation sigma) = (settings["w"], settings.Activation);

        // Everything is symmetric about the bias at which the state 0 stays where it is.
        double middle = -new OneUnitMap(w, 0, sigma).Apply(0), half = Half(w, sigma);
        double from = settings.Given("bmin") ?? middle - half, to = settings.Given("bmax") ?? middle + half;
        if (from >= to) throw new UserError($"fig3: bmin {Format.Exact(from)} must be below bmax {Format.Exact(to)}.");
        FixedPointDiagram diagram = FixedPointDiagram.Trace(new OneUnitMap(w, 0, sigma), UnitParameter.Bias, from, to,
            settings.IsSmoke ? 60 : 600);
        var record = new Figure3Record(
            [.. diagram.Bifurcations.Select(one => new MarkedPoint(one.X < 0 == w > 0 ? "b1" : "b2", one.Parameter, one.X,
                one.Kind))], Crossings(w, sigma, from, to), diagram.Branches,
            Cycles(w, sigma, from, to, settings.IsSmoke ? 20 : 200),
            Field(w, sigma, diagram, from, to, settings.IsSmoke ? 5 : 13));

        var table = new TextTable("point", "b", "x", "what happens there");
        foreach (MarkedPoint one in record.Bifurcations)
            table.Add(one.Name, Format.Exact(one.B), Format.Exact(one.X),
                one.Kind == BifurcationKind.Fold ? "an attractor and the boundary meet" : "a cycle of two states takes over");
        foreach (MarkedPoint one in record.Crossings)
            table.Add(one.Name, Format.Exact(one.B), Format.Exact(one.X), "the boundary passes this state as b changes");
        string[] notes = record.Bifurcations.Count == 0
            ? [$"No bifurcation for b in {FigureStyle.Short(from)}..{FigureStyle.Short(to)}: "
                + $"{(sigma == Activation.Tanh ? "tanh units need |w| above 1" : "logistic units need |w| above 4")}, and an "
                    + "axis that reaches them."] : [];
        string caption =
            $"The asymptotic state x∞ of x ← w σ(x) + b against b, w = {FigureStyle.Short(w)}, σ {FigureStyle.Name(sigma)}. "
            + (w > 0
                ? "Bold: stable; dashed: unstable, the boundary between the basins; grey arrows: where a state moves. Filled: "
                    + "bifurcations; open: a change of b that carries the boundary past a state."
                : "Bold: stable; dashed: unstable; dotted: a stable cycle of two states. Filled: bifurcations.");
        return new FigureResult(caption, [("", table)], notes, [new FigurePanel(620, 460, () => Draw(record, w))])
        {
            Record = record,
        };
    }

    /// <summary>Half the width of the axis: twice the distance between the bifurcations and something more.</summary>
    private static double Half(double w, Activation sigma)
    {
        IReadOnlyList<Bifurcation> both = Bifurcations.InBias(w, sigma);
        double distance = both.Count == 0 ? 0 : both[0].Parameter - both[1].Parameter, scale = sigma == Activation.Tanh ? 0.5 : 1;
        return (0.4 * scale) + distance;
    }

    /// <summary>Two states between the folds, and the b at which each of them is the boundary.</summary>
    private static MarkedPoint[] Crossings(double w, Activation sigma, double from, double to)
    {
        var map = new OneUnitMap(w, 0, sigma);
        if (w <= 0 || map.CriticalState is not { } critical) return [];
        return [.. new[] { 0.5, -0.5 }.Select(share => share * critical)
            .Select(x => new MarkedPoint("crossing", x - map.Apply(x), x, null)).Where(one => one.B > from && one.B < to)];
    }

    private static List<CyclePoint> Cycles(double w, Activation sigma, double from, double to, int steps)
    {
        var cycles = new List<CyclePoint>();
        for (int i = 0; i <= steps && w < 0; i++)
        {
            double b = from + ((to - from) * i / steps);
            if (new OneUnitMap(w, b, sigma).PeriodTwo() is { } cycle) cycles.Add(new CyclePoint(b, cycle.Low, cycle.High));
        }

        return cycles;
    }

    private static List<FieldArrow> Field(double w, Activation sigma, FixedPointDiagram diagram, double from,
        double to, int columns)
    {
        double[] states = [.. diagram.Branches.SelectMany(branch => branch.Points).Select(point => point.X)];
        double low = states.Min(), high = states.Max(), margin = 0.12 * (high - low);
        (low, high) = (low - margin, high + margin);
        var field = new List<FieldArrow>();
        for (int i = 0; i < columns; i++)
        {
            double b = from + ((to - from) * (i + 0.5) / columns);
            for (int j = 0; j < columns; j++)
            {
                double x = low + ((high - low) * (j + 0.5) / columns);
                field.Add(new FieldArrow(b, x, new OneUnitMap(w, b, sigma).Apply(x)));
            }
        }

        return field;
    }

    private static Plot Draw(Figure3Record record, double w)
    {
        Plot plot = FigureStyle.NewPlot("", "b", "x∞");
        double[] columns = [.. record.Field.Select(arrow => arrow.X).Distinct().Order()];
        double spacing = columns[1] - columns[0];
        foreach (FieldArrow arrow in record.Field)
        {
            // The length saturates: what matters is where to, and whether at all.
            double move = 0.75 * spacing * Math.Tanh(1.6 * (arrow.Fx - arrow.X) / spacing);
            if (w > 0 && Math.Abs(move) > 0.08 * spacing)
                FigureStyle.Arrow(plot, arrow.B, arrow.X - (move / 2), arrow.B, arrow.X + (move / 2),
                    FigureStyle.Faint.WithAlpha(0.75), 1, 6);
        }

        foreach (DiagramBranch branch in record.Branches)
        {
            IEnumerable<(double, double)> points = branch.Points.Select(point => (point.Parameter, point.X));
            if (branch.Stability == Stability.Stable) FigureStyle.Line(plot, points, FigureStyle.Blue, 4.5f);
            else FigureStyle.Dashed(plot, points, FigureStyle.Red, 2.6f);
        }

        FigureStyle.Dotted(plot, record.Cycles.Select(one => (one.B, one.Low)), FigureStyle.Green, 3.5f);
        FigureStyle.Dotted(plot, record.Cycles.Select(one => (one.B, one.High)), FigureStyle.Green, 3.5f);
        FigureStyle.Legend(plot, ("stable", FigureStyle.Blue, Stroke.Solid));
        if (record.Branches.Any(branch => branch.Stability == Stability.Unstable))
            FigureStyle.Legend(plot,
                (w > 0 ? "unstable (dashed): boundary of basins" : "unstable (dashed)", FigureStyle.Red, Stroke.Dashed));
        if (record.Cycles.Count > 0)
            FigureStyle.Legend(plot, ("stable cycle of two states (dotted)", FigureStyle.Green, Stroke.Dotted));
        double span = record.Field.Max(arrow => arrow.B) - record.Field.Min(arrow => arrow.B);
        foreach (MarkedPoint crossing in record.Crossings)
            FigureStyle.Arrow(plot, crossing.B + (0.05 * span), crossing.X, crossing.B - (0.05 * span), crossing.X,
                FigureStyle.Ink, 1.4f, 8);
        FigureStyle.Marks(plot, record.Crossings.Select(one => (one.B, one.X)), MarkerShape.FilledCircle, 11, Colors.White);
        FigureStyle.Marks(plot, record.Crossings.Select(one => (one.B, one.X)), MarkerShape.OpenCircle, 11, FigureStyle.Ink,
            "crossing of the boundary");
        FigureStyle.Marks(plot, record.Bifurcations.Select(one => (one.B, one.X)), MarkerShape.FilledCircle, 13, FigureStyle.Ink,
            "bifurcation");
        foreach (MarkedPoint one in record.Bifurcations)
        {
            bool right = one.Name == "b1";
            FigureStyle.Text(plot, right ? "b₁" : "b₂", one.B, one.X, right ? Alignment.UpperLeft : Alignment.LowerRight,
                size: 18, dx: right ? 7 : -7, dy: right ? 5 : -5);
        }

        plot.ShowLegend(w > 0 ? Alignment.LowerRight : Alignment.UpperLeft); // the corner that no branch reaches
        plot.Axes.Margins(0, 0.05);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(record.Branches.Min(branch => branch.Points.Min(point => point.Parameter)),
            record.Branches.Max(branch => branch.Points.Max(point => point.Parameter)));
        return plot;
    }
}

/// <summary>The values of figure 3. b1 is met first as b decreases.</summary>
internal sealed record Figure3Record(
    IReadOnlyList<MarkedPoint> Bifurcations, IReadOnlyList<MarkedPoint> Crossings, IReadOnlyList<DiagramBranch> Branches,
    IReadOnlyList<CyclePoint> Cycles, IReadOnlyList<FieldArrow> Field)
{
    [JsonPropertyOrder(-2)]
    public double? B1 => Find("b1");

    [JsonPropertyOrder(-1)]
    public double? B2 => Find("b2");

    private double? Find(string name) => Bifurcations.FirstOrDefault(one => one.Name == name)?.B;
}

/// <summary>A point of the diagram with a mark.</summary>
internal sealed record MarkedPoint(string Name, double B, double X, BifurcationKind? Kind);

/// <summary>A cycle of two states at a bias.</summary>
internal sealed record CyclePoint(double B, double Low, double High);

/// <summary>Where a state goes in one step: from x to fx.</summary>
internal sealed record FieldArrow(double B, double X, [property: JsonPropertyName("fx")] double Fx);
