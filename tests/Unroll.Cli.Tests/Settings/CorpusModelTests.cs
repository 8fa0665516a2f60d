using System.Text.Json;
using Unroll.Cli.Tests.Corpora;

namespace Unroll.Cli.Tests.Settings;

/// <summary>Commands that are made for sequences of the synthetic tasks know those of music and text.</summary>
public class CorpusModelTests
{
    [Fact]
    public void Predict_points_to_what_a_model_of_a_corpus_is_for()
    {
        using var folder = new TempFolder();
        foreach (string model in (string[])[CorpusFiles.TextModel(folder), CorpusFiles.MusicModel(folder)])
        {
            string error = Cli.RunWith("[0]\n", "predict", model).RefusedWith();
            Assert.Contains($"unroll sample {model}", error);
            Assert.Contains($"unroll evaluate {model}", error);
        }
    }

    [Fact]
    public void Tasks_lists_music_and_text_with_their_need_of_data()
    {
        CliResult list = Cli.Run("tasks");
        Assert.Equal(ExitCode.Success, list.Code);
        Assert.Contains(
            "  88 multi-hot inputs, bernoulli-every outputs, loss in nats a step; needs --data NAME|FILE (see unroll data "
                + "list)\n", list.Unfolded);
        Assert.Contains(
            "  one-hot inputs, softmax-every outputs, loss in bits a character; needs --data NAME|FILE (see unroll data list)\n",
            list.Unfolded);
        JsonElement[] json = [.. Cli.Run("tasks", "--json").Json.Where(task => task.TryGetProperty("needs_data", out _))];
        Assert.Equal(["music", "text"], json.Select(task => task.GetProperty("name").GetString()));
        Assert.Contains("unroll data show", Cli.Run("tasks", "show", "text").RefusedWith());
    }
}
