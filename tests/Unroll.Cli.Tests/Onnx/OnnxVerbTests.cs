using System.Text.Json;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Onnx;

/// <summary>ONNX models in the verbs: our own, and files that PyTorch's exporter wrote (make.py).</summary>
public class OnnxVerbTests
{
    private static readonly string[] s_others =
    [
        "bidirectional", "tanh-before-head", "hard-sigmoid", "backwards", "reset-before", "first-step", "without-first-step",
        "joined-inputs", "two-branches",
    ];

    private static string Folder { get; } = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Onnx", "Files");

    private static string Keras { get; } = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Onnx", "Keras");

    [Fact]
    public void Files_of_PyTorchs_exporter_give_its_outputs() => Check(Folder, 8);

    /// <summary>Graphs as the sources of Keras's two exporters describe them, and the outputs of ONNX Runtime.</summary>
    [Fact]
    public void Graphs_of_the_form_of_Kerass_exporters_give_the_outputs_of_ONNX_Runtime() => Check(Keras, 8);

    private static void Check(string folder, int count)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json"))).RootElement;
        int[] symbols = [.. expected.GetProperty("symbols").EnumerateArray().Select(one => one.GetInt32())];
        string rows = JsonSerializer.Serialize(symbols.Select(symbol => Enumerable.Range(0, 6).Select(i => i == symbol ? 1 : 0)));
        int read = 0;
        foreach (JsonProperty one in expected.GetProperty("outputs").EnumerateObject())
        {
            if (s_others.Contains(one.Name)) continue;
            string head = one.Name.EndsWith("softmax", StringComparison.Ordinal) ? "softmax-last" : "linear-last";
            CliResult result = Cli.RunWith(rows, "predict", Path.Combine(folder, $"{one.Name}.onnx"), "--inputs", "dense",
                "--predicts", head);
            Assert.Equal(ExitCode.Success, result.Code);
            Assert.Contains("ONNX: layer", result.Error);
            Assert.DoesNotContain("--activation", result.Error);
            JsonElement line = Assert.Single(result.Json);
            double[] y = [.. line.GetProperty(head == "linear-last" ? "output" : "probabilities").EnumerateArray()
                .Select(value => value.GetDouble())];
            double[] wanted = [.. one.Value.EnumerateArray().Select(value => value.GetDouble())];
            Assert.Equal(wanted.Length, y.Length);
            for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], y[i], 1e-6);
            read++;
        }

        Assert.Equal(count, read);
    }

    [Theory]
    [InlineData("bidirectional", "LSTM, whose direction is bidirectional")]
    [InlineData("tanh-before-head", "Tanh, which stands between LSTM and the head")]
    [InlineData("hard-sigmoid", "LSTM, whose activations are HardSigmoid, Tanh, Tanh")]
    [InlineData("backwards", "LSTM, whose direction is reverse")]
    [InlineData("reset-before", "GRU, whose reset gate works before the product")]
    [InlineData("first-step", "Slice, which chooses another step than the last")]
    [InlineData("without-first-step", "Slice, which chooses or joins some of what the network reads")]
    [InlineData("joined-inputs", "Concat, which chooses or joins some of what the network reads")]
    [InlineData("two-branches", "Concat, which chooses or joins some of what the network reads")]
    public void Another_network_is_refused_by_its_operator(string name, string expected) =>
        Assert.Contains(expected, Cli.Run("diagnose", Path.Combine(File.Exists(Path.Combine(Folder, $"{name}.onnx")) ? Folder
            : Keras, $"{name}.onnx"), "--task", "temporal-order").RefusedWith().ReplaceLineEndings(" "));

    [Fact]
    public void A_foreign_model_goes_through_the_verbs()
    {
        using var folder = new TempFolder();
        string model = Path.Combine(Folder, "lstm.onnx");
        Assert.Contains("--task", Cli.Run("evaluate", model, "--length", "20").RefusedWith());
        Assert.Equal(ExitCode.Success,
            Cli.Run("evaluate", model, "--task", "temporal-order", "--length", "20", "--sequences", "50").Code);
        Assert.Equal(ExitCode.Success, Cli.Run("export", model, "--task", "temporal-order", "--out", folder.At("a.pt")).Code);
        Assert.Equal(ExitCode.Success, Cli.Run("diagnose", model, "--task", "temporal-order", "--length", "20", "--batches",
            "1").Code);
        Assert.Contains("relu", Cli.Run("diagnose", Path.Combine(Folder, "rnn-relu-2.onnx"), "--task", "temporal-order",
            "--activation",
            "tanh").RefusedWith());
    }

    [Fact]
    public void Our_own_export_is_the_model_in_every_verb()
    {
        using var folder = new TempFolder();
        Cli.Run(["train", "--updates", "20", "--out", folder.At("run"), .. Cli.Small]);
        string model = folder.At("run/model.safetensors"), onnx = folder.At("net.onnx");
        Cli.Run("export", model, "--out", onnx);
        foreach (string[] verb in (string[][])[["evaluate", "--length", "20", "--sequences", "100"], ["diagnose", "--batches",
            "2"]])
        {
            CliResult own = Cli.Run([verb[0], model, "--json", .. verb[1..]]), back = Cli.Run([verb[0], onnx, "--json",
                .. verb[1..]]);
            Assert.Equal(ExitCode.Success, back.Code);
            Assert.Equal(own.Out.Replace(model, onnx, StringComparison.Ordinal), back.Out);
        }

        Assert.Equal(Cli.RunWith("[1,2,3]", "predict", model).Out, Cli.RunWith("[1,2,3]", "predict", onnx).Out);
        Assert.Equal(ExitCode.Success, Cli.Run("export", onnx, "--out", folder.At("again.onnx")).Code);
        Assert.Equal(File.ReadAllBytes(onnx), File.ReadAllBytes(folder.At("again.onnx")));
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--from", onnx, "--updates", "1", .. Cli.Small.Where(arg => arg is not
            ("--hidden" or "10"))]).Code);
        byte[] bytes = File.ReadAllBytes(onnx);
        File.WriteAllBytes(folder.At("cut.onnx"), bytes[..(bytes.Length / 2)]);
        Assert.Contains("cut off", Cli.Run("evaluate", folder.At("cut.onnx")).RefusedWith());
        File.WriteAllText(folder.At("text.onnx"), "hello");
        Cli.Run("evaluate", folder.At("text.onnx")).RefusedWith();
        File.WriteAllText(folder.At("empty.onnx"), "");
        Cli.Run("evaluate", folder.At("empty.onnx")).RefusedWith();
    }

    [Fact]
    public void A_probe_starts_from_a_model_of_another_program()
    {
        string torch = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Torch", "Cells", "lstm-1.pt");
        foreach (string model in (string[])[Path.Combine(Folder, "lstm.onnx"), torch])
        {
            CliResult result = Cli.Run("probe", "temporal-order", "--from", model, "--updates", "5", "--length", "20");
            if (result.Code != ExitCode.Success) Assert.Contains("does not fit", result.Error);
            else Assert.Contains(Path.GetFileName(model), result.Out.ReplaceLineEndings(""));
        }

        Assert.Contains("--hidden", Cli.Run("probe", "temporal-order", "--from", torch, "--hidden", "9").RefusedWith());
    }
}
