using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Predict;

/// <summary>Models of own data on tables that have other columns than those of training, or hold other things in them.</summary>
public class OtherTablesTests
{
    private static readonly string[] s_small = ["--hidden", "4", "--updates", "5"];

    [Fact]
    public void Columns_that_the_network_does_not_read_may_hold_anything_or_be_absent()
    {
        using var folder = new TempFolder();
        string[] rows = File.ReadAllLines(SeriesFiles.Readings(folder));
        string noted = folder.At("noted.csv"), odd = folder.At("odd.csv"), bare = folder.At("bare.csv");
        File.WriteAllLines(noted, rows.Select((row, t) => $"{row},{(t == 0 ? "note" : t)}"));
        File.WriteAllLines(odd, rows.Select((row, t) =>
            $"{row},{(t == 0 ? "note" : t == 200 ? "broken meter" : t)},{(t == 0 ? "z" : "?")}"));
        File.WriteAllLines(bare, rows.Select(row => string.Join(',', row.Split(',')[..2])));
        string run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", noted, "--target", "power", "--ignore", "temp,note", "--horizon",
            "3", "--window", "8", "--out", run, .. s_small]).Code);
        CliResult predicted = Cli.Run("predict", run, "--data", noted), scored = Cli.Run("evaluate", run, "--data", noted);
        Assert.Equal((0, ""), (predicted.Code, predicted.Error));
        Assert.Equal((0, ""), (scored.Code, scored.Error));
        foreach (string other in (string[])[odd, bare])
        {
            string known = other == bare ? "" : "unroll: the network does not read the column z, which training did not have.\n";
            CliResult again = Cli.Run("predict", run, "--data", other);
            Assert.Equal((predicted.Out, known), (again.Out, again.Error));
            again = Cli.Run("evaluate", run, "--data", other);
            Assert.Equal((scored.Out.Replace(noted, other, StringComparison.Ordinal), known), (again.Out, again.Error));
        }

        // What is read must be there.
        File.WriteAllLines(bare, rows.Select(row => $"{row.Split(',')[0]},{row.Split(',')[2]}"));
        Assert.Contains("power", Cli.Run("predict", run, "--data", bare).RefusedWith());
        Assert.Contains("power", Cli.Run("evaluate", run, "--data", bare).RefusedWith());
    }

    [Fact]
    public void Headings_of_predictions_differ_whatever_the_targets_are_called()
    {
        using var folder = new TempFolder();
        string[] rows = File.ReadAllLines(SeriesFiles.Readings(folder));
        string data = folder.At("steps.csv"), run = folder.At("run");
        File.WriteAllLines(data, ["at,step,time", .. rows[1..]]);
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--time", "at", "--target", "step,time", "--horizon", "2",
            "--window", "8", "--out", run, .. s_small]).Code);
        Assert.Equal("at,forecast step,step,time", Cli.Run("predict", run, "--data", data).OutLines[0]);
        Assert.Equal("after,at,forecast step,step,time",
            Cli.RunWith(File.ReadAllText(data), "predict", run, "--stream").OutLines[0]);
    }

    [Fact]
    public void A_label_that_training_did_not_have_is_refused_or_read_as_none()
    {
        using var folder = new TempFolder();
        string[] rows = File.ReadAllLines(SeriesFiles.Readings(folder));
        string data = folder.At("kinds.csv"), late = folder.At("late.csv"), run = folder.At("run"), none = folder.At("none");
        File.WriteAllLines(data, rows.Select((row, t) => $"{row},{(t == 0 ? "kind" : t % 3 == 0 ? "dry" : "wet")}"));
        File.WriteAllLines(late, rows.Select((row, t) =>
            $"{row},{(t == 0 ? "kind" : t > 230 ? "snow" : t % 3 == 0 ? "dry" : "wet")}"));
        string[] train = ["train", "forecast", "--target", "power", "--horizon", "3", "--window", "8", .. s_small];
        Assert.Equal(0, Cli.Run([.. train, "--data", data, "--out", run]).Code);
        Assert.Equal($"unroll: Column 'kind' of {late} has the label 'snow', which training did not have (dry, wet); put one of "
            + "these in its place, or give --unknown-labels none, which reads it as none of them.\n",
            Cli.Run("predict", run, "--data", late).RefusedWith());
        Assert.Contains("'snow'", Cli.Run("evaluate", run, "--data", late).RefusedWith());
        CliResult read = Cli.Run("predict", run, "--data", late, "--unknown-labels", "none");
        CliResult known = Cli.Run("predict", run, "--data", data);
        Assert.Equal((0, ""), (read.Code, read.Error));
        Assert.NotEqual(known.Out, read.Out);
        Assert.Equal(0, Cli.Run("evaluate", run, "--data", late, "--unknown-labels", "none").Code);
        string text = File.ReadAllText(late);
        CliResult refused = Cli.RunWith(text, "predict", run, "--stream");
        Assert.Equal((2, true), (refused.Code, refused.Error.Contains("'snow' in row 231", StringComparison.Ordinal)));
        Assert.Equal(read.OutLines[^1], Last(Cli.RunWith(text, "predict", run, "--stream", "--unknown-labels", "none")));

        // In training: said, or left out of the inputs and the file.
        Assert.Contains("kind (3 labels); the training fold has no snow of kind, which --unknown-labels none leaves out",
            Spaced(Cli.Run([.. train, "--data", late])));
        CliResult without = Cli.Run([.. train, "--data", late, "--unknown-labels", "none", "--out", none]);
        Assert.Contains("kind (2 labels)", Spaced(without));
        Assert.Equal(0, Cli.Run("evaluate", none).Code);
        Assert.Equal(0, Cli.Run("predict", none, "--data", late).Code);

        static string Spaced(CliResult result) => Regex.Replace(result.Out, @"\s+", " ");
        static string Last(CliResult stream) => string.Join(',', stream.OutLines[^1].Split(',').Skip(1));
    }

    [Fact]
    public void A_label_that_looks_like_a_number_need_not_be_one_where_classes_are_predicted()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Machines(folder), run = folder.At("run");
        string[] rows = File.ReadAllLines(data);
        int label = Array.IndexOf(rows[0].Split(','), "state");
        File.WriteAllLines(data, rows.Select((row, i) =>
            With(row, i == 0 ? "state" : row.Split(',')[label] == "good" ? "1" : "2")));
        Assert.Equal(0, Cli.Run(["train", "classify", "--data", data, "--group", "machine", "--label", "state", "--ignore",
            "life,alarm", "--missing", "forward", "--out", run, .. s_small]).Code);
        CliResult known = Cli.Run("predict", run, "--data", data);
        File.WriteAllLines(data, rows.Select((row, i) => With(row, i == 0 ? "state" : i == 150 ? "none yet" : "1")));
        Assert.Equal((0, known.Out), (Cli.Run("predict", run, "--data", data).Code, Cli.Run("predict", run, "--data", data).Out));

        string With(string row, string text) =>
            string.Join(',', row.Split(',').Select((cell, c) => c == label ? text : cell));
    }

    [Fact]
    public void Scores_of_other_data_are_in_deviations_of_training()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), quiet = folder.At("quiet.csv");
        File.WriteAllLines(quiet, File.ReadAllLines(data).Select((row, t) =>
            t == 0 ? row : $"{row.Split(',')[0]},{120 + (t % 2)},{row.Split(',')[2]}"));
        foreach ((string scale, bool known) in ((string, bool)[])[("standard", true), ("minmax", false)])
        {
            string run = folder.At(scale);
            Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "3", "--window", "8",
                "--scale", scale, "--out", run, .. s_small]).Code);
            JsonElement own = Cli.Run("evaluate", run, "--json").Json.First(Network),
                other = Cli.Run("evaluate", run, "--data", quiet, "--json").Json.First(Network);
            double deviation = Deviation(other);
            if (known) Assert.Equal(Deviation(own), deviation, 1e-4);
            else Assert.Equal(0.5, deviation, 1e-4);
            Assert.Contains($"which scores divide by, are those of {(known ? "training" : $"{quiet} itself")}",
                Regex.Replace(Cli.Run("evaluate", run, "--data", quiet).Out, @"\s+", " "));
        }

        static bool Network(JsonElement line) => line.GetProperty("predictor").GetString() == "network";
        static double Deviation(JsonElement line) =>
            line.GetProperty("mae").GetDouble() / line.GetProperty("standard_mae").GetDouble();
    }

    [Fact]
    public void Each_group_goes_on_by_the_steps_of_its_own_window_as_a_stream_does()
    {
        using var folder = new TempFolder();
        string data = folder.At("mixed.csv"), run = folder.At("run");
        var day = new DateTime(2024, 1, 1);
        DateTime[] ends = [.. Enumerable.Range(1, 40).Select(m => day.AddMonths(m).AddDays(-1))];
        DateTime[] work =
            [.. Enumerable.Range(0, 80).Select(i => day.AddDays(i)).Where(one => (int)one.DayOfWeek is > 0 and < 6)];
        string[] rows =
        [
            .. Enumerable.Range(0, 60).Select(i => $"hours,{day.AddHours(i):yyyy-MM-dd HH:mm},{i % 5}"),
            .. Enumerable.Range(0, 60).Select(i => $"days,{day.AddDays(i):yyyy-MM-dd},{i % 5}"),
            .. ends.Select((one, i) => $"ends,{one:yyyy-MM-dd},{i % 5}"),
            .. work.Select((one, i) => $"work,{one:yyyy-MM-dd},{i % 5}"),
        ];
        File.WriteAllLines(data, rows.Prepend("g,time,x"));
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--group", "g", "--horizon", "2", "--window", "8", "--out",
            run, .. s_small]).Code);
        string[] whole = [.. Cli.Run("predict", run, "--data", data).OutLines.Skip(1)];
        Assert.Equal(["hours,2024-01-03 12:00", "hours,2024-01-03 13:00", "days,2024-03-01", "days,2024-03-02", "ends,2027-05-31",
            "ends,2027-06-30", "work,", "work,"], whole.Select(line => string.Join(',', line.Split(',')[..2])));
        CliResult stream = Cli.RunWith(File.ReadAllText(data), "predict", run, "--stream");
        string[] last = [.. stream.OutLines.Skip(1).GroupBy(line => line.Split(',')[0]).SelectMany(group => group.TakeLast(2))];
        Assert.Equal(whole, last.Select(line => string.Join(',', line.Split(',').Where((_, c) => c != 1))));
    }

    [Fact]
    public void A_name_with_a_comma_stands_between_quotes_and_the_suggested_command_has_them()
    {
        using var folder = new TempFolder();
        string data = folder.At("kw.csv");
        File.WriteAllLines(data, Enumerable.Range(0, 120).Select(i => $"{(i % 7) + (i * 0.1):0.0},{i % 3}")
            .Prepend("\"Leistung, kW\",--y"));
        Assert.Contains("""--target '"--y"' """, Cli.Run("data", "show", data).OutLines[^1]);
        string shown = Cli.Run("data", "show", data, "--ignore", "\"--y\"").OutLines[^1];
        Assert.Contains("""--target '"Leistung, kW"' """, shown);
        Assert.EndsWith("""--ignore '"--y"'""", shown);
        string run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", data, "--target", "\"Leistung, kW\"", "--ignore", "\"--y\"",
            "--horizon", "4", "--out", run, .. s_small]).Code);
        Assert.Equal((0, ""), (Cli.Run("predict", run, "--data", data).Code, Cli.Run("predict", run, "--data", data).Error));
    }
}
