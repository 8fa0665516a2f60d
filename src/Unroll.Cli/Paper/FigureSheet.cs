using ScottPlot;
using SkiaSharp;
using Unroll.Cli.Paper.Figures;
using Unroll.Files;

namespace Unroll.Cli.Paper;

/// <summary>Lays plots side by side over one caption, as PNG and SVG from the same strokes.</summary>
internal static class FigureSheet
{
    private const int CaptionLine = 18, Margin = 10;

    /// <summary>The sheet as SVG.</summary>
    public static string ToSvg(IReadOnlyList<FigurePanel> panels, string caption)
    {
        (int width, int height) = Size(panels, caption);
        using var buffer = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), buffer))
            Draw(canvas, panels, caption, width);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes the sheet as PNG, two pixels a point.</summary>
    public static void WritePng(string path, IReadOnlyList<FigurePanel> panels, string caption)
    {
        (int width, int height) = Size(panels, caption);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(2 * width, 2 * height));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(2);
        Draw(surface.Canvas, panels, caption, width);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.ToArray());
    }

    private static (int Width, int Height) Size(IReadOnlyList<FigurePanel> panels, string caption)
    {
        int width = panels.Sum(panel => panel.Width);
        return (width, panels.Max(panel => panel.Height) + (CaptionLine * Lines(caption, width).Count) + (2 * Margin));
    }

    /// <summary>The caption broken at spaces into lines that fit.</summary>
    private static List<string> Lines(string caption, int width)
    {
        using SKFont font = CaptionFont();
        var lines = new List<string> { "" };
        foreach (string word in caption.Split(' '))
        {
            string longer = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            if (lines[^1].Length > 0 && font.MeasureText(longer) > width - (2 * Margin)) lines.Add(word);
            else lines[^1] = longer;
        }

        return lines;
    }

    private static SKFont CaptionFont() => new(FigureFont.Typeface(), 12.5f);

    private static void Draw(SKCanvas canvas, IReadOnlyList<FigurePanel> panels, string caption, int width)
    {
        canvas.DrawRect(0, 0, width, 10_000, new SKPaint { Color = SKColors.White });
        int left = 0;
        foreach (FigurePanel panel in panels)
        {
            using Plot plot = panel.Draw();
            int right = left + panel.Width;
            canvas.Save();
            canvas.ClipRect(new SKRect(left, 0, right, panel.Height)); // a plot clears all that it may draw on
            plot.Render(canvas, new PixelRect(left, right, panel.Height, 0));
            canvas.Restore();
            left = right;
        }

        using SKFont font = CaptionFont();
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        float y = panels.Max(panel => panel.Height) + Margin + (CaptionLine / 2f);
        foreach (string line in Lines(caption, width))
        {
            canvas.DrawText(line, Margin, y, SKTextAlign.Left, font, ink);
            y += CaptionLine;
        }
    }
}
