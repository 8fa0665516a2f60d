using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>--known</c> and <c>--scale-by</c>: from a table to forecasts of rows of which something is known.</summary>
public class KnownColumnTests
{
    private static readonly string[] Small = ["--hidden", "6", "--epochs", "2"];

    /// <summary>Rows of a shop: time, demand, price, holiday; the last ones may have no demand.</summary>
    private static string Shop(TempFolder folder, string name, int rows, int ahead = 0, string groups = "")
    {
        var text = new StringBuilder(groups.Length > 0 ? "shop,time,demand,price,holiday\n" : "time,demand,price,holiday\n");
        foreach (string group in groups.Length > 0 ? groups.Split(',') : [""])
        {
            for (int t = 0; t < rows; t++)
            {
                int price = 10 + (t * 7 % 5), size = group == "big" ? 1000 : 1;
                string demand = t < rows - ahead ? (size * ((20 - price) + (t % 3))).ToString(CultureInfo.InvariantCulture) : "";
                if (group.Length > 0) text.Append(group).Append(',');
                text.Append(CultureInfo.InvariantCulture,
                    $"{new DateTime(2024, 1, 1).AddDays(t):yyyy-MM-dd},{demand},{price},{(t % 6 == 0 ? "yes" : "no")}\n");
            }
        }

        File.WriteAllText(folder.At(name), text.ToString());
        return folder.At(name);
    }

    [Fact]
    public void A_table_with_rows_to_forecast_is_read_to_its_end()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        CliResult trained = Cli.Run(["train", "forecast", "--data", Shop(folder, "a.csv", 120), "--target", "demand", "--horizon",
            "4", "--known", "price,holiday", "--out", run, .. Small]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string header = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("price, holiday known 4 steps ahead", header);
        Assert.Contains("price+4", header);
        CliResult evaluated = Cli.Run("evaluate", run);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));

        CliResult predicted = Cli.Run("predict", run, "--data", Shop(folder, "b.csv", 60, ahead: 4));
        Assert.Equal((0, ""), (predicted.Code, predicted.Error));
        Assert.Equal(["time", "2024-02-26", "2024-02-27", "2024-02-28", "2024-02-29"],
            predicted.OutLines.Select(line => line.Split(',')[0]));
        CliResult more = Cli.Run("predict", run, "--data", Shop(folder, "more.csv", 62, ahead: 6)); // two more of what is known
        Assert.Equal(predicted.Out, more.Out);

        // What is not there is said in one sentence.
        CliResult none = Cli.Run("predict", run, "--data", Shop(folder, "c.csv", 60));
        Assert.Equal(2, none.Code);
        Assert.Contains("has 0 rows behind the last one with a value of another column, and the network must know 'price', "
            + "'holiday' of all 4 that it forecasts", none.Unfolded + Regex.Replace(none.Error, @"\s+", " "));
        string missing = File.ReadAllText(folder.At("b.csv")).Replace("2024-02-28,,10", "2024-02-28,,", StringComparison.Ordinal)
            .Replace("2024-02-28,,11", "2024-02-28,,", StringComparison.Ordinal)
            .Replace("2024-02-28,,12", "2024-02-28,,", StringComparison.Ordinal)
            .Replace("2024-02-28,,13", "2024-02-28,,", StringComparison.Ordinal)
            .Replace("2024-02-28,,14", "2024-02-28,,", StringComparison.Ordinal);
        CliResult hole = Cli.RunWith(missing, "predict", run);
        Assert.Equal(2, hole.Code);
        Assert.Contains("Column 'price' of standard input has no value in row 59 (line 60)", hole.Error);

        // A stream has what is known ahead as columns of its own.
        string[] rows = [.. File.ReadAllLines(folder.At("b.csv")).Skip(1)];
        string stream = "time,demand,price,holiday,price+4,holiday+4\n" + string.Join('\n', rows.Take(56).Select((row, t) =>
            $"{row},{rows[t + 4].Split(',')[2]},{rows[t + 4].Split(',')[3]}")) + "\n";
        CliResult streamed = Cli.RunWith(stream, "predict", run, "--stream");
        Assert.Equal((0, ""), (streamed.Code, streamed.Error));
        Assert.Equal("after,time,step,demand", streamed.OutLines[0]);
        Assert.Equal(predicted.OutLines.Skip(1), streamed.OutLines.TakeLast(4).Select(line => line[(line.IndexOf(',') + 1)..]));
        CliResult lacking = Cli.RunWith(string.Join('\n', rows.Prepend("time,demand,price,holiday")), "predict", run, "--stream");
        Assert.Equal(2, lacking.Code);
        Assert.Contains("no column 'price+4', what 'price' is 4 rows later", Regex.Replace(lacking.Error, @"\s+", " "));

        // Such a table needs no rows to forecast, and its forecast is the same.
        Assert.Equal(predicted.Out, Cli.RunWith(stream, "predict", run).Out);
        CliResult exported = Cli.Run("export", Path.Combine(run, "best.safetensors"), "--out", folder.At("m.onnx"));
        Assert.Equal((0, ""), (exported.Code, exported.Error));
    }

    [Theory]
    [InlineData("demand", "'demand' is to be forecast")]
    [InlineData("prise", "'price'")]
    [InlineData("price,price", "each once")]
    [InlineData("", "each once")]
    public void A_column_that_cannot_be_known_is_refused(string known, string sentence)
    {
        using var folder = new TempFolder();
        CliResult refused = Cli.Run("train", "forecast", "--data", Shop(folder, "a.csv", 90), "--target", "demand", "--known",
            known);
        Assert.Equal(2, refused.Code);
        Assert.Contains(sentence, Regex.Replace(refused.Error, @"\s+", " "));
    }

    [Fact]
    public void Each_group_may_have_its_scale()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), data = Shop(folder, "a.csv", 90, groups: "small,big");
        CliResult trained = Cli.Run(["train", "forecast", "--data", data, "--group", "shop", "--target", "demand", "--ignore",
            "holiday", "--scale-by", "group", "--out", run, .. Small]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("by the training fold of each of 2 groups", Regex.Replace(trained.Out, @"\s+", " "));
        CliResult predicted = Cli.Run("predict", run, "--data", data);
        Assert.Equal((0, ""), (predicted.Code, predicted.Error));
        double[] said = [.. predicted.OutLines.Skip(1).Select(line =>
            double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture))];
        Assert.InRange(said[0], 0, 20);
        Assert.InRange(said[1], 1000, 20000);
        CliResult streamed = Cli.RunWith(File.ReadAllText(data), "predict", run, "--stream");
        Assert.Equal(predicted.OutLines[1], streamed.OutLines.Last(line => line.StartsWith("small", StringComparison.Ordinal))
            .Replace("small,2024-03-30,", "small,", StringComparison.Ordinal));

        string other = File.ReadAllText(data).Replace("big,", "new,", StringComparison.Ordinal);
        foreach (string[] way in (string[][])[[], ["--stream"]])
        {
            CliResult unknown = Cli.RunWith(other, ["predict", run, .. way]);
            Assert.Equal(0, unknown.Code);
            Assert.Equal("unroll: the network was trained on no group new, which is scaled as all groups together.\n",
                unknown.Error);
        }

        CliResult one = Cli.Run("train", "forecast", "--data", Shop(folder, "one.csv", 90), "--target", "demand", "--scale-by",
            "group");
        Assert.Equal(2, one.Code);
        Assert.Contains("--group", one.Error);
        CliResult exported = Cli.Run("export", Path.Combine(run, "best.safetensors"), "--out", folder.At("m.h"));
        Assert.Equal(2, exported.Code);
        Assert.Contains("--scale-by all", Regex.Replace(exported.Error, @"\s+", " "));
    }

    [Fact]
    public void A_model_with_them_is_a_start_for_another()
    {
        using var folder = new TempFolder();
        string data = Shop(folder, "a.csv", 90, groups: "small,big");
        string[] train = ["train", "forecast", "--data", data, "--group", "shop", "--target", "demand", "--epochs", "2"];
        Assert.Equal(0, Cli.Run([.. train, "--scale-by", "group", "--known", "price", "--hidden", "6", "--out", folder.At("a")])
            .Code);
        CliResult again = Cli.Run([.. train, "--from", folder.At("a"), "--out", folder.At("b")]);
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Contains("price known 1 step ahead", Regex.Replace(again.Out, @"\s+", " "));
        CliResult other = Cli.Run([.. train, "--from", folder.At("a"), "--scale-by", "all"]);
        Assert.Equal(2, other.Code);
        Assert.Contains("its scale is by group, and all here", Regex.Replace(other.Error, @"\s+", " "));
    }
}
