using ScottPlot;
using SkiaSharp;

namespace Unroll.Cli.Paper.Figures;

/// <summary>Filled shapes in the order given, neighbours of one colour as one path: thousands of them stay a small SVG.</summary>
internal sealed class Facets(IReadOnlyList<(Coordinates[] Corners, Color Color)> faces) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits()
    {
        IEnumerable<Coordinates> all = faces.SelectMany(face => face.Corners);
        return new AxisLimits(all.Min(at => at.X), all.Max(at => at.X), all.Min(at => at.Y), all.Max(at => at.Y));
    }

    public void Render(RenderPack rp)
    {
        // A thin outline of the same colour closes the seams between neighbours.
        using var paint = new SKPaint { Style = SKPaintStyle.StrokeAndFill, StrokeWidth = 0.5f, IsAntialias = true };
        using var path = new SKPath();
        for (int i = 0; i < faces.Count; i++)
        {
            Coordinates[] corners = faces[i].Corners;
            for (int c = 0; c < corners.Length; c++)
            {
                // Tenths of a point are fine enough, and short.
                Pixel at = Axes.GetPixel(corners[c]);
                var point = new SKPoint(MathF.Round(at.X, 1), MathF.Round(at.Y, 1));
                if (c == 0) path.MoveTo(point);
                else path.LineTo(point);
            }

            path.Close();
            if (i + 1 < faces.Count && faces[i + 1].Color == faces[i].Color) continue;
            paint.Color = faces[i].Color.ToSKColor();
            rp.Canvas.DrawPath(path, paint);
            path.Reset();
        }
    }
}
