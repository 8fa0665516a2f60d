using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>unroll train forecast --decoder fed-back</c>, and what follows from its models.</summary>
public class FedBackDecoderTests
{
    [Fact]
    public void A_model_that_feeds_back_trains_resumes_evaluates_and_predicts()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run"), model = Path.Combine(run, "best.safetensors");
        string[] what = ["train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--window", "12", "--ignore",
            "temp", "--decoder", "fed-back", "--calendar", "hour", "--hidden", "5"];
        CliResult trained = Cli.Run([.. what, "--epochs", "2", "--out", run]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string header = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("forecasts 6 parts of 1 step, each the next input (fed-back decoder; trained on the true steps)", header);
        Assert.Contains("3 dense inputs, 5 GRU units, 1 linear output at every step", header);
        CliResult resumed = Cli.Run("train", "--resume", run, "--epochs", "3"),
            whole = Cli.Run([.. what, "--epochs", "3", "--out", folder.At("whole")]);
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Equal(0, whole.Code);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder.At("whole"), "best.safetensors")), File.ReadAllBytes(model));

        // The check of training is the error of fed-back forecasts.
        CliResult evaluated = Cli.Run("evaluate", run);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        string checks = Regex.Match(whole.Out, @"(?s).*validation\s+([\d.]+)").Groups[1].Value;
        Assert.Contains(checks.TrimStart('0'), Regex.Match(evaluated.Out, @"validation \(\d+\).*").Value);
        CliResult predicted = Cli.Run("predict", run, "--data", data);
        Assert.Equal((0, 7), (predicted.Code, predicted.Out.TrimEnd().Split('\n').Length));
        Assert.Contains("2024-01-11,1,", predicted.Out);
        CliResult streamed = Cli.RunWith(File.ReadAllText(data), "predict", model, "--stream");
        Assert.Equal((0, ""), (streamed.Code, streamed.Error));
        Assert.EndsWith(predicted.Out.TrimEnd().Split(',')[^1], streamed.Out.TrimEnd());

        Assert.Contains("feeds its forecasts back", Cli.Run("diagnose", run).RefusedWith());
        foreach (string name in (string[])["m.onnx", "m.h"])
            Assert.Contains("--decoder direct", Cli.Run("export", model, "--out", folder.At(name)).RefusedWith());
        Assert.Equal(0, Cli.Run("export", model, "--out", folder.At("m.pt")).Code); // the network alone
        Assert.Contains("its decoder is fed-back, and direct here", Cli.Run("train", "forecast", "--data", data, "--from", run,
            "--ignore", "temp", "--decoder", "direct", "--epochs", "1").RefusedWith());
    }

    [Theory]
    [InlineData("--refit")]
    [InlineData("--ensemble 2")]
    [InlineData("--difference 6 --transform log")]
    [InlineData("--loss quantile --segment 2")]
    [InlineData("--omega 0.5 --cell plain --channels shared")]
    public void What_goes_with_it_trains_and_predicts(string options)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder, 120), run = folder.At("run");
        CliResult trained = Cli.Run(["train", "forecast", "--data", data, "--target", "power,temp", "--horizon", "4", "--window",
            "12", "--decoder", "fed-back", "--hidden", "3", "--epochs", "1", "--out", run, .. options.Split(' ')]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        CliResult predicted = Cli.Run("predict", run, "--data", data);
        Assert.Equal((0, 5), (predicted.Code, predicted.Out.TrimEnd().Split('\n').Length));
    }

    [Theory]
    [InlineData("", "Column 'temp' is read and not forecast")]
    [InlineData("--known temp --segment 4", "a segment that divides the horizon")]
    [InlineData("--ignore temp --missing mask", "policy mask")]
    [InlineData("--ignore temp --difference 3", "the horizon must be a season at most")]
    [InlineData("--ignore temp --teacher-forcing 0.5", "learns with the true steps always")]
    [InlineData("--ignore temp --read mean", "only a head that predicts once a sequence can")]
    public void What_does_not_go_with_it_is_refused(string options, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        Assert.Contains(words, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--window",
            "12", "--hidden", "4", "--epochs", "1", "--decoder", "fed-back",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).RefusedWith());
    }

    [Fact]
    public void What_is_known_ahead_comes_from_rows_and_no_stream_has_it()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run"), later = folder.At("later.csv");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "3", "--window", "6",
            "--known", "temp", "--hidden", "3", "--epochs", "1", "--decoder", "fed-back", "--out", run).Code);
        File.WriteAllText(later, File.ReadAllText(data) + "2024-01-11 00:00,,10\n2024-01-11 01:00,,11\n2024-01-11 02:00,,12\n");
        CliResult predicted = Cli.Run("predict", run, "--data", later);
        Assert.Equal((0, 4), (predicted.Code, predicted.Out.TrimEnd().Split('\n').Length));
        Assert.Contains("'temp' is read of the rows of the steps to come",
            Cli.RunWith(File.ReadAllText(data), "predict", run, "--stream").RefusedWith());
    }
}
