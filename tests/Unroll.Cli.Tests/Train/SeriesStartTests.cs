using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Sequences;
using Unroll.Files;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>unroll train forecast --from MODEL</c> and its like: which models are a start, and what is taken of
/// them.</summary>
public class SeriesStartTests
{
    private static readonly string[] Still = ["--lr", "1e-30", "--epochs", "1"];

    [Fact]
    public void A_run_starts_from_the_weights_of_a_folder_and_reads_data_as_its_model_does()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), more = SeriesFiles.Readings(folder, 300, "more.csv");
        CliResult first = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "6", "--window", "30",
            "--segment", "5", "--window-scale", "mean", "--calendar", "hour", "--cell", "lstm", "--layers", "2", "--hidden", "5",
            "--read", "mean", "--epochs", "2", "--out", folder.At("first"));
        Assert.Equal((0, ""), (first.Code, first.Error));
        CliResult second =
            Cli.Run(["train", "forecast", "--data", more, "--from", folder.At("first"), "--out", folder.At("second"), .. Still]);
        Assert.Equal((0, ""), (second.Code, second.Error));
        string header = Regex.Replace(second.Out, @"\s+", " ");
        Assert.Contains("forecast: power, 6 steps ahead, from the 30 steps before", header);
        Assert.Contains("2 layers of 5 LSTM units", header);
        Assert.Contains("mean of all states", header);
        Assert.Contains("of the dates hour", header);
        Assert.Contains("windows scaled (mean); 5 steps at once", header);
        Assert.Contains($"from {Path.Combine(folder.At("first"), "best.safetensors")}", header);
        Network<float> start = ModelFile.Load<float>(Path.Combine(folder.At("first"), "best.safetensors"));
        Network<float> end = ModelFile.Load<float>(Path.Combine(folder.At("second"), "model.safetensors"));
        Assert.Equal(start.Shape, end.Shape);
        Assert.Equal(start.Parameters.ToArray(), end.Parameters.ToArray());

        // A resumed run still says where it began, and needs the model no more.
        Directory.Delete(folder.At("first"), recursive: true);
        CliResult resumed = Cli.Run("train", "--resume", folder.At("second"), "--epochs", "2");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Contains("best.safetensors", Regex.Replace(resumed.Out, @"\s+", " "));
        Assert.Contains("--from cannot be given", Cli.Run("train", "forecast", "--resume", folder.At("second"), "--from",
            folder.At("second")).RefusedWith());
    }

    [Fact]
    public void Every_kind_has_a_start_and_training_goes_on_from_it()
    {
        using var folder = new TempFolder();
        foreach ((string kind, string[] data) in SeriesFiles.Kinds(folder))
        {
            string run = folder.At(kind);
            Assert.Equal(0, Cli.Run(["train", kind, .. data, "--hidden", "6", "--epochs", "2", "--out", run]).Code);
            CliResult on = Cli.Run(["train", kind, .. data, "--from", run, "--out", run + "2", .. Still]);
            Assert.Equal((0, ""), (on.Code, on.Error));
            Assert.Equal(ModelFile.Load<float>(Path.Combine(run, "best.safetensors")).Parameters.ToArray(),
                ModelFile.Load<float>(Path.Combine(run + "2", "model.safetensors")).Parameters.ToArray());
        }
    }

    [Theory]
    [InlineData("forecast --data DATA --horizon 3", "its horizon is 2, and 3 here")]
    [InlineData("forecast --data DATA --target temp", "its targets are power, and temp here")]
    [InlineData("forecast --data DATA --segment 3", "its segment is 6, and 3 here")]
    [InlineData("forecast --data DATA --decoder parallel", "its decoder is direct, and parallel here")]
    [InlineData("forecast --data DATA --window-scale none", "its window scale is last, and none here")]
    [InlineData("forecast --data DATA --scale robust", "its scale is standard, and robust here")]
    [InlineData("forecast --data DATA --calendar hour", "its calendar is none, and hour here")]
    [InlineData("forecast --data DATA --transform log", "its logarithms are of none, and power here")]
    [InlineData("forecast --data DATA --missing mask", "its missing values are not masked, and masked here")]
    [InlineData("forecast --data DATA --ignore temp", "its columns that are read are power, temp, and power here")]
    [InlineData("forecast --data DATA --target power,temp", "its targets are power, and power, temp here")]
    [InlineData("forecast --data WIDE", "its columns that are read are 2, number 2 temp, and 12, number 2 c0 here")]
    [InlineData("forecast --data DATA --loss absolute", "its loss is squared, and absolute here")]
    [InlineData("forecast --data DATA --hidden 9", "--hidden says what the model of --from says itself")]
    [InlineData("forecast --data DATA --activation relu", "--activation says what the model of --from says itself")]
    [InlineData("forecast --data DATA --init orthogonal", "--init has no effect with --from")]
    [InlineData("tag --data DATA --target power", "is a model of forecast, not of tag")]
    public void A_model_that_does_not_fit_is_refused_by_the_part(string line, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "2", "--hidden", "4",
            "--epochs", "1", "--out", folder.At("first")).Code);
        File.WriteAllLines(folder.At("wide.csv"), File.ReadAllLines(data).Select((row, i) =>
        {
            int cut = row.LastIndexOf(',');
            IEnumerable<string> more = Enumerable.Range(0, 10).Select(c => i == 0 ? $",c{c}" : $",{i % (c + 2)}");
            return row[..cut] + string.Concat(more) + row[cut..];
        }));
        string[] args = [.. line.Split(' ').Select(word => word switch
        {
            "DATA" => data,
            "WIDE" => folder.At("wide.csv"),
            _ => word,
        })];
        string[] run = ["train", .. args, "--from", folder.At("first"), "--epochs", "1", "--out", folder.At("run")];
        Assert.Contains(words, Cli.Run(run).RefusedWith());
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Theory]
    [InlineData("pt")]
    [InlineData("safetensors")]
    public void A_state_dict_of_PyTorch_is_a_start_whose_weights_are_kept(string format)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), dict = folder.At("dict." + format);
        string[] reading = ["--data", data, "--target", "power", "--horizon", "6", "--window", "24", "--segment", "4"];
        Assert.Equal(0, Cli.Run(["train", "forecast", .. reading, "--cell", "lstm", "--layers", "2", "--hidden", "5",
            "--epochs", "1", "--out", folder.At("first")]).Code);
        CliResult export = Cli.Run("export", Path.Combine(folder.At("first"), "best.safetensors"), "--out", dict, "--to", format);
        Assert.Equal((0, ""), (export.Code, export.Error));
        CliResult on = Cli.Run(["train", "forecast", .. reading, "--from", dict, "--out", folder.At("second"), .. Still]);
        Assert.Equal(0, on.Code);
        Assert.Contains("LSTM", on.Error, StringComparison.Ordinal); // how it was read
        Assert.Contains("2 layers of 5 LSTM units", Regex.Replace(on.Out, @"\s+", " "));
        Assert.Equal(ModelFile.Load<float>(Path.Combine(folder.At("first"), "best.safetensors")).Parameters.ToArray(),
            ModelFile.Load<float>(Path.Combine(folder.At("second"), "model.safetensors")).Parameters.ToArray());

        string[] wrong = ["train", "forecast", "--data", data, "--target", "power", "--window", "24", "--from", dict];
        foreach ((string[] given, string words) in ((string[], string)[])[
            (["--horizon", "6", "--segment", "6"], "it has 8 inputs, and a segment of 6 steps of this data has 12;"),
            (["--horizon", "5", "--segment", "4"], "it has 6 outputs, and 5 steps of 1 target, 5 outputs, are predicted here"),
            (["--horizon", "6", "--segment", "4", "--hidden", "9"], "--hidden says what the model of --from says itself"),
            (["--horizon", "6", "--segment", "4", "--head", "nothing"], "has no tensor 'nothing' for --head"),
            (["--horizon", "6", "--segment", "4", "--activation", "relu"], "is for nn.RNN")])
        {
            Assert.Contains(words, Cli.Run([.. wrong, .. given]).RefusedWith());
        }

        Assert.Contains("--head is for --from", Cli.Run(["train", "forecast", .. reading, "--head", "head"]).RefusedWith());
    }

    [Fact]
    public void A_start_is_a_model_of_own_data()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        string synthetic = Path.Combine(RepositoryRoot.Path, "samples", "temporal-order.safetensors");
        Assert.Contains("is a model of temporal-order, not of forecast",
            Cli.Run("train", "forecast", "--data", data, "--from", synthetic).RefusedWith());
        Assert.Contains("nothing.safetensors",
            Cli.Run("train", "forecast", "--data", data, "--from", "nothing.safetensors").RefusedWith());
        Assert.Contains("is not", Cli.Run("train", "forecast", "--data", data, "--from", data).RefusedWith());
        Assert.Contains("There is no best.safetensors in the folder",
            Cli.Run("train", "forecast", "--data", data, "--from", folder.At(".")).RefusedWith());
    }
}
