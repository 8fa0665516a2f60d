using ScottPlot;
using SkiaSharp;

namespace Unroll.Cli.Paper;

/// <summary>
/// The one font of all figures, which the command carries: a picture is the same on every machine, and has its text also where no
/// font is installed.
/// </summary>
internal sealed class FigureFont : IFontResolver
{
    /// <summary>The family, also by which an SVG asks for it.</summary>
    public const string Family = "DejaVu Sans";

    private static readonly byte[] Data = Read();

    private FigureFont()
    {
    }

    /// <summary>Makes the font known to the plotting library; once is enough, more does no harm.</summary>
    public static void Register()
    {
        lock (Data)
        {
            if (!Fonts.FontResolvers.OfType<FigureFont>().Any()) Fonts.FontResolvers.Insert(0, new FigureFont());
        }
    }

    /// <summary>The typeface; the caller's to dispose.</summary>
    public static SKTypeface Typeface()
    {
        using var data = SKData.CreateCopy(Data);
        return SKTypeface.FromData(data);
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Family ? Typeface() : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Family ? Typeface() : null;

    private static byte[] Read()
    {
        using Stream stream = typeof(FigureFont).Assembly.GetManifestResourceStream("fonts/DejaVuSans-subset.ttf")
            ?? throw new InvalidOperationException("There is no font in this program.");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return data;
    }
}
