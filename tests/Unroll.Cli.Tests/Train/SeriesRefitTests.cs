using System.Globalization;
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

    [Fact]
    public void Few_labelled_sequences_are_cross_validated_and_networks_joined()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), data = SeriesFiles.Archive(folder, "a.ts", 24);
        string[] small = ["--hidden", "4", "--lr", "0.02", "--batch", "24"];
        CliResult trained = Cli.Run(["train", "classify", "--data", data, .. small, "--ensemble", "2", "--out", run]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string text = Regex.Replace(trained.Out, @"\s+", " ");
        foreach (string noise in (string[])["0.1", "0.3", "0.6"]) Assert.Contains($"input noise {noise}: best after", text);
        Assert.Contains("network 2 of 2: trained", text);
        Assert.Matches(@"Refit \d+ epochs? of at most \d+, chosen with input noise 0\.\d of 0\.1, 0\.3, 0\.6, by "
            + @"cross-validation in 5 parts \([0-9.E-]+ nats; alone they say \d+, \d+, \d+, \d+, \d+\)", text);
        Assert.Contains("1 dense input, 8 GRU units", text);
        Assert.Contains("Ensemble 2 networks, trained before from other seeds", text);
        Assert.Equal(0, Cli.Run("evaluate", run).Code);
        Assert.Equal(0, Cli.Run("predict", run, "--data", data).Code);

        // Whoever says how the best model is chosen is taken at his word.
        foreach (string[] chosen in (string[][])[["--epochs", "2"], ["--cross-validate", "no", "--updates", "3"]])
        {
            string plain = Cli.Run(["train", "classify", "--data", data, .. small, .. chosen]).Out;
            Assert.DoesNotContain("Refit", plain);
            Assert.DoesNotContain("network 1 of", plain);
        }
    }

    [Fact]
    public void A_short_series_is_read_as_its_origins_say_and_networks_are_joined()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), data = SeriesFiles.Months(folder, 60, noise: 0.03);
        string[] train = ["train", "forecast", "--data", data, "--horizon", "2", "--hidden", "3", "--batch", "64", "--ensemble",
            "2"];
        CliResult trained = Cli.Run([.. train, "--out", run]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string text = Regex.Replace(trained.Out, @"\s+", " ");
        (string Name, double Cost)[] costs = [.. Regex.Matches(
            text, @"(?<=standard deviations \(mean of 3 origins\) |^)((?:the mean of )?(?:logarithms|values|differences)[^:]*): "
                + @"(?:best after \d+ epochs?, )?([0-9.E-]+) standard deviations")
            .Select(one => (one.Groups[1].Value, double.Parse(one.Groups[2].Value, CultureInfo.InvariantCulture)))];
        string[] of = ["logarithms", "values"];
        Assert.Equal(
            [
                .. of.SelectMany(one => (string[])[$"{one} with month", $"differences of {one} over 12 steps",
                    $"differences of {one} over 12 steps around their mean"]),
                .. of.SelectMany(one => (string[])["", " around their mean"], (one, around) =>
                    $"the mean of {one} with month and differences of {one} over 12 steps{around}"),
            ],
            costs.Select(one => one.Name));

        // A mean, unless one alone has less than half its error; of values where they are a tenth better.
        string least = costs.MinBy(one => one.Cost * (one.Name.Contains("values") ? 1 / 0.9 : 1)
            * (one.Name.StartsWith("the mean", StringComparison.Ordinal) ? 1 : 2)).Name;
        Assert.StartsWith("the mean", least);
        Assert.Matches(@"Refit \d+ and \d+ epochs? of at most \d+, chosen with " + least
            + @" of 10 ways to read them, by the mean of 3 origins \([0-9.E-]+ standard deviations\)", text);
        Assert.Contains("network 4 of 4: trained", text);
        Assert.Contains("the forecast is the mean of both", text);
        Assert.Contains("(absolute error)", text);
        Assert.Contains("Ensemble 2 networks of each reading", text);
        Assert.Contains(", 12 GRU units,", text);
        Assert.Equal(0, Cli.Run("evaluate", run).Code);
        string[] forecast = Cli.Run("predict", run, "--data", data).OutLines;
        Assert.Equal(3, forecast.Length);
        Assert.EndsWith(forecast[^1], Cli.RunWith(File.ReadAllText(data), "predict", run, "--stream").OutLines[^1]);
        Assert.Equal((0, ""), Result(Cli.Run("train", "forecast", "--resume", run)));
        Assert.Equal((0, ""), Result(Cli.Run("train", "forecast", "--data", data, "--from", run, "--updates", "1")));

        // What is given is not chosen, and whoever says how the best model is chosen is taken at his word.
        JsonElement[] lines = Cli.Run([.. train, "--transform", "none", "--difference", "12", "--loss", "huber", "--json"]).Json;
        Assert.Equal(["differences of values over 12 steps", "differences of values over 12 steps around their mean"], lines
            .Where(line => line.GetProperty("event").GetString() == "origins")
            .Select(line => line.GetProperty("reading").GetString()));
        foreach (string[] chosen in (string[][])[["--epochs", "2"], ["--refit", "no", "--updates", "3"]])
            Assert.DoesNotContain("Refit", Cli.Run([.. train, .. chosen]).Out);

        static (int, string) Result(CliResult result) => (result.Code, result.Error);
    }

    [Fact]
    public void Readings_of_a_short_series_are_not_combined_where_one_network_cannot_say_their_mean()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Months(folder, 60);
        string[] train = ["train", "forecast", "--data", data, "--horizon", "2", "--hidden", "3", "--batch", "64", "--ensemble",
            "1", "--transform", "log", "--json"];
        foreach (string[] more in (string[][])[["--window-scale", "mean"], ["--missing", "zero"], ["--layer-norm"]])
        {
            Assert.DoesNotContain(Cli.Run([.. train, .. more]).Json, line =>
                line.TryGetProperty("reading", out JsonElement reading) && reading.GetString()!.StartsWith("the mean",
                    StringComparison.Ordinal));
        }

        // One is not taken where a reading has less than half its error, as of months without noise. Two networks, one of
        // each, are joined too.
        Assert.Contains("chosen with differences", Cli.Run([.. train.SkipLast(1)]).Out);
        train[3] = SeriesFiles.Months(folder, 60, "noise.csv", 0.03);
        Assert.Equal([1, 2], Cli.Run(train).Json.Where(line => line.GetProperty("event").GetString() == "network")
            .Select(line => line.GetProperty("network").GetInt32()));
    }

    [Fact]
    public void An_ensemble_says_the_mean_of_its_networks()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder, rows: 90);
        string[] train = ["train", "forecast", "--data", data, "--target", "power", "--window", "8", "--hidden", "3", "--epochs",
            "2"];
        Assert.Equal(0, Cli.Run([.. train, "--seed", "7", "--ensemble", "3", "--out", folder.At("all")]).Code);
        double[] alone = [.. Enumerable.Range(0, 3).Select(k =>
        {
            string one = folder.At($"one{k}"), seed = $"{(7 * 1_000_003) + k}";
            Assert.Equal(0, Cli.Run([.. train, "--seed", seed, "--out", one]).Code);
            return Forecast(one);
        })];
        Assert.Equal(alone.Average(), Forecast(folder.At("all")), 3);
        Assert.True(alone.Max() - alone.Min() > 0.01);
        JsonElement[] lines = Cli.Run([.. train, "--ensemble", "2", "--json"]).Json;
        Assert.Equal([1, 2], lines.Where(line => line.GetProperty("event").GetString() == "network")
            .Select(line => line.GetProperty("network").GetInt32()));

        double Forecast(string run) => double.Parse(
            Cli.Run("predict", run, "--data", data).OutLines[^1].Split(',')[^1], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Differences_over_a_season_are_forecast_and_served()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), data = SeriesFiles.Readings(folder, rows: 150);
        CliResult trained = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--difference",
            "24", "--ignore", "temp", "--hidden", "3", "--epochs", "2", "--out", run);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string text = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("6 steps ahead, from the 48 steps before", text);
        Assert.Contains("differences of power over 24 steps", text);

        // A day on the series is the same but for 1.2 more, and so is what is forecast.
        CliResult predicted = Cli.Run("predict", run, "--data", data);
        double[] forecast = [.. predicted.OutLines.Skip(1).Select(line =>
            double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture))];
        for (int h = 0; h < 6; h++)
            Assert.Equal(100 + (30 * Math.Sin((150 + h) * 2 * Math.PI / 24)) + ((150 + h) * 0.05), forecast[h], 0.3);
        CliResult refused = Cli.Run("export", Path.Combine(run, "best.safetensors"), "--out", folder.At("x.onnx"));
        Assert.Equal(2, refused.Code);
        Assert.Contains("--difference", Regex.Replace(refused.Error, @"\s+", " "));
    }

    [Fact]
    public void A_ridge_readout_takes_nothing_of_the_recipe_that_it_cannot_use()
    {
        using var folder = new TempFolder();
        string[] train = ["train", "forecast", "--data", SeriesFiles.Readings(folder), "--target", "power", "--horizon", "3",
            "--optimizer", "ridge", "--hidden", "30"];
        CliResult trained = Cli.Run([.. train, "--out", folder.At("run")]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Equal(0, Cli.Run("evaluate", folder.At("run")).Code);
        CliResult refused = Cli.Run([.. train, "--output-dropout", "0.3"]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("dropout of the outputs", Regex.Replace(refused.Error, @"\s+", " "));
        Assert.Equal(0, Cli.Run("train", "classify", "--data", SeriesFiles.Archive(folder, "a.ts", 40), "--optimizer", "ridge",
            "--hidden", "20").Code);
        Assert.Contains("by gradients", Cli.Run([.. train, "--ensemble", "2"]).Error);
    }

    [Theory]
    [InlineData("--origins 2 --lr-schedule inverse", "has none before its end")]
    [InlineData("--ensemble 0", "--ensemble")]
    [InlineData("--difference 0", "--difference")]
    [InlineData("--difference 30 --window 20", "longer window")]
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
        foreach (string option in (string[])["refit=yes", "origins=2", "ensemble=2"])
        {
            CliResult refused = Cli.Run("study", "run", "forecast", "--set", $"data={data}", "--set", "target=power", "--set",
                option, "--out", folder.At("study"));
            Assert.Equal(2, refused.Code);
            Assert.Contains(option.StartsWith("ensemble", StringComparison.Ordinal) ? "trials of a study"
                : "by which a study compares its trials", Regex.Replace(refused.Error, @"\s+", " "));
        }
    }
}
