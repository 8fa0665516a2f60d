using System.Text.Json;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Tests.Corpora;
using Unroll.Data;
using Unroll.Studies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>unroll train text</c> and <c>music</c> on a user's own files.</summary>
public class CorpusTrainTests
{
    private static readonly string[] Short = ["--hidden", "8", "--batch", "2", "--window", "10", "--epochs", "2"];

    [Fact]
    public void A_text_of_ones_own_works_at_once()
    {
        using var folder = new TempFolder();
        WriteText(folder.At("mine.txt"));
        CliResult run = Cli.Run(["train", "text", "--data", folder.At("mine.txt"), "--out", folder.At("run"),
            "--json", .. Short]);
        Assert.Equal(ExitCode.Success, run.Code);
        JsonElement[] lines = run.Json;
        Assert.Equal([1.0, 2.0], lines[..^1].Select(line => line.GetProperty("epoch").GetDouble()));
        Assert.Equal("bits a character", lines[^1].GetProperty("loss_unit").GetString());
        Assert.Equal(JsonValueKind.Null, lines[^1].GetProperty("solved").ValueKind);
        Assert.Equal(folder.At("run/best.safetensors"), lines[^1].GetProperty("model").GetString());
        JsonElement record = JsonDocument.Parse(File.ReadAllText(folder.At("run/run.json"))).RootElement;
        Assert.Equal(folder.At("mine.txt"), record.GetProperty("data").GetString());
        Assert.Equal(("text", "10", "1"), (record.GetProperty("task").GetString(), record.GetProperty("window").GetString(),
            record.GetProperty("ahead").GetString()));
        IReadOnlyDictionary<string, string> said = Unroll.Files.ModelFile.ReadInfo(folder.At("run/best.safetensors")).Properties;
        Assert.Equal("scalar:0A,20,61..62,65", said["alphabet"]);
    }

    [Fact]
    public void Text_on_standard_input_and_a_fifth_symbol()
    {
        CliResult run = Cli.RunWith(CorpusFiles.Words(400), ["train", "text", "--data", "-", "--ahead", "5", .. Short]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("symbol 5 ahead of -", run.Out);
        Assert.Contains("epoch", run.Out);
    }

    [Fact]
    public void A_folder_of_midi_files_works_at_once()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("songs"));
        for (int i = 0; i < 10; i++) WriteSong(folder.At($"songs/{i}.mid"), i);
        CliResult run = Cli.Run(["train", "music", "--data", folder.At("songs"), "--json", .. Short]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal("nats a step", run.Json[^1].GetProperty("loss_unit").GetString());
        Assert.True(run.Json[1].GetProperty("validation_loss").GetDouble() < 88 * Math.Log(2));
    }

    [Fact]
    public void A_cut_run_gives_the_same_bytes_and_keeps_its_data()
    {
        using var folder = new TempFolder();
        WriteText(folder.At("mine.txt"));
        string[] options = ["train", "text", "--data", folder.At("mine.txt"), "--hidden", "8", "--batch", "2", "--window", "10"];
        Assert.Equal(ExitCode.Success, Cli.Run([.. options, "--epochs", "3", "--out", folder.At("whole")]).Code);
        Assert.Equal(ExitCode.Success, Cli.Run([.. options, "--epochs", "3", "--updates", "17", "--out", folder.At("cut")]).Code);
        Assert.Contains("another --data", Cli.Run("train", "--resume", folder.At("cut"), "--data", "ptb").RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("train", "--resume", folder.At("cut"), "--updates", "1000000",
            "--threads", "2").Code);
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"cut/{file}")));
        File.AppendAllText(folder.At("mine.txt"), "abe");
        Assert.Contains("data have changed", Cli.Run("train", "--resume", folder.At("cut"), "--epochs", "4").RefusedWith());
    }

    [Theory]
    [InlineData("text", "text needs --data")]
    [InlineData("music", "piano-midi, nottingham, musedata")]
    [InlineData("text --data ptb --length 20", "--length is for synthetic tasks")]
    [InlineData("text --data ptb --variant text", "--variant is for synthetic tasks")]
    [InlineData("text --data ptb --curriculum 5,1.1,0.1", "--curriculum is for synthetic tasks")]
    [InlineData("text --data ptb --step 1", "--step is for the task music")]
    [InlineData("music --data nottingham --ahead 5", "--ahead is for the task text")]
    [InlineData("addition --data ptb", "--data is for the tasks music and text")]
    [InlineData("addition --epochs 3", "--epochs is for music and text")]
    [InlineData("addition --check-every epoch", "--check-every epoch is for music and text")]
    [InlineData("text --data ptb --recipe long", "'long' is for synthetic tasks")]
    [InlineData("music --data ptb", "ptb is text, not music")]
    [InlineData("text --data nowhere.txt", "no file or folder nowhere.txt")]
    [InlineData("text --data ptbx", "did you mean ptb")]
    [InlineData("text --data ptb --valid-data a.txt", "--valid-data and --test-data go together")]
    [InlineData("text --data ptb --window 0", "--window 0 must lie in 1..65536")]
    public void What_does_not_fit_is_refused_in_a_sentence(string args, string expected)
    {
        using var folder = new TempFolder();
        Assert.Contains(expected, Cli.RunIn(new Dictionary<string, string> { ["HOME"] = folder.At("home") },
            ["train", .. args.Split(' ')]).RefusedWith());
    }

    /// <summary>
    /// The window is the recipe's where none is given, and Omega's weight is beside a mean what the paper's is beside a sum.
    /// </summary>
    [Fact]
    public void The_best_recipe_of_text_has_a_window_and_an_Omega_of_its_own()
    {
        CorpusOverride data = new(CorpusOptionTable.Named("--data"), settings => settings with { Data = "ptb" });
        TrainSettings Resolved(string recipe, string method) =>
            new TrainRequest
            {
                Task = "text",
                Recipe = recipe,
                Method = Values.Choice("--method", method, Method.All),
                Corpus = [data]
            }.Resolve();
        Assert.Equal((50, 200), (Resolved("best", "sgd-c").Corpus!.Window, Resolved("paper", "sgd-c").Corpus!.Window));
        Assert.Equal((0.01 / 200, 0.01), (Resolved("best", "sgd-cr").Options.Omega, Resolved("paper", "sgd-cr").Options.Omega));
    }

    [Fact]
    public void A_text_of_one_symbol_is_refused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("a.txt"), new string('a', 100));
        Assert.Contains("'a'", Cli.Run("train", "text", "--data", folder.At("a.txt")).RefusedWith());
    }

    /// <summary>The study's costs are those of the folds, its pieces add up to the test fold, and a run of it repeats.</summary>
    [Fact]
    public void A_study_on_a_corpus()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("songs"));
        for (int i = 0; i < 20; i++) WriteSong(folder.At($"songs/{i:00}.mid"), i);
        File.WriteAllText(folder.At("s.json"), $$"""
            { "name": "songs", "grid": { "task": "music", "data": "{{folder.At("songs")}}", "recipe": "paper",
              "method": ["sgd-c", "sgd-cr"], "hidden": 8, "epochs": 2 } }
            """);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", folder.At("s.json"), "--out", folder.At("study")).Code);
        using StudyStore store = StudyStore.OpenToRead(folder.At("study"));
        List<StoredTrial> trials = store.Trials();
        Assert.Equal(2, trials.Count);
        foreach (StoredTrial trial in trials)
        {
            IReadOnlyList<TrialTest> tests = trial.Result!.Tests;
            TrialTest whole = tests.Single(test => test.Length == "test");
            TrialTest[] pieces = [.. tests.Where(test => test.Length.StartsWith("test/", StringComparison.Ordinal))];
            Assert.Equal(2, pieces.Length);
            Assert.Equal(whole.Loss, pieces.Sum(piece => piece.Loss * piece.Sequences) / whole.Sequences, 1e-12);
            Assert.Contains(tests, test => test.Length == "train");
        }

        FigureResult table = NaturalTable.Music.Compute(FigureSource.Of(
            NaturalTable.Music, store.Definition(), trials, new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null)));
        Assert.Contains(table.Notes, note => note.Contains("sgd-cr against sgd-c", StringComparison.Ordinal));
    }

    [Fact]
    public void Pieces_that_all_differ_one_way_differ_and_pieces_that_do_not_differ_do_not()
    {
        long[] steps = [.. Enumerable.Range(1, 20).Select(i => 10L * i)];
        double[] one = [.. steps.Select(n => 5.0 + (n % 7))], lower = [.. one.Select(cost => cost - 0.1)];
        var apart = new PiecesCompared(steps, lower, one);
        Assert.Equal(-0.1, apart.Difference, 1e-12);
        Assert.Equal(-0.1, apart.Interval.Low, 1e-12);
        Assert.True(apart.PValue < 0.001);
        double[] shuffled = [.. one.Select((cost, i) => cost + (i % 2 == 0 ? 0.1 : -0.1))];
        var same = new PiecesCompared(steps, shuffled, one);
        Assert.True(same.Interval.Low < 0 && same.Interval.High > 0 && same.PValue > 0.2);
        Assert.Equal(same.Interval, new PiecesCompared(steps, shuffled, one).Interval);
    }

    private static void WriteText(string path) => File.WriteAllText(path, CorpusFiles.Words(600));

    private static void WriteSong(string path, int number)
    {
        var song = new PianoRoll("song", 40);
        for (int t = 0; t < 40; t++) song[t, 30 + ((t / 2 * (number + 1)) % 12)] = true;
        song[number, 60] = true; // no two songs are the same, which would count once
        MidiFile.Write(path, song);
    }
}
