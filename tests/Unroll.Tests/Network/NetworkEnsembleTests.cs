using Unroll.Tests.Training;

namespace Unroll.Tests;

/// <summary>Networks side by side as one.</summary>
public static class NetworkEnsembleTests
{
    public static TheoryData<string> Networks => ["plain", "gru", "lstm", "leaky", "lru", "stack"];

    /// <summary>The oracle: outputs of the one are the means of the outputs of the others.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public static void Outputs_are_means(string kind)
    {
        LayerList layers = kind switch
        {
            "gru" => [new LayerShape(3) { Cell = CellKind.Gru }],
            "lstm" => [new LayerShape(3) { Cell = CellKind.Lstm }],
            "leaky" => [new LayerShape(3) { Cell = CellKind.Leaky, Leak = 0.5, TrainedLeak = true }],
            "lru" => [new LayerShape(4) { Cell = CellKind.Lru }],
            "stack" => [new LayerShape(4) { Cell = CellKind.Lstm }, new LayerShape(2) { Cell = CellKind.Gru }],
            _ => [new LayerShape(3)],
        };
        var shape = new NetworkShape(2, layers, 3)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearLast,
            LearnedInitialState = true,
        };
        var random = new Random(5);
        Network<double>[] networks = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            var network = new Network<double>(shape);
            foreach (ref double value in network.Parameters) value = (random.NextDouble() - 0.5) * 1.2;
            return network;
        })];
        Batch batch = Batch.For(shape);
        batch.Resize(2, 4);
        for (int row = 0; row < 2; row++)
        {
            batch.Lengths[row] = 4;
            for (int t = 0; t < 4; t++)
            {
                foreach (ref double value in batch.Dense(t, row)) value = random.NextDouble() - 0.5;
            }
        }

        double[][] each = [.. networks.Select(Outputs)];
        double[] joined = Outputs(NetworkEnsemble.Join(networks));
        for (int o = 0; o < joined.Length; o++) Assert.Equal(each.Average(one => one[o]), joined[o], 12);
        Assert.NotEqual(each[0][0], joined[0], 3);

        double[] Outputs(Network<double> network)
        {
            using var unrolled = new UnrolledNetwork<double>(network, 1);
            var predictions = new Predictions();
            unrolled.Predict(batch, predictions);
            return [.. predictions.At(0, 0), .. predictions.At(0, 1)];
        }
    }

    [Fact]
    public static void Only_equal_networks_can_be_joined()
    {
        Assert.Contains("no network", Assert.Throws<ArgumentException>(() => NetworkEnsemble.Join<float>([])).Message);
        Assert.Contains("different shapes", Assert.Throws<ArgumentException>(() => NetworkEnsemble.Join<float>(
            [new Network<float>(new NetworkShape(1, 2, 1)), new Network<float>(new NetworkShape(1, 3, 1))])).Message);
    }
}
