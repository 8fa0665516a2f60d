using System.Text.Json;
using Unroll.Cli.Torch;
using Unroll.Remedies;
using Unroll.Tests;
using Unroll.Training;

namespace Unroll.Cli.Tests.Torch;

/// <summary>
/// A network that PyTorch saved goes on training here as it does there: ten updates of plain SGD that make_updates.py had PyTorch
/// make, from the same file on the same sequences.
/// </summary>
public class TorchUpdatesTests
{
    private static readonly string s_folder = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Torch", "Cells");
    private static readonly JsonElement s_expected =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, "updates.json"))).RootElement;

    [Theory]
    [InlineData("lstm-2-float.pt")]
    [InlineData("lstm-2-no-bias.pt")]
    [InlineData("gru-2-float.pt")]
    public async Task The_next_ten_updates_are_those_of_PyTorch(string name)
    {
        JsonElement expected = s_expected.GetProperty("files").GetProperty(name);
        TorchNetwork torch;
        using (TorchFile file = TorchSamples.Open(Path.Combine(s_folder, name)))
            torch = TorchNetwork.Load(file, new SampleTask(), TorchRequest.None);
        Network<double> start = torch.Network;
        bool bare = name.Contains("no-bias", StringComparison.Ordinal); // recurrent layers without biases below a head with one
        var options = new TrainingOptions
        {
            Stack = start.Shape.Layers,
            Biases = start.Shape.Biases,
            Frozen = bare ? ["bias_l0", "bias_l1"] : [],
            LearningRate = s_expected.GetProperty("rate").GetDouble(),
            ClipMode = ClipMode.None,
            Omega = 0,
            WeightNoise = 0,
            MaximumUpdates = 10,
            CheckEvery = 1,
            Reduction = CostReduction.Sum,
            Precision = Precision.Double,
        };

        // PyTorch trains two biases that are added, where there is one here: the sum moves twice as far. A GRU's n has two here.
        var parts = new TrainingParts<double>
        {
            Initializer = (network, _) => start.Parameters.CopyTo(network.Parameters),
            OnGradient = at => Twice(at.Unrolled),
        };
        var trainer = new Trainer(new SampleTask(), options, parts);
        double[] costs = [.. expected.GetProperty("costs").EnumerateArray().Select(one => one.GetDouble())];
        var own = new List<double>();
        await foreach (TrainingProgress check in trainer.RunAsync(TestContext.Current.CancellationToken)) own.Add(check.Loss);
        Assert.Equal(10, own.Count);
        for (int i = 0; i < own.Count; i++) Assert.Equal(costs[i], own[i], 1e-5);
        Assert.True(costs[9] < costs[0] - 0.01, "The ten updates change nothing, and the test would hold for any.");

        Network<double> trained = trainer.LastNetwork<double>();
        JsonElement parameters = expected.GetProperty("parameters");
        for (int k = 0; k < start.Shape.Layers.Count; k++)
        {
            foreach (string weight in (string[])["weight_ih", "weight_hh"])
                Close(Read($"rnn.{weight}_l{k}"), trained.Parameter(ParameterBlock.Of(weight, k)));
            if (bare) continue;
            double[] sum = [.. Read($"rnn.bias_ih_l{k}").Zip(Read($"rnn.bias_hh_l{k}"), (a, b) => a + b)];
            int summed = start.Shape.Layers[k].Cell == CellKind.Gru ? sum.Length / 3 * 2 : sum.Length;
            Close(sum[..summed], trained.Parameter(ParameterBlock.Of("bias", k))[..summed]);
            if (summed == sum.Length) continue;
            Close(Read($"rnn.bias_ih_l{k}")[summed..], trained.Parameter(ParameterBlock.Of("bias", k))[summed..]);
            Close(Read($"rnn.bias_hh_l{k}")[summed..], trained.Parameter(ParameterBlock.Of("bias_hn", k)));
        }

        Close(Read("fc.weight"), trained.OutputWeights);
        Close(Read("fc.bias"), trained.OutputBias);

        double[] Read(string key) => [.. parameters.GetProperty(key).EnumerateArray().Select(one => one.GetDouble())];

        static void Twice(UnrolledNetwork<double> network)
        {
            NetworkShape shape = network.Network.Shape;
            for (int k = 0; k < shape.Layers.Count && shape.Biases; k++)
            {
                ParameterBlock block = network.Network.Blocks.Single(one => one.Name == ParameterBlock.Of("bias", k));
                Span<double> bias = network.Gradient.Slice(block.Offset, block.Length);
                int summed = shape.Layers[k].Cell == CellKind.Gru ? bias.Length / 3 * 2 : bias.Length;
                foreach (ref double one in bias[..summed]) one *= 2;
            }
        }

        static void Close(ReadOnlySpan<double> theirs, ReadOnlySpan<double> ours)
        {
            Assert.Equal(theirs.Length, ours.Length);
            for (int i = 0; i < ours.Length; i++) Assert.Equal(theirs[i], ours[i], 1e-5);
        }
    }
}
