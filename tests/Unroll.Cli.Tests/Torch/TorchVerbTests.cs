using System.Text.Json;
using Unroll.Cli.Torch;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Torch;

/// <summary>Commands on files that PyTorch wrote, and on state dicts of our own networks beside the models themselves.</summary>
public class TorchVerbTests
{
    private static readonly string s_cells = Path.Combine(Path.GetDirectoryName(TorchSamples.Folder)!, "Cells");
    private static readonly string[] s_onTask = ["--task", "temporal-order"];

    [Theory]
    [InlineData("lstm-2-float.pt")]
    [InlineData("gru-cell.pt")]
    [InlineData("chain.safetensors")]
    [InlineData("lstm-2-weight-norm.pt")]
    [InlineData("relu-2.pth", "--activation", "relu")]
    public void Predict_gives_what_PyTorch_gave(string name, params string[] options)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_cells, "expected.json"))).RootElement;
        int[][] steps = [.. expected.GetProperty("symbols").EnumerateArray()
            .Select(step => step.EnumerateArray().Select(x => x.GetInt32()).ToArray())];
        string lines = string.Join('\n', Enumerable.Range(0, 3)
            .Select(row => $"[{string.Join(',', steps.Select(step => step[row]))}]"));
        string path = Path.Combine(s_cells, name);
        CliResult result = Cli.RunWith(lines, ["predict", path, .. s_onTask, .. options]);
        Assert.Equal(ExitCode.Success, result.Code);
        Assert.Contains("unroll: PyTorch: ", result.Error);
        JsonElement[] outputs = [.. expected.GetProperty("files").GetProperty(name).GetProperty("outputs").EnumerateArray()];
        for (int row = 0; row < 3; row++)
        {
            double[] y = [.. outputs[row].EnumerateArray().Select(x => x.GetDouble())];
            double[] p = [.. result.Json[row].GetProperty("probabilities").EnumerateArray().Select(x => x.GetDouble())];
            for (int k = 0; k < 4; k++) Assert.Equal(Math.Exp(y[k]) / y.Sum(Math.Exp), p[k], 1e-6);
        }

        Assert.Equal(result.Out,
            Cli.RunWith(lines, ["predict", path, "--inputs", "one-hot", "--predicts", "softmax-last", .. options]).Out);
    }

    [Fact]
    public void Evaluate_and_export_see_the_network_that_the_file_is()
    {
        using var folder = new TempFolder();
        string path = Path.Combine(s_cells, "gru-2-float.pt"), own = folder.At("own.safetensors");
        using (TorchFile file = TorchSamples.Open(path))
        {
            Network<float> network = TorchNetwork.Load(file,
                new TorchUse("a test", InputEncoding.OneHot, OutputHead.SoftmaxLast, null, null),
                TorchRequest.None).Network.Convert<float>();
            ModelFile.Save(own, network, new ModelInfo(network.Shape));
        }

        string[] how = [.. s_onTask, "--length", "20", "--sequences", "200"];
        CliResult foreign = Cli.Run(["evaluate", path, .. how]);
        Assert.Equal(ExitCode.Success, foreign.Code);
        Assert.Equal(Cli.Run(["evaluate", own, .. how]).Out, foreign.Out);
        foreach (string ending in (string[])["safetensors", "onnx", "h"])
        {
            Assert.Equal(ExitCode.Success, Cli.Run(["export", path, .. s_onTask, "--out", folder.At($"a.{ending}")]).Code);
            Assert.Equal(ExitCode.Success, Cli.Run("export", own, "--out", folder.At($"b.{ending}")).Code);
        }

        Assert.Equal(File.ReadAllBytes(folder.At("b.safetensors")), File.ReadAllBytes(folder.At("a.safetensors")));
    }

    [Fact]
    public void A_state_dict_of_text_writes_what_the_model_writes_whatever_the_order_of_its_symbols()
    {
        using var folder = new TempFolder();
        var shape = new NetworkShape(4, [new LayerShape(6) { Cell = CellKind.Lstm }], 4) { Head = OutputHead.SoftmaxEvery };
        Network<float> network = Random(shape);
        var alphabet = new Alphabet(SymbolKind.Scalar, "abc ".Select(letter => (int)letter));
        string model = folder.At("own.safetensors"), file = folder.At("a.pt");
        ModelFile.Save(model, network, new ModelInfo(shape)
        {
            Properties = new Dictionary<string, string> { ["task"] = "text", [TextTask.AlphabetKey] = alphabet.ToString() },
        });
        string[] how = ["--length", "60", "--prompt", "ab", "--seed", "3"];
        string expected = Cli.Run(["sample", model, .. how]).Out;
        Assert.Equal(ExitCode.Success, Cli.Run("export", model, "--out", file).Code);
        CliResult same = Cli.Run(["sample", file, "--task", "text", "--alphabet", " abc", .. how]);
        Assert.Equal(ExitCode.Success, same.Code);
        Assert.Equal(expected, same.Out);

        // The same network with its indices in another order.
        int[] order = [2, 0, 3, 1];
        var moved = new Network<float>(shape);
        network.Parameters.CopyTo(moved.Parameters);
        for (int to = 0; to < 4; to++)
        {
            for (int row = 0; row < 24; row++) moved.InputWeights[(row * 4) + to] = network.InputWeights[(row * 4) + order[to]];
            network.OutputWeights.Slice(order[to] * 6, 6).CopyTo(moved.OutputWeights[(to * 6)..]);
            moved.OutputBias[to] = network.OutputBias[order[to]];
        }

        using (FileStream stream = File.Create(file)) Interop.TorchWriter.WriteStateDict(stream, moved);
        string letters = new([.. order.Select(i => " abc"[i])]);
        Assert.Equal(expected, Cli.Run(["sample", file, "--task", "text", "--alphabet", letters, .. how]).Out);
        Assert.Contains("--alphabet", Cli.Run(["sample", file, "--task", "text", .. how]).RefusedWith());
        Assert.Contains("3 symbols", Cli.Run(["sample", file, "--task", "text", "--alphabet", "abc", .. how]).RefusedWith());
        Assert.Contains("twice", Cli.Run(["sample", file, "--task", "text", "--alphabet", "abca", .. how]).RefusedWith());
        Assert.Contains("--task", Cli.Run(["sample", file, .. how]).RefusedWith());
    }

    [Fact]
    public void Training_starts_from_the_weights_of_a_state_dict()
    {
        using var folder = new TempFolder();
        string path = Path.Combine(s_cells, "lstm-2-float.pt");
        string[] how =
        [
            "train", "temporal-order", "--length", "10..12", "--optimizer", "sgd", "--lr", "1e-30", "--updates", "2",
            "--check-every", "2",
            "--validation", "20", "--batch", "5", "--curriculum", "none", "--json",
        ];
        CliResult result = Cli.Run([.. how, "--from", path, "--out", folder.At("run")]);
        Assert.Equal(ExitCode.Unsolved, result.Code);
        using TorchFile file = TorchSamples.Open(path);
        Network<float> start = TorchNetwork.Load(file, new TorchUse("a test", InputEncoding.OneHot, OutputHead.SoftmaxLast, null,
            null), TorchRequest.None).Network.Convert<float>();
        Network<float> end = ModelFile.Load<float>(Path.Combine(folder.At("run"), "model.safetensors"));
        Assert.Equal(start.Shape, end.Shape);
        Assert.Equal(start.Parameters.ToArray(), end.Parameters.ToArray());
        Assert.Contains("\"from\": ", File.ReadAllText(Path.Combine(folder.At("run"), "run.json")));

        // A resumed run needs the file no more, and a model of ours is a start as well.
        Assert.Equal(ExitCode.Unsolved, Cli.Run("train", "--resume", folder.At("run"), "--updates", "4", "--json").Code);
        string own = Path.Combine(folder.At("run"), "model.safetensors");
        Assert.Equal(ExitCode.Unsolved, Cli.Run([.. how, "--from", own, "--out", folder.At("second")]).Code);
        Assert.Contains("--hidden", Cli.Run([.. how, "--from", own, "--hidden", "7"]).RefusedWith());
        Assert.Contains("--init", Cli.Run([.. how, "--from", own, "--init", "orthogonal"]).RefusedWith());
        Assert.Contains("--from", Cli.Run("train", "--resume", folder.At("run"), "--from", own).RefusedWith());
        Assert.Contains("does not fit", Cli.Run("train", "addition", "--from", own, "--updates", "2").RefusedWith());
        Assert.Contains("--from", Cli.Run([.. how, "--ignore", "x"]).RefusedWith());
    }

    [Fact]
    public void A_header_whose_length_looks_like_a_pickle_or_a_zip_is_no_such_file()
    {
        using var folder = new TempFolder();
        foreach (int length in (int[])[0x0380, 0x0480, 0x4B50])
        {
            string path = folder.At("model.safetensors");
            Network<float> network = Random(new NetworkShape(6, 3, 4));
            string padding = "";
            for (int header = 0; header != length; padding += header > length - 64 ? "x" : new string('x', 32))
            {
                var properties = new Dictionary<string, string> { ["task"] = "temporal-order", ["note"] = padding };
                ModelFile.Save(path, network, new ModelInfo(network.Shape) { Properties = properties });
                header = BitConverter.ToInt32(File.ReadAllBytes(path));
                if (header == length) break;
                Assert.True(header < length);
            }

            Assert.Equal(ExitCode.Success, Cli.RunWith("[1,2]", "predict", path).Code);
            Assert.Equal("", Cli.Run("diagnose", path, "--length", "12", "--batches", "1", "--json").Error);
        }
    }

    [Fact]
    public void What_a_file_does_not_say_is_asked_for()
    {
        string path = Path.Combine(s_cells, "gru-1.pt");
        Assert.Contains("--task", Cli.Run("evaluate", path).RefusedWith());
        Assert.Contains("--task", Cli.Run("predict", path).RefusedWith());
        Assert.Contains("both", Cli.Run("predict", path, "--inputs", "one-hot").RefusedWith());
        Assert.Contains("does not fit", Cli.Run("evaluate", path, "--task", "addition").RefusedWith());
        Assert.Contains("bidirectional", Cli.Run(["evaluate", Path.Combine(s_cells, "bidirectional.pt"), .. s_onTask])
            .RefusedWith());
    }

    private static Network<float> Random(NetworkShape shape)
    {
        var network = new Network<float>(shape);
        var random = new Random(1);
        foreach (ref float weight in network.Parameters) weight = (float)((random.NextDouble() * 4) - 2);
        return network;
    }
}
