using ScottPlot;
using SkiaSharp;

namespace Unroll.Cli.Paper.Figures;

/// <summary>How a line is drawn.</summary>
internal enum Stroke
{
    /// <summary>In one piece.</summary>
    Solid,

    /// <summary>In long strokes.</summary>
    Dashed,

    /// <summary>In points.</summary>
    Dotted,
}

/// <summary>
/// A piece of a broken line for a legend, every stroke a line of its own: Skia's SVG canvas does not know dashes.
/// </summary>
internal sealed class StrokeSwatch(Stroke stroke, Color color, float width) : IMarker
{
    /// <summary>Its length in points, about that of the line that a legend draws.</summary>
    public const float Length = 22;

    /// <summary>How the line is drawn.</summary>
    public Stroke Stroke => stroke;

    /// <summary>Its colour.</summary>
    public Color Color => color;

    public void Render(SKCanvas canvas, Paint paint, Pixel center, float size, MarkerStyle markerStyle)
    {
        using var pen = new SKPaint
        {
            Color = color.ToSKColor(),
            StrokeWidth = width,
            IsStroke = true,
            IsAntialias = true,
            StrokeCap = SKStrokeCap.Butt,
        };
        (float on, float off) = stroke == Stroke.Dotted ? (width, 1.4f * width) : (6, 2);
        for (float at = 0; at < Length; at += on + off)
        {
            float from = center.X - (Length / 2) + at, to = Math.Min(from + on, center.X + (Length / 2));
            canvas.DrawLine(from, center.Y, to, center.Y, pen);
        }
    }
}
