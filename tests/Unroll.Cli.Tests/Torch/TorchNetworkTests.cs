using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Torch;

namespace Unroll.Cli.Tests.Torch;

/// <summary>Files of PyTorch against what PyTorch computes with them.</summary>
public class TorchNetworkTests
{
    public static TheoryData<string> Files =>
        [.. TorchSamples.Expected.GetProperty("files").EnumerateObject().Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_the_network_that_PyTorch_runs(string name)
    {
        JsonElement expected = TorchSamples.Expected.GetProperty("files").GetProperty(name);
        TorchNetwork torch = Load(name);
        GradientDiagnosis diagnosis = GradientDiagnosis.Measure(
            torch.Network, new SampleTask(), new DiagnosisOptions
            {
                Copies = torch.Copies,
                Curvature = false,
            }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(expected.GetProperty("cost").GetDouble(), diagnosis.Loss, 1e-11);
        if (expected.TryGetProperty("norm", out JsonElement norm))
        {
            Assert.Equal(norm.GetDouble(), diagnosis.Norms[0], 1e-11);
            return;
        }

        Close(expected.GetProperty("weight_hh"), torch.Network.RecurrentWeights);
        Close(expected.GetProperty("head"), torch.Network.OutputWeights);
        Assert.Contains(torch.Notes, note => note.Contains("norms and curvature are those of the weights"));
    }

    [Fact]
    public void What_was_read_is_said()
    {
        Assert.Equal(
            ["PyTorch: layer rnn.weight_ih_l0, head fc.weight, no hidden bias, tanh (the file does not say: --activation)"],
            Load("no-hidden-bias.pt").Notes);
        Assert.Equal(["PyTorch: layer rnn.weight_ih_l0, head fc.weight, biases summed, no head bias, relu"],
            Load("relu-no-head-bias.pt").Notes);
        Assert.StartsWith("PyTorch: state dict model_state_dict, layer rnn.weight_ih_l0", Load("checkpoint.pt").Notes[0]);
        Assert.StartsWith("PyTorch: layer cell.weight_ih, head", Load("cell.pt").Notes[0]);
        Assert.StartsWith("PyTorch: layer module.rnn.weight_ih_l0, head module.fc.weight", Load("data-parallel.pt").Notes[0]);
        Assert.Contains("by matrix_exp, PyTorch's default", Load("orthogonal-matrix_exp.pt").Notes[1]);
        Assert.EndsWith("by cayley", Load("orthogonal-cayley.pt").Notes[1]);
        Assert.Contains("weight_norm", Load("weight-norm-old-0.pt").Notes[1]);
        Assert.False(Load("no-bias.pt").Network.Shape.Biases);
    }

    [Fact]
    public void Two_biases_count_twice_and_one_that_is_absent_not_at_all()
    {
        // The same numbers in all three: what differs is of how many parameters they are the sum.
        TorchNetwork torch = Load("no-hidden-bias.pt");
        double[] norms = [.. new[] { 0, 1, 2 }.Select(copies => Measure(copies).Norms[0])];
        Assert.True(norms[0] < norms[1] && norms[1] < norms[2]);
        Assert.Equal((norms[2] * norms[2]) - (norms[1] * norms[1]), (norms[1] * norms[1]) - (norms[0] * norms[0]), 1e-12);
        double[] curvatures = [.. new[] { 0, 1, 2 }.Select(copies => Measure(copies).Curvature!.Value)];
        Assert.True(curvatures[0] < curvatures[1] && curvatures[1] < curvatures[2], string.Join(", ", curvatures));
        Assert.Throws<ArgumentOutOfRangeException>(() => Measure(3));

        GradientDiagnosis Measure(int copies) => GradientDiagnosis.Measure(
            torch.Network, new SampleTask(), new DiagnosisOptions
            {
                Copies = new Dictionary<string,
                int>
                { [ParameterBlock.HiddenBias] = copies },
            }, cancellation: TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("mlp.pt",
        "has more than a recurrent layer and one linear head: fc.0.weight [5, 5], fc.0.bias [5]; without them it would be "
            + "another network")]
    [InlineData("module.pt",
        "holds a whole Python object (__main__.Net), and nothing in a file is executed here; save its state dict in Python: "
            + "torch.save(torch.load(\"FILE\", map_location=\"cpu\", weights_only=False).state_dict(), \"weights.pt\").")]
    [InlineData("namespace.pt", "holds argparse.Namespace beside its tensors")]
    [InlineData("legacy.pt",
        "is a file of torch.save from before PyTorch 1.6; save it again in Python: torch.save(torch.load(\"FILE\"")]
    [InlineData("scripted.pt",
        "is a scripted module (torch.jit), and nothing in a file is executed here; save its state dict in Python: "
            + "torch.save(torch.jit.load(")]
    [InlineData("exported.pt2",
        "is an exported program (torch.export); save its state dict in Python: torch.save(torch.export.load(")]
    [InlineData("plain.pickle", "is a plain pickle, not a file of torch.save")]
    [InlineData("model.safetensors.index.json",
        "is the index of several files of weights; join them in Python: torch.save({k: v for f in "
            + "glob.glob(\"model-*.safetensors\")")]
    [InlineData("tensor.pt", "holds a single tensor where a state dict is expected")]
    [InlineData("list.pt", "holds a list where a state dict is expected")]
    [InlineData("sparse.pt", "holds torch._utils._rebuild_sparse_tensor")]
    [InlineData("expanded.pt", "more elements than the file has bytes")]
    [InlineData("lstm.pt", "has no head, no other matrix of width 5: it has 'weight_ih_l0'")]
    [InlineData("two.pt", "has several state dicts with a recurrent layer, model, ema; give one by --state-dict NAME")]
    [InlineData("unknown-parametrization.pt", "torch.nn.utils.parametrize.remove_parametrizations(model.rnn, \"weight_hh_l0\")")]
    [InlineData("orthogonal-matrix_exp-alone.pt",
        "in a parametrization that is not known (rnn.parametrizations.weight_hh_l0.original [5, 5])")]
    [InlineData("../Files", "is a folder without the files of a run; give the folder of one run, or a file of weights")]
    public void What_is_not_read_is_named_with_what_saves_it(string name, string expected)
    {
        string path = TorchSamples.At(name), error = Cli.Run("diagnose", path, "--task", "temporal-order").RefusedWith();
        Assert.StartsWith($"unroll: {path} ", error);
        Assert.Contains(expected.Replace("FILE", path), error);
    }

    [Fact]
    public void Options_say_what_the_file_does_not()
    {
        string checkpoint = TorchSamples.At("two.pt"), mlp = TorchSamples.At("mlp.pt");
        string[] few = ["--task", "temporal-order", "--length", "20", "--batches", "1", "--batch", "2"];
        string[] Notes(params string[] more) =>
            [.. Cli.Run(["diagnose", .. more, .. few, "--json"]).Json[0].GetProperty("notes").EnumerateArray()
                .Select(note => note.GetString()!)];
        Assert.StartsWith("PyTorch: state dict ema, layer", Notes(checkpoint, "--state-dict", "ema")[0]);
        Assert.Contains("has no state dict 'emo' for --state-dict; it has model, ema",
            Cli.Run(["diagnose", checkpoint, "--state-dict", "emo", .. few]).RefusedWith());
        Assert.Equal("PyTorch: left out as asked: fc.0.weight, fc.0.bias", Notes(mlp, "--ignore", "fc.0")[1]);
        Assert.Contains("has no tensor or module 'fd' for --ignore",
            Cli.Run(["diagnose", mlp, "--ignore", "fd", .. few]).RefusedWith());
        Assert.Contains("would leave out rnn.weight_ih_l0", Cli.Run(["diagnose", mlp, "--ignore", "rnn", .. few]).RefusedWith());
        Assert.Contains("more than a recurrent layer",
            Cli.Run(["diagnose", mlp, "--head", "fc.2", .. few, "--json"]).RefusedWith());
        Assert.Contains("--orthogonal-map has no value 'expm'",
            Cli.Run(["diagnose", mlp, "--orthogonal-map", "expm", .. few]).RefusedWith());
        Assert.Contains("--state-dict is for checkpoints of torch.save",
            Cli.Run(["diagnose", TorchSamples.At("half.safetensors"), "--state-dict", "x", .. few]).RefusedWith());
    }

    [Fact]
    public void Other_kinds_by_their_first_bytes_or_names()
    {
        using var folder = new TempFolder();
        string Refused(string name, params byte[] bytes)
        {
            File.WriteAllBytes(folder.At(name), bytes);
            return Cli.Run("diagnose", folder.At(name), "--task", "temporal-order").RefusedWith();
        }

        Assert.Contains("is packed with gzip", Refused("a.pt", 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0));
        Assert.Contains("is an HDF5 file, as Keras writes them",
            Refused("a.h5", 0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10));
        Assert.Contains("is a tar file, as torch.save wrote before PyTorch 0.4",
            Refused("a.tar", [.. new byte[257], .. "ustar\000"u8, .. new byte[300]]));
        Assert.Contains("is the index of several files", Refused("b.json", "{\"weight_map\": {\"a\": \"b\"}}"u8.ToArray()));
        Assert.EndsWith("empty.pt is empty.\n", Refused("empty.pt"));
        File.Copy(TorchSamples.At("tensor.pt"), folder.At("x.distcp"));
        File.Move(folder.At("x.distcp"), folder.At("__0_0.distcp"));
        Assert.Contains(
            "is a folder of torch.distributed.checkpoint; join it in Python: "
                + "torch.distributed.checkpoint.format_utils.dcp_to_torch_save(",
                Cli.Run("diagnose", folder.At("."), "--task", "temporal-order").RefusedWith());
        string shard = folder.At("model-00002-of-00002.safetensors");
        File.Move(Diagnosis.Models.Torch(folder, "part.safetensors", tensors => tensors.Remove("rnn.weight_ih_l0")), shard);
        Assert.Contains(
            "is one of several files by its name; join them in Python: torch.save({k: v for f in "
                + "glob.glob(\"model-*.safetensors\")", Cli.Run("diagnose", shard, "--task", "temporal-order").RefusedWith());
        Assert.Contains("give --task NAME", Cli.Run("evaluate", TorchSamples.At("plain.pt")).RefusedWith());
    }

    private static TorchNetwork Load(string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name);
        OrthogonalMap? map = stem.Contains("cayley") ? OrthogonalMap.Cayley : stem.Contains("householder")
            ? OrthogonalMap.Householder : stem.EndsWith("alone") ? OrthogonalMap.MatrixExp : null;
        using TorchFile file = TorchSamples.Open(TorchSamples.At(name), stem == "two" ? "model" : null);
        return TorchNetwork.Load(file, new SampleTask(),
            TorchRequest.None with { Activation = stem.StartsWith("relu") ? Activation.Relu : null, Map = map });
    }

    private static void Close(JsonElement expected, Span<double> actual)
    {
        double[] values = [.. expected.EnumerateArray().Select(one => one.GetDouble())];
        Assert.Equal(values.Length, actual.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[i], 1e-12);
    }
}
