using System.Text.Json;
using Unroll.Cli.Tests.Sequences;
using Unroll.Files;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary><c>unroll diagnose</c> and <c>unroll probe</c> on runs of somebody's own sequences.</summary>
public class DiagnoseSeriesTests
{
    private static readonly string[] Few = ["--batches", "2", "--batch", "4", "--json"];

    [Fact]
    public void A_forecast_says_how_far_back_its_gradient_reaches_in_steps_of_the_data()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run"), model = Path.Combine(run, "best.safetensors");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "2", "--window", "40",
            "--segment", "4", "--cell", "plain", "--hidden", "6", "--epochs", "1", "--out", run).Code);
        Network<float> network = ModelFile.Load<float>(model, out ModelInfo info);

        // The identity carries the gradient to the first step unchanged, but for the slopes of tanh at small states.
        network.InputWeights.Clear();
        network.HiddenBias.Clear();
        network.RecurrentWeights.Clear();
        for (int i = 0; i < 6; i++) network.RecurrentWeights[(i * 6) + i] = 1;
        JsonElement held = Diagnosed("held");
        Assert.Equal("healthy", held.Verdict());
        JsonElement window = held.Window();
        Assert.Equal("a longer window may help: try --window 80", window.GetProperty("text").GetString());
        Assert.Equal(80, window.GetProperty("value").GetDouble());
        Assert.Contains("100.0% of the gradient of the forecast is left", window.GetProperty("because").GetString());

        // Each step of the network, which has 4 of the data, leaves 0.5: a tenth is left after 4, a thousandth after 10.
        foreach (ref float weight in network.RecurrentWeights) weight *= 0.7f;
        Assert.Equal("a longer window would help little", Diagnosed("fades").Window().GetProperty("text").GetString());
        foreach (ref float weight in network.RecurrentWeights) weight *= 0.03f / 0.7f;
        JsonElement dies = Diagnosed("dies");
        Assert.Equal("vanishing", dies.Verdict());
        int lag = dies.GetProperty("lag").GetInt32();
        Assert.Equal(2, lag); // 0.03^2 is below a thousandth
        Assert.Contains("dies 8 steps back, of the window of 40 steps, 4 steps of the data in each",
            dies.Window().GetProperty("because").GetString());
        Assert.Contains("would not help while this is so; a larger segment brings early steps nearer (--segment 8)",
            dies.Window().GetProperty("text").GetString());

        JsonElement Diagnosed(string name)
        {
            ModelFile.Save(folder.At(name), network, info);
            CliResult result = Cli.Run(["diagnose", folder.At(name), .. Few]);
            Assert.Equal((0, ""), (result.Code, result.Error));
            return Assert.Single(result.Json);
        }
    }

    [Fact]
    public void Folders_of_runs_of_every_kind_are_diagnosed_and_probed()
    {
        using var folder = new TempFolder();
        string machines = SeriesFiles.Machines(folder);
        foreach ((string kind, string[] data) in SeriesFiles.Kinds(folder))
        {
            string run = folder.At(kind);
            Assert.Equal(0, Cli.Run(["train", kind, .. data, "--hidden", "6", "--epochs", "1", "--out", run]).Code);
            CliResult result = Cli.Run("diagnose", run, "--batches", "2", "--batch", "4");
            Assert.Equal((0, ""), (result.Code, result.Error));
            Assert.Contains($"on {kind}, ", result.Out);
            Assert.All(result.OutLines, line => Assert.InRange(line.Length, 0, 80));
            CliResult probe = Cli.Run("probe", run, "--updates", "5", "--json");
            Assert.Equal((0, ""), (probe.Code, probe.Error));
            Assert.True(Assert.Single(probe.Json).GetProperty("clip_threshold").GetDouble() > 0);
        }

        Assert.Contains("--length is for synthetic tasks", Cli.Run("diagnose", folder.At("tag"), "--length", "5").RefusedWith());
        Assert.Contains("--data is for the tasks", Cli.Run("diagnose", folder.At("tag"), "--data", machines).RefusedWith());
        Assert.Contains("--length says what the run", Cli.Run("probe", folder.At("tag"), "--length", "5").RefusedWith());
        Assert.Contains("run.json", Cli.Run("probe", folder.At(".")).RefusedWith());
    }
}

/// <summary>Parts of a diagnosis.</summary>
file static class Parts
{
    public static string Verdict(this JsonElement diagnosis) => diagnosis.GetProperty("verdict").GetString()!;

    public static JsonElement Window(this JsonElement diagnosis) => diagnosis.GetProperty("advice").EnumerateArray()
        .Single(one => one.GetProperty("about").GetString() == "window");
}
