using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Evaluate;

public class CorpusEvaluationTests
{
    private static string Lines(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"{"abcde"[i % 5]}{"ab cad"[..(1 + (i * i % 6))]}\n"));

    [Fact]
    public void A_model_is_evaluated_on_the_folds_it_was_trained_with()
    {
        using var folder = new TempFolder();
        string data = CorpusFiles.Text(folder, "rhyme.txt", Lines(100));
        CliResult trained = Cli.Run("train", "text", "--data", data, "--epochs", "1", "--hidden", "8", "--window", "20",
            "--batch", "2", "--out", folder.At("run"));
        Assert.True(trained.Code == ExitCode.Success, trained.Error);
        string model = folder.At("run/best.safetensors");
        CliResult table = Cli.Run("evaluate", model);
        Assert.Equal((ExitCode.Success, ""), (table.Code, table.Error));
        Assert.Equal("text, rhyme, loss in bits a character", table.OutLines[0]);
        Assert.Equal(["train", "validation", "test"], table.OutLines[2..].Select(line => line.Split(' ')[0]));

        TextCorpus corpus = TextFile.Read(data);
        var task = new TextTask(corpus);
        JsonElement[] json = Cli.Run("evaluate", model, "--json", "--threads", "2").Json;
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            FoldCost cost = CorpusEvaluator.Evaluate(ModelFile.Load<float>(model), task, fold,
                cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(cost.Loss, json[(int)fold].GetProperty("loss").GetDouble());
            Assert.Equal(corpus.Of(fold).Length, json[(int)fold].GetProperty("steps").GetInt64());
            Assert.Contains($" {cost.Loss:F4} ", table.OutLines[2 + (int)fold]);
        }

        JsonElement test = Assert.Single(Cli.Run("evaluate", model, "--fold", "test", "--json").Json);
        Assert.Equal(json[2].GetProperty("loss").GetDouble(), test.GetProperty("loss").GetDouble());

        // The same file, given: one whole, unless a fold is asked for.
        JsonElement whole = Assert.Single(Cli.Run("evaluate", model, "--data", data, "--json").Json);
        Assert.Equal(("all", (long)Lines(100).Length),
            (whole.GetProperty("fold").GetString(), whole.GetProperty("steps").GetInt64()));
        Assert.Equal(test.GetProperty("loss").GetDouble(),
            Assert.Single(Cli.Run("evaluate", model, "--data", data, "--fold", "test", "--json").Json).GetProperty("loss")
            .GetDouble());
        Assert.Equal(3, Cli.Run("evaluate", model, "--data", data, "--fold", "all", "--json").Json.Length);
        Assert.Equal(whole.GetProperty("loss").GetDouble(),
            Assert.Single(Cli.RunWith(Lines(100), "evaluate", model, "--data", "-", "--json").Json).GetProperty("loss")
            .GetDouble());

        // It may have changed since, or be gone.
        File.AppendAllText(data, "a");
        Assert.Contains("rhyme is not the same now", Cli.Run("evaluate", model).Error);
        File.Delete(data);
        Assert.Contains("name other data with --data", Cli.Run("evaluate", model).RefusedWith());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Each_line_has_its_cost_and_they_sum_to_the_folds(int ahead)
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder, properties: ["ahead", $"{ahead}"]), text = Lines(30) + "last";
        text = text.Replace("l", "a", StringComparison.Ordinal).Replace("s", "b", StringComparison.Ordinal)
            .Replace("t", "c", StringComparison.Ordinal);
        string data = CorpusFiles.Text(folder, "a.txt", text);
        JsonElement[] json = Cli.Run("evaluate", model, "--data", data, "--detail", "--limit", "0", "--json").Json;
        double total = json[0].GetProperty("loss").GetDouble() * json[0].GetProperty("steps").GetInt64();
        JsonElement[] lines = json[1..];
        double[] losses = [.. lines.Select(line => line.GetProperty("loss").GetDouble())];
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.Equal(total, lines.Sum(line => line.GetProperty("loss").GetDouble() * line.GetProperty("steps").GetInt64()),
            1e-9 * total);
        Assert.Equal(text.Length - ahead + 1, lines.Sum(line => line.GetProperty("steps").GetInt64()));

        // By hand: symbol after symbol, each cost at the line of the symbol that is predicted.
        Network<double> network = ModelFile.Load<double>(model);
        Alphabet alphabet = Alphabet.Parse(CorpusFiles.Letters);
        var streaming = new StreamingNetwork<double>(network);
        double[] state = streaming.Start(), y = new double[alphabet.Count];
        var expected = new double[text.Split('\n').Length + 1];
        for (int t = 0; t + ahead <= text.Length; t++)
        {
            streaming.Step(t == 0 ? -1 : alphabet.IndexOf(text[t - 1]), state, y);
            int at = t - 1 + ahead, line = 1 + text[..at].Count(c => c == '\n');
            expected[line] += Math.Log2(y.Sum(Math.Exp)) - (y[alphabet.IndexOf(text[at])] / Math.Log(2));
        }

        string[] texts = text.Split('\n');
        foreach (JsonElement line in lines)
        {
            int number = line.GetProperty("line").GetInt32();
            Assert.Equal(expected[number], line.GetProperty("loss").GetDouble() * line.GetProperty("steps").GetInt64(), 1e-6);
            Assert.Equal(texts[number - 1], line.GetProperty("text").GetString());
        }

        CliResult table = Cli.Run("evaluate", model, "--data", data, "--detail", "--limit", "3");
        Assert.Contains("all: the worst 3 of 31 lines", table.OutLines);
        Assert.StartsWith($"{lines[0].GetProperty("line").GetInt32()} ", table.OutLines[^3]);
        Assert.Contains("all: the worst 20 of 31 lines", Cli.Run("evaluate", model, "--data", data, "--detail").OutLines);
    }

    [Fact]
    public void A_text_without_newlines_is_one_line()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder, "byte:61,62"),
            data = CorpusFiles.Text(folder, "a.txt", string.Concat(Enumerable.Repeat("ab", 3_000)));
        JsonElement[] json = Cli.Run("evaluate", model, "--data", data, "--detail", "--json").Json;
        Assert.Equal((1, 6_000L), (json[1].GetProperty("line").GetInt32(), json[1].GetProperty("steps").GetInt64()));
        Assert.Equal(json[0].GetProperty("loss").GetDouble(), json[1].GetProperty("loss").GetDouble(), 1e-9);
        Assert.EndsWith("ab…", json[1].GetProperty("text").GetString());
    }

    [Fact]
    public void Symbols_that_the_model_does_not_know_are_named_or_mapped()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder), data = CorpusFiles.Text(folder, "a.txt", "abx\ncéx\n");
        Assert.Contains("lacks: 'x' (line 1, character 3), 'é' (line 2, character 2)",
            Cli.Run("evaluate", model, "--data", data).RefusedWith());
        string indented = CorpusFiles.Text(folder, "c.txt", "  aba \n caa");
        Assert.Equal(Loss("--data", CorpusFiles.Text(folder, "b.txt", "aba\ncaa\n")), Loss("--data", indented, "--trim-lines"));
        Assert.NotEqual(Loss("--data", indented), Loss("--data", indented, "--trim-lines"));
        Assert.Equal(
            ["train 12", "validation 10", "test 12"],
            Cli.Run("evaluate", model, "--data", CorpusFiles.Text(folder, "e.txt", "aba\ncaa\nabe\n"), "--valid-data",
                CorpusFiles.Text(folder, "d.txt", "abacadabca"), "--test-data", folder.At("e.txt"), "--json").Json
                .Select(line => $"{line.GetProperty("fold")} {line.GetProperty("steps")}"));
        double mapped = Loss("--data", data, "--unknown", "a");
        Assert.Equal(Loss("--data", CorpusFiles.Text(folder, "b.txt", "aba\ncaa\n")), mapped);
        Assert.NotEqual(Loss("--data", data, "--unknown", "b"), mapped);
        Assert.Contains("The replacement 'x' is not in the alphabet", Refused("--unknown", "x"));
        Assert.Contains("--unknown 'ab' is not one symbol", Refused("--unknown", "ab"));
        CorpusFiles.TextModel(folder, CorpusFiles.Letters + ",?");
        Assert.True(Loss("--data", data) > 0);
        Assert.Contains("has an unknown symbol of its own", Refused("--unknown", "a"));
        CorpusFiles.TextModel(folder, "byte:0A,61..63");
        Assert.True(Loss("--data", data, "--unknown", "0x61") > 0);

        double Loss(params string[] args) =>
            Assert.Single(Cli.Run(["evaluate", model, "--json", .. args]).Json).GetProperty("loss").GetDouble();
        string Refused(params string[] args) => Cli.Run(["evaluate", model, "--data", data, .. args]).RefusedWith();
    }

    [Fact]
    public void Music_is_evaluated_by_the_folder_the_fold_and_the_piece()
    {
        using var folder = new TempFolder();
        string data = CorpusFiles.Music(folder, "pieces"), model = CorpusFiles.MusicModel(folder, "data", data, "step", "0.5");
        Network<double> network = ModelFile.Load<double>(model);
        MusicCorpus corpus = MusicFile.Read(data);
        JsonElement[] folds = Cli.Run("evaluate", model, "--json").Json;
        Assert.Equal(["train", "validation", "test"], folds.Select(line => line.GetProperty("fold").GetString()));
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            FoldCost cost = CorpusEvaluator.Evaluate(network, new MusicTask(corpus), fold,
                cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(cost.Loss, folds[(int)fold].GetProperty("loss").GetDouble());
        }

        JsonElement[] whole = Cli.Run("evaluate", model, "--data", data, "--detail", "--json").Json;
        Assert.Equal(("all", 4, 10L + 11 + 12 + 13), (whole[0].GetProperty("fold").GetString(),
            whole[0].GetProperty("streams").GetInt32(), whole[0].GetProperty("steps").GetInt64()));
        Assert.Equal(["0.mid", "1.mid", "2.mid", "3.mid"],
            whole[1..].Select(piece => piece.GetProperty("name").GetString()).Order());
        Assert.Equal(whole[1..].Select(piece => piece.GetProperty("loss").GetDouble()).OrderDescending(),
            whole[1..].Select(piece => piece.GetProperty("loss").GetDouble()));
        foreach (JsonElement piece in whole[1..])
        {
            JsonElement alone = Assert.Single(Cli.Run("evaluate", model, "--data",
                Path.Combine(data, piece.GetProperty("name").GetString()!), "--json").Json);
            Assert.Equal(alone.GetProperty("loss").GetDouble(), piece.GetProperty("loss").GetDouble(), 1e-9);
        }

        CliResult table = Cli.Run("evaluate", model, "--data", data, "--detail");
        Assert.Contains("all: all 4 pieces, the worst first", table.OutLines);
        Assert.Equal(10, Assert.Single(Cli.Run("evaluate", model, "--data", Path.Combine(data, "0.mid"), "--step", "0.5",
            "--json").Json).GetProperty("steps").GetInt32());
        Assert.InRange(Assert.Single(Cli.Run("evaluate", model, "--data", Path.Combine(data, "0.mid"), "--step", "1",
            "--json").Json).GetProperty("steps").GetInt32(), 5, 6);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_sentence()
    {
        using var folder = new TempFolder();
        string text = CorpusFiles.TextModel(folder), music = CorpusFiles.MusicModel(folder),
            midi = CorpusFiles.Music(folder, "pieces", 3) + "/0.mid", letters = CorpusFiles.Text(folder, "a.txt", Lines(20));
        string other = CorpusFiles.Save(folder.At("other.safetensors"), new NetworkShape(6, 5, 4), ["task", "temporal-order"]);
        Refused("does not say what it was trained on", text);
        Refused("is music, and", text, "--data", midi);
        Refused("is no music that is read", music, "--data", letters);
        Refused("cannot be split into three folds", music, "--data", midi, "--fold", "test");
        Refused("no data set and no file 'ptv'", text, "--data", "ptv");
        Refused("The data set ptb is text, not music", music, "--data", "ptb");
        Refused("The data set ptb is not here", text, "--data", "ptb");
        Refused("--fold has no value 'tests'; did you mean test", text, "--data", letters, "--fold", "tests");
        Refused("--length is for fresh sequences", text, "--data", letters, "--length", "20");
        Refused("--data is for models of music and text", other, "--data", letters);
        Refused("--detail is for models of music and text", other, "--detail");
        Refused("--limit says how much --detail shows", text, "--data", letters, "--limit", "3");
        Refused("is a model of music, which has no --unknown", music, "--data", midi, "--unknown", "a");
        Refused("is a model of text, which has no --step", text, "--data", letters, "--step", "1");
        Refused("--valid-data and --test-data go together", text, "--data", letters, "--valid-data", letters);
        Refused("is a model of text, which has no --drop-notes", text, "--data", letters, "--drop-notes");
        Refused("is a model of music, which has no --trim-lines", music, "--data", midi, "--trim-lines");
        Refused("has no symbol", text, "--data", CorpusFiles.Text(folder, "empty.txt", ""));
        CorpusFiles.TextModel(folder, properties: ["ahead", "5"]);
        Refused("to predict 5 ahead it needs at least 5", text, "--data", CorpusFiles.Text(folder, "short.txt", "abc"));
        Refused("no step to predict in its validation fold", text, "--data",
            CorpusFiles.Text(folder, "short.txt", "abcabcabcabc"), "--fold", "validation");
        CorpusFiles.TextModel(folder, properties: ["data", "-"]);
        Refused("was trained on standard input", text);
        CorpusFiles.TextModel(folder, properties: ["data", folder.At("gone.txt")]);
        Refused("is not here: there is no file or folder", text);

        static void Refused(string expected, params string[] args) =>
            Assert.Contains(expected, Cli.Run(["evaluate", .. args]).RefusedWith());
    }

    [Fact]
    public void The_published_data_has_the_published_steps()
    {
        string? data = Environment.GetEnvironmentVariable("UNROLL_DATA");
        Assert.SkipUnless(data is { Length: > 0 } && File.Exists(Path.Combine(data, "music/Piano_midi.mat"))
            && File.Exists(Path.Combine(data, "ptb/ptb.test.txt")), "skipped: no data");
        var environment = new Dictionary<string, string> { ["UNROLL_DATA"] = data };
        using var folder = new TempFolder();
        JsonElement piano = Assert.Single(Cli.RunIn(environment, "evaluate", CorpusFiles.MusicModel(folder), "--data",
            "piano-midi", "--fold", "validation", "--json").Json);
        Assert.Equal((12, 8_540L), (piano.GetProperty("streams").GetInt32(), piano.GetProperty("steps").GetInt64()));
        string model = CorpusFiles.TextModel(folder, "scalar:0A,20,61..7A,?", "data", "ptb");
        JsonElement[] text = Cli.RunIn(environment, "evaluate", model, "--fold", "validation", "--detail", "--limit", "1",
            "--json").Json;
        Assert.Equal(393_042, text[0].GetProperty("steps").GetInt64());
        Assert.True(text[1].GetProperty("loss").GetDouble() > text[0].GetProperty("loss").GetDouble());
    }
}
