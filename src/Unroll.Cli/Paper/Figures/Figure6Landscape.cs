using ScottPlot;
using Unroll.Geometry;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The surface of figure 6 as a shaded landscape: quadrilaterals from the farthest to the nearest, in parallel projection.
/// </summary>
internal static class Figure6Landscape
{
    /// <summary>The size of the panel in points.</summary>
    public const int Width = 470, Height = 440;

    private const int MostCells = 128, TitleHeight = 28;

    // Where it is seen from: degrees around the vertical, and above the horizon.
    private const double Turn = 235 * Math.PI / 180, Rise = 33 * Math.PI / 180;
    private const double HeightScale = 0.62, Lift = 0.01;

    public static Plot Draw(Figure6Record record, OneUnitError surface)
    {
        Plot plot = FigureStyle.NewPlot("the error surface", "", "");
        var view = new View(record);
        int every = (record.W.Count + MostCells - 2) / MostCells, cells = (record.W.Count - 1) / every;
        var colors = new ScottPlot.Colormaps.Viridis();
        var faces = new List<(Coordinates[] Corners, Color Color)>();

        // From here the least b and the greatest w are farthest; row after row, what is nearer covers what is behind it.
        for (int i = 0; i < cells; i++)
        {
            for (int j = cells - 1; j >= 0; j--)
            {
                (double X, double Y, double Z)[] corners = [.. new[] { (0, 0), (0, 1), (1, 1), (1, 0) }.Select(at =>
                {
                    (int row, int column) = ((i + at.Item1) * every, (j + at.Item2) * every);
                    return view.Place(record.W[column], record.B[row], record.E[row][column]);
                })];
                double share = corners.Average(corner => corner.Z) / HeightScale;
                faces.Add(([.. corners.Select(view.Project)], Shade(colors.GetColor(Math.Clamp(share, 0, 1)), corners)));
            }
        }

        var ground = new Facets(faces);
        plot.Add.Plottable(ground);

        // The paths float a little above the ground; behind a crest they would be hidden, but a line that breaks off tells less.
        Path(plot, view, surface, record.Plain, Colors.White, isDashed: false, MarkerShape.FilledCircle);
        Path(plot, view, surface, record.Clipped, FigureStyle.Orange, isDashed: true, MarkerShape.FilledDiamond);
        Coordinates start = view.Project(view.Place(record.Plain.Points[0].W, record.Plain.Points[0].B,
            record.Plain.Points[0].Error, Lift));
        FigureStyle.Marks(plot, [(start.X, start.Y)], MarkerShape.FilledSquare, 10, FigureStyle.Ink);
        Frame(plot, view, record);
        plot.HideGrid();
        plot.Layout.Frameless();
        plot.Axes.Title.IsVisible = true;

        // Equal units by hand: a rule of the plot would render it several times, into an SVG three times as large.
        AxisLimits all = ground.GetAxisLimits();
        double unit = Math.Max(all.HorizontalSpan / (0.86 * Width), all.VerticalSpan / (0.84 * (Height - TitleHeight)));
        double x = (all.Left + all.Right) / 2, y = (all.Bottom + all.Top) / 2, w = unit * Width / 2,
            h = unit * (Height - TitleHeight) / 2;
        plot.Axes.SetLimits(x - w, x + w, y - h - (0.03 * unit * Height), y + h - (0.03 * unit * Height));
        return plot;
    }

    private static void Path(Plot plot, View view, OneUnitError surface, DescentPath path, Color color, bool isDashed,
        MarkerShape mark)
    {
        var points = new List<(double, double)>();
        for (int i = 0; i + 1 < path.Points.Count; i++)
        {
            (DescentPoint from, DescentPoint to) = (path.Points[i], path.Points[i + 1]);
            double length = Math.Sqrt(Math.Pow(to.W - from.W, 2) + Math.Pow(to.B - from.B, 2));

            // A long step is drawn as the throw that it is, from point to point.
            int parts = length > view.Span / 20 ? 1 : 2;
            for (int part = 0; part < parts; part++)
                Add(from.W + ((to.W - from.W) * part / parts), from.B + ((to.B - from.B) * part / parts));
        }

        Add(path.Points[^1].W, path.Points[^1].B);
        Figure6.DrawPath(plot, points, color, isDashed, mark, 2);

        void Add(double w, double b)
        {
            Coordinates at = view.Project(view.Place(w, b, surface.At(w, b).Error, Lift));
            points.Add((at.X, at.Y));
        }
    }

    private static void Frame(Plot plot, View view, Figure6Record record)
    {
        (double w0, double w1, double b0, double b1) = (record.W[0], record.W[^1], record.B[0], record.B[^1]);
        double top = record.E.Max(row => row.Max());
        Edge((w0, b1, 0), (w1, b1, 0));
        Edge((w0, b1, 0), (w0, b0, 0));
        Edge((w1, b1, 0), (w1, b1, top));
        Label("w", w0 + (0.5 * (w1 - w0)), b1, 0, -16, 30, 16);
        Label("b", w0, b0 + (0.5 * (b1 - b0)), 0, 16, 30, 16);
        Label("E", w1, b1, top, 0, -14, 16);

        // Ticks reach a fortieth of the box outwards. The first corner is shared by the axes of w and b, and the lower one by E.
        double outB = b1 + ((b1 - b0) / 40), outW = w0 - ((w1 - w0) / 40), outE = w1 + ((w1 - w0) / 40);
        foreach (double w in Ticks.Between(w0, w1))
        {
            Edge((w, b1, 0), (w, outB, 0));
            Label(FigureStyle.Short(w), w, outB, 0, -8, 8, 12);
        }

        foreach (double b in Ticks.Between(b0, b1))
        {
            Edge((w0, b, 0), (outW, b, 0));
            Label(FigureStyle.Short(b), outW, b, 0, 10, 8, 12);
        }

        foreach (double e in Ticks.Between(0, top).Skip(1))
        {
            Edge((w1, b1, e), (outE, b1, e));
            Label(FigureStyle.Short(e), outE, b1, e, -14, 0, 12);
        }

        void Edge((double W, double B, double E) from, (double W, double B, double E) to)
        {
            Coordinates a = view.Project(view.Place(from.W, from.B, from.E)), b = view.Project(view.Place(to.W, to.B, to.E));
            FigureStyle.Line(plot, [(a.X, a.Y), (b.X, b.Y)], FigureStyle.Faint, 1.2f);
        }

        void Label(string text, double w, double b, double e, float dx, float dy, float size)
        {
            Coordinates at = view.Project(view.Place(w, b, e));
            FigureStyle.Text(plot, text, at.X, at.Y, Alignment.MiddleCenter, size: size, dx: dx, dy: dy);
        }
    }

    /// <summary>Light from above and one side, so that the wall is dark where it is steep.</summary>
    private static Color Shade(Color color, (double X, double Y, double Z)[] corners)
    {
        (double ax, double ay, double az) = (corners[2].X - corners[0].X, corners[2].Y - corners[0].Y,
            corners[2].Z - corners[0].Z);
        (double bx, double by, double bz) = (corners[3].X - corners[1].X, corners[3].Y - corners[1].Y,
            corners[3].Z - corners[1].Z);
        (double nx, double ny, double nz) = ((ay * bz) - (az * by), (az * bx) - (ax * bz), (ax * by) - (ay * bx));
        double length = Math.Sqrt((nx * nx) + (ny * ny) + (nz * nz));
        double light = ((0.35 * nx) + (0.2 * ny) + (0.915 * nz)) / length * Math.Sign(nz);
        double factor = 0.5 + (0.5 * Math.Max(0, light));
        return new Color(Part(color.R), Part(color.G), Part(color.B));

        // In steps too small to see, so that neighbours have one colour and become one path.
        byte Part(byte whole) => (byte)(Math.Round(whole * factor / 4) * 4 is var part and < 255 ? part : 255);
    }

    /// <summary>From (w, b, E) to the unit box and on to the page.</summary>
    private sealed class View(Figure6Record record)
    {
        private readonly double _w0 = record.W[0], _w1 = record.W[^1], _b0 = record.B[0], _b1 = record.B[^1];
        private readonly double _least = 0, _top = Math.Max(1e-300, record.E.Max(row => row.Where(double.IsFinite).Max()));

        public double Span => _w1 - _w0;

        public (double X, double Y, double Z) Place(double w, double b, double e, double lift = 0) =>
            (((w - _w0) / (_w1 - _w0)) - 0.5, ((b - _b0) / (_b1 - _b0)) - 0.5,
                (HeightScale * (e - _least) / (_top - _least)) + lift);

        public Coordinates Project((double X, double Y, double Z) at) =>
            new((at.X * Math.Cos(Turn)) + (at.Y * Math.Sin(Turn)), (at.Z * Math.Cos(Rise)) + (Away(at) * Math.Sin(Rise)));

        private static double Away((double X, double Y, double Z) at) => (at.Y * Math.Cos(Turn)) - (at.X * Math.Sin(Turn));
    }
}
