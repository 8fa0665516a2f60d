using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>--loss</c> and its like: how it is trained, what is predicted, evaluated and drawn.</summary>
public class SeriesLossTests
{
    private static readonly string[] Small = ["--hidden", "8", "--epochs", "3"];

    [Fact]
    public void Quantiles_are_columns_coverage_and_a_band()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        CliResult trained = Cli.Run(["train", "forecast", "--data", data, "--horizon", "4", "--quantiles", "0.05, 0.5,0.95",
            "--out", run, .. Small]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string header = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("12 linear outputs at the last step (quantiles 0.05, 0.5, 0.95)", header);
        Assert.Contains("in pinball cost", header);

        CliResult predicted = Cli.Run("predict", run, "--data", data);
        Assert.Equal("time,step,power(0.05),power(0.5),power(0.95),temp(0.05),temp(0.5),temp(0.95)", predicted.OutLines[0]);
        Assert.Equal(5, predicted.OutLines.Length);
        double[][] rows = [.. predicted.OutLines.Skip(1).Select(line =>
            line.Split(',').Skip(2).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
        Assert.All(rows, row => Assert.True(row[0] <= row[1] && row[1] <= row[2] && row[3] <= row[4] && row[4] <= row[5]));
        JsonElement json = Assert.Single(Cli.Run("predict", run, "--data", data, "--json").Json);
        Assert.Equal(rows[2][1], json.GetProperty("forecast").GetProperty("power")[2].GetDouble());
        Assert.Equal(rows[3][5], json.GetProperty("quantiles").GetProperty("temp").GetProperty("0.95")[3].GetDouble());

        JsonElement[] scores = Cli.Run("evaluate", run, "--json").Json;
        JsonElement quantiles = Of("quantiles"), network = Of("network");
        double covered = quantiles.GetProperty("coverage").GetDouble();
        Assert.Equal(network.GetProperty("coverage").GetDouble(), covered, 1e-12);
        Assert.Equal(network.GetProperty("width").GetDouble(), quantiles.GetProperty("width").GetDouble(), 1e-9);
        Assert.Equal(0.9, quantiles.GetProperty("nominal_coverage").GetDouble(), 1e-12);
        JsonElement[] levels = [.. quantiles.GetProperty("levels").EnumerateArray()];
        Assert.Equal(quantiles.GetProperty("pinball").GetDouble(),
            levels.Average(level => level.GetProperty("pinball").GetDouble()), 1e-9);
        Assert.Equal(network.GetProperty("mae").GetDouble() / 2, levels[1].GetProperty("pinball").GetDouble(), 1e-9);
        Assert.True(levels[2].GetProperty("below").GetDouble() - levels[0].GetProperty("below").GetDouble() <= covered + 1e-12);

        CliResult evaluated = Cli.Run("evaluate", run, "--plot", folder.At("band.svg"));
        Assert.Contains("interval of 90", evaluated.Out);
        Assert.Contains("truths at or below", evaluated.Out);
        Assert.All(evaluated.OutLines, line => Assert.InRange(line.Length, 1, 80));
        Assert.Contains("0.05 to 0.95", File.ReadAllText(folder.At("band.svg")));

        JsonElement Of(string predictor) => scores.Single(one => one.GetProperty("fold").GetString() == "test"
            && one.GetProperty("predictor").GetString() == predictor);
    }

    [Fact]
    public void Numbers_of_sequences_and_of_steps_have_intervals()
    {
        using var folder = new TempFolder();
        string machines = SeriesFiles.Machines(folder);
        Assert.Equal(0, Cli.Run(["train", "regress", "--data", machines, "--group", "machine", "--target", "life", "--ignore",
            "state,alarm", "--loss", "quantile", "--out", folder.At("r"), .. Small]).Code);
        CliResult evaluated = Cli.Run("evaluate", folder.At("r"));
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        Assert.Contains("interval of 80", evaluated.Out);
        CliResult numbers = Cli.RunWith("machine,signal\nx,1\nx,2\ny,3\n", "predict", folder.At("r"));
        Assert.Equal("machine,prediction(0.1),prediction(0.5),prediction(0.9)", numbers.OutLines[0]);
        Assert.Equal(3, numbers.OutLines.Length);
        JsonElement json = Cli.RunWith("machine,signal\nx,1\nx,2\ny,3\n", "predict", folder.At("r"), "--json").Json[0];
        Assert.Equal(json.GetProperty("prediction").GetDouble(), json.GetProperty("quantiles").GetProperty("0.5").GetDouble());

        Assert.Equal(0, Cli.Run(["train", "tag", "--data", SeriesFiles.Readings(folder), "--target", "power", "--quantiles",
            "0.25,0.75", "--out", folder.At("t"), .. Small]).Code);
        Assert.Equal((0, ""), (Cli.Run("evaluate", folder.At("t")).Code, Cli.Run("evaluate", folder.At("t")).Error));
        string steps = "time,temp\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n";
        CliResult tags = Cli.RunWith(steps, "predict", folder.At("t"));
        Assert.Equal(("time,step,power(0.25),power(0.75)", 4), (tags.OutLines[0], tags.OutLines.Length));
        JsonElement tagged = Cli.RunWith(steps, "predict", folder.At("t"), "--json").Json[0];
        Assert.Equal(3, tagged.GetProperty("predictions").GetArrayLength());
    }

    [Theory]
    [InlineData("absolute", "absolute error")]
    [InlineData("huber", "Huber's error")]
    public void Other_costs_are_trained_resumed_and_kept(string loss, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        string[] run = ["train", "forecast", "--data", data, "--target", "power", "--loss", loss, "--hidden", "6"];
        if (loss == "huber") run = [.. run, "--huber-delta", "0.25"];
        CliResult whole = Cli.Run([.. run, "--epochs", "4", "--out", folder.At("whole")]);
        Assert.Contains($"in {words}", Regex.Replace(whole.Out, @"\s+", " "));
        Assert.Equal(0, Cli.Run([.. run, "--epochs", "2", "--out", folder.At("half")]).Code);
        Assert.Equal(0, Cli.Run("train", "--resume", folder.At("half"), "--epochs", "4").Code);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.At("whole"), "model.safetensors")),
            File.ReadAllBytes(Path.Combine(folder.At("half"), "model.safetensors")));
        Assert.Equal("time,step,power", Cli.Run("predict", folder.At("whole"), "--data", data).OutLines[0]);
        Assert.Equal(0, Cli.Run("evaluate", folder.At("whole")).Code);
    }

    [Theory]
    [InlineData("forecast --loss median", "--loss has no value 'median'")]
    [InlineData("forecast --quantiles 0.5,0.1", "quantiles must ascend")]
    [InlineData("forecast --quantiles 0.1,1", "must lie between 0 and 1")]
    [InlineData("forecast --quantiles 0.1,x", "'x' is not a number")]
    [InlineData("forecast --quantiles 0.1,2", "--quantiles")]
    [InlineData("forecast --huber-delta 0", "--huber-delta")]
    [InlineData("forecast --huber-delta 1 --loss absolute", "--huber-delta is for --loss huber, and the loss is absolute")]
    [InlineData("forecast --huber-delta 1 --quantiles 0.5", "--quantiles is for --loss quantile, and the loss is huber")]
    [InlineData("forecast --loss quantile --optimizer hessian-free", "Hessian-Free needs a cost with a curvature")]
    [InlineData("classify --loss absolute", "--loss")]
    [InlineData("tag --target state --loss absolute", "classes are predicted")]
    public void Bad_input_is_one_sentence(string line, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        if (line.StartsWith("tag", StringComparison.Ordinal))
        {
            File.WriteAllLines(data, File.ReadAllLines(data).Select((row, i) =>
                $"{row},{(i == 0 ? "state" : i % 3 == 0 ? "a" : "b")}"));
        }

        Assert.Contains(words, Cli.Run(["train", .. line.Split(' '), "--data", data, "--out", folder.At("run")]).RefusedWith());
        Assert.False(Directory.Exists(folder.At("run")));
    }
}
