using ScottPlot;
using ScottPlot.TickGenerators;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>The comparison as a picture: for each task a row for every method, with its rate of success at each length.</summary>
internal static class ComparisonChart
{
    /// <summary>What stands below the axis.</summary>
    internal const string XLabel = "rate of success, Wilson 95% interval; solved/runs";

    private const int Width = 560, Head = 110, Row = 46;

    private static readonly (string Color, MarkerShape Marker)[] Styles =
    [
        ("#0072B2", MarkerShape.FilledCircle), ("#E69F00", MarkerShape.FilledTriangleUp), ("#D55E00", MarkerShape.FilledSquare),
        ("#009E73", MarkerShape.FilledDiamond), ("#000000", MarkerShape.Cross),
    ];

    /// <summary>A panel for each task of which some run has ended.</summary>
    public static FigurePanel[] Panels(IReadOnlyList<IGrouping<string, CellSummary>> tasks)
    {
        string[] lengths = [.. tasks.SelectMany(task => task).Select(cell => cell.Options["length"]).Distinct()];
        return [.. tasks.Select(task =>
        {
            int methods = task.Select(cell => ComparisonTable.Method(cell.Options)).Distinct().Count();
            return new FigurePanel(Width, Head + (Row * methods), () => Draw(task.Key, [.. task], lengths));
        })];
    }

    private static Plot Draw(string task, IReadOnlyList<CellSummary> cells, string[] lengths)
    {
        FigureFont.Register();
        var plot = new Plot();
        plot.Font.Set(FigureFont.Family);
        plot.Title(task, 15);
        plot.XLabel(XLabel, 13);
        string[] methods = [.. cells.Select(cell => ComparisonTable.Method(cell.Options)).Distinct()];
        var names = new NumericManual();
        for (int m = 0; m < methods.Length; m++)
        {
            names.AddMajor(-m, methods[m]);
            if (m > 0) plot.Add.HorizontalLine(0.5 - m, 1, Colors.Black.WithAlpha(0.12));
        }

        plot.Axes.Left.TickGenerator = names;
        var rates = new NumericManual();
        foreach (double rate in (double[])[0, 0.2, 0.4, 0.6, 0.8, 1]) rates.AddMajor(rate, rate.ToString("0.0", null));
        plot.Axes.Bottom.TickGenerator = rates;
        plot.Axes.SetLimits(-0.04, 1.2, -0.2 - methods.Length, 0.6); // below the last row is room for the legend
        for (int l = 0; l < lengths.Length; l++)
        {
            foreach (CellSummary cell in cells.Where(cell => cell.Options["length"] == lengths[l] && cell.Success.Runs > 0))
            {
                int row = Array.IndexOf(methods, ComparisonTable.Method(cell.Options));
                Draw(plot, cell.Success, -row - (0.24 * (l - ((lengths.Length - 1) / 2.0))), Styles[l % Styles.Length]);
            }
        }

        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.06);
        plot.ShowLegend([.. lengths.Select((length, l) => new LegendItem
        {
            LabelText = $"T = {length}",
            MarkerShape = Styles[l % Styles.Length].Marker,
            MarkerColor = Color.FromHex(Styles[l % Styles.Length].Color),
            MarkerSize = 8,
        })], Alignment.LowerRight);
        return plot;
    }

    private static void Draw(Plot plot, SuccessRate rate, double y, (string Color, MarkerShape Marker) style)
    {
        var color = Color.FromHex(style.Color);
        Interval interval = rate.Wilson();
        ScottPlot.Plottables.LinePlot whisker = plot.Add.Line(interval.Low, y, interval.High, y);
        (whisker.LineColor, whisker.LineWidth) = (color.WithAlpha(0.55), 1.4f);
        plot.Add.Marker(rate.Share, y, style.Marker, 8, color);
        ScottPlot.Plottables.Text label = plot.Add.Text(FormattableString.Invariant($"{rate.Successes}/{rate.Runs}"), 1.05, y);
        (label.LabelFontColor, label.LabelFontSize, label.LabelAlignment) = (color, 10, Alignment.MiddleLeft);
    }
}
