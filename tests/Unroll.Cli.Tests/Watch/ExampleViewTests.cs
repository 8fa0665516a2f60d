using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Watch;

/// <summary>What a page shows of a task, as the network predicts it.</summary>
public sealed class ExampleViewTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_forecast_lies_beside_what_came_in_the_units_of_the_data()
    {
        string data = SeriesFiles.Readings(_folder);
        JsonElement example = Recorded("forecast", "--data", data, "--target", "power,temp", "--horizon", "6", "--epochs", "2");
        Assert.Equal("series", example.GetProperty("kind").GetString());
        Assert.Equal("power", example.GetProperty("label").GetString());
        double[] forecast = Numbers(example, "forecast"), truth = Numbers(example, "truth");
        double[] history = Numbers(example, "history");
        Assert.Equal((6, 6), (forecast.Length, truth.Length));
        Assert.All(forecast, value => Assert.InRange(value, 0, 300));

        // Five digits of what is in the file, one row after another.
        string column = string.Join(' ', File.ReadLines(data).Skip(1).Select(line => Short(double.Parse(
            line.Split(',')[1], CultureInfo.InvariantCulture))));
        Assert.Contains(string.Join(' ', history.Concat(truth).Select(Short)), column);
    }

    [Theory]
    [InlineData("classify", "--label", "state", "good", "worn")]
    [InlineData("regress", "--target", "life", "50", "10")]
    public void Sequences_have_their_truth_and_what_is_predicted(
        string verb, string option, string column, string even, string odd)
    {
        string data = SeriesFiles.Machines(_folder);
        JsonElement example = Recorded(verb, "--data", data, "--group", "machine", option, column, "--epochs", "2");
        JsonElement[] rows = [.. example.GetProperty("rows").EnumerateArray()];
        Assert.InRange(rows.Length, 1, 8);
        foreach (JsonElement row in rows)
        {
            int machine = int.Parse(row[0].GetString()![1..], CultureInfo.InvariantCulture);
            string truth = row[1].GetString()!, predicted = row[2].GetString()!;
            if (verb == "regress")
            {
                Assert.Equal((machine % 2 == 0 ? 50 : 10) + (machine % 3), double.Parse(truth, CultureInfo.InvariantCulture));
                Assert.True(double.TryParse(predicted, CultureInfo.InvariantCulture, out _), predicted);
                Assert.Equal(JsonValueKind.Null, row[3].ValueKind);
                continue;
            }

            Assert.Equal(machine % 2 == 0 ? even : odd, truth);
            Assert.Matches(@"^(good|worn) \([0-9.]+%\)$", predicted);
            Assert.Equal(predicted.StartsWith(truth, StringComparison.Ordinal), row[3].GetBoolean());
        }
    }

    [Fact]
    public void Tags_are_read_as_any_other_batch()
    {
        JsonElement example = Recorded("tag", "--data", SeriesFiles.Machines(_folder), "--group", "machine", "--target", "alarm",
            "--epochs", "2");
        Assert.Equal("labels", example.GetProperty("kind").GetString());
        Assert.InRange(example.GetProperty("rows").GetArrayLength(), 1, 8);
    }

    [Fact]
    public void Music_is_a_roll_of_keys_and_is_shown_on_the_terminal_too()
    {
        string music = CorpusFiles.Music(_folder, "music");
        JsonElement example = Recorded("music", "--data", music, "--hidden", "8", "--updates", "20", "--check-every", "10");
        Assert.Equal(("roll", 100), (example.GetProperty("kind").GetString(), example.GetProperty("steps").GetInt32()));
        foreach (JsonElement note in example.GetProperty("notes").EnumerateArray())
        {
            Assert.InRange(note[0].GetInt32(), 0, 99);
            Assert.InRange(note[1].GetInt32(), 21, 108);
        }

        CliResult shown = Cli.Run("train", "music", "--data", music, "--hidden", "8", "--updates", "20", "--check-every", "10",
            "--sample-every", "1");
        Assert.Matches("(?m)^  ( *[A-G]#?[0-8] [.#]+|\\(silence\\))$", shown.Out);
        Assert.All(shown.OutLines, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Text_of_a_later_character_has_its_symbols_and_no_sample()
    {
        string text = CorpusFiles.Text(_folder, "t.txt", string.Concat(Enumerable.Repeat("abcde fgh\n", 300)));
        string[] options = ["text", "--data", text, "--ahead", "3", "--hidden", "8", "--updates", "20", "--check-every", "10"];
        Assert.Equal("labels", Recorded(options).GetProperty("kind").GetString());
        Assert.Contains("predicts a later one", Cli.Run(["train", .. options, "--sample-every", "1"]).RefusedWith());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The first example that a run recorded.</summary>
    private JsonElement Recorded(params string[] options)
    {
        string run = _folder.At("run");
        CliResult result = Cli.Run(["train", .. options, "--live", "--out", run]);
        Assert.True(result.Code is ExitCode.Success or ExitCode.Unsolved, result.Error);
        Assert.True(File.Exists(Path.Combine(run, "report.html")), result.Error);
        return File.ReadLines(Path.Combine(run, "watch.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .First(line => line.TryGetProperty("example", out _)).GetProperty("example");
    }

    private static double[] Numbers(JsonElement example, string name) =>
        [.. example.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
