using ScottPlot;

namespace Unroll.Cli.Paper.Figures;

/// <summary>Draws charts, all of a figure in the same colours.</summary>
internal static class ChartPainter
{
    private const int Width = 420, Height = 420;

    /// <summary>Okabe and Ito's colours, which stay apart for colour-blind readers; marks differ too.</summary>
    private static readonly (string Color, MarkerShape Marker)[] Styles =
    [
        ("#D55E00", MarkerShape.FilledSquare), ("#E69F00", MarkerShape.FilledTriangleUp), ("#009E73", MarkerShape.FilledDiamond),
        ("#0072B2", MarkerShape.FilledCircle),
        ("#CC79A7", MarkerShape.OpenSquare), ("#56B4E9", MarkerShape.OpenCircle), ("#000000", MarkerShape.Cross),
        ("#B8A900", MarkerShape.OpenTriangleUp),
    ];

    /// <summary>The marks of series, in order.</summary>
    public static IEnumerable<MarkerShape> Marks => Styles.Select(style => style.Marker);

    /// <summary>The panels of charts.</summary>
    public static FigurePanel[] Panels(IReadOnlyList<Chart> charts)
    {
        string[] names = [.. charts.SelectMany(chart => chart.Series).Select(series => series.Name).Distinct()];
        Dictionary<string, (string Color, MarkerShape Marker)> styles = StylesOf(names);
        return [.. charts.Select(chart =>
            new FigurePanel(Width, Height, () => Draw(chart, series => styles[series.Name])) { Chart = chart })];
    }

    /// <summary>
    /// A name looks the same in every chart, also in one that lacks others, and the paper's methods look the same in every
    /// figure: no other name takes the look of one of them, as long as there are others.
    /// </summary>
    private static Dictionary<string, (string Color, MarkerShape Marker)> StylesOf(string[] names)
    {
        string[] methods = [.. MethodLabel.Plain];
        bool anyMethod = names.Any(methods.Contains);
        var styles = new Dictionary<string, (string, MarkerShape)>();
        int next = anyMethod ? methods.Length : 0;
        foreach (string name in names)
        {
            int method = Array.IndexOf(methods, name);
            styles.Add(name, Styles[(method >= 0 ? method : next++) % Styles.Length]);
        }

        return styles;
    }

    private static Plot Draw(Chart chart, Func<ChartSeries, (string Color, MarkerShape Marker)> style)
    {
        FigureFont.Register();
        var plot = new Plot();
        plot.Font.Set(FigureFont.Family);
        plot.Title(chart.Title, 15);
        plot.XLabel(chart.XLabel, 13);
        plot.YLabel(chart.YLabel, 13);
        (double left, double right) = (chart.Ticks.Min(tick => tick.X), chart.Ticks.Max(tick => tick.X));
        double span = right > left ? right - left : 1;
        double legend = 0.17 + (0.028 * chart.Series.Max(series => series.Name.Length)); // the room for names left of the counts
        for (int s = 0; s < chart.Series.Count; s++) Draw(plot, chart, s, style(chart.Series[s]), span);

        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach ((double x, string text) in chart.Ticks) ticks.AddMajor(x, text);
        plot.Axes.Bottom.TickGenerator = ticks;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 11;
        if (chart.IsRate)
        {
            var rates = new ScottPlot.TickGenerators.NumericManual();
            foreach (double rate in (double[])[0, 0.2, 0.4, 0.6, 0.8, 1]) rates.AddMajor(rate, rate.ToString("0.0", null));
            plot.Axes.Left.TickGenerator = rates;
            plot.Axes.SetLimits(left - (legend * span), right + (0.09 * span), RowY(chart.Series.Count), 1.08);
            plot.Add.HorizontalLine(0, 1, Colors.Gray);
            for (int s = 0; s < chart.Series.Count; s++)
                DrawLegend(plot, chart.Series[s], s, style(chart.Series[s]), left - ((legend - 0.04) * span), span);
        }
        else
        {
            plot.Axes.Margins(0.09, 0.12);
            plot.Axes.AutoScale();
            plot.Axes.SetLimitsX(left - (0.09 * span), right + (0.09 * span));
        }

        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
        if (chart.NamesSeries) plot.ShowLegend(Alignment.UpperRight);
        else plot.HideLegend();
        return plot;
    }

    /// <summary>The name of a series, left of its counts.</summary>
    private static void DrawLegend(Plot plot, ChartSeries series, int index, (string Color, MarkerShape Marker) style,
        double x, double span)
    {
        Color color = Color.FromHex(style.Color);
        plot.Add.Marker(x, RowY(index), style.Marker, 8, color);
        ScottPlot.Plottables.Text name = plot.Add.Text(series.Name, x + (0.03 * span), RowY(index));
        (name.LabelFontColor, name.LabelFontSize, name.LabelAlignment, name.LabelBold) = (color, 11, Alignment.MiddleLeft, true);
    }

    /// <summary>The height of a series' row of counts.</summary>
    private static double RowY(int index) => -0.10 - (0.075 * index);

    private static void Draw(Plot plot, Chart chart, int index, (string Color, MarkerShape Marker) style, double span)
    {
        ChartSeries series = chart.Series[index];
        Color color = Color.FromHex(style.Color);

        // Side by side, so that no interval hides behind another.
        double shift = (index - ((chart.Series.Count - 1) / 2.0)) * 0.012 * span;
        double[] x = [.. series.Points.Select(point => point.X + shift)], y = [.. series.Points.Select(point => point.Y)];
        if (x.Length == 0) return;
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(x, y, color);
        line.LegendText = series.Name;
        line.LineWidth = 1.6f;
        line.MarkerShape = style.Marker;
        line.MarkerSize = 8;
        for (int i = 0; i < x.Length; i++)
        {
            ChartPoint point = series.Points[i];
            if (point.High > point.Low)
            {
                ScottPlot.Plottables.LinePlot whisker = plot.Add.Line(x[i], point.Low, x[i], point.High);
                (whisker.LineColor, whisker.LineWidth) = (color.WithAlpha(0.55), 1.4f);
            }

            ScottPlot.Plottables.Text label = chart.IsRate
                ? plot.Add.Text(point.Label, point.X, RowY(index))
                : plot.Add.Text(point.Label, x[i], y[i]);
            (label.LabelFontColor, label.LabelFontSize, label.LabelAlignment) = (color, 10,
                chart.IsRate ? Alignment.MiddleCenter : Alignment.LowerCenter);
            if (!chart.IsRate) label.OffsetY = -7;
        }
    }
}
