using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Tests.Diagnosis;
using Unroll.Cli.Torch;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Torch;

/// <summary>
/// Files of several layers, of LSTM, GRU and cell modules, that make_cells.py let PyTorch write, against what PyTorch computes
/// with them.
/// </summary>
public class TorchCellTests
{
    private static readonly string s_folder = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Torch", "Cells");
    private static readonly JsonElement s_expected =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, "expected.json"))).RootElement;
    private static readonly string[] s_few = ["--task", "temporal-order", "--length", "20", "--batches", "1", "--batch", "3"];

    public static TheoryData<string> Files => [.. s_expected.GetProperty("files").EnumerateObject().Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_the_network_that_PyTorch_runs(string name)
    {
        JsonElement expected = s_expected.GetProperty("files").GetProperty(name);
        TorchNetwork torch = Load(name);
        var task = new SampleTask();
        Batch batch = Batch.For(task);
        task.Fill(batch, 0, default);
        using var unrolled = new UnrolledNetwork<double>(torch.Network);
        Assert.Equal(expected.GetProperty("cost").GetDouble(), unrolled.Forward(batch, task.Reduction), 1e-10);
        Close(expected.GetProperty("outputs"), unrolled, 1e-10);
        if (expected.TryGetProperty("float_outputs", out JsonElement floats))
        {
            using var rounded = new UnrolledNetwork<float>(torch.Network.Convert<float>());
            rounded.Forward(batch, task.Reduction);
            Close(floats, rounded, 1e-5);
        }

        // The norm that clip_grad_norm_ returns: it counts PyTorch's two biases, and none that the file lacks.
        if (!expected.TryGetProperty("norm", out JsonElement norm)) return;
        GradientDiagnosis diagnosis = GradientDiagnosis.Measure(
            torch.Network, task, new DiagnosisOptions
            {
                Copies = torch.Copies,
                Curvature = false,
            }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(norm.GetDouble(), diagnosis.Norms[0], 1e-10);
    }

    [Theory]
    [InlineData("rnn-1.pt", "plain 5")]
    [InlineData("rnn-3.safetensors", "plain 5, plain 5, plain 5")]
    [InlineData("lstm-2-float.pt", "lstm 5, lstm 5")]
    [InlineData("gru-cell.pt", "gru 5")]
    [InlineData("cells-widths.safetensors", "lstm 7, gru 5, plain 8")]
    [InlineData("cells-of-8.safetensors", "plain 3, plain 4, plain 5, plain 6, plain 7, plain 8, plain 9, plain 3")]
    [InlineData("chain.safetensors", "gru 7, lstm 3, lstm 3")]
    public void Names_and_shapes_say_what_it_is(string name, string layers) =>
        Assert.Equal(layers, Load(name).Network.Shape.Layers.ToString());

    [Fact]
    public void What_was_read_is_said()
    {
        Assert.Equal(["PyTorch: layers rnn.weight_ih_l0 (LSTM 5), rnn.weight_ih_l1 (LSTM 5), head fc.weight, biases summed"],
            Load("lstm-2-float.pt").Notes);
        Assert.Equal(
            ["PyTorch: layer cells.0.weight_ih (GRU 5), head head.weight, biases summed but those of a GRU's n, which stay two"],
            Load("gru-cell.pt").Notes);
        Assert.Equal(
            ["PyTorch: layers rnn.weight_ih_l0 (RNN 5), rnn.weight_ih_l1 (RNN 5), head fc.weight, biases summed, tanh (the file "
                + "does not say: --activation)"],
            Load("rnn-2-float.pt").Notes);
        Assert.Equal("PyTorch: 2 modules one above the other, in the order of their widths", Load("chain.safetensors").Notes[1]);
        Assert.Equal("PyTorch: 2 modules one above the other, in the order of their widths", Load("cells-no-bias.pt").Notes[1]);
        Assert.Contains("state dict state_dict, layers module.rnn.weight_ih_l0 (GRU 5)", Load("module.pt").Notes[0]);
        Assert.Contains("no hidden bias, no head bias", Load("lstm-1-no-bias-at-all.pt").Notes[0]);
        Assert.Contains("weight_norm", Load("lstm-2-weight-norm.pt").Notes[1]);
    }

    [Theory]
    [InlineData("bidirectional.pt", "is bidirectional: it has rnn.weight_ih_l0_reverse")]
    [InlineData("projection.pt", "is an LSTM with projection (proj_size): it has rnn.weight_hr_l0")]
    [InlineData("headless.pt", "has no head, no other matrix of width 6")]
    public void Other_networks_are_refused_by_name(string name, string expected)
    {
        string error = Cli.Run(["diagnose", At(name), .. s_few]).RefusedWith();
        Assert.Contains(expected, error);
        Assert.DoesNotContain('\n', error.Trim());
    }

    [Theory]
    [InlineData("rnn.weight_hh_l1 21 8",
        "rnn.weight_hh_l1 in shape [21, 8], whose 21 rows are no gates of 8 units: expected is one of [8, 8] (RNN), [24, 8] "
            + "(GRU), [32, 8] (LSTM)")]
    [InlineData("rnn.weight_ih_l0 24 6",
        "rnn.weight_ih_l0 in shape [24, 6] where 32 rows are expected, of 4 gates of 8 units, as rnn.weight_hh_l0 says")]
    [InlineData("rnn.weight_ih_l1 32 9",
        "rnn.weight_ih_l1 in shape [32, 9] where [32, 8] is expected, as the layer below has 8 units")]
    [InlineData("rnn.bias_hh_l1 31", "rnn.bias_hh_l1 in shape [31] where [32] is expected")]
    [InlineData("-rnn.weight_hh_l1", "and no rnn.weight_hh_l1")]
    [InlineData("-rnn.weight_ih_l0", "and no rnn.weight_ih_l0")]
    [InlineData("-rnn.bias_ih_l1", "and no rnn.bias_ih_l1")]
    [InlineData("-rnn.weight_ih_l1; -rnn.weight_hh_l1; -rnn.bias_ih_l1; -rnn.bias_hh_l1; rnn.weight_ih_l2 32 8",
        "has rnn.weight_ih_l2 and no rnn.weight_ih_l1")]
    [InlineData("rnn.weight_ih_l1_reverse 32 16", "is bidirectional: it has rnn.weight_ih_l1_reverse")]
    [InlineData("rnn.weight_hr_l1 8 8", "is an LSTM with projection (proj_size): it has rnn.weight_hr_l1")]
    [InlineData("rnn.weight_hh_l0 32 8 2", "where a matrix is expected")]
    [InlineData("rnn.weight_hh_l0 0 0", "which is 0 units")]
    [InlineData("other.weight_ih 8 7; other.weight_hh 8 8",
        "has several recurrent layers: rnn.weight_ih_l0, other.weight_ih, whose widths do not let them stand one above the other "
            + "(--ignore NAME leaves one out)")]
    [InlineData("rnn.weight_ih_l9999 32 8", "and no rnn.weight_ih_l2")]
    [InlineData("rnn.extra 5", "has more than a recurrent layer and one linear head: rnn.extra [5]")]
    public void Blocks_that_do_not_go_together_are_named(string changes, string expected)
    {
        using var folder = new TempFolder();
        string path = Stack(folder, changes), error = Cli.Run(["diagnose", path, .. s_few]).RefusedWith();
        Assert.Contains(expected, error);
        Assert.StartsWith($"unroll: {path} ", error);
    }

    [Fact]
    public void Options_say_what_the_file_does_not()
    {
        using var folder = new TempFolder();
        string lstm = Stack(folder, ""),
            guessed = Stack(folder, "up.weight_ih 8 8; up.weight_hh 8 8; top.weight_ih 8 8; top.weight_hh 8 8");
        Assert.Contains("--activation relu is for nn.RNN; ",
            Cli.Run(["diagnose", lstm, "--activation", "relu", .. s_few]).RefusedWith());
        Assert.Contains("would leave out rnn.weight_ih_l0, and no recurrent layer would be left",
            Cli.Run(["diagnose", lstm, "--ignore", "rnn", .. s_few]).RefusedWith());
        string[] Notes(params string[] more) =>
            [.. Cli.Run(["diagnose", guessed, .. more, .. s_few, "--json"]).Json[0].GetProperty("notes").EnumerateArray()
                .Select(note => note.GetString()!)];
        Assert.Contains("PyTorch: 3 modules one above the other, in the order of their names, which is a guess", Notes());
        Assert.Contains("PyTorch: 2 modules one above the other, in the order of their widths", Notes("--ignore", "top"));
        Assert.Contains("no bias beside up.weight_ih", Notes("--ignore", "top")[0]);
    }

    [Fact]
    public void More_layers_than_a_network_has_are_refused()
    {
        using var folder = new TempFolder();
        string changes = string.Join("; ", Enumerable.Range(2, 7).SelectMany(k =>
            (string[])[$"rnn.weight_ih_l{k} 32 8", $"rnn.weight_hh_l{k} 32 8", $"rnn.bias_ih_l{k} 32", $"rnn.bias_hh_l{k} 32"]));
        Assert.Contains(
            "has 9 recurrent layers, up to rnn.weight_ih_l8; supported are nn.RNN, nn.LSTM, nn.GRU and their cells, up to 8 "
                + "layers", Cli.Run(["diagnose", Stack(folder, changes), .. s_few]).RefusedWith());
    }

    [Theory]
    [InlineData("lstm-3.safetensors")]
    [InlineData("gru-2-float.pt")]
    [InlineData("rnn-2-bfloat16.pt")]
    [InlineData("cells-widths.safetensors")]
    public void A_report_is_made_end_to_end(string name)
    {
        using var folder = new TempFolder();
        string page = folder.At("page.html");
        string[] args = ["diagnose", At(name), .. s_few];
        CliResult json = Cli.Run([.. args, "--json", "--html", page]);
        Assert.Equal((ExitCode.Success, ""), (json.Code, json.Error));
        TorchNetwork torch = Load(name);
        Assert.Equal(torch.Network.Shape.Layers.Count, json.Json[0].GetProperty("layers").GetArrayLength());
        string text = Cli.Run(args).Out;
        Assert.DoesNotContain("NaN", text);
        Assert.Contains("PyTorch: layers ", text);
        Assert.Contains("PyTorch: layers ", File.ReadAllText(page));
    }

    /// <summary>An LSTM of two layers of 8 units for temporal order, changed.</summary>
    private static string Stack(TempFolder folder, string changes)
    {
        return Models.Torch(folder, $"{changes.GetHashCode(StringComparison.Ordinal):x}.safetensors", tensors =>
        {
            foreach (string name in (string[])["weight_ih_l0 32 6", "weight_hh_l0 32 8", "bias_ih_l0 32", "bias_hh_l0 32",
                "weight_ih_l1 32 8", "weight_hh_l1 32 8", "bias_ih_l1 32", "bias_hh_l1 32"])
                Set($"rnn.{name}");
            foreach (string change in changes.Split("; ", StringSplitOptions.RemoveEmptyEntries)) Set(change);

            void Set(string change)
            {
                string[] words = change.Split(' ');
                if (words[0][0] == '-') tensors.Remove(words[0][1..]);
                else tensors[words[0]] = Models.Filled(words[0], [.. words[1..].Select(long.Parse)]);
            }
        });
    }

    private static string At(string name) => Path.Combine(s_folder, name);

    private static TorchNetwork Load(string name)
    {
        using TorchFile file = TorchSamples.Open(At(name));
        return TorchNetwork.Load(file, new SampleTask(),
            TorchRequest.None with { Activation = name.StartsWith("relu", StringComparison.Ordinal) ? Activation.Relu : null });
    }

    private static void Close<T>(JsonElement expected, UnrolledNetwork<T> unrolled, double tolerance)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        for (int row = 0; row < unrolled.Rows; row++)
        {
            double[] values = [.. expected[row].EnumerateArray().Select(one => one.GetDouble())];
            Assert.Equal(values.Length, unrolled.Output(0, row).Length);
            for (int i = 0; i < values.Length; i++)
                Assert.Equal(values[i], double.CreateTruncating(unrolled.Output(0, row)[i]), tolerance);
        }
    }
}
