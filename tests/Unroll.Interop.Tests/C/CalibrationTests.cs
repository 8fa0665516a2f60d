namespace Unroll.Interop.Tests.C;

/// <summary>Weights of 8 bits that are rounded by what a network reads.</summary>
public sealed class CalibrationTests
{
    private const int Rows = 20, Steps = 40;

    public static TheoryData<string, InputEncoding, OutputHead> Networked => new()
    {
        { "tanh", InputEncoding.OneHot, OutputHead.SoftmaxLast },
        { "sigmoid", InputEncoding.MultiHot, OutputHead.BernoulliEvery },
        { "lstm", InputEncoding.Dense, OutputHead.LinearEvery }, { "gru", InputEncoding.Dense, OutputHead.LinearLast },
        { "lstm 2", InputEncoding.Dense, OutputHead.LinearEvery },
        { "leaky trained", InputEncoding.Dense, OutputHead.LinearEvery },
        { "mixed", InputEncoding.Dense, OutputHead.LinearEvery },
    };

    [Theory]
    [MemberData(nameof(Networked))]
    public void Rounding_by_data_costs_less_than_rounding_each_weight(string stack, InputEncoding encoding, OutputHead head)
    {
        double near = 0, far = 0;
        for (int seed = 1; seed <= 4; seed++)
        {
            var shape = new NetworkShape(6, [.. Networks.Stacks[stack].Select(layer => layer with { Hidden = 16 })], 4)
            {
                Encoding = encoding,
                Head = head,
            };
            Network<float> network = Networks.Random<float>(shape, seed);
            Network<float> eight = CWriter.Quantized(network, [Sequences(shape, 10), Sequences(shape, 11)]);
            Batch fresh = Sequences(shape, 12);
            near += Distance(network, eight, fresh);
            far += Distance(network, CWriter.Quantized(network), fresh);
        }

        Assert.InRange(near / far, 0, 0.6);
    }

    [Fact]
    public void A_header_keeps_the_weights_that_were_rounded_by_data()
    {
        foreach (string stack in (string[])["tanh", "mixed", "gru 3", "one unit"])
        {
            var shape = new NetworkShape(5, Networks.Stacks[stack], 3) { Encoding = InputEncoding.Dense };
            Network<float> eight = CWriter.Quantized(Networks.Random<float>(shape), [Sequences(shape, 10)]);
            Network<float> again = CWriter.Quantized(eight);
            for (int i = 0; i < eight.Parameters.Length; i++)
                Assert.Equal(eight.Parameters[i], again.Parameters[i], Math.Abs(eight.Parameters[i]) * 3e-7f);
        }

        Assert.SkipUnless(CompiledHeaders.Has("gcc"), "gcc is not installed.");
        using var headers = new CompiledHeaders();
        var one = new NetworkShape(5, Networks.Stacks["mixed"], 3)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        };
        Network<float> network = CWriter.Quantized(Networks.Random<float>(one), [Sequences(one, 10)]);
        headers.Add("net", network, new CHeaderOptions("net") { Weights = CWeights.Int8 });
        headers.Compile("gcc", "-std=c99 -O1");
        Batch batch = Sequences(one, 11);
        double[] expected = Networks.Stream(network, batch).Outputs;
        float[] got = headers.Run("net", batch, Rows - 1);
        for (int t = 0; t < Steps; t++)
        {
            for (int o = 0; o < one.Outputs; o++)
                Assert.Equal(expected[(((t * Rows) + Rows - 1) * one.Outputs) + o], got[(t * one.Outputs) + o], 1e-5);
        }
    }

    [Fact]
    public void The_same_sequences_give_the_same_bits_and_none_the_nearest_weights()
    {
        var shape = new NetworkShape(5, Networks.Stacks["mixed"], 3);
        Network<float> network = Networks.Random<float>(shape);
        float[] before = network.Parameters.ToArray();
        float[] one = CWriter.Quantized(network, [Sequences(shape, 10)]).Parameters.ToArray();
        Assert.Equal(one, CWriter.Quantized(network, [Sequences(shape, 10)]).Parameters.ToArray());
        Assert.NotEqual(one, CWriter.Quantized(network, [Sequences(shape, 11)]).Parameters.ToArray());
        Assert.NotEqual(one, CWriter.Quantized(network).Parameters.ToArray());
        Assert.Equal(CWriter.Quantized(network).Parameters.ToArray(), CWriter.Quantized(network, []).Parameters.ToArray());
        Assert.Equal(before, network.Parameters.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Networks_without_biases_and_inputs_that_never_come_are_rounded_too(bool biases)
    {
        var shape = new NetworkShape(5, Networks.Stacks["gru"], 3) { Biases = biases, Encoding = InputEncoding.Dense };
        Network<float> network = Networks.Random<float>(shape);
        network.Parameter("weight_hh_l0")[..6].Clear(); // a row whose scale is 0
        Batch nothing = Batch.For(shape);
        nothing.Resize(2, 1);
        foreach (Batch batch in (Batch[])[nothing, Sequences(shape, 10)])
        {
            Network<float> eight = CWriter.Quantized(network, [batch]);
            foreach (ParameterBlock block in network.Blocks.Where(block => block.IsWeight))
            {
                for (int i = 0; i < block.Length; i++)
                {
                    Assert.Equal(network.Parameters[block.Offset + i], eight.Parameters[block.Offset + i], 0.1f);
                }
            }

            Assert.All(eight.Parameter("weight_hh_l0")[..6].ToArray(), weight => Assert.Equal(0, weight));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var shape = new NetworkShape(5, Networks.Stacks["gru"], 3);
        Network<float> network = Networks.Random<float>(shape);
        Assert.Throws<ArgumentException>(() => CWriter.Quantized(network, [Sequences(new NetworkShape(4, 3, 3), 1)]));
        network.Parameters[3] = float.NaN;
        Assert.Throws<ArgumentException>(() => CWriter.Quantized(network, [Sequences(shape, 1)]));
        var lru = new Network<float>(new NetworkShape(5, [new LayerShape(4) { Cell = CellKind.Lru }], 3));
        Assert.Contains("LRU", Assert.Throws<ArgumentException>(() => CWriter.Quantized(lru, [])).Message);
    }

    private static Batch Sequences(NetworkShape shape, int seed) => Networks.Sequences(shape, Rows, Steps, seed);

    private static double Distance(Network<float> one, Network<float> other, Batch batch) =>
        Networks.Stream(one, batch).Outputs.Zip(Networks.Stream(other, batch).Outputs, (a, b) => (a - b) * (a - b)).Sum();
}
