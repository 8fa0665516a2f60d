using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>unroll train forecast --decoder parallel</c>, and what follows from its models.</summary>
public class SeriesDecoderTests
{
    [Fact]
    public void A_model_of_parts_trains_resumes_evaluates_and_predicts()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run"), model = Path.Combine(run, "best.safetensors");
        CliResult trained = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--window", "12",
            "--segment", "4", "--decoder", "parallel", "--hidden", "5", "--epochs", "2", "--out", run);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string header = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("forecasts 2 parts of 3 steps from the state behind the window (parallel decoder)", header);
        Assert.Contains("10 dense inputs, 5 GRU units, 3 linear outputs at every step", header);
        CliResult resumed = Cli.Run("train", "--resume", run, "--epochs", "3");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));

        CliResult evaluated = Cli.Run("evaluate", run);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        Assert.Contains("forecast of power, 6 steps ahead", evaluated.Out);
        CliResult predicted = Cli.Run("predict", run, "--data", data), other = Cli.Run("predict", model, "--data", data);
        Assert.Equal((0, 7), (predicted.Code, predicted.Out.TrimEnd().Split('\n').Length));
        Assert.Equal(predicted.Out, other.Out);
        CliResult next = Cli.Run("train", "forecast", "--data", data, "--from", run, "--epochs", "1", "--out", folder.At("next"));
        Assert.Equal((0, ""), (next.Code, next.Error));
        Assert.Contains("2 parts of 3 steps", Regex.Replace(next.Out, @"\s+", " "));

        Assert.Contains("parallel decoder", Cli.Run("diagnose", run).RefusedWith());
        foreach (string name in (string[])["m.onnx", "m.h", "m.pt"])
            Assert.Contains("--decoder direct", Cli.Run("export", model, "--out", folder.At(name)).RefusedWith());
    }

    [Theory]
    [InlineData("--decoder parallel --omega 0.5", "Omega")]
    [InlineData("--decoder parallel --read mean", "only a head that predicts once a sequence can, as that of the direct decoder")]
    [InlineData("--decoder tree", "--decoder")]
    public void What_does_not_go_with_it_is_refused(string options, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        Assert.Contains(words, Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--hidden",
            "4", "--epochs", "1", .. options.Split(' ')]).RefusedWith());
    }
}
