using ScottPlot;
using Unroll.Dynamics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Figure 5: the maps of figure 4 broken into F_t = U_t after F~, the fixed map F~(x) = w sigma(x) + b, which has attractors and
/// a boundary between their basins, and the push U_t(x) = x + u_t of the input.
/// </summary>
internal sealed class Figure5 : IFigure
{
    public string Id => "fig5";

    public string Section => "Figure 5, section 2.2";

    public string Summary =>
        "the same maps as the fixed map F~ and the push U_t of the input, and the steps that cross its boundary";

    public bool HasSigma => true;

    public IReadOnlyList<FigureParameter> Parameters => DrivenUnit.Parameters;

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        DrivenUnit unit = DrivenUnit.Compute(Id, settings);
        var map = new OneUnitMap(settings["w"], settings["b"], settings.Activation);
        double low = unit.Attractors[0], high = unit.Attractors[1], margin = 0.25 * (high - low);
        MapPoint[] curve = [.. Enumerable.Range(0, 101).Select(i => low - margin + ((high - low + (2 * margin)) * i / 100))
            .Select(x => new MapPoint(x, map.Apply(x)))];
        var record = new Figure5Record(unit, [.. map.FixedPoints()], curve);

        var table = new TextTable("quantity", "value");
        foreach (FixedPoint point in record.FixedPoints)
            table.Add(point.Stability == Stability.Stable ? "attractor of F~" : "boundary of F~",
                $"{Format.Exact(point.X)} (F~' = {Format.Number(point.Multiplier)})");
        table.Add("steps at which U_t crosses the boundary, upper path", Steps(unit.Above));
        table.Add("steps at which U_t crosses the boundary, lower path", Steps(unit.Below));
        string caption = $"Fₜ = Uₜ after F̃: F̃(x) = w σ(x) + b, Uₜ(x) = x + uₜ; w = {FigureStyle.Short(settings["w"])}, b = "
            + $"{FigureStyle.Short(settings["b"])}, σ {FigureStyle.Name(settings.Activation)}, "
            + $"uₜ = {FigureStyle.Short(settings["input"])} sin(2πt/{FigureStyle.Short(settings["period"])}). Left: F̃, its "
                + "attractors (filled) and boundary (open), the band that Uₜ can reach. Right: each step in its two halves, the "
                    + "attractors (grey); open: Uₜ crosses the boundary.";
        return new FigureResult(caption, [("", table)], [],
        [
            new FigurePanel(400, 430, () => DrawMap(record, settings["input"])),
            new FigurePanel(520, 430, () => DrawSteps(record)),
        ])
        {
            Record = record,
        };
    }

    private static string Steps(DrivenPath path) => path.Crossings.Count == 0 ? "none" : string.Join(", ", path.Crossings);

    private static Plot DrawMap(Figure5Record record, double input)
    {
        Plot plot = FigureStyle.NewPlot("F̃ and the reach of Uₜ", "x", "F̃(x)");
        IReadOnlyList<MapPoint> curve = record.Curve;
        double boundary = record.Unit.Boundary, low = curve.Min(point => point.X), high = curve.Max(point => point.X);
        if (input > 0)
        {
            Coordinates[] band = [.. curve.Select(point => new Coordinates(point.X, point.Y + input)),
                .. curve.Reverse().Select(point => new Coordinates(point.X, point.Y - input))];
            ScottPlot.Plottables.Polygon reach = plot.Add.Polygon(band);
            (reach.FillColor, reach.LineWidth) = (FigureStyle.Orange.WithAlpha(0.3), 0);
        }

        FigureStyle.Line(plot, [(low, low), (high, high)], FigureStyle.Faint, 1.2f);
        FigureStyle.Dotted(plot, [(boundary, low), (boundary, high)], FigureStyle.Ink, 2);
        FigureStyle.Line(plot, curve.Select(point => (point.X, point.Y)), FigureStyle.Green, 3);
        FigureStyle.Marks(plot, record.FixedPoints.Where(point => point.Stability == Stability.Stable)
            .Select(point => (point.X, point.X)), MarkerShape.FilledCircle, 11, FigureStyle.Ink);
        FigureStyle.Marks(plot, [(boundary, boundary)], MarkerShape.FilledCircle, 11, Colors.White);
        FigureStyle.Marks(plot, [(boundary, boundary)], MarkerShape.OpenCircle, 11, FigureStyle.Ink);

        // Where F~ leads on either side.
        double y = low + (0.06 * (high - low)), gap = 0.04 * (high - low);
        FigureStyle.Arrow(plot, boundary + gap, y, record.Unit.Attractors[1], y, FigureStyle.Green, 2, 10);
        FigureStyle.Arrow(plot, boundary - gap, y, record.Unit.Attractors[0], y, FigureStyle.Green, 2, 10);
        FigureStyle.Text(plot, "F̃", (boundary + record.Unit.Attractors[1]) / 2, y, Alignment.LowerCenter,
            FigureStyle.Green, 15, dy: -3);
        FigureStyle.Text(plot, "F̃", (boundary + record.Unit.Attractors[0]) / 2, y, Alignment.LowerCenter,
            FigureStyle.Green, 15, dy: -3);
        plot.Axes.SetLimits(low, high, low, high);
        return plot;
    }

    private static Plot DrawSteps(Figure5Record record)
    {
        Plot plot = FigureStyle.NewPlot("every step: F̃, then Uₜ", "t", "xₜ");
        DrivenUnit unit = record.Unit;
        int steps = unit.Inputs.Count;
        FigureStyle.Dotted(plot, [(-0.5, unit.Boundary), (steps + 0.5, unit.Boundary)], FigureStyle.Ink, 2);
        foreach (double attractor in unit.Attractors)
            FigureStyle.Line(plot, [(-1, attractor), (steps + 1, attractor)], FigureStyle.Faint, 1.6f);
        foreach ((DrivenPath path, Color color, MarkerShape mark, string name) in
            ((DrivenPath, Color, MarkerShape, string)[])[
                (unit.Above, FigureStyle.Red, MarkerShape.FilledSquare, "F̃, from above"),
                (unit.Below, FigureStyle.Blue, MarkerShape.FilledCircle, "F̃, from below")])
        {
            for (int t = 1; t <= steps; t++)
            {
                // The map takes the first part of a step, the input the rest: side by side, so that both are seen.
                double half = t - 0.35;
                FigureStyle.Arrow(plot, t - 1, path.States[t - 1], half, path.AfterAutonomous[t - 1], color, 1.8f, 7);
                FigureStyle.Arrow(plot, half, path.AfterAutonomous[t - 1], t, path.States[t], FigureStyle.Orange, 2.2f, 7);
            }

            FigureStyle.Marks(plot, path.States.Select((x, t) => ((double)t, x)), mark, 5, color, name);
            FigureStyle.Marks(plot, path.Crossings.Select(t => ((double)t, path.States[t])), MarkerShape.OpenCircle, 13,
                FigureStyle.Ink);
        }

        FigureStyle.Legend(plot, ("Uₜ", FigureStyle.Orange, Stroke.Solid));
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.Margins(0, 0.07);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(-0.5, steps + 0.5);
        return plot;
    }
}

/// <summary>The values of figure 5.</summary>
internal sealed record Figure5Record(DrivenUnit Unit, IReadOnlyList<FixedPoint> FixedPoints, IReadOnlyList<MapPoint> Curve);

/// <summary>A point of F~.</summary>
internal sealed record MapPoint(double X, double Y);
