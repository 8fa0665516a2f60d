using System.Globalization;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Tests.Files;

public sealed class ModelFileTests : IDisposable
{
    private static readonly NetworkShape Odd = new(3, 4, 1)
    {
        Encoding = InputEncoding.MultiHot,
        Activation = Activation.Sigmoid,
        Head = OutputHead.BernoulliEvery,
        LearnedInitialState = true,
    };

    private readonly TempFolder _folder = new();

    private string Model => _folder["model.safetensors"];

    public void Dispose() => _folder.Dispose();

    private static Network<double> Filled(NetworkShape shape)
    {
        var network = new Network<double>(shape);
        var random = new Random(11);
        foreach (ref double value in network.Parameters) value = random.NextDouble() - 0.5;
        return network;
    }

    private static ModelInfo Info(NetworkShape shape) => new(shape)
    {
        Seed = ulong.MaxValue,
        Update = 123_456_789_012,
        Reduction = CostReduction.Mean,
        Properties = new Dictionary<string, string>
        {
            ["variant"] = "code",
            ["task"] = "temporal-order",
            ["length"] = "50..200",
            ["note"] = "ü\n\"",
        },
    };

    public static TheoryData<int, int, int, InputEncoding, Activation, OutputHead, bool, bool> Shapes()
    {
        var data = new TheoryData<int, int, int, InputEncoding, Activation, OutputHead, bool, bool>();
        int n = 0;
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                n++;
                data.Add(1 + (n % 3), 1 + (n % 5), 1 + (n % 2), Enum.GetValues<InputEncoding>()[n % 3], activation, head,
                    n % 2 == 0, n % 3 == 0);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_shape_and_option_comes_back(
        int inputs, int hidden, int outputs, InputEncoding encoding, Activation activation, OutputHead head, bool biases,
        bool initialState)
    {
        var shape = new NetworkShape(inputs, hidden, outputs)
        {
            Encoding = encoding,
            Activation = activation,
            Head = head,
            Biases = biases,
            LearnedInitialState = initialState,
        };
        Network<double> network = Filled(shape);
        ModelFile.Save(Model, network, Info(shape));
        Network<double> loaded = ModelFile.Load<double>(Model, out ModelInfo info);
        Assert.Equal(shape, loaded.Shape);
        Assert.Equal(shape, info.Shape);
        Assert.Equal(network.Parameters.ToArray(), loaded.Parameters.ToArray());
    }

    [Fact]
    public void What_the_file_says_comes_back()
    {
        ModelFile.Save(Model, Filled(Odd).Convert<float>(), Info(Odd));
        ModelInfo info = ModelFile.ReadInfo(Model);
        Assert.Equal((ulong.MaxValue, 123_456_789_012L, CostReduction.Mean, Precision.Float),
            (info.Seed, info.Update, info.Reduction, info.Precision));
        Assert.Equal(("temporal-order", "50..200", "code"), (info.Task, info.Length, info.Variant));
        Assert.Equal(Info(Odd).Properties.OrderBy(p => p.Key), info.Properties.OrderBy(p => p.Key));
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+$", info.Version);
        ModelFile.Save(_folder["again"], ModelFile.Load<float>(Model), info);
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(_folder["again"]));
    }

    [Fact]
    public void The_metadata_and_tensors_are_the_documented_ones()
    {
        ModelFile.Save(Model, Filled(Odd).Convert<float>(), Info(Odd));
        SafeTensorsFile file = SafeTensorsFile.Read(Model);
        Assert.Equal(
            ["weight_ih_l0 F32 [4, 3]", "weight_hh_l0 F32 [4, 4]", "bias_l0 F32 [4]", "weight F32 [1, 4]", "bias F32 [1]",
                "initial_state F32 [4]"],
            file.Tensors.Select(tensor => $"{tensor.Name} {tensor.Type} {SafeTensor.Describe(tensor.Shape.AsSpan())}"));
        string[] expected =
        [
            "unroll.activation=sigmoid", "unroll.biases=true", "unroll.encoding=multi-hot", "unroll.format=1",
            "unroll.head=bernoulli-every",
            "unroll.hidden=4", "unroll.inputs=3", "unroll.kind=model", "unroll.learned_initial_state=true", "unroll.outputs=1",
            "unroll.precision=float", "unroll.property.length=50..200", "unroll.property.note=ü\n\"",
            "unroll.property.task=temporal-order",
            "unroll.property.variant=code", "unroll.reduction=mean", "unroll.seed=18446744073709551615",
            "unroll.update=123456789012",
        ];
        Assert.Equal(expected, file.Metadata.Where(e => e.Key is not ("unroll.version" or "unroll.checksum"))
            .Select(e => $"{e.Key}={e.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["softmax-last", "softmax-every", "linear-last", "linear-every", "bernoulli-every", "bernoulli-last",
                "absolute-last", "absolute-every", "huber-last", "huber-every", "quantile-last", "quantile-every", "one-hot",
                "dense", "multi-hot", "tanh", "sigmoid", "identity", "relu", "float", "double", "sum", "mean"],
            [.. Names<OutputHead>(), .. Names<InputEncoding>(), .. Names<Activation>(), .. Names<Precision>(),
                .. Names<CostReduction>()]);

        static IEnumerable<string> Names<TEnum>()
            where TEnum : struct, Enum => ValueNames.All<TEnum>();
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes_in_any_culture_and_order_of_properties()
    {
        ModelFile.Save(Model, Filled(Odd), Info(Odd));
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("")
            {
                NumberFormat = { NegativeSign = "~", NumberDecimalSeparator = "," },
            };
            ModelFile.Save(_folder["again"], Filled(Odd),
                Info(Odd) with { Properties = Info(Odd).Properties.Reverse().ToDictionary(), Version = "9" });
            Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(_folder["again"]));
            ModelFile.ReadInfo(_folder["again"]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Precisions_convert()
    {
        Network<double> network = Filled(Odd);
        ModelFile.Save(Model, network, Info(Odd));
        Assert.Equal(Precision.Double, ModelFile.ReadInfo(Model).Precision);
        Assert.Equal(network.Convert<float>().Parameters.ToArray(), ModelFile.Load<float>(Model).Parameters.ToArray());
        ModelFile.Save(Model, network.Convert<float>(), Info(Odd));
        Assert.Equal(network.Convert<float>().Convert<double>().Parameters.ToArray(),
            ModelFile.Load<double>(Model).Parameters.ToArray());
        network.RecurrentWeights[5] = 1e300;
        ModelFile.Save(Model, network, Info(Odd));
        Assert.Equal($"{Model} holds a weight that is too large for 32 bits: weight_hh_l0[1, 1] is 1E+300.",
            Refused(() => ModelFile.Load<float>(Model)).Message);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_neither_saved_nor_loaded()
    {
        ModelFile.Save(Model, Filled(Odd), Info(Odd));
        byte[] good = File.ReadAllBytes(Model);
        Network<double> network = Filled(Odd);
        network.HiddenBias[2] = double.NaN;
        TempFolder.AssertSentence(Assert.Throws<ArgumentException>(() => ModelFile.Save(Model, network, Info(Odd))), Model);
        Assert.Equal(good, File.ReadAllBytes(Model));

        Rewrite((_, tensors) => tensors[1] = SafeTensor.Of(
            "weight_hh_l0", [.. new double[7], double.NegativeInfinity, .. new double[8]], 4, 4));
        Assert.Equal($"{Model} holds a weight that is not finite: weight_hh_l0[1, 3] is -Infinity.",
            Refused(() => ModelFile.Load<float>(Model)).Message);
    }

    [Fact]
    public void A_shape_that_is_not_the_network_s_is_not_saved() =>
        Assert.Throws<ArgumentException>(
            () => ModelFile.Save(Model, Filled(Odd), Info(Odd with { Activation = Activation.Tanh })));

    [Fact]
    public void A_newer_format_is_refused_by_name_before_anything_else()
    {
        Rewrite((metadata, _) =>
        {
            metadata["unroll.format"] = "6";
            metadata.Remove("unroll.head");
            metadata["unroll.kind"] = "galaxy";
        });
        Assert.Equal($"{Model} is written in format 6; this version reads up to 5.",
            Refused(() => ModelFile.Load<float>(Model)).Message);
    }

    [Theory]
    [InlineData("unroll.format", "one", "'one'")]
    [InlineData("unroll.format", "0", "'0'")]
    [InlineData("unroll.kind", "checkpoint", "'checkpoint'")]
    [InlineData("unroll.activation", "swish", "tanh, sigmoid, identity, relu")]
    [InlineData("unroll.activation", "1", "'1'")]
    [InlineData("unroll.head", "", "softmax-last")]
    [InlineData("unroll.encoding", "OneHot", "one-hot")]
    [InlineData("unroll.precision", "half", "float, double")]
    [InlineData("unroll.reduction", "max", "sum, mean")]
    [InlineData("unroll.biases", "yes", "true or false")]
    [InlineData("unroll.hidden", "5", "weight_ih_l0 in shape [4, 3] where [5, 3]")]
    [InlineData("unroll.hidden", "0", "Hidden is 0")]
    [InlineData("unroll.hidden", "-1", "'-1'")]
    [InlineData("unroll.hidden", "1000000000", "Hidden is 1000000000")]
    [InlineData("unroll.hidden", "16384", "[16384, 3]")]
    [InlineData("unroll.outputs", "4e0", "'4e0'")]
    [InlineData("unroll.seed", "x", "whole number")]
    [InlineData("unroll.update", "-5", "whole number")]
    [InlineData("unroll.biases", "false", "'bias_l0'")]
    [InlineData("unroll.inputs", null, "unroll.inputs")]
    [InlineData("unroll.head", null, "unroll.head")]
    public void A_wrong_entry_is_refused_by_name(string key, string? value, string says)
    {
        Rewrite((metadata, _) =>
        {
            if (value is null) metadata.Remove(key);
            else metadata[key] = value;
        });
        Assert.Contains(says, Refused(() => ModelFile.Load<float>(Model)).Message, StringComparison.Ordinal);
        Assert.Contains(says, Refused(() => ModelFile.ReadInfo(Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_added_or_different_tensors_are_refused_by_name()
    {
        Rewrite((_, tensors) => tensors.RemoveAt(1));
        Assert.StartsWith($"{Model} lacks the tensor weight_hh_l0: it has 'weight_ih_l0', 'bias_l0',",
            Refused(() => ModelFile.Load<float>(Model)).Message, StringComparison.Ordinal);
        Rewrite((_, tensors) => tensors.Add(SafeTensor.Of("weight_ih_l1", [1.0])));
        Assert.Contains("'weight_ih_l1'", Refused(() => ModelFile.Load<float>(Model)).Message, StringComparison.Ordinal);
        Rewrite((_, tensors) => tensors[2] = SafeTensor.Of("bias_l0", [1.0, 2, 3, 4], 1, 4));
        Assert.Contains("bias_l0 in shape [1, 4] where [4] is expected", Refused(() => ModelFile.Load<float>(Model)).Message,
            StringComparison.Ordinal);
        Rewrite((_, tensors) => tensors[2] = SafeTensor.Of("bias_l0", [1L, 2, 3, 4]));
        Assert.Contains("bias_l0 as 'I64' where F64 is expected", Refused(() => ModelFile.Load<float>(Model)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_tool_is_refused_with_what_it_has_and_what_is_expected()
    {
        Write([new("format", "pt")], [SafeTensor.Of("transformer.wte.weight", [1f]), SafeTensor.Of("lm_head", [2f])]);
        Assert.Equal(
            $"{Model} is not a model of Unroll: it has 'transformer.wte.weight', 'lm_head' and no unroll.format " +
            "in its metadata, where " +
            "weight_ih_l0, weight_hh_l0, bias_l0, weight, bias and the metadata of a network are expected.",
            Refused(() => ModelFile.Load<float>(Model)).Message);
        Write([], [.. Enumerable.Range(0, 300).Select(i => SafeTensor.Of($"layer{i}", [1f]))]);
        Assert.Contains("'layer7' and 292 more", Refused(() => ModelFile.Load<float>(Model)).Message, StringComparison.Ordinal);
        File.WriteAllText(Model, "PK\u0003\u0004 this is a zip archive, as torch.save writes it");
        Refused(() => ModelFile.Load<float>(Model));
        File.WriteAllText(Model, "");
        Refused(() => ModelFile.Load<float>(Model));
    }

    [Fact]
    public void A_file_that_another_tool_made_for_us_needs_no_checksum_but_ours_does()
    {
        ModelFile.Save(Model, Filled(Odd), Info(Odd));
        byte[] bytes = File.ReadAllBytes(Model);
        bytes[bytes.AsSpan().IndexOf("unroll.checksum"u8) + 8] ^= 1;
        File.WriteAllBytes(Model, bytes);
        Assert.Contains("unroll.checksum is missing", Refused(() => ModelFile.Load<double>(Model)).Message,
            StringComparison.Ordinal);
        bytes[bytes.AsSpan().IndexOf("unroll.version"u8)] ^= 1;
        File.WriteAllBytes(Model, bytes);
        Assert.Equal(Filled(Odd).Parameters.ToArray(), ModelFile.Load<double>(Model, out ModelInfo info).Parameters.ToArray());
        Assert.Equal("", info.Version);
    }

    [Fact]
    public void Truncated_or_damaged_anywhere_it_is_refused_or_the_same_network()
    {
        var shape = new NetworkShape(2, 2, 1);
        Network<double> network = Filled(shape);
        ModelFile.Save(Model, network, new ModelInfo(shape) { Properties = new Dictionary<string, string> { ["task"] = "t" } });
        byte[] bytes = File.ReadAllBytes(Model);
        string damagedPath = _folder["damaged"];
        for (int length = 0; length < bytes.Length; length += 3)
        {
            File.WriteAllBytes(damagedPath, bytes[..length]);
            Assert.Throws<InvalidFileException>(() => ModelFile.Load<float>(damagedPath));
        }

        var random = new Random(9);
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. bytes];
            for (int i = random.Next(1, 4); i > 0; i--) damaged[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(damagedPath, damaged);
            try
            {
                Network<double> loaded = ModelFile.Load<double>(damagedPath);
                Assert.Equal(shape, loaded.Shape);
                Assert.Equal(network.Parameters.ToArray(), loaded.Parameters.ToArray());
            }
            catch (InvalidFileException error)
            {
                TempFolder.AssertSentence(error, damagedPath);
                refused++;
            }
        }

        Assert.True(refused > 2900, $"{refused} refused");
    }

    private InvalidFileException Refused(Action action)
    {
        var error = Assert.Throws<InvalidFileException>(action);
        TempFolder.AssertSentence(error, Model);
        return error;
    }

    private InvalidFileException Refused(Func<object> action) => Refused(() => { action(); });

    /// <summary>A valid model with changed metadata or tensors and a correct checksum.</summary>
    private void Rewrite(Action<Dictionary<string, string>, List<SafeTensor>> change)
    {
        ModelFile.Save(Model, Filled(Odd), Info(Odd));
        SafeTensorsFile file = SafeTensorsFile.Read(Model);
        var metadata = new Dictionary<string, string>(file.Metadata);
        List<SafeTensor> tensors = [.. file.Tensors];
        change(metadata, tensors);
        Write(metadata, tensors);
    }

    private void Write(IEnumerable<KeyValuePair<string, string>> metadata, IReadOnlyList<SafeTensor> tensors)
    {
        using FileStream stream = File.Create(Model);
        SafeTensors.Write(stream, metadata, tensors);
    }
}
