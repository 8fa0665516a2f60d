using System.Text.Json;
using Unroll.Cli.Bench;
using Unroll.Cli.Settings;
using Unroll.Cli.Tests.Corpora;
using Unroll.Cli.Tests.Studies;
using Unroll.Files;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

/// <summary>
/// Cells and layers on the command line, from training to a sample: a folder, a resume, a study, a benchmark, and what is
/// refused.
/// </summary>
public class CellOptionsTests
{
    public static TheoryData<string, string> Networks => new()
    {
        { "--layers 2 --hidden 6 --dropout 0.1", "2 layers of 6 tanh units" },
        { "--cell leaky --leak 0.4 --hidden 6", "6 leaky tanh units (leak 0.4)" },
        { "--cell leaky --leak 0.4 --train-leak --hidden 6 --activation sigmoid",
            "6 leaky sigmoid units (leak trained from 0.4)" },
        { "--cell lstm --layers 2 --hidden 6 --dropout 0.2 --forget-bias 2", "2 layers of 6 LSTM units" },
        { "--cell gru --hidden 6 --chrono 20 --input-dropout 0.1 --output-dropout 0.1", "6 GRU units" },
        { "--layer-norm --hidden 6", "6 tanh units, normalized" },
        { "--stack gru:6:norm,leaky:6:tanh:0.3",
            "2 layers, from the input up 6 GRU units, normalized, 6 leaky tanh units (leak 0.3)" },
        { "--stack plain:5:sigmoid,leaky:6:tanh:0.3,gru:7,lstm:6",
            "4 layers, from the input up 5 sigmoid units, 6 leaky tanh units (leak 0.3), 7 GRU units, 6 LSTM units" },
    };

    private static string[] Small(string network) =>
    [
        .. ("--length 10 --curriculum none --validation 50 --check-every 20 --batch 5 --stop budget --omega 0.5 "
            + "--averaging 0.9").Split(' '),
        .. network.Split(' '),
    ];

    private static string Novel => string.Concat(
        Enumerable.Range(0, 60).Select(i => $"{"abcde"[i % 5]}{"ab cad"[..(1 + (i * i % 6))]}\n"));

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_run_in_two_sessions_is_the_run_in_one_and_its_model_can_be_used(string network, string words)
    {
        using var folder = new TempFolder();
        CliResult whole = Cli.Run(["train", "--updates", "40", "--out", folder.At("whole"), .. Small(network)]);
        Assert.Equal(("", true), (whole.Error, whole.Code is ExitCode.Success or ExitCode.Unsolved));
        Assert.Contains(words, string.Join(' ', whole.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Cli.Run(["train", "--updates", "25", "--out", folder.At("cut"), .. Small(network)]);
        Assert.Equal("", Cli.Run(["train", "--resume", folder.At("cut"), "--updates", "40", "--threads", "2",
            .. Small(network)]).Error);
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"cut/{file}")));

        string model = folder.At("whole/best.safetensors");
        NetworkShape shape = ModelFile.ReadInfo(model).Shape;
        JsonElement written = JsonDocument.Parse(File.ReadAllText(folder.At("whole/run.json"))).RootElement.GetProperty(
            "network");
        Assert.Equal((LayerText.Of(shape.Layers), shape.ParameterCount),
            (written.GetProperty("layers").GetString(), written.GetProperty("parameters").GetInt32()));
        JsonElement evaluated = Assert.Single(
            Cli.Run("evaluate", model, "--length", "12", "--sequences", "30", "--json", "--threads", "2").Json);
        Assert.True(evaluated.GetProperty("loss").GetDouble() > 0);
        JsonElement answer = Assert.Single(Cli.RunWith("[0,1,2,3,-1]", "predict", model).Json);
        Assert.Equal(1, answer.GetProperty("probabilities").EnumerateArray().Sum(p => p.GetDouble()), 1e-5);
    }

    [Theory]
    [InlineData("--cell lstm --layers 2 --dropout 0.2", "2 layers of 8 LSTM units")]
    [InlineData("--stack gru:8,lstm:8 --output-dropout 0.1", "2 layers, from the input up 8 GRU units, 8 LSTM units")]
    public void A_text_is_trained_on_gone_on_with_evaluated_and_written(string network, string words)
    {
        using var folder = new TempFolder();
        string data = CorpusFiles.Text(folder, "novel.txt", Novel);
        string[] small = [.. "--window 20 --batch 2 --hidden 8".Split(' ').Where(
            (_, i) => i < 4 || !network.StartsWith("--stack", StringComparison.Ordinal)), .. network.Split(' ')];
        CliResult whole = Cli.Run(["train", "text", "--data", data, "--epochs", "3", "--out", folder.At("whole"), .. small]);
        Assert.Equal((ExitCode.Success, ""), (whole.Code, whole.Error));
        Assert.Contains(words, string.Join(' ', whole.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Cli.Run(["train", "text", "--data", data, "--epochs", "3", "--updates", "7", "--out", folder.At("cut"), .. small]);
        Assert.Equal("", Cli.Run("train", "--resume", folder.At("cut"), "--updates", "5000000").Error);
        string model = folder.At("whole/model.safetensors");
        Assert.Equal(File.ReadAllBytes(model), File.ReadAllBytes(folder.At("cut/model.safetensors")));
        Assert.Equal(3, Cli.Run("evaluate", model, "--json").Json.Length);
        JsonElement sample = Assert.Single(
            Cli.Run("sample", model, "--prompt", "ab", "--length", "30", "--seed", "2", "--json").Json);
        Assert.Equal(30, sample.GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public void A_study_varies_them()
    {
        using var folder = new TempFolder();
        string study = folder.Write($$$"""
            {"name": "cells", "grid": [
              {{{{TestStudies.Tiny}}}, "cell": ["plain", "lstm", "gru"], "layers": [1, 2], "lr": 0.02, "seed": 1},
              {"length": 10, "curriculum": "none", "validation": 40, "check-every": 10, "updates": 15,
               "stack": "gru:4,lstm:5", "dropout": "0.1"}],
             "test": {"lengths": ["x2"], "sequences": 50}}
            """);
        CliResult run = TestStudies.Run(study, folder.At("study"));
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("7 of 7 trials done", run.Out);
        string[] results = TestStudies.Results(folder.At("study"));
        Assert.Equal(7, results.Select(line => line.Split(' ')[1]).Distinct().Count());
        Assert.All(results, line => Assert.DoesNotContain("not finished", line));
        Assert.Contains(results, line => line.Contains("cell=gru layers=2", StringComparison.Ordinal));
    }

    /// <summary>
    /// A stack is one trial whatever else its recipe says, and a plain layer is the trial that it was before there were cells.
    /// </summary>
    [Fact]
    public void What_is_the_same_network_is_the_same_trial()
    {
        string Hash(params (string, string)[] values) =>
            new Trial(0, [], TrialOptions.Resolve(values.ToDictionary(v => v.Item1, v => v.Item2))).Hash;
        Assert.Equal(Hash(), Hash(("cell", "plain"), ("layers", "1"), ("dropout", "0"), ("stack", "none")));
        Assert.Equal(Hash(("cell", "lstm"), ("recipe", "paper")),
            Hash(("cell", "LSTM"), ("recipe", "paper"), ("forget-bias", "1.0")));
        Assert.Equal(Hash(("stack", "lstm:5,gru:6")), Hash(("stack", "LSTM:5, GRU:6")));
        Assert.NotEqual(Hash(("cell", "lstm")), Hash(("cell", "gru")));
        Assert.NotEqual(Hash(("cell", "lstm")), Hash(("cell", "lstm"), ("layers", "2")));
        Assert.True(TrialOptions.TakesCommas("stack") && TrialOptions.TakesCommas("init-block") && TrialOptions.IsWhole(
            "layers"));
    }

    /// <summary>A recipe for LSTM begins by chrono initialization, which gives way to what it would contradict.</summary>
    [Fact]
    public void What_is_given_takes_the_place_of_a_recipes_start()
    {
        TrainingOptions Resolve(params (string, string)[] values) =>
            TrialOptions.Resolve(values.ToDictionary(v => v.Item1, v => v.Item2)).Options;
        Assert.Equal((200, 1.0), (Resolve(("cell", "lstm")).LongestLag, Resolve(("cell", "lstm")).ForgetBias));
        Assert.Equal((null, 2.0), (Resolve(("cell", "lstm"), ("forget-bias", "2")).LongestLag,
            Resolve(("cell", "lstm"), ("forget-bias", "2")).ForgetBias));
        Assert.Null(Resolve(("cell", "gru"), ("no-bias", "true")).LongestLag);
        Assert.Equal(70, Resolve(("cell", "gru"), ("chrono", "70")).LongestLag);
        Assert.Null(Resolve(("cell", "gru"), ("chrono", "none")).LongestLag);
        Assert.Equal(200, Resolve(("stack", "plain:5,gru:6")).LongestLag);
        Assert.Null(Resolve(("stack", "gru:5,plain:6")).LongestLag);
        Assert.Equal(250, Resolve(("task", "text"), ("data", "ptb"), ("cell", "lstm")).Hidden);
    }

    [Fact]
    public void A_larger_network_is_expected_to_take_longer()
    {
        double Cost(params (string, string)[] values) =>
            new Trial(0, [], TrialOptions.Resolve(values.ToDictionary(v => v.Item1, v => v.Item2))).Cost;
        double plain = Cost(("hidden", "100")), lstm = Cost(("hidden", "100"), ("cell", "lstm"), ("recipe", "paper"));
        Assert.True(lstm > 2 * plain && Cost(("hidden", "100"), ("layers", "3")) > 3 * plain);
    }

    [Fact]
    public void Options_as_text_give_the_same_options()
    {
        foreach (TrainingOptions options in (TrainingOptions[])
            [
                new() { Cell = CellKind.Lstm, Layers = 3, Dropout = 0.25, InputDropout = 0.125, OutputDropout = 0.5,
                    ForgetBias = -2, InitializationByBlock = [new("weight_hh_l2", Initialization.Identity)] },
                new() { Cell = CellKind.Gru, LongestLag = 77 },
                new() { Cell = CellKind.Leaky, Leak = 0.1, TrainedLeak = true, Activation = Activation.Relu },
                new() { Stack = [new LayerShape(4) { Cell = CellKind.Leaky, Leak = 0.3 }, new LayerShape(50)] },
                new() { Cell = CellKind.Gru, LayerNorm = true },
                new() { Stack = [new LayerShape(4) { Cell = CellKind.Lstm, LayerNorm = true }, new LayerShape(50)] },
            ])
        {
            TrainingOptions read = new();
            foreach (string text in TypedOptions.Of(options).Where(text => text != "--seed 1"))
            {
                string[] parts = text.Split(' ');
                read = TrainOptionTable.All.Single(known => known.Name == parts[0]).Parse(parts.Length > 1 ? parts[1] : "")(read);
            }

            Assert.Equal(OptionsText.ToProperties(options), OptionsText.ToProperties(read));
        }
    }

    [Theory]
    [InlineData("--cell lsmt", "--cell has no value 'lsmt'; did you mean lstm")]
    [InlineData("--layers 0", "--layers 0 must lie in 1..8")]
    [InlineData("--layers 9", "--layers 9 must lie in 1..8")]
    [InlineData("--layers two", "not a whole number")]
    [InlineData("--layers 2 --dropout 1", "--dropout 1 must be below 1")]
    [InlineData("--layers 2 --dropout -0.1", "--dropout -0.1 must be")]
    [InlineData("--layers 2 --dropout nan", "--dropout nan must be")]
    [InlineData("--input-dropout 1.5", "--input-dropout 1.5 must be below 1")]
    [InlineData("--output-dropout x", "--output-dropout 'x' is not a number")]
    [InlineData("--dropout 0.2", "there is one layer; take two or more")]
    [InlineData("--cell leaky --leak 0", "--leak 0 must be a finite number above 0")]
    [InlineData("--cell leaky --leak 1.5", "--leak 1.5 must be a finite number above 0 of at most 1")]
    [InlineData("--cell leaky --leak 1 --train-leak", "must start above 0 and below 1")]
    [InlineData("--leak 0.5", "add --cell leaky, or leave --leak out")]
    [InlineData("--cell lstm --leak 1", "--leak is an option of leaky units")]
    [InlineData("--cell gru --train-leak", "--train-leak is an option of leaky units")]
    [InlineData("--cell lru --omega 0 --layer-norm", "lru cells have a linear recurrence of each unit and cannot have it")]
    [InlineData("--hidden 1 --layer-norm", "layer 1 has 1 unit; it needs 2 or more")]
    [InlineData("--stack lstm:5,gru:6 --layer-norm", "so --layer-norm has no effect")]
    [InlineData("--init cycle --layer-norm", "sets how a state grows by W_rec alone")]
    [InlineData("--forget-bias 1", "--forget-bias is an option of LSTM units")]
    [InlineData("--cell gru --forget-bias 2", "--forget-bias is an option of LSTM units")]
    [InlineData("--cell lstm --forget-bias -1x", "--forget-bias '-1x' must be a finite number")]
    [InlineData("--cell lstm --forget-bias inf", "--forget-bias 'inf' must be")]
    [InlineData("--cell lstm --no-bias --forget-bias 1", "--forget-bias has no effect with --no-bias")]
    [InlineData("--cell lstm --chrono 2", "--chrono 2 must lie in 3..")]
    [InlineData("--cell lstm --chrono 50 --forget-bias 2", "--chrono takes the place of --forget-bias")]
    [InlineData("--chrono 50", "this network has plain layers")]
    [InlineData("--cell leaky --chrono 50", "this network has leaky layers")]
    [InlineData("--cell lstm --activation sigmoid",
        "--activation is an option of plain, leaky, LRU and dense units; lstm units have their own")]
    [InlineData("--stack lstm", "--stack 'lstm' is no list of layers; write CELL:N,...")]
    [InlineData("--stack lstm:5,rnn:6", "is no list of layers")]
    [InlineData("--stack lstm:0", "Hidden is 0")]
    [InlineData("--stack lstm:5:sigmoid", "lstm cells have their own")]
    [InlineData("--stack leaky:5:tanh:2", "The leak is 2")]
    [InlineData("--stack gru:1,gru:1,gru:1,gru:1,gru:1,gru:1,gru:1,gru:1,gru:1", "--stack has 9 layers; it must have 1..8")]
    [InlineData("--stack lstm:5 --hidden 6", "so --hidden has no effect")]
    [InlineData("--stack lstm:5 --cell lstm", "so --cell has no effect")]
    [InlineData("--stack lstm:5 --dropout 0.5", "there is one layer")]
    [InlineData("--init-block weight_hh_l0", "NAME:DISTRIBUTION")]
    [InlineData("--init-block weight_hh_l0:orthogonl", "did you mean orthogonal")]
    [InlineData("--init-block weight_hh_l1:orthogonal", "The weights 'weight_hh_l1' cannot be initialized")]
    [InlineData("--init-block weight:uniform,weight:uniform", "initialization of weight is given twice")]
    [InlineData("--frozen weight_hh_l1", "'weight_hh_l1' cannot be frozen: the network has weight_ih_l0")]
    [InlineData("--frozen weight_hh_l8", "did you mean weight_hh_l0")]
    [InlineData("--cell lstm --frozen bias_hn_l0", "'bias_hn_l0' cannot be frozen")]
    [InlineData("--cell lstm --layers 8 --hidden 16384", "at most 1073741824 are possible")]
    public void What_cannot_be_is_refused(string args, string expected) =>
        Assert.Contains(expected, Cli.Run(["train", "--updates", "1", .. args.Split(' ')]).RefusedWith());

    [Fact]
    public void A_run_keeps_its_cell()
    {
        using var folder = new TempFolder();
        Assert.Equal("", Cli.Run(["train", "--updates", "1", "--out", folder.At("run"), "--cell", "lstm", .. Cli.Small]).Error);
        Assert.Contains("--cell lstm, not gru", Cli.Run("train", "--resume", folder.At("run"), "--cell", "gru").RefusedWith());
        Assert.Contains("--layers 1, not 2", Cli.Run("train", "--resume", folder.At("run"), "--layers", "2").RefusedWith());

        // A checkpoint of another run, put into the folder.
        Cli.Run(["train", "--updates", "1", "--out", folder.At("other"), "--cell", "gru", .. Cli.Small]);
        File.Copy(folder.At("other/checkpoint.safetensors"), folder.At("run/checkpoint.safetensors"), overwrite: true);
        Assert.Contains("made with cell 'gru', not 'lstm'",
            Cli.Run("train", "--resume", folder.At("run"), "--accept-altered", "--updates", "2").RefusedWith());
    }

    [Fact]
    public void Memory_is_counted_for_every_layer()
    {
        string[] size = ["--length", "3000", "--batch", "2000", "--updates", "1"];
        string plain = Cli.Run(["train", "--hidden", "2000", .. size]).RefusedWith(),
            lstm = Cli.Run(["train", "--hidden", "300", "--cell", "lstm", "--layers", "8", .. size]).RefusedWith();
        Assert.Contains("too many for one buffer", plain);
        Assert.True(lstm.Contains("too many for one buffer", StringComparison.Ordinal) || lstm.Contains(
            "of memory", StringComparison.Ordinal));
        Assert.Contains("of memory", Cli.Run(
            "train", "--hidden", "4000", "--cell", "lstm", "--layers", "8", "--updates", "1").RefusedWith());
    }

    [Fact]
    public void A_benchmark_of_a_cell()
    {
        JsonElement[] lines = Cli.Run("bench", "--shape", "h50", "--seconds", "0.05", "--cell", "lstm", "--layers", "2",
            "--json").Json;
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Equal(
            ("lstm", 2), (line.GetProperty("cell").GetString(), line.GetProperty("layers").GetInt32())));
        BenchShape shape = BenchShape.All[0] with { Cell = CellKind.Gru, Layers = 3 };
        double entries = 20 * 200;
        Assert.Equal((3 * 5 * 6 * entries * 50 * 50) + (6 * 20 * 50 * 4) + (3 * 2 * entries * 50), shape.Flops);
        Assert.Contains("H 50 gru x 3 layers", shape.Description);
        Assert.Contains("--cell has no value", Cli.Run("bench", "--cell", "rnn").RefusedWith());
        Assert.Contains("1..8", Cli.Run("bench", "--layers", "9").RefusedWith());
    }
}
