using System.Text.Json.Serialization;
using ScottPlot;
using Unroll.Geometry;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Figure 6: the error surface of one unit after 50 steps, whose wall throws a plain gradient descent out; with the gradient
/// rescaled it stays. As a landscape and as a map.
/// </summary>
internal sealed class Figure6 : IFigure
{
    public string Id => "fig6";

    public string Section => "Figure 6, section 2.3";

    public string Summary =>
        "the error surface of one unit over (w, b), its wall, and gradient descent with and without clipping";

    public bool HasSigma => true;

    // With tanh the same unit is w/4, b/2 + w/4, x/2: the surface has the same shape there.
    public IReadOnlyList<FigureParameter> Parameters { get; } =
    [
        new("x0", "the initial state", 0.5, -100, 100) { WithTanh = 0.25 },
        new("target", "the target of sigma(x_T)", 0.7, -10, 10) { WithTanh = 0.4 },
        new("steps", "T, the number of steps", 50, 1, 1000) { IsWhole = true },
        new("w", "w where the descent begins", 5.2, -100, 100) { WithTanh = 1.3 },
        new("b", "b where the descent begins", -2.3, -100, 100) { WithTanh = 0.15 },
        new("rate", "the learning rate", 0.05, 1e-9, 1000) { WithTanh = 0.0015 },
        new("clip", "the threshold of the clipped descent", 0.3, 1e-9, 1e9) { WithTanh = 2 },
        new("updates", "the number of updates", 400, 1, 100_000) { IsWhole = true },
        new("wmin", "the left end of the axis of w", 4, -100, 100) { WithTanh = 1 },
        new("wmax", "its right end", 6, -100, 100) { WithTanh = 1.5 },
        new("bmin", "the lower end of the axis of b", -3.2, -100, 100) { WithTanh = -0.35 },
        new("bmax", "its upper end", -1.2, -100, 100) { WithTanh = 0.65 },
    ];

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        foreach (string axis in (string[])["w", "b"])
        {
            if (settings[axis + "min"] >= settings[axis + "max"])
                throw new UserError(
                    $"fig6: {axis}min {Format.Exact(settings[axis + "min"])} must be below {axis}max "
                        + $"{Format.Exact(settings[axis + "max"])}.");
        }

        var surface = new OneUnitError(settings["x0"], settings.Whole("steps"), settings["target"], settings.Activation);
        int points = settings.IsSmoke ? 21 : 129;
        double[] ws = Axis(settings["wmin"], settings["wmax"], points), bs = Axis(settings["bmin"], settings["bmax"], points);
        double[][] errors = [.. bs.Select(b => ws.Select(w => surface.At(w, b).Error).ToArray())];
        DescentPath Run(double? clip) =>
            new(surface.Descend(settings["w"], settings["b"], settings["rate"], clip, settings.Whole("updates")));
        WallPoint[] wall = [.. ws.Select(w => (w, b: surface.Wall(w))).Where(one => one.b is not null)
            .Select(one => new WallPoint(one.w, one.b!.Value))];
        var record = new Figure6Record(ws, bs, errors, wall, Run(null), Run(settings["clip"]));

        var table = new TextTable("descent", "largest norm", "at update", "clipped", "ends at w", "ends at b",
            "E there", "least E");
        foreach ((string name, DescentPath path) in ((string, DescentPath)[])[("plain", record.Plain),
            ("clipped", record.Clipped)])
        {
            table.Add(
                name, Format.Number(path.LargestNorm), $"{path.LargestAt}", $"{path.ClippedUpdates}",
                Format.Number(path.Points[^1].W), Format.Number(path.Points[^1].B),
                Format.Number(path.Points[^1].Error), Format.Number(path.Points.Min(point => point.Error)));
        }

        string[] notes = wall.Length == 0
            ? ["There is no wall in the limit of many steps: x_0 is a boundary between basins for no w on this axis."]
            : [$"The wall in the limit of many steps: b = x_0 - w sigma(x_0), from w = {Format.Exact(wall[0].W)}, b = "
                + $"{Format.Exact(wall[0].B)} to w = {Format.Exact(wall[^1].W)}, b = {Format.Exact(wall[^1].B)}."];
        string caption =
            $"E{FigureStyle.Subscript(settings.Whole("steps"))} = (σ(x{FigureStyle.Subscript(settings.Whole("steps"))}) - "
                + $"{FigureStyle.Short(settings["target"])})², xₜ = w σ(xₜ₋₁) + b, x₀ = {FigureStyle.Short(settings["x0"])}, σ "
                    + $"{FigureStyle.Name(settings.Activation)}. "
            + $"Gradient descent from (w, b) = ({FigureStyle.Short(settings["w"])}, {FigureStyle.Short(settings["b"])}) with "
                + $"rate {FigureStyle.Short(settings["rate"])}: plain (solid, white) and clipped at "
                    + $"{FigureStyle.Short(settings["clip"])} (dashed, orange). Dotted: the wall in the limit of many steps.";
        return new FigureResult(caption, [("", table)], notes,
        [
            new FigurePanel(Figure6Landscape.Width, Figure6Landscape.Height, () => Figure6Landscape.Draw(record, surface)),
            new FigurePanel(510, Figure6Landscape.Height, () => DrawMap(record)),
        ])
        {
            Record = record,
        };
    }

    private static double[] Axis(double from, double to, int points) =>
        [.. Enumerable.Range(0, points).Select(i => from + ((to - from) * i / (points - 1)))];

    private static Plot DrawMap(Figure6Record record)
    {
        Plot plot = FigureStyle.NewPlot("from above", "w", "b");
        (int rows, int columns) = (record.B.Count, record.W.Count);
        var values = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) values[i, j] = record.E[rows - 1 - i][j]; // a heat map's first row is on top
        }

        ScottPlot.Plottables.Heatmap map = plot.Add.Heatmap(values);
        (double left, double right, double bottom, double top) = (record.W[0], record.W[^1], record.B[0], record.B[^1]);
        map.Extent = new CoordinateRect(left, right, bottom, top);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        ScottPlot.Panels.ColorBar bar = plot.Add.ColorBar(map);
        bar.Label = "E";
        bar.LabelStyle.FontSize = 15;
        bar.LabelStyle.Rotation = 0;
        bar.LabelStyle.FontName = bar.Axis.TickLabelStyle.FontName = FigureFont.Family;
        FigureStyle.Dotted(plot, record.Wall.Select(point => (point.W, point.B)), Colors.White, 2.2f);
        DrawPath(plot, record.Plain.Points.Select(point => (point.W, point.B)), Colors.White, isDashed: false,
            MarkerShape.FilledCircle, 2.4f);
        DrawPath(plot, record.Clipped.Points.Select(point => (point.W, point.B)), FigureStyle.Orange, isDashed: true,
            MarkerShape.FilledDiamond, 2.4f);
        DescentPoint start = record.Plain.Points[0];
        FigureStyle.Marks(plot, [(start.W, start.B)], MarkerShape.FilledSquare, 11, FigureStyle.Ink);
        FigureStyle.Text(plot, "start", start.W, start.B, Alignment.MiddleLeft, Colors.White, dx: 9);
        FigureStyle.Text(plot, "plain", record.Plain.Points[^1].W, record.Plain.Points[^1].B, Alignment.MiddleRight,
            Colors.White, dx: -12);
        FigureStyle.Text(plot, "clipped", record.Clipped.Points[^1].W, record.Clipped.Points[^1].B, Alignment.LowerCenter,
            FigureStyle.Orange, dy: -10);
        plot.Grid.IsVisible = false;
        plot.Axes.SetLimits(left, right, bottom, top);
        return plot;
    }

    /// <summary>A descent with a dark edge, so that it shows on any ground, and a mark at its end.</summary>
    public static void DrawPath(Plot plot, IEnumerable<(double X, double Y)> points, Color color, bool isDashed,
        MarkerShape mark, float width)
    {
        (double, double)[] all = [.. points];
        FigureStyle.Line(plot, all, FigureStyle.Ink.WithAlpha(0.55), width + 1.6f);
        if (isDashed) FigureStyle.Dashed(plot, all, color, width);
        else FigureStyle.Line(plot, all, color, width);
        FigureStyle.Marks(plot, [all[^1]], mark, 14, FigureStyle.Ink);
        FigureStyle.Marks(plot, [all[^1]], mark, 9, color);
    }
}

/// <summary>The values of figure 6: E at (w, b) is e[row of b][column of w].</summary>
internal sealed record Figure6Record(IReadOnlyList<double> W, IReadOnlyList<double> B, double[][] E,
    IReadOnlyList<WallPoint> Wall, DescentPath Plain, DescentPath Clipped);

/// <summary>A point of the wall in the limit of many steps.</summary>
internal sealed record WallPoint(double W, double B);

/// <summary>A descent with the norms that it met.</summary>
internal sealed class DescentPath(IReadOnlyList<UnitDescentStep> steps)
{
    /// <summary>Every point, the first included.</summary>
    public IReadOnlyList<DescentPoint> Points { get; } =
        [.. steps.Select(step =>
            new DescentPoint(step.At.W, step.At.B, step.At.Error, step.At.GradientNorm, step.At.LeadingCurvature().Value))];

    /// <summary>The largest norm of the gradient.</summary>
    public double LargestNorm => Points.Max(point => point.GradientNorm);

    /// <summary>The update at which it was met, from 0.</summary>
    public int LargestAt => Points.ToList().FindIndex(point => point.GradientNorm == LargestNorm);

    /// <summary>The number of updates with a rescaled gradient.</summary>
    public int ClippedUpdates => steps.Count(step => step.IsClipped);
}

/// <summary>A point of a descent.</summary>
internal sealed record DescentPoint(double W, double B, [property: JsonPropertyName("e")] double Error, double GradientNorm,
    double LeadingCurvature);
