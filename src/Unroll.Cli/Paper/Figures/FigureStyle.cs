using ScottPlot;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// What the computed figures share: fonts, the colours of Okabe and Ito, which stay apart for colour-blind readers, and arrows.
/// </summary>
internal static class FigureStyle
{
    public static readonly Color Blue = Color.FromHex("#0072B2");
    public static readonly Color Red = Color.FromHex("#D55E00");
    public static readonly Color Green = Color.FromHex("#009E73");
    public static readonly Color Purple = Color.FromHex("#CC79A7");
    public static readonly Color Orange = Color.FromHex("#E69F00");
    public static readonly Color Ink = Color.FromHex("#000000");
    public static readonly Color Faint = Color.FromHex("#8C8C8C");

    /// <summary>A plot with labelled axes, without content.</summary>
    public static Plot NewPlot(string title, string xLabel, string yLabel)
    {
        FigureFont.Register();
        var plot = new Plot();
        plot.Font.Set(FigureFont.Family);
        plot.Title(title, 15);
        plot.XLabel(xLabel, 15);
        plot.YLabel(yLabel, 15);
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 13;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { TickDensity = 0.7 };
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { TickDensity = 0.55 };
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.06);
        plot.Legend.FontName = FigureFont.Family;
        plot.Legend.FontSize = 12;
        plot.Legend.OutlineColor = Colors.Black.WithAlpha(0.2);
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.HideLegend();
        return plot;
    }

    /// <summary>A line through points, without marks.</summary>
    public static void Line(Plot plot, IEnumerable<(double X, double Y)> points, Color color, float width)
    {
        (double X, double Y)[] all = [.. points];
        if (all.Length == 0) return;
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter([.. all.Select(point => point.X)],
            all.Select(point => point.Y).ToArray(), color);
        (line.LineWidth, line.MarkerSize) = (width, 0);
    }

    /// <summary>A dashed line through points.</summary>
    public static void Dashed(Plot plot, IEnumerable<(double X, double Y)> points, Color color, float width) =>
        Broken(plot, points, color, width, 8, 5);

    /// <summary>A dotted line through points.</summary>
    public static void Dotted(Plot plot, IEnumerable<(double X, double Y)> points, Color color, float width) =>
        Broken(plot, points, color, width, width, 1.6f * width);

    /// <summary>A thin arrow.</summary>
    public static void Arrow(Plot plot, double x, double y, double toX, double toY, Color color, float width = 1.4f,
        float head = 8)
    {
        ScottPlot.Plottables.Arrow arrow = plot.Add.Arrow(x, y, toX, toY);
        (arrow.ArrowFillColor, arrow.ArrowLineColor, arrow.ArrowLineWidth) = (color, color, 0);
        (arrow.ArrowWidth, arrow.ArrowheadWidth, arrow.ArrowheadLength, arrow.ArrowheadAxisLength) = (width,
            head * 0.8f, head, head);
    }

    /// <summary>Marks, of one kind for the legend.</summary>
    public static void Marks(Plot plot, IEnumerable<(double X, double Y)> points, MarkerShape shape, float size, Color color,
        string legend = "")
    {
        (double X, double Y)[] all = [.. points];
        if (all.Length == 0) return;
        ScottPlot.Plottables.Scatter marks = plot.Add.Scatter([.. all.Select(point => point.X)],
            all.Select(point => point.Y).ToArray(), color);
        (marks.LineWidth, marks.MarkerShape, marks.MarkerSize, marks.LegendText) = (0, shape, size, legend);
        marks.MarkerLineWidth = 1.8f;
    }

    /// <summary>A word beside a point.</summary>
    public static void Text(Plot plot, string text, double x, double y, Alignment alignment, Color? color = null, float size = 14,
        float dx = 0, float dy = 0)
    {
        ScottPlot.Plottables.Text label = plot.Add.Text(text, x, y);
        (label.LabelFontColor, label.LabelFontSize, label.LabelAlignment, label.OffsetX, label.OffsetY) = (color ?? Ink, size,
            alignment, dx, dy);
        label.LabelFontName = FigureFont.Family;
    }

    private static void Broken(Plot plot, IEnumerable<(double X, double Y)> points, Color color, float width, float on, float off)
    {
        (double X, double Y)[] all = [.. points];
        if (all.Length > 1) plot.Add.Plottable(new BrokenLine(all, color, width, on, off));
    }

    /// <summary>Names lines in the legend, each as it is drawn.</summary>
    public static void Legend(Plot plot, params (string Name, Color Color, Stroke Stroke)[] lines)
    {
        const int Width = 3;
        foreach ((string name, Color color, Stroke stroke) in lines)
        {
            var item = new LegendItem { LabelText = name };
            if (stroke == Stroke.Solid) (item.LineColor, item.LineWidth) = (color, Width);
            else item.MarkerStyle = new MarkerStyle(MarkerShape.FilledCircle, StrokeSwatch.Length, color)
            {
                CustomRenderer = new StrokeSwatch(stroke, color, Width),
            };
            plot.Legend.ManualItems.Add(item);
        }
    }

    /// <summary>Marks powers of ten on an axis of logarithms.</summary>
    public static void LogTicks(Plot plot, double least, double greatest, bool horizontal = false)
    {
        double low = Math.Log10(least), high = Math.Log10(greatest);
        int first = (int)Math.Floor(low), last = (int)Math.Ceiling(high),
            every = Math.Max(1, (last - first) / (horizontal ? 5 : 8));
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (int power = first; power <= last; power++)
        {
            if ((power - first) % every == 0)
                ticks.AddMajor(power, power is >= -3 and <= 3 ? Plain(Math.Pow(10, power)) : $"10{Superscript(power)}");
            for (int digit = 2; digit <= 9 && every == 1; digit++)
            {
                double at = power + Math.Log10(digit);
                if (last - first <= 3 && digit is 2 or 5 && power is >= -3 and <= 3)
                    ticks.AddMajor(at, Plain(digit * Math.Pow(10, power)));
                else ticks.AddMinor(at);
            }
        }

        if (horizontal) plot.Axes.Bottom.TickGenerator = ticks;
        else plot.Axes.Left.TickGenerator = ticks;
    }

    /// <summary>Numbers in a caption: short, without a culture.</summary>
    public static string Short(double value) => value.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A number of at least 0 as a subscript.</summary>
    public static string Subscript(int number) =>
        string.Concat(number.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(c => "₀₁₂₃₄₅₆₇₈₉"[c - '0']));

    private static string Plain(double value) => value.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture);

    private static string Superscript(int power) =>
        string.Concat(power.ToString(System.Globalization.CultureInfo.InvariantCulture)
            .Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));

    /// <summary>sigma in words.</summary>
    public static string Name(Activation activation) => activation == Activation.Tanh ? "tanh" : "logistic";
}
