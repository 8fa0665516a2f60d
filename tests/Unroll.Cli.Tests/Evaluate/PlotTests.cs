using System.Xml.Linq;
using Unroll.Cli.Evaluate;
using Unroll.Cli.Paper;
using Unroll.Cli.Tests.Sequences;

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
        Truth = [5.5, double.NaN, 7],
        Others = [("seasonal naive", [1, 2, 3])],
    };

    [Fact]
    public void A_forecast_has_its_truth_and_baseline()
    {
        string words = Words(FigureSheet.ToSvg(
            [ForecastPlot.Panel(s_picture), ForecastPlot.Panel(s_picture with { Others = [] })], "two of them"));
        foreach (string word in (string[])["power", "kW", "truth", "forecast", "seasonal naive", "two of them"])
            Assert.Contains(word, words, StringComparison.Ordinal);
    }

    [Fact]
    public void Awkward_forecasts_are_drawn_and_wrong_ones_refused()
    {
        Words(Svg(new ForecastPicture { Title = "", Label = "", History = [], Forecast = [3], Truth = [4] }));
        Words(Svg(s_picture with { History = [7, 7], Forecast = [7, 7, 7], Truth = [7, 7, 7] }));
        Words(Svg(s_picture with { Truth = [double.NaN, double.NaN, double.NaN], History = [double.NaN] }));
        DateTime[] days = [.. Enumerable.Range(0, 7).Select(day => new DateTime(2024, 2, 26).AddDays(day))];
        Assert.Contains("2024", Svg(s_picture with { Dates = days }), StringComparison.Ordinal);
        foreach (ForecastPicture wrong in (ForecastPicture[])
            [
                s_picture with { Forecast = [] }, s_picture with { Dates = days[..3] }, s_picture with { Truth = [1, 2, 3, 4] },
                s_picture with { Others = [("naive", [1])] },
            ])
        {
            Assert.Throws<ArgumentException>(() => ForecastPlot.Panel(wrong));
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
        string svg = FigureSheet.ToSvg([ConfusionPlot.Panel(names, counts)], "counts");
        Assert.Contains("class 0 with …", svg, StringComparison.Ordinal);

        // As a text of its own: a coordinate may have these digits too.
        IEnumerable<string> texts =
            XDocument.Parse(svg).Descendants().Where(one => !one.HasElements).Select(one => one.Value.Trim());
        Assert.Equal(classes <= 20, texts.Contains("1234"));
        Assert.Throws<ArgumentException>(() => ConfusionPlot.Panel(names, new long[classes + 1, classes]));
    }

    [Fact]
    public void The_end_of_the_name_says_what_is_written()
    {
        using var folder = new TempFolder();
        string svg = folder.At("a.svg"), png = folder.At("b.PNG");
        PlotFile.Write(svg, [ForecastPlot.Panel(s_picture)], "caption");
        PlotFile.Write(png, [ConfusionPlot.Panel(["a", "b"], new long[,] { { 1, 2 }, { 3, 4 } })], "caption");
        Assert.StartsWith("<?xml", File.ReadAllText(svg), StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(png)[..4]);
        PlotFile.Require("--plot", null);
        PlotFile.Require("--plot", svg);
        string message = Assert.Throws<UserError>(() => PlotFile.Require("--plot", "a.pdf")).Message;
        Assert.Contains("neither in .svg nor in .png", message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => PlotFile.Require("--plot", ""));
    }

    [Theory]
    [InlineData("1", "The last 48 forecasts of 1 step on the test fold of")]
    [InlineData("20", "The last 3 forecasts of 20 steps on the test fold of")]
    [InlineData("60", "The last forecast of 60 steps on the test fold of")]
    public void Evaluate_draws_the_last_forecasts(string horizon, string caption)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder, 720), run = folder.At("run"), plot = folder.At("plot.svg");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--horizon", horizon, "--window", "24", "--hidden", "4",
            "--epochs", "1", "--out", run).Code);
        CliResult evaluated = Cli.Run("evaluate", run, "--plot", plot);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        Assert.EndsWith($"\nwritten: {plot}\n", evaluated.Out);
        string words = Words(File.ReadAllText(plot));
        foreach (string word in (string[])["power", "temp", "truth", "forecast", "seasonal naive (24)"])
            Assert.Contains(word, words, StringComparison.Ordinal);
        Assert.Contains(caption, words.Replace('|', ' '), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_draws_confused_classes_and_refuses_what_has_no_picture()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Archive(folder, "a.ts", 60), run = folder.At("run"), plot = folder.At("plot.svg");
        Assert.Equal(0, Cli.Run("train", "classify", "--data", data, "--hidden", "4", "--epochs", "1", "--out", run).Code);
        CliResult evaluated = Cli.Run("evaluate", run, "--plot", plot, "--json");
        Assert.Equal(0, evaluated.Code);
        Assert.DoesNotContain("written", evaluated.Out, StringComparison.Ordinal);
        string words = Words(File.ReadAllText(plot));
        foreach (string word in (string[])["predicted", "truth", "up", "down", "on the test fold"])
            Assert.Contains(word, words, StringComparison.Ordinal);
        Assert.Contains("neither in .svg nor in .png", Cli.Run("evaluate", run, "--plot", "a.pdf").RefusedWith());

        string machines = SeriesFiles.Machines(folder), numbers = folder.At("numbers");
        Assert.Equal(0, Cli.Run("train", "regress", "--data", machines, "--group", "machine", "--target", "life", "--hidden", "4",
            "--epochs", "1", "--out", numbers).Code);
        Assert.Contains("--plot draws forecasts and classes", Cli.Run("evaluate", numbers, "--plot", plot).RefusedWith());
    }

    private static string Svg(ForecastPicture picture) => FigureSheet.ToSvg([ForecastPlot.Panel(picture)], "caption");

    private static string Words(string svg) => string.Join('|',
        XDocument.Parse(svg).Descendants().Where(node => node.Name.LocalName == "text").Select(node => node.Value));
}
