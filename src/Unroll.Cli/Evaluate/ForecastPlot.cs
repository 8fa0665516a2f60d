using ScottPlot;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Data;

namespace Unroll.Cli.Evaluate;

/// <summary>One forecast beside what came.</summary>
internal sealed record ForecastPicture
{
    /// <summary>Above it, such as the column and the day.</summary>
    public required string Title { get; init; }

    /// <summary>Beside it: the unit or the column.</summary>
    public required string Label { get; init; }

    /// <summary>The steps before the forecast, the last one at the border; NaN where a value is missing.</summary>
    public required IReadOnlyList<double> History { get; init; }

    /// <summary>(H): the forecast.</summary>
    public required IReadOnlyList<double> Forecast { get; init; }

    /// <summary>(H): what came; NaN where a value is missing.</summary>
    public required IReadOnlyList<double> Truth { get; init; }

    /// <summary>(H) each: the lowest and the highest quantile, and their name; null for none.</summary>
    public (IReadOnlyList<double> Low, IReadOnlyList<double> High, string Name)? Band { get; init; }

    /// <summary>(H) each: other forecasts, such as the seasonal naive one.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Others { get; init; } = [];

    /// <summary>The dates of the history and the forecast together; empty for numbers of steps.</summary>
    public IReadOnlyList<DateTime> Dates { get; init; } = [];
}

/// <summary>Draws forecasts against the truth.</summary>
internal static class ForecastPlot
{
    private const int Width = 640, Height = 380, RoomForDate = 50;
    private const double RoomForLegend = 0.3; // of the vertical axis
    private const double BandOpacity = 0.2;
    private static readonly Color[] s_others = [FigureStyle.Green, FigureStyle.Purple, FigureStyle.Orange];

    /// <summary>The drawing of a forecast.</summary>
    /// <exception cref="ArgumentException">Its parts have lengths that do not fit together.</exception>
    public static FigurePanel Panel(ForecastPicture picture)
    {
        Check(picture);
        return new FigurePanel(Width, Height, () => Plotted(picture));
    }

    private static void Check(ForecastPicture one)
    {
        int h = one.Forecast.Count;
        if (h == 0 || one.Truth.Count != h || one.Others.Any(other => other.Values.Count != h)
            || (one.Band is { } band && (band.Low.Count != h || band.High.Count != h))
            || (one.Dates.Count != 0 && one.Dates.Count != one.History.Count + h))
            throw new ArgumentException("The parts of a picture of a forecast have lengths that do not fit together.");
    }

    private static Plot Plotted(ForecastPicture one)
    {
        bool dated = one.Dates.Count > 0;
        Plot plot = FigureStyle.NewPlot(one.Title, dated ? "" : "steps from the last one that is read", one.Label);
        if (dated)
        {
            plot.Axes.DateTimeTicksBottom();
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.DateTimeAutomatic { LabelFormatter = TimeAxis.Text };
            plot.Axes.Right.MinimumSize = RoomForDate;
        }

        plot.Axes.Bottom.TickLabelStyle.FontName = FigureFont.Family;
        double At(int step) => dated ? one.Dates[one.History.Count + step - 1].ToOADate() : step; // 1 is the first forecast
        int before = one.History.Count;
        var legend = new List<(string, Color, Stroke)>
        {
            ("truth", FigureStyle.Ink, Stroke.Solid), ("forecast", FigureStyle.Blue, Stroke.Solid),
        };
        if (one.Band is { } band)
        {
            double[] at = [.. Enumerable.Range(1, band.Low.Count).Select(At)];
            ScottPlot.Plottables.FillY fill = plot.Add.FillY(at, [.. band.Low], [.. band.High]);
            fill.FillColor = FigureStyle.Blue.WithAlpha(BandOpacity);
            fill.LineWidth = 0;
            legend.Add((band.Name, FigureStyle.Blue.WithAlpha(BandOpacity), Stroke.Solid));
        }

        Pieces(plot, [.. one.History.Concat(one.Truth).Select((y, i) => (At(i - before + 1), y))], FigureStyle.Ink, 1.6f);
        for (int i = 0; i < one.Others.Count; i++)
        {
            Color color = s_others[i % s_others.Length];
            IEnumerable<(double, double)> points =
                one.Others[i].Values.Select((y, t) => (At(t + 1), y)).Where(point => double.IsFinite(point.y));
            Stroke stroke = i % 2 == 0 ? Stroke.Dashed : Stroke.Dotted;
            if (stroke == Stroke.Dashed) FigureStyle.Dashed(plot, points, color, 1.6f);
            else FigureStyle.Dotted(plot, points, color, 2.2f);
            legend.Add((one.Others[i].Name, color, stroke));
        }

        Pieces(plot, [.. one.Forecast.Select((y, i) => (At(i + 1), y))], FigureStyle.Blue, 2.4f);
        if (before > 0)
        {
            ScottPlot.Plottables.VerticalLine border = plot.Add.VerticalLine(At(0), 1, FigureStyle.Faint);
            border.LinePattern = LinePattern.Dotted;
        }

        FigureStyle.Legend(plot, [.. legend]);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.Margins(0.03, 0.15);
        plot.Axes.AutoScale();
        AxisLimits limits = plot.Axes.GetLimits();
        plot.Axes.SetLimitsY(limits.Bottom, limits.Top + (RoomForLegend * limits.VerticalSpan));
        return plot;
    }

    /// <summary>A line that is interrupted where values are missing; a single value is a mark.</summary>
    private static void Pieces(Plot plot, (double X, double Y)[] points, Color color, float width)
    {
        for (int i = 0; i < points.Length;)
        {
            int end = i;
            while (end < points.Length && double.IsFinite(points[end].Y)) end++;
            if (end == i + 1) FigureStyle.Marks(plot, points[i..end], MarkerShape.FilledCircle, 3 + width, color);
            else FigureStyle.Line(plot, points[i..end], color, width);
            i = end + 1;
        }
    }
}
