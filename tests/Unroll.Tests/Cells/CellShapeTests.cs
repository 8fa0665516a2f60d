using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Cells;

/// <summary>Shapes of several layers: their parameters, their refusals, their files and their initialization.</summary>
public static class CellShapeTests
{
    [Fact]
    public static void Parameters_have_PyTorchs_names_and_sizes()
    {
        var shape = new NetworkShape(
            6,
            [new LayerShape(5) { Cell = CellKind.Lstm }, new LayerShape(4) { Cell = CellKind.Gru },
                new LayerShape(3) { Cell = CellKind.Leaky, Leak = 0.5, TrainedLeak = true }, new LayerShape(2)], 7)
        {
            LearnedInitialState =
                true
        };
        Assert.Equal(
            [
                "weight_ih_l0 20x6", "weight_hh_l0 20x5", "bias_l0 1x20", "weight_ih_l1 12x5", "weight_hh_l1 12x4",
                "bias_l1 1x12", "bias_hn_l1 1x4",
                "weight_ih_l2 3x4", "weight_hh_l2 3x3", "bias_l2 1x3", "leak_l2 1x3", "weight_ih_l3 2x3", "weight_hh_l3 2x2",
                "bias_l3 1x2", "weight 7x2", "bias 1x7", "initial_state 1x19",
            ],
            shape.Blocks().Select(block => $"{block.Name} {block.Rows}x{block.Columns}"));
        Assert.Equal(shape.Blocks().Sum(block => block.Length), shape.ParameterCount);
        Assert.Equal(19, shape.StateWidth);
        Assert.Equal("lstm 5, gru 4, leaky 3, plain 2", shape.Layers.ToString());
    }

    [Fact]
    public static void Shapes_are_equal_when_their_layers_are()
    {
        var one = new NetworkShape(6, [new LayerShape(5) { Cell = CellKind.Lstm }, new LayerShape(5)], 7);
        Assert.Equal(one, new NetworkShape(6, [new LayerShape(5) { Cell = CellKind.Lstm }, new LayerShape(5)], 7));
        Assert.Equal(
            one.GetHashCode(),
            new NetworkShape(6, [new LayerShape(5) { Cell = CellKind.Lstm }, new LayerShape(5)], 7).GetHashCode());
        Assert.NotEqual(one, new NetworkShape(6, [new LayerShape(5), new LayerShape(5)], 7));
        Assert.Equal(new NetworkShape(1, 2, 3), new NetworkShape(1, [new LayerShape(2)], 3));
        Assert.Equal(
            new NetworkShape(1, 9, 3) { Activation = Activation.Relu },
            new NetworkShape(1, 2, 3) { Activation = Activation.Relu } with { Hidden = 9 });
    }

    public static TheoryData<LayerShape[], string> Refused() => new()
    {
        { [], "There are 0 layers; a network has 1..8." },
        { [.. Enumerable.Repeat(new LayerShape(2), 9)], "There are 9 layers; a network has 1..8." },
        { [new LayerShape(2), new LayerShape(0)], "Hidden of layer 2 is 0; it must lie in 1..16384." },
        { [new LayerShape(2) { Leak = 0.5 }], "A leak is an option of leaky layers; a layer of plain cells has none." },
        { [new LayerShape(2) { Cell = CellKind.Lstm, TrainedLeak = true }],
            "A leak is an option of leaky layers; a layer of lstm cells has none." },
        { [new LayerShape(2) { Cell = CellKind.Leaky, Leak = 0 }], "The leak is 0; it must be above 0 and at most 1." },
        { [new LayerShape(2) { Cell = CellKind.Leaky, Leak = 1.5 }], "The leak is 1.5; it must be above 0 and at most 1." },
        { [new LayerShape(2) { Cell = CellKind.Leaky, Leak = double.NaN }],
            "The leak is NaN; it must be above 0 and at most 1." },
        { [new LayerShape(2) { Cell = CellKind.Leaky, Leak = 1, TrainedLeak = true }],
            "The leak is 1; one that is trained must start above 0 and below 1." },
        { [new LayerShape(2) { Cell = CellKind.Gru, Activation = Activation.Relu }],
            "The activation Relu is an option of plain, leaky, lru and dense layers; gru cells have their own." },
        { [new LayerShape(2) { Cell = CellKind.Lru, LayerNorm = true }],
            "Layer normalization is of cells that read their own last state through weights; lru cells have a linear recurrence "
                + "of each unit and cannot have it." },
        { [new LayerShape(2), new LayerShape(1) { LayerNorm = true }],
            "Layer normalization compares the units of a layer with one another, and layer 2 has 1 unit; it needs 2 or more." },
        { [new LayerShape(2) { Cell = (CellKind)9 }], "The cell 9 is not a known value." },
        { [new LayerShape(16_384) { Cell = CellKind.Lstm }],
            "The network would have 1073889281 parameters; at most 1073741824 are possible." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public static void What_cannot_be_is_refused(LayerShape[] layers, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new NetworkShape(1, [.. layers], 1).Validate()).Message);

    [Theory]
    [InlineData(-0.1, 0, "The deviation of the state noise is -0.1; it must be finite and at least 0.")]
    [InlineData(double.PositiveInfinity, 0, "The deviation of the state noise is Infinity; it must be finite and at least 0.")]
    [InlineData(0, 1, "The dropout of layers is 1; it must be at least 0 and below 1.")]
    [InlineData(0, -0.5, "The dropout of layers is -0.5; it must be at least 0 and below 1.")]
    [InlineData(0, double.NaN, "The dropout of layers is NaN; it must be at least 0 and below 1.")]
    public static void Noise_out_of_range_is_refused(double deviation, double dropout, string message)
    {
        using var unrolled = new UnrolledNetwork<float>(new Network<float>(new NetworkShape(1, 2, 3)));
        Assert.Equal(
            message, Assert.Throws<ArgumentException>(
                () => unrolled.Noise = new PassNoise(1, 1) { StateDeviation = deviation, LayerDropout = dropout }).Message);
    }

    [Theory]
    [InlineData(-0.1, "-0.1")]
    [InlineData(double.NaN, "NaN")]
    public static void Noise_of_biases_out_of_range_is_refused(double deviation, string text) =>
        Assert.Equal($"The deviation of the bias noise is {text}; it must be finite and at least 0.",
            Assert.Throws<ArgumentException>(new PassNoise(1, 1) { BiasDeviation = deviation }.Validate).Message);

    [Fact]
    public static void Files_keep_every_stack()
    {
        using var folder = new TempFolder();
        foreach (LayerList layers in CellShapes.Stacks(3))
        {
            var shape = new NetworkShape(4, layers, 2) { Head = OutputHead.BernoulliLast };
            Network<double> network = Oracles.Specimen.Network<double>(shape, 4);
            ModelFile.Save(folder["model"], network, new ModelInfo(shape));
            Network<double> read = ModelFile.Load<double>(folder["model"], out ModelInfo info);
            Assert.Equal(shape, info.Shape);
            Oracles.Compare.SameBits<double>(read.Parameters, network.Parameters, "parameters");
            string format = SafeTensorsFile.Read(folder["model"]).Metadata["unroll.format"];
            string expected = layers.Any(layer => layer.LayerNorm) ? "5"
                : layers.Count == 1 && layers[0].Cell == CellKind.Plain ? "1" : "2";
            Assert.Equal(expected, format);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("lstm")]
    [InlineData("lstm x")]
    [InlineData("lstm 5,gru 5")]
    [InlineData("plain 5 tanh 0.5 trained more")]
    [InlineData("norm")]
    [InlineData("lstm norm")]
    [InlineData("lstm norm 5")]
    [InlineData("lstm 5 norm norm")]
    [InlineData("leaky 5 sigmoid 0.5 frozen")]
    [InlineData("rnn 5")]
    [InlineData("lstm -5")]
    public static void A_list_of_layers_that_is_none_is_not_read(string text) => Assert.Null(LayerText.TryRead(text));

    [Fact]
    public static void Gated_cells_start_with_a_memory()
    {
        Network<double> lstm = Started(CellKind.Lstm, new InitializerOptions { Kind = Initialization.Orthogonal });
        Assert.Equal([.. new double[6], .. Enumerable.Repeat(1.0, 6), .. new double[12]], lstm.Parameter("bias_l0").ToArray());
        for (int gate = 0; gate < 4; gate++)
        {
            double[] w = lstm.Parameter("weight_hh_l0").Slice(gate * 36, 36).ToArray();
            for (int i = 0; i < 6; i++) Assert.Equal(1, Enumerable.Range(0, 6).Sum(j => w[(i * 6) + j] * w[(i * 6) + j]), 1e-12);
        }

        Span<double> chrono = Started(CellKind.Lstm, new InitializerOptions { LongestLag = 200 }).Parameter("bias_l0");
        for (int j = 0; j < 6; j++)
        {
            Assert.InRange(chrono[6 + j], 0, Math.Log(199));
            Assert.Equal(-chrono[6 + j], chrono[j]);
        }

        Span<double> gru = Started(CellKind.Gru, new InitializerOptions { LongestLag = 50 }).Parameter("bias_l0");
        for (int j = 0; j < 18; j++) Assert.InRange(gru[j], 0, j is >= 6 and < 12 ? Math.Log(49) : 0);
        Span<double> leak = Started(CellKind.Leaky, new InitializerOptions()).Parameter("leak_l0");
        foreach (double parameter in leak) Assert.Equal(0.25, 1 / (1 + Math.Exp(-parameter)), 1e-12);

        var identity = new Dictionary<string, Initialization> { ["weight_hh_l1"] = Initialization.Identity };
        Network<double> mixed = Started(
            CellKind.Lstm, new InitializerOptions { Kind = Initialization.Uniform, ByBlock = identity });
        Assert.Equal(1, mixed.Parameter("weight_hh_l1")[7]);
        Assert.All(mixed.Parameter("weight_hh_l0").ToArray(), x => Assert.InRange(Math.Abs(x), 0, 1 / Math.Sqrt(6)));
        Assert.Throws<ArgumentException>(() => Started(CellKind.Gru, new InitializerOptions { LongestLag = 2 }));
        var unknown = new Dictionary<string, Initialization> { ["weight_xx"] = Initialization.Identity };
        Assert.Contains("weight_xx", Assert.Throws<ArgumentException>(
            () => Started(CellKind.Gru, new InitializerOptions { ByBlock = unknown })).Message, StringComparison.Ordinal);
    }

    private static Network<double> Started(CellKind cell, InitializerOptions options)
    {
        LayerShape layer = new(6) { Cell = cell, Leak = cell == CellKind.Leaky ? 0.25 : 1, TrainedLeak = cell == CellKind.Leaky };
        var network = new Network<double>(new NetworkShape(4, LayerList.Repeat(layer, 2), 3));
        Initializer.Initialize(network, options, 1);
        return network;
    }
}
