using ScottPlot;
using Unroll.Cli.Evaluate;
using Unroll.Cli.Paper.Figures;

namespace Unroll.Cli.Tests.Paper;

/// <summary>
/// What a figure tells apart is told apart in grey and by colour-blind eyes: by shape, or by a colour that stays another.
/// </summary>
public class FigureColorTests
{
    private const double SeenApart = 15;

    [Theory]
    [InlineData("fig3", "")]
    [InlineData("fig3", "w=-9")]
    [InlineData("fig4", "")]
    [InlineData("fig5", "")]
    [InlineData("fig6", "")]
    [InlineData("geometry", "")]
    [InlineData("walls", "")]
    [InlineData("clipped", "")]
    [InlineData("bifurcations", "")]
    [InlineData("holds", "")]
    [InlineData("teacher-forcing", "")]
    public void Everything_in_the_legend_of_a_figure_looks_different_to_everyone(string id, string set)
    {
        IFigure figure = Assert.Single(FigureList.Get(id));
        var settings = new FigureSettings(figure, set.Length == 0 ? [] : [(set.Split('=')[0], set.Split('=')[1])], smoke: true);
        FigureResult result = figure.Compute(new FigureSource(settings, new CommandHost(TextReader.Null, TextWriter.Null,
            TextWriter.Null)));
        foreach (FigurePanel panel in result.Panels) RequireApart(panel, id);
    }

    [Fact]
    public void So_does_everything_in_a_picture_of_forecasts()
    {
        double[] values = [1, 2, 3];
        FigurePanel panel = ForecastPlot.Panel(new ForecastPicture
        {
            Title = "",
            Label = "",
            History = [0, 1],
            Forecast = values,
            Truth = values,
            Others = [("seasonal naive", values), ("ridge", values)],
        });
        Assert.Equal(4, RequireApart(panel, "forecast"));
    }

    [Fact]
    public void Methods_of_a_study_differ_in_their_marks()
    {
        MarkerShape[] marks = [.. ChartPainter.Marks];
        Assert.Equal(8, marks.Length);
        Assert.Equal(marks.Length, marks.Distinct().Count());
    }

    [Fact]
    public void Colours_that_grey_makes_alike_are_caught()
    {
        double[,] grey = ColorVision.All["grey"], red = ColorVision.All["deuteranopia"];
        Assert.True(ColorVision.Distance(FigureStyle.Blue, FigureStyle.Red, grey) < SeenApart);
        (Color first, Color second) = (Color.FromHex("#c00000"), Color.FromHex("#608000")); // red and green
        double full = ColorVision.Distance(first, second, ColorVision.All["all colours"]);
        Assert.True(ColorVision.Distance(first, second, red) < full / 2);
        Assert.True(ColorVision.Distance(FigureStyle.Ink, Colors.White, grey) > 99.9);
        double[] lab = ColorVision.Lab(Color.FromHex("#ff0000"), ColorVision.All["all colours"]);
        Assert.Equal([53.24, 80.09, 67.20], lab.Select(one => Math.Round(one, 2))); // the published value of sRGB's red
        Look blue = new("a", FigureStyle.Blue, "line");
        Assert.NotNull(Record.Exception(() => Look.Require([blue, new("b", FigureStyle.Red, "line")], "x")));
        Look.Require([blue, new("b", FigureStyle.Red, "dash")], "x");
    }

    /// <summary>The number of things that were compared.</summary>
    private static int RequireApart(FigurePanel panel, string figure)
    {
        using Plot plot = panel.Draw();
        LegendItem[] items = [.. plot.PlottableList.SelectMany(one => one.LegendItems).Concat(plot.Legend.ManualItems)
            .Where(item => !string.IsNullOrEmpty(item.LabelText))];
        Look.Require([.. items.Select(Look.Of)], figure);
        return items.Length;
    }

    private sealed record Look(string Name, Color Color, string Shape)
    {
        public static Look Of(LegendItem item) => item.MarkerStyle.CustomRenderer is StrokeSwatch swatch
            ? new Look(item.LabelText, swatch.Color, $"{swatch.Stroke}")
            : item.LineWidth > 0 && item.MarkerStyle.Shape == MarkerShape.None ? new Look(item.LabelText, item.LineColor, "Solid")
            : item.LineWidth > 0 && item.MarkerStyle.Size == 0 ? new Look(item.LabelText, item.LineColor, "Solid")
            : item.MarkerStyle.IsVisible && item.MarkerStyle.Size > 0 && item.LineWidth == 0
            ? new Look(item.LabelText, item.MarkerStyle.FillColor, $"{item.MarkerStyle.Shape}")
            : new Look(item.LabelText, item.LineColor, "Solid");

        public static void Require(IReadOnlyList<Look> looks, string figure)
        {
            foreach (Look a in looks)
            {
                foreach (Look b in looks.Where(b => string.CompareOrdinal(a.Name, b.Name) < 0 && a.Shape == b.Shape))
                {
                    foreach ((string name, double[,] vision) in ColorVision.All)
                    {
                        double distance = ColorVision.Distance(a.Color, b.Color, vision);
                        Assert.True(distance >= SeenApart, FormattableString.Invariant(
                            $"{figure}: '{a.Name}' and '{b.Name}' are {a.Shape} both, and {distance:F1} apart in {name}."));
                    }
                }
            }
        }
    }
}
