using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Train;

/// <summary>From a user's own file to a model in service: the four verbs, evaluation and prediction.</summary>
public class TrainSeriesTests
{
    private static readonly string[] Small = ["--hidden", "8", "--epochs", "3"];

    [Theory]
    [InlineData("--updates", "40")]
    [InlineData("--epochs", "2")]
    public void What_ended_a_run_is_what_its_end_advises_to_raise(string budget, string size)
    {
        using var folder = new TempFolder();
        string data = folder.At("wave.csv");
        File.WriteAllLines(data, Enumerable.Range(0, 300).Select(i => $"{Math.Round(10_000 * Math.Sin(i / 3.0))}").Prepend("x"));
        CliResult run = Cli.Run("train", "forecast", "--data", data, "--horizon", "3", "--hidden", "6", "--out", folder.At("run"),
            budget, size);
        Assert.Equal(0, run.Code);
        Assert.Contains($"is spent ({budget})", run.Unfolded);
        Assert.Contains($"with larger {budget}: the loss still falls", run.Unfolded);
    }

    [Fact]
    public void A_table_becomes_a_forecast()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        CliResult trained = Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--out",
            run, .. Small]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        string header = Regex.Replace(trained.Out, @"\s+", " ");
        Assert.Contains("forecast: power, 6 steps ahead, from the 24 steps before", header);
        Assert.Contains("train 1 sequence, 168 steps, 139 windows, 2024-01-01 to 2024-01-07 23:00", header);
        Assert.Contains("6 steps at once", header);
        Assert.All(trained.OutLines, line => Assert.InRange(line.Length, 1, 80));

        CliResult evaluated = Cli.Run("evaluate", run);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        foreach (string row in (string[])["train (139)", "validation (7)", "test (7)", "network", "naive", "seasonal naive (24)",
            "ridge on the window"])
            Assert.Contains($"\n{row}", Cli.RunWide("evaluate", run).Out);
        Assert.Matches("The network (beats|does not beat)", evaluated.Out);
        Assert.All(evaluated.OutLines, line => Assert.InRange(line.Length, 1, 80));

        // The same rows in another order of columns, and a new one.
        string[] rows = File.ReadAllLines(data);
        string other = string.Join('\n', rows.TakeLast(30).Prepend(rows[0])
            .Select(row => row.Split(',') is [var time, var power, var temp]
            ? $"{temp},{(time == "time" ? "new" : "1")},{power},{time}" : row)) + "\n";
        CliResult predicted = Cli.RunWith(other, "predict", run);
        Assert.Equal((0, 7), (predicted.Code, predicted.OutLines.Length));
        Assert.Equal("unroll: the network does not read the column new, which training did not have.\n", predicted.Error);
        Assert.Equal("time,step,power", predicted.OutLines[0]);
        Assert.StartsWith("2024-01-11,1,", predicted.OutLines[1]);
        Assert.StartsWith("2024-01-11 05:00,6,", predicted.OutLines[6]);
        Assert.InRange(double.Parse(predicted.OutLines[1].Split(',')[2]), 60, 180); // in its own unit
        CliResult whole = Cli.Run("predict", run, "--data", data);
        Assert.Equal(predicted.Out, whole.Out);

        JsonElement json = Assert.Single(Cli.Run("predict", run, "--data", data, "--json").Json);
        Assert.Equal(6, json.GetProperty("forecast").GetProperty("power").GetArrayLength());
        Assert.Equal("2024-01-11", json.GetProperty("times")[0].GetString());
        JsonElement[] scores = Cli.Run("evaluate", run, "--json").Json;
        Assert.Contains(scores, one =>
            one.GetProperty("fold").GetString() == "test" && one.GetProperty("predictor").GetString() == "network"
            && one.GetProperty("windows").GetInt32() == 7 && one.GetProperty("mae").GetDouble() > 0);
    }

    [Fact]
    public void Labelled_sequences_become_classes()
    {
        using var folder = new TempFolder();
        string train = SeriesFiles.Archive(folder, "a_TRAIN.ts", 60), test = SeriesFiles.Archive(folder, "a_TEST.ts", 20),
            run = folder.At("run");
        CliResult trained = Cli.Run("train", "classify", "--data", train, "--test-data", test, "--out", run, "--hidden", "8",
            "--epochs", "20", "--lr", "0.02");
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("one of 2 classes (down, up) of each sequence", trained.Unfolded);
        CliResult evaluated = Cli.Run("evaluate", run);
        Assert.Contains("test (20)", evaluated.Out);
        Assert.Contains("majority class", evaluated.Out);
        JsonElement scores = Cli.Run("evaluate", run, "--json").Json.Single(one =>
            one.GetProperty("fold").GetString() == "test" && one.GetProperty("predictor").GetString() == "network");
        Assert.InRange(scores.GetProperty("accuracy").GetDouble(), 0.9, 1);
        CliResult predicted = Cli.RunWith(File.ReadAllText(test), "predict", run);
        Assert.Equal("sequence,class,p(down),p(up)", predicted.OutLines[0]);
        double right = predicted.OutLines.Skip(1)
            .Select((line, i) => line.Split(',')[1] == (i % 2 == 0 ? "up" : "down") ? 1.0 : 0).Average();
        Assert.Equal(scores.GetProperty("accuracy").GetDouble(), right, 1e-9);
        Assert.Equal(20, Cli.Run("predict", run, "--data", test, "--json").Json.Length);
    }

    [Fact]
    public void A_class_can_be_read_from_all_states()
    {
        using var folder = new TempFolder();
        string[] train = ["train", "classify", "--data", SeriesFiles.Archive(folder, "a.ts", 30), .. Small];
        CliResult trained = Cli.Run([.. train, "--read", "mean", "--out", folder.At("mean")]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("from the mean of all states", Regex.Replace(trained.Out, @"\s+", " "));
        Assert.Equal(0, Cli.Run([.. train, "--out", folder.At("last")]).Code);
        Assert.NotEqual(Loss("mean"), Loss("last"));
        Assert.Contains("predicts at every step", Cli.Run(["train", "tag", "--data", SeriesFiles.Readings(folder), "--target",
            "power", "--read", "mean", .. Small]).RefusedWith());

        double Loss(string run) => Cli.Run("evaluate", folder.At(run), "--json").Json[0].GetProperty("log_loss").GetDouble();
    }

    [Fact]
    public void Groups_of_a_table_have_a_class_a_number_and_tags()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Machines(folder);
        string[] common = ["--data", data, "--group", "machine", .. Small];
        Assert.Equal(0, Cli.Run(["train", "classify", "--label", "state", "--ignore", "life,alarm", "--out", folder.At("c"),
            .. common]).Code);
        Assert.Equal(0,
            Cli.Run(["train", "regress", "--target", "life", "--ignore", "state", "--out", folder.At("r"), .. common]).Code);
        Assert.Equal(0,
            Cli.Run(["train", "tag", "--target", "alarm", "--ignore", "state,life", "--out", folder.At("t"), .. common]).Code);
        foreach (string run in (string[])["c", "r", "t"])
            Assert.Equal((0, ""), (Cli.Run("evaluate", folder.At(run)).Code, Cli.Run("evaluate", folder.At(run)).Error));

        // To predict from there need be nothing but what is read.
        const string Inputs = "signal,machine\n1,x\n2,x\n3,x\n-1,y\n-2,y\n";
        CliResult classes = Cli.RunWith(Inputs, "predict", folder.At("c"));
        Assert.Equal("machine,class,p(good),p(worn)", classes.OutLines[0]);
        Assert.Equal(3, classes.OutLines.Length);
        string regressed = Cli.RunWith("machine,signal,alarm\nx,1,on\nx,2,on\ny,3,off\n", "predict", folder.At("r")).Out;
        Assert.Equal(["machine,prediction", "x", "y"],
            regressed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => i == 0 ? line : line.Split(',')[0]));
        CliResult tags = Cli.RunWith(Inputs, "predict", folder.At("t"));
        Assert.Equal("machine,step,alarm,p(off),p(on)", tags.OutLines[0]);
        Assert.Equal(["x,1", "x,2", "x,3", "y,1", "y,2"],
            tags.OutLines.Skip(1).Select(line => string.Join(',', line.Split(',').Take(2))));
    }

    [Fact]
    public void Classes_may_be_weighed_and_ridge_has_a_readout_wherever_a_budget_ends()
    {
        using var folder = new TempFolder();
        string machines = SeriesFiles.Machines(folder), readings = SeriesFiles.Readings(folder);
        string[] classify = ["train", "classify", "--data", machines, "--group", "machine", "--label", "state", "--ignore",
            "life,alarm", .. Small];
        CliResult plain = Cli.Run(classify), weighed = Cli.Run([.. classify, "--label-weights", "worn:5"]);
        Assert.Equal((0, 0), (plain.Code, weighed.Code));
        Assert.Contains("costs weighed by class: worn 5", Regex.Replace(weighed.Out, @"\s+", " "));
        Assert.Contains("no class 'wornn' to weigh; the nearest is 'worn'",
            Cli.Run([.. classify, "--label-weights", "wornn:5"]).RefusedWith());
        Assert.Contains("must be balanced, none, or labels with a weight",
            Cli.Run([.. classify, "--label-weights", "worn"]).RefusedWith());
        Assert.Equal(0, Cli.Run(["train", "tag", "--data", machines, "--group", "machine", "--target", "alarm", "--ignore",
            "state,life", "--label-weights", "balanced", .. Small]).Code);

        string run = folder.At("ridge");
        string[] ridge = ["train", "forecast", "--data", readings, "--target", "power", "--horizon", "4", "--window", "8",
            "--hidden", "20", "--optimizer", "ridge", "--out", run];
        Assert.Equal(0, Cli.Run([.. ridge, "--updates", "3"]).Code);
        string[] forecast = [.. Cli.Run("predict", run, "--data", readings).OutLines.Skip(1).Select(line => line.Split(',')[^1])];
        Assert.True(forecast.Distinct().Count() > 1); // a readout of zeros repeats the last value
    }

    [Fact]
    public void A_dense_layer_may_stand_before_the_cells()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        CliResult trained = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "3", "--window", "8",
            "--stack", "dense:7:relu,gru:6", "--updates", "20", "--out", run);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
        Assert.Contains("7 dense relu units, 6 GRU units", Regex.Replace(trained.Out, @"\s+", " "));
        Assert.Equal(0, Cli.Run("evaluate", run).Code);
        string text = File.ReadAllText(data);
        Assert.Equal(Cli.RunWith(text, "predict", run).OutLines[^1],
            string.Join(',', Cli.RunWith(text, "predict", run, "--stream").OutLines[^1].Split(',').Skip(1)));
        Assert.Equal(0, Cli.Run("diagnose", run, "--batches", "2").Code);
        foreach (string format in (string[])["x.onnx", "x.h", "x.pt", "x.safetensors"])
        {
            CliResult written = Cli.Run("export", run, "--out", folder.At(format), "--check");
            Assert.Equal((0, ""), (written.Code, written.Error));
        }

        Assert.Equal(0, Cli.Run("export", run, "--out", folder.At("eight.h"), "--quantize", "int8").Code);
        Assert.Equal(0, Cli.Run("evaluate", run, "--quantize", "int8").Code);
    }

    /// <summary>The squared error of an output, in training, checks and diagnosis alike.</summary>
    [Fact]
    public void The_loss_of_a_diagnosis_is_that_of_the_run()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        JsonElement[] lines = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "12", "--window",
            "12", "--hidden", "8", "--epochs", "4", "--output-dropout", "0", "--out", run, "--json").Json;
        double loss = lines.Last(line => line.TryGetProperty("loss", out _)).GetProperty("loss").GetDouble();
        double diagnosed = Cli.Run("diagnose", run, "--json").Json.First(line => line.TryGetProperty("loss", out _))
            .GetProperty("loss").GetDouble();
        Assert.InRange(diagnosed / loss, 0.2, 3); // 12 times as much before
    }

    [Fact]
    public void A_run_that_was_cut_goes_on_bit_for_bit()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        string[] run = ["train", "forecast", "--data", data, "--horizon", "4", "--input-noise", "0.1", "--hidden", "6"];
        Assert.Equal(0, Cli.Run([.. run, "--epochs", "4", "--out", folder.At("whole")]).Code);
        Assert.Equal(0, Cli.Run([.. run, "--epochs", "2", "--out", folder.At("half")]).Code);
        Assert.Equal(0, Cli.Run("train", "--resume", folder.At("half"), "--epochs", "4").Code);
        foreach (string model in (string[])["best.safetensors", "model.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.At("whole"), model)),
                File.ReadAllBytes(Path.Combine(folder.At("half"), model)));
        Assert.Equal(0, Cli.Run("train", "forecast", "--resume", folder.At("half"), "--epochs", "5").Code);
        Assert.Contains("has --horizon 4, not 5", Cli.Run("train", "forecast", "--resume", folder.At("half"), "--horizon", "5")
            .RefusedWith());
        Assert.Contains("has the task forecast, not tag", Cli.Run("train", "tag", "--resume", folder.At("half")).RefusedWith());
    }

    [Fact]
    public void The_command_that_data_show_suggests_trains_at_once()
    {
        using var folder = new TempFolder();
        foreach (string[] show in (string[][])
            [[SeriesFiles.Readings(folder)], [SeriesFiles.Readings(folder, 40, "few.csv")],
                [SeriesFiles.Archive(folder, "a.ts", 30)],
                [SeriesFiles.Machines(folder), "--group", "machine", "--label", "state"]])
        {
            string command = Assert.Single(Cli.Run(["data", "show", .. show, "--json"]).Json).GetProperty("command").GetString()!;
            Assert.StartsWith("unroll train ", command);
            CliResult shown = Cli.Run(["data", "show", .. show]);
            Assert.EndsWith($"To train a network on it:\n  {command}\n", shown.Out);
            CliResult trained = Cli.Run([.. command.Split(' ').Skip(1), "--epochs", "1", "--hidden", "4"]);
            Assert.True(trained.Code == 0, $"{command}\n{trained.Error}");
        }
    }

    [Theory]
    [InlineData("forecast --data DATA --target powr", "has no column 'powr'; the nearest is 'power'")]
    [InlineData("forecast --data DATA --horizon 0", "--horizon 0 must lie in 1..65536")]
    [InlineData("forecast --data DATA --horizon 500", "need")]
    [InlineData("forecast --data DATA --window 400", "take a smaller window or horizon, or more data")]
    [InlineData("forecast --data DATA --test-data DATA", "--test-data needs --valid-data too")]
    [InlineData("forecast --data DATA --fold-steps 1,2", "must be three numbers")]
    [InlineData("forecast --data DATA --fold-steps 200,100,100", "fewer than the 400 of the folds")]
    [InlineData("forecast --data DATA --valid-share 0.6 --test-share 0.6", "leave nothing to train on")]
    [InlineData("forecast --data DATA --valid-share 0", "validation fold is empty")]
    [InlineData("forecast --data DATA --scale big", "--scale has no value 'big'")]
    [InlineData("forecast --data DATA --calendar hours", "--calendar has no value 'hours'")]
    [InlineData("forecast --data DATA --label power", "--label")]
    [InlineData("forecast --data DATA --curriculum none", "--curriculum")]
    [InlineData("forecast --data missing.csv", "There is no file or folder missing.csv")]
    [InlineData("forecast", "needs --data FILE")]
    [InlineData("classify --data DATA", "have no class; name the column of labels by --label")]
    [InlineData("regress --data DATA", "have no number; name the column")]
    [InlineData("regress --data DATA --target power", "where the sequence began with")]
    [InlineData("tag --data DATA", "name it by --target")]
    [InlineData("forecast --data NAN", "has no value in row 3 (line 4)")]
    [InlineData("forecast --data ZERO --transform log", "has no logarithm")]
    [InlineData("forecast --data ONE", "is 1 at every step in the training fold")]
    [InlineData("forecast --data WORDS", "no column of numbers")]
    [InlineData("forecast --data RAGGED", "line 4")]
    [InlineData("forecast --data INFINITE", "in row 3 (line 4)")]
    [InlineData("forecast --data EMPTY", "is empty")]
    [InlineData("tag --data DATA --target powr", "the nearest is 'power'")]
    [InlineData("classify --data DATA --label powr", "powr")]
    [InlineData("regress --data DATA --target powr", "powr")]
    [InlineData("forecast --data DATA --ignore powr", "powr")]
    [InlineData("forecast --data DATA --group powr", "powr")]
    [InlineData("classify --data ONLY --group g --label c", "there must be two classes")]
    public void Bad_input_is_one_sentence(string line, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        string File(string name, string text)
        {
            System.IO.File.WriteAllText(folder.At(name), text);
            return folder.At(name);
        }

        string[] args = [.. line.Split(' ').Select(word => word switch
        {
            "DATA" => data,
            "NAN" => File("nan.csv", "x\n" + string.Concat(Enumerable.Range(0, 60).Select(t => t == 2 ? "NA\n" : $"{t}\n"))),
            "RAGGED" => File("ragged.csv",
                "x,y\n" + string.Concat(Enumerable.Range(0, 60).Select(t => t == 2 ? "1\n" : $"{t},{t}\n"))),
            "INFINITE" => File("infinite.csv",
                "x\n" + string.Concat(Enumerable.Range(0, 60).Select(t => t == 2 ? "inf\n" : $"{t}\n"))),
            "EMPTY" => File("empty.csv", ""),
            "ZERO" => File("zero.csv", "x\n" + string.Concat(Enumerable.Range(0, 60).Select(t => $"{t}\n"))),
            "ONE" => File("one.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 60).Select(t => $"{t},1\n"))),
            "WORDS" => File("words.csv", "x\n" + string.Concat(Enumerable.Range(0, 60).Select(t => t % 2 == 0 ? "a\n" : "b\n"))),
            "ONLY" => File("only.csv", "g,c,x\n" + string.Concat(Enumerable.Range(0, 60).Select(t => $"g{t / 4},a,{t}\n"))),
            _ => word,
        })];
        Assert.Contains(words, Cli.Run(["train", .. args, "--out", folder.At("run")]).RefusedWith());
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public void Data_without_a_truth_have_no_scores()
    {
        using var folder = new TempFolder();
        string run = folder.At("run"), other = folder.At("other.csv");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", SeriesFiles.Readings(folder), "--target", "power", "--horizon",
            "2", "--missing", "forward", "--out", run, .. Small]).Code);
        File.WriteAllText(other, "time,power,temp\n" + string.Concat(Enumerable.Range(0, 30).Select(t =>
            $"2024-01-{t + 1:00},{(t < 24 ? "1" : "NA")},{t}\n")));
        Assert.Contains("has no value to compare forecasts with", Cli.Run("evaluate", run, "--data", other).RefusedWith());
    }

    [Fact]
    public void A_model_and_other_data_are_told_apart()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), run = folder.At("run");
        Assert.Equal(0,
            Cli.Run(["train", "forecast", "--data", data, "--target", "power", "--horizon", "2", "--out", run, .. Small]).Code);
        Assert.Contains("has no column 'temp'", Cli.RunWith("time,power\n2024-01-01,1\n2024-01-02,2\n", "predict", run)
            .RefusedWith());
        Assert.Contains("has 2 rows, and the network forecasts from 24",
            Cli.RunWith("time,power,temp\n2024-01-01,1,1\n2024-01-02,2,1\n", "predict", run).RefusedWith());
        Assert.Contains("Standard input is empty", Cli.RunWith("", "predict", run).RefusedWith());
        Assert.Contains("--length is not for a model of forecast", Cli.Run("evaluate", run, "--length", "5").RefusedWith());
        string machines = SeriesFiles.Machines(folder);
        Assert.Contains("has no column 'power'", Cli.Run("evaluate", run, "--data", machines).RefusedWith());
        string other = SeriesFiles.Readings(folder, 100, "other.csv");
        CliResult evaluated = Cli.Run("evaluate", run, "--data", other);
        Assert.Equal((0, ""), (evaluated.Code, evaluated.Error));
        Assert.Contains("all (75)", evaluated.Out);
        File.AppendAllText(data, "2024-02-01 00:00,1,1\n");
        Assert.Contains("is not the same now as when", Cli.Run("evaluate", run).Error);
        Assert.Contains("There is no best.safetensors in the folder", Cli.Run("evaluate", folder.At(".")).RefusedWith());
    }

    [Fact]
    public void The_verbs_have_help_and_names_of_the_options_about_reading_agree()
    {
        foreach (string verb in (string[])["forecast", "classify", "regress", "tag"])
        {
            CliResult help = Cli.Run("train", verb, "--help", "all");
            Assert.Equal(0, help.Code);
            Assert.Contains("--data FILE", help.Out);
            Assert.Equal(verb == "classify", help.Out.Contains("--label COLUMN"));
            Assert.Equal(verb == "forecast", help.Out.Contains("--horizon N"));
            Assert.DoesNotContain("--curriculum", help.Out);
        }

        Assert.Contains("forecast", Cli.Run("train", "--help").Out);
        Assert.Equal(Cli.Run("train", "--help", "remedies").Out, Cli.Run("help", "train", "remedies").Out);
        Assert.Equal(
            Unroll.Studies.Corpora.SeriesSettings.Reading.Order(StringComparer.Ordinal),
            Unroll.Cli.Sequences.SequenceOptionTable.All.Select(option => option.Name[2..]).Order(StringComparer.Ordinal));
    }
}
