using ScottPlot;
using SkiaSharp;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// A broken line, every stroke of which is a line of its own: Skia's SVG canvas does not know dashes and would draw them through.
/// </summary>
internal sealed class BrokenLine(IReadOnlyList<(double X, double Y)> points, Color color, float width, float on,
    float off) : IPlottable
{
    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits() =>
        new(points.Min(point => point.X), points.Max(point => point.X), points.Min(point => point.Y),
            points.Max(point => point.Y));

    public void Render(RenderPack rp)
    {
        using var paint = new SKPaint
        {
            Color = color.ToSKColor(),
            StrokeWidth = width,
            IsStroke = true,
            IsAntialias = true,
            StrokeCap = SKStrokeCap.Butt,
        };
        using var builder = new SKPath();
        Pixel at = Axes.GetPixel(new Coordinates(points[0].X, points[0].Y));
        builder.MoveTo(at.X, at.Y);
        bool drawing = true;
        float left = on; // of the stroke or the gap at hand
        foreach ((double x, double y) in points.Skip(1))
        {
            Pixel to = Axes.GetPixel(new Coordinates(x, y));
            float dx = to.X - at.X, dy = to.Y - at.Y, length = MathF.Sqrt((dx * dx) + (dy * dy)), done = 0;
            while (length - done > left)
            {
                done += left;
                float px = at.X + (dx * done / length), py = at.Y + (dy * done / length);
                if (drawing) builder.LineTo(px, py);
                else builder.MoveTo(px, py);
                drawing = !drawing;
                left = drawing ? on : off;
            }

            left -= length - done;
            if (drawing) builder.LineTo(to.X, to.Y);
            at = to;
        }

        rp.Canvas.DrawPath(builder, paint);
    }
}
