using System.Numerics;
using System.Text.Json;
using Unroll.Cli.Tests.Sequences;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Export;

public class ExportTests
{
    private static readonly string[] s_stacks =
        ["plain 7 tanh", "plain 5 relu", "lstm 4", "lstm 5, lstm 5, lstm 5", "gru 6", "gru 3, gru 3",
            "gru 6, lstm 3, plain 5 tanh"];

    [Theory]
    [InlineData("pt")]
    [InlineData("safetensors")]
    public void A_state_dict_is_read_back_as_the_same_network(string form)
    {
        using var folder = new TempFolder();
        foreach (string stack in s_stacks)
        {
            foreach (bool biases in (bool[])[true, false])
            {
                NetworkShape shape = Shape(stack) with { Biases = biases };
                Network<double> network = Random<double>(shape);
                string model = Save(folder, network), file = folder.At($"out.{form}");
                CliResult result = Cli.Run("export", model, "--to", form, "--out", file, "--force");
                Assert.Equal(ExitCode.Success, result.Code);
                Assert.Contains("class Model(nn.Module):", result.Out);
                Assert.Contains(", strict=True)", result.Out);
                Network<double> back = ReadBack(file, stack.Contains("relu", StringComparison.Ordinal) ? Activation.Relu : null);
                Assert.Equal(network.Shape, back.Shape);
                Assert.Equal(network.Parameters.ToArray(), back.Parameters.ToArray());
            }
        }
    }

    [Fact]
    public void A_model_in_float_stays_one()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("lstm 4"))), file = folder.At("a.safetensors");
        Cli.Run("export", model, "--out", file);
        SafeTensorsFile read = SafeTensorsFile.Read(file);
        Assert.Equal("pt", read.Metadata["format"]);
        Assert.Equal(
            ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "head.weight", "head.bias"],
            read.Tensors.Select(tensor => tensor.Name));
        Assert.All(read.Tensors, tensor => Assert.Equal("F32", tensor.Type));
        Assert.Equal([16, 6], read.Tensor("rnn.weight_ih_l0").Shape);
        Assert.DoesNotContain("double", Cli.Run("export", model, "--out", file, "--force").Out);
    }

    [Fact]
    public void What_PyTorch_lacks_has_a_class_of_its_own()
    {
        using var folder = new TempFolder();
        string leaky = Save(folder, Random<float>(Shape("leaky 4 sigmoid 0.25, plain 3 identity")));
        string text = Cli.Run("export", leaky, "--out", folder.At("a.pt")).Out;
        Assert.Contains("class LeakyLayer(nn.Module):", text);
        Assert.Contains("class PlainLayer(nn.Module):", text);
        Assert.Contains("self.rnn0 = LeakyLayer(6, 4, True, torch.sigmoid, 0.25)", text);
        Assert.Contains("self.rnn1 = PlainLayer(4, 3, True, nn.Identity())", text);
        Assert.Contains("nn.RNN(6, 5, nonlinearity=\"relu\")", Cli.Run(
            "export", Save(folder, Random<float>(Shape("plain 5 relu"))), "--out", folder.At("b.pt")).Out);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes_in_every_format()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("gru 6, lstm 3")));
        foreach (string form in (string[])["pt", "safetensors", "onnx", "c"])
        {
            string[] named = form == "c" ? ["--name", "net"] : [];
            foreach (string name in (string[])["one", "two"])
                Assert.Equal(ExitCode.Success,
                    Cli.Run(["export", model, "--to", form, "--out", folder.At(name), "--force", .. named]).Code);
            Assert.Equal(File.ReadAllBytes(folder.At("one")), File.ReadAllBytes(folder.At("two")));
        }
    }

    [Fact]
    public void The_ending_tells_the_format_and_json_tells_what_was_written()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("lstm 4")));
        foreach ((string name, string format) in ((string, string)[])
            [("a.pt", "pt"), ("a.PTH", "pt"), ("a.safetensors", "safetensors"), ("a.onnx", "onnx"), ("9 lives.h", "c")])
        {
            JsonElement line = Assert.Single(Cli.Run("export", model, "--out", folder.At(name), "--json").Json);
            Assert.Equal("export", line.GetProperty("event").GetString());
            Assert.Equal(format, line.GetProperty("format").GetString());
            Assert.Equal(new FileInfo(folder.At(name)).Length, line.GetProperty("bytes").GetInt64());
            if (format == "c") Assert.Equal("model_9_lives", line.GetProperty("name").GetString());
            Assert.Equal(format is "pt" or "safetensors", line.TryGetProperty("python", out _));
        }
    }

    [Theory]
    [InlineData("together")]
    [InlineData("shared")]
    public void Quantiles_are_exported_as_predict_gives_them(string channels)
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", SeriesFiles.Readings(folder), "--target", "power,temp",
            "--horizon", "3", "--window", "8", "--quantiles", "0.1,0.5,0.9", "--channels", channels, "--hidden", "5",
            "--updates", "20", "--out", run).Code);
        foreach (string ending in (string[])["onnx", "pt", "safetensors", "h"])
        {
            CliResult result = Cli.Run("export", run, "--out", folder.At($"net.{ending}"), "--check");
            Assert.Equal(0, result.Code);
            if (ending == "onnx") Assert.Contains("forecast (B, 3, 2, 3 quantiles)", result.Out);
            if (ending == "h") Assert.Contains("#define net_LEVELS 3", File.ReadAllText(folder.At("net.h")));
        }
    }

    [Fact]
    public void Weights_of_8_bits_say_what_they_cost()
    {
        using var folder = new TempFolder();
        string model = Path.Combine(RepositoryRoot.Path, "samples", "temporal-order.safetensors"), file = folder.At("net.h");
        CliResult text = Cli.Run("export", model, "--out", file, "--quantize", "int8");
        Assert.Contains("rounded to 8 bits by fresh sequences of temporal-order\n", text.Out);
        Assert.Matches(@"weights of 8 bits: \d\.\d\d% wrong, of 32 bits: \d\.\d\d%\n"
            + "measured on 1,000 fresh sequences of 50..200 steps of temporal-order", text.Out);
        Assert.All(text.OutLines, line => Assert.InRange(line.Length, 0, 80));
        JsonElement line = Assert.Single(Cli.Run("export", model, "--out", file, "--quantize", "int8", "--force", "--json").Json);
        double exact = line.GetProperty("loss_float32").GetDouble(), eight = line.GetProperty("loss_int8").GetDouble();
        Assert.Equal("wrong", line.GetProperty("loss_measure").GetString());
        Assert.InRange(eight - exact, -0.005, 0.003);

        // Both are what evaluate says.
        foreach ((string[] given, double loss) in ((string[], double)[])[([], exact), (["--quantize", "int8"], eight)])
        {
            JsonElement row = Assert.Single(
                Cli.Run(["evaluate", model, "--sequences", "1000", "--json", .. given]).Json);
            Assert.Equal(loss, row.GetProperty("error").GetDouble());
        }

        Assert.False(Assert.Single(Cli.Run("export", model, "--out", file, "--force", "--json").Json)
            .TryGetProperty("loss_int8", out _));
        Assert.Contains("int8", Refused("evaluate", model, "--quantize", "int4"));
    }

    [Fact]
    public void Weights_of_8_bits_are_measured_on_the_validation_fold_of_data()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Machines(folder), run = folder.At("run"), file = folder.At("net.h");
        string readings = SeriesFiles.Readings(folder), forecast = folder.At("forecast");
        string[] small = ["--hidden", "6", "--epochs", "1"];
        Assert.Equal(0, Cli.Run(["train", "classify", "--data", data, "--group", "machine", "--label", "state", "--ignore",
            "life,alarm", "--out", run, .. small]).Code);
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", readings, "--target", "power,temp", "--horizon", "3",
            "--window", "8", "--quantiles", "0.1,0.9", "--out", forecast, .. small]).Code);
        string text = folder.At("text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("a rose is a rose, and a nose is no rose. ", 60)));
        Assert.NotEqual(2, Cli.Run(["train", "text", "--data", text, "--out", folder.At("text"), .. small]).Code);

        JsonElement line = Loss(run);
        Assert.Equal("wrong", line.GetProperty("loss_measure").GetString());
        Assert.Contains("of the validation fold of", line.GetProperty("loss_on").GetString());
        Assert.StartsWith("the training fold of", line.GetProperty("rounded_by").GetString());
        JsonElement evaluated = Cli.Run("evaluate", run, "--quantize", "int8", "--json").Json
            .First(one => one.GetProperty("fold").GetString() == "validation");
        Assert.Equal(1 - evaluated.GetProperty("accuracy").GetDouble(), line.GetProperty("loss_int8").GetDouble(), 1e-12);

        line = Loss(forecast);
        Assert.Equal("mean absolute error", line.GetProperty("loss_measure").GetString());
        double exact = line.GetProperty("loss_float32").GetDouble(), eight = line.GetProperty("loss_int8").GetDouble();
        Assert.NotEqual(exact, eight);
        Assert.InRange(eight / exact, 0.9, 1.1);

        line = Loss(folder.At("text"));
        Assert.Equal("bits a character", line.GetProperty("loss_measure").GetString());
        Assert.InRange(line.GetProperty("loss_int8").GetDouble() / line.GetProperty("loss_float32").GetDouble(), 0.9, 1.1);

        // The header is there although the data is not.
        File.Delete(data);
        CliResult without = Cli.Run("export", run, "--out", file, "--force", "--quantize", "int8");
        Assert.Equal(ExitCode.Success, without.Code);
        Assert.Contains("was not measured: There is no file or folder", without.Error.ReplaceLineEndings(" "));
        Assert.Contains("each weight of 8 bits is its nearest", without.Error.ReplaceLineEndings(" "));
        Assert.DoesNotContain("rounded to 8 bits by", without.Out);
        Assert.True(File.Exists(file));

        JsonElement Loss(string model) =>
            Assert.Single(Cli.Run("export", model, "--out", file, "--force", "--quantize", "int8", "--json").Json);
    }

    [Fact]
    public void Standard_output_gets_the_file_and_nothing_else()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("gru 4")));
        Cli.Run("export", model, "--to", "c", "--name", "net", "--out", folder.At("net.h"));
        CliResult result = Cli.Run("export", model, "--to", "c", "--name", "net", "--out", "-");
        Assert.Equal(File.ReadAllText(folder.At("net.h")), result.Out);
        Assert.Contains("standard output", Refused("export", model, "--to", "c", "--out", "-", "--json"));
        Assert.Contains("--to", Refused("export", model, "--out", "-"));
    }

    [Fact]
    public void A_file_that_is_there_is_kept_unless_forced()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("gru 4"))), file = folder.At("a.onnx");
        File.WriteAllText(file, "mine");
        Assert.Contains("--force", Refused("export", model, "--out", file));
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal(ExitCode.Success, Cli.Run("export", model, "--out", file, "--force").Code);
        Assert.NotEqual("mine", File.ReadAllText(file));
        Assert.Contains("folder", Refused("export", model, "--to", "pt", "--out", Path.GetDirectoryName(file)!, "--force"));
    }

    [Fact]
    public void Bad_input_is_one_sentence()
    {
        using var folder = new TempFolder();
        string model = Save(folder, Random<float>(Shape("gru 4"))), file = folder.At("a.h");
        Assert.Contains("--out", Refused("export", model, "--to", "pt"));
        Assert.Contains("--to", Refused("export", model, "--out", folder.At("a.xyz")));
        Assert.Contains("pt, safetensors, onnx, c", Refused("export", model, "--to", "onxx", "--out", file));
        Assert.Contains("--name", Refused("export", model, "--to", "onnx", "--name", "x", "--out", file));
        Assert.Contains("--quantize", Refused("export", model, "--to", "pt", "--quantize", "int8", "--out", file));
        Assert.Contains("--tanh", Refused("export", model, "--to", "pt", "--tanh", "rational", "--out", file));
        Assert.Contains("letter", Refused("export", model, "--name", "1st", "--out", file));
        Assert.Contains("int8", Refused("export", model, "--quantize", "int4", "--out", file));
        Assert.Contains("does not exist", Refused("export", folder.At("none"), "--out", file));
        byte[] whole = File.ReadAllBytes(model);
        File.WriteAllBytes(folder.At("cut"), whole[..^9]);
        Refused("export", folder.At("cut"), "--out", file);
        whole[^20] ^= 1;
        File.WriteAllBytes(folder.At("altered"), whole);
        Assert.Contains("altered", Refused("export", folder.At("altered"), "--out", file));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_weight_too_large_for_32_bits_is_named()
    {
        using var folder = new TempFolder();
        Network<double> network = Random<double>(Shape("gru 4"));
        network.OutputBias[1] = 1e60;
        string model = Save(folder, network);
        Assert.Contains("bias", Refused("export", model, "--out", folder.At("a.onnx")));
        Assert.Contains("bias", Refused("export", model, "--out", folder.At("a.h")));
        Assert.Equal(ExitCode.Success, Cli.Run("export", model, "--out", folder.At("a.pt")).Code);
    }

    [Fact]
    public void Entries_of_a_zip_lie_as_PyTorch_puts_them()
    {
        using var folder = new TempFolder();
        Cli.Run("export", Save(folder, Random<float>(Shape("lstm 4"))), "--out", folder.At("a.pt"));
        byte[] bytes = File.ReadAllBytes(folder.At("a.pt"));
        using System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.OpenRead(folder.At("a.pt"));
        Assert.Equal(["data.pkl", "byteorder", "0", "1", "2", "3", "4", "5", "version"], zip.Entries.Select(entry => entry.Name));
        Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
        using (StreamReader version = new(zip.GetEntry("archive/version")!.Open())) Assert.Equal("3\n", version.ReadToEnd());
        for (int at = 0; (at = bytes.AsSpan(at).IndexOf("PK\x03\x04"u8) is var next and >= 0 ? at + next : -1) >= 0; at += 4)
        {
            int data = at + 30 + BitConverter.ToUInt16(bytes, at + 26) + BitConverter.ToUInt16(bytes, at + 28);
            Assert.Equal(0, data % 64);
        }
    }

    private static string Refused(params string[] args) => Cli.Run(args).RefusedWith();

    private static NetworkShape Shape(string layers) => new(6, LayerText.TryRead(layers)!, 4);

    private static Network<T> Random<T>(NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(shape);
        var random = new Random(1);
        foreach (ref T weight in network.Parameters) weight = T.CreateTruncating((float)(random.NextDouble() - 0.5));
        return network;
    }

    private static string Save<T>(TempFolder folder, Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        string path = folder.At("model.safetensors");
        ModelFile.Save(path, network, new ModelInfo(network.Shape));
        return path;
    }

    private static Network<double> ReadBack(string path, Activation? activation)
    {
        using TorchFile file = TorchFile.Open(path, null) ?? TorchFile.Of(SafeTensorsFile.Read(path));
        return TorchNetwork.Load(file, new TemporalOrder(new LengthRange(20, 20)),
            TorchRequest.None with { Activation = activation }).Network;
    }
}
