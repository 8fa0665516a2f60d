using System.Xml.Linq;
using Unroll.Cli.Evaluate;

namespace Unroll.Cli.Tests.Evaluate;

/// <summary>The pictures of an evaluation: what they say, at awkward sizes, and where they go.</summary>
public class PlotTests
{
    private static readonly ForecastPicture s_picture = new()
    {
        Title = "power",
        Label = "kW",
        History = [1, 2, double.NaN, 4],
        Forecast = [5, 6, 7],
        Truth = [5.5, double.NaN],
        Lower = [4, 5, 6],
        Upper = [6, 7, 8],
        Interval = "80% interval",
        Others = [("seasonal naive", [1, 2, 3])],
    };

    [Fact]
    public void A_forecast_has_its_truth_interval_and_baseline()
    {
        string svg = ForecastPlot.ToSvg([s_picture, s_picture with { Lower = [], Upper = [], Others = [] }], "two of them");
        string words = string.Join('|', XDocument.Parse(svg).Descendants().Where(node => node.Name.LocalName == "text")
            .Select(node => node.Value));
        foreach (string word in (string[])["power", "kW", "truth", "forecast", "80% interval", "seasonal naive", "two of them"])
            Assert.Contains(word, words, StringComparison.Ordinal);
    }

    [Fact]
    public void Awkward_forecasts_are_drawn_and_wrong_ones_refused()
    {
        XDocument.Parse(ForecastPlot.ToSvg([new ForecastPicture { Title = "", Label = "", History = [], Forecast = [3] }], ""));
        ForecastPicture flat = s_picture with { History = [7, 7], Forecast = [7, 7, 7], Truth = [7, 7, 7] };
        XDocument.Parse(ForecastPlot.ToSvg([flat], "flat"));
        XDocument.Parse(ForecastPlot.ToSvg([s_picture with { Truth = [], History = [double.NaN] }], "unknown"));
        DateTime[] days = [.. Enumerable.Range(0, 7).Select(day => new DateTime(2024, 2, 26).AddDays(day))];
        Assert.Contains("2024", ForecastPlot.ToSvg([s_picture with { Dates = days }], "dated"), StringComparison.Ordinal);
        foreach (ForecastPicture wrong in (ForecastPicture[])
            [
                s_picture with { Forecast = [] }, s_picture with { Lower = [1] }, s_picture with { Dates = days[..3] },
                s_picture with { Truth = [1, 2, 3, 4] },
            ])
        {
            Assert.Throws<ArgumentException>(() => ForecastPlot.ToSvg([wrong], ""));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(60)]
    public void Confused_classes_are_drawn_at_any_number(int classes)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(k => $"class {k} with a long name")];
        var counts = new long[classes, classes];
        for (int k = 0; k < classes; k++) counts[k, (k * 7) % classes] = 1234 + k;
        string svg = ConfusionPlot.ToSvg(names, counts, "counts");
        XDocument.Parse(svg);
        Assert.Contains("class 0 with …", svg, StringComparison.Ordinal);
        Assert.Equal(classes <= 20, svg.Contains("1234", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => ConfusionPlot.ToSvg(names, new long[classes + 1, classes], ""));
    }

    [Fact]
    public void The_end_of_the_name_says_what_is_written()
    {
        using var folder = new TempFolder();
        string svg = folder.At("a.svg"), png = folder.At("b.PNG");
        ForecastPlot.Draw(svg, [s_picture], "caption");
        ConfusionPlot.Draw(png, ["a", "b"], new long[,] { { 1, 2 }, { 3, 4 } }, "caption");
        Assert.StartsWith("<?xml", File.ReadAllText(svg), StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(png)[..4]);
        PlotFile.Require("--plot", null);
        PlotFile.Require("--plot", svg);
        string message = Assert.Throws<UserError>(() => PlotFile.Require("--plot", "a.pdf")).Message;
        Assert.Contains("neither in .svg nor in .png", message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => PlotFile.Require("--plot", ""));
    }
}
