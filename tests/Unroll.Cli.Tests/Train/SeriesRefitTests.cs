using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>--refit</c> and <c>--origins</c>: the number of epochs by validation, then all in front of the test.</summary>
public class SeriesRefitTests
{
    private static readonly string[] Small = ["--hidden", "6", "--epochs", "5", "--lr", "0.01"];

    [Fact]
    public void The_epochs_that_validation_chose_are_trained_on_both_folds()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), plain = folder.At("plain");
        string[] train = ["train", "forecast", "--data", SeriesFiles.Readings(folder), "--target", "power", "--horizon", "3",
            .. Small];
        Assert.Equal(0, Cli.Run([.. train, "--out", plain]).Code);
        CliResult trained = Cli.Run([.. train, "--refit", "--out", run]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string text = Regex.Replace(trained.Out, @"\s+", " ");
        int epochs = int.Parse(Regex.Match(text, @"validation fold: best after (\d+) epoch").Groups[1].Value);
        Assert.InRange(epochs, 1, 5);
        Assert.Matches($@"Refit {epochs} epochs? of at most 5, chosen by the validation fold \([0-9.E-]+ squared error\); now "
            + "trained on the training and the validation fold", text);
        Assert.Contains("train 1 sequence, 204 steps, 178 windows, those of validation among them", text);
        Assert.Contains("one at the end, on the validation fold, which is trained on too", text);
        Assert.All(trained.OutLines, line => Assert.InRange(line.Length, 1, 80));

        // The epoch is that of the least validation loss of the plain run, and only a check at the end is kept.
        double[] losses = [.. File.ReadLines(Path.Combine(plain, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("validation_loss").GetDouble())];
        Assert.Equal(epochs, 1 + Array.IndexOf(losses, losses.Min()));
        Assert.Single(File.ReadLines(Path.Combine(run, "metrics.jsonl")));

        // What it was is in the model; seen steps are no validation.
        JsonElement[] scores = Cli.Run("evaluate", run, "--json").Json;
        Assert.Equal(["test", "train"], scores.Where(one => one.TryGetProperty("fold", out _))
            .Select(one => one.GetProperty("fold").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(0, Cli.Run("evaluate", run).Code);
        Assert.Contains("those of validation among them", Regex.Replace(Cli.Run("train", "forecast", "--resume", run, "--epochs",
            "7").Out, @"\s+", " "));
        Assert.Contains("refit-choice", File.ReadAllText(Path.Combine(run, "run.json")));
        Assert.Equal(0, Cli.Run("predict", run, "--data", folder.At("readings.csv")).Code);
    }

    [Fact]
    public void Several_origins_choose_together()
    {
        using var folder = new TempFolder();
        string[] train = ["train", "forecast", "--data", SeriesFiles.Readings(folder, rows: 90), "--target", "power", "--horizon",
            "2", "--window", "8", .. Small];
        CliResult trained = Cli.Run([.. train, "--origins", "3", "--out", folder.At("run")]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string text = Regex.Replace(trained.Out, @"\s+", " ");
        foreach (int origin in (int[])[1, 2, 3]) Assert.Contains($"origin {origin} of 3: best after", text);
        Assert.Matches(@"chosen by the mean of 3 origins \([0-9.E-]+ squared error; alone they say \d+, \d+, \d+\)", text);
        Assert.Equal(0, Cli.Run("evaluate", folder.At("run")).Code);
        JsonElement[] lines = Cli.Run([.. train, "--origins", "2", "--json"]).Json;
        Assert.Equal([1, 2], lines.Where(line => line.GetProperty("event").GetString() == "origin")
            .Select(line => line.GetProperty("origin").GetInt32()));
    }

    [Fact]
    public void Classes_can_be_trained_again()
    {
        using var folder = new TempFolder();
        CliResult trained = Cli.Run(["train", "classify", "--data", SeriesFiles.Archive(folder, "a.ts", 40), "--refit", "--out",
            folder.At("run"), .. Small]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("train 34 sequences", Regex.Replace(trained.Out, @"\s+", " "));
        Assert.Equal(0, Cli.Run("evaluate", folder.At("run")).Code);
    }

    [Theory]
    [InlineData("--origins 2 --refit no", "leave one of them out")]
    [InlineData("--origins 0", "--origins")]
    [InlineData("--origins 90", "no step is left to train on")]
    [InlineData("--refit maybe", "--refit")]
    public void What_contradicts_itself_is_refused(string options, string sentence)
    {
        using var folder = new TempFolder();
        CliResult refused = Cli.Run(["train", "forecast", "--data", SeriesFiles.Readings(folder, rows: 90), "--target", "power",
            .. options.Split(' ')]);
        Assert.Equal(2, refused.Code);
        Assert.Contains(sentence, Regex.Replace(refused.Error, @"\s+", " "));
    }

    [Fact]
    public void A_study_compares_by_validation_and_so_refuses_it()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        foreach (string option in (string[])["refit=yes", "origins=2"])
        {
            CliResult refused = Cli.Run("study", "run", "forecast", "--set", $"data={data}", "--set", "target=power", "--set",
                option, "--out", folder.At("study"));
            Assert.Equal(2, refused.Code);
            Assert.Contains("by which a study compares its trials", Regex.Replace(refused.Error, @"\s+", " "));
        }
    }
}
