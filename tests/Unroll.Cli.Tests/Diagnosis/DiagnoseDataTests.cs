using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary><c>unroll diagnose</c> and <c>unroll probe</c> on music and text.</summary>
public class DiagnoseDataTests
{
    [Fact]
    public void A_model_of_text_is_diagnosed_on_its_own_data_or_on_other()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("mine.txt"), CorpusFiles.Words(600));
        File.WriteAllText(folder.At("other.txt"), CorpusFiles.Words(500)[3..]);
        File.WriteAllText(folder.At("strange.txt"), CorpusFiles.Words(500) + "Q");
        Assert.Equal(ExitCode.Success, Cli.Run("train", "text", "--data", folder.At("mine.txt"), "--hidden", "6", "--window",
            "20", "--batch", "2", "--epochs", "1", "--out", folder.At("run")).Code);
        string model = folder.At("run/best.safetensors");
        string[] few = ["--batches", "3", "--batch", "2", "--json"];
        CliResult own = Cli.Run(["diagnose", model, .. few]),
            other = Cli.Run(["diagnose", model, "--data", folder.At("other.txt"), .. few]);
        Assert.Equal((ExitCode.Success, ExitCode.Success), (own.Code, other.Code));
        JsonElement said = Assert.Single(own.Json);
        Assert.Contains(said.GetProperty("verdict").GetString(), (string[])["vanishing", "exploding", "healthy"]);
        Assert.Equal("text", said.GetProperty("task").GetString());
        Assert.NotEqual(own.Out, other.Out);
        Assert.Contains("'Q'", Cli.Run("diagnose", model, "--data", folder.At("strange.txt")).RefusedWith());
        Assert.Contains("--length is for synthetic tasks", Cli.Run("diagnose", model, "--length", "20").RefusedWith());
        Assert.Contains("--bytes has no effect on", Cli.Run("diagnose", model, "--bytes").RefusedWith());
        Assert.Contains("--step is for the task music", Cli.Run("diagnose", model, "--step", "1").RefusedWith());
        Assert.Contains("--ahead is for the tasks music and text",
            Cli.Run("diagnose", model, "--task", "addition", "--ahead", "2").RefusedWith());
    }

    /// <summary>A recurrent matrix near zero forgets at once, whatever the music.</summary>
    [Fact]
    public void A_model_of_music_that_was_built_to_forget_vanishes()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("songs"));
        for (int i = 0; i < 10; i++) WriteSong(folder.At($"songs/{i}.mid"), i);
        Assert.Equal(ExitCode.Success, Cli.Run("train", "music", "--data", folder.At("songs"), "--hidden", "6", "--batch", "2",
            "--epochs", "1", "--out", folder.At("run")).Code);
        Network<float> network = ModelFile.Load<float>(folder.At("run/best.safetensors"), out ModelInfo info);
        foreach (ref float weight in network.RecurrentWeights) weight *= 1e-4f;
        ModelFile.Save(folder.At("forgets.safetensors"), network, info);
        CliResult run = Cli.Run("diagnose", folder.At("forgets.safetensors"), "--batches", "2", "--batch", "2", "--json",
            "--html", folder.At("page.html"));
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal("vanishing", run.Json[0].GetProperty("verdict").GetString());
        Assert.Equal(1, run.Json[0].GetProperty("lag").GetInt32());
        Assert.True(File.Exists(folder.At("page.html")));
        JsonElement omega = run.Json[0].GetProperty("advice").EnumerateArray()
            .Single(one => one.GetProperty("about").GetString() == "omega");
        // the paper's for music
        Assert.Equal(("--omega 0.5 --omega-schedule inverse", 0.5),
            (omega.GetProperty("text").GetString(), omega.GetProperty("value").GetDouble()));
    }

    [Fact]
    public void A_threshold_for_a_text()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("mine.txt"), CorpusFiles.Words(600));
        CliResult run = Cli.Run("probe", "text", "--data", folder.At("mine.txt"), "--hidden", "6", "--window", "20", "--updates",
            "10", "--json");
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(10, run.Json[0].GetProperty("updates").GetInt32());
        Assert.True(run.Json[0].GetProperty("clip_threshold").GetDouble() > 0);
        Assert.Contains("text needs --data", Cli.Run("probe", "text").RefusedWith());
    }

    private static void WriteSong(string path, int number)
    {
        var song = new PianoRoll("song", 40);
        for (int t = 0; t < 40; t++) song[t, 30 + ((t / 2 * (number + 1)) % 12)] = true;
        MidiFile.Write(path, song);
    }
}
