using System.Numerics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Tasks;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Sampling;

public static class TextSamplerTests
{
    private static readonly Alphabet Letters = new(SymbolKind.Scalar, "\n abcdé".Select(c => (int)c));

    internal static NetworkShape Shape(Alphabet alphabet, int hidden = 7) =>
        new(alphabet.Count, hidden, alphabet.Count) { Head = OutputHead.SoftmaxEvery };

    [Fact]
    public static void The_likeliest_symbols_are_those_of_the_unrolled_network()
    {
        Check<float>();
        Check<double>();

        static void Check<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Network<T> network = Specimen.Network<T>(Shape(Letters), 3, gain: 2);
            ushort[] prompt = [2, 5, 0];
            int[] drawn = [.. new TextSampler<T>(network, Letters).Symbols(
                prompt, new SamplingOptions { Temperature = 0, Length = 17 })];
            int[] inputs = [-1, .. prompt.Select(symbol => (int)symbol), .. drawn];
            Predictions predictions = Predict(network, inputs[..^1]);
            Assert.Equal(17, drawn.Length);
            for (int i = 0; i < drawn.Length; i++) Assert.Equal(predictions.Argmax(prompt.Length + i, 0), drawn[i]);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(3.0)]
    public static void Symbols_come_as_often_as_the_softmax_says(double temperature)
    {
        const int Samples = 4_000;
        var alphabet = new Alphabet(SymbolKind.Scalar, "abcd".Select(c => (int)c), hasUnknown: true);
        Network<double> network = Specimen.Network<double>(Shape(alphabet), 5);
        network.OutputBias[alphabet.Unknown] = 5; // likely, but never drawn
        var sampler = new TextSampler<double>(network, alphabet);
        double[] y = Predict(network, [-1, 1]).At(1, 0).ToArray();
        double[] weights = [.. y.Select((v, i) => i == alphabet.Unknown ? 0 : Math.Exp(v / temperature))];
        var counts = new int[alphabet.Count];
        for (ulong seed = 0; seed < Samples; seed++)
            counts[sampler.Symbols(
                new ushort[] { 1 }, new SamplingOptions { Temperature = temperature, Length = 1, Seed = seed }).Single()]++;
        Assert.Equal(0, counts[alphabet.Unknown]);
        for (int i = 0; i < counts.Length; i++)
        {
            double share = weights[i] / weights.Sum();
            Assert.Equal(share, (double)counts[i] / Samples, 4.5 * Math.Sqrt(share * (1 - share) / Samples) + 1e-9);
        }
    }

    [Fact]
    public static void The_seed_says_all_and_a_prompt_goes_on_as_if_it_had_been_drawn()
    {
        var sampler = new TextSampler<float>(Specimen.Network<float>(Shape(Letters), 3), Letters);
        string whole = sampler.Sample("", new SamplingOptions { Length = 50, Seed = 9 });
        Assert.Equal(50, whole.Length);
        Assert.Equal(whole, sampler.Sample("", new SamplingOptions { Length = 50, Seed = 9 }));
        Assert.NotEqual(whole, sampler.Sample("", new SamplingOptions { Length = 50, Seed = 10 }));
        foreach (int cut in (int[])[1, 3, 17])
            Assert.Equal(whole[cut..], sampler.Sample(whole[..cut], new SamplingOptions { Length = 50 - cut, Seed = 9 }));
        Assert.Equal("", sampler.Sample("a", new SamplingOptions { Length = 0 }));
        Assert.Equal(200, sampler.Sample("abc").Length);
    }

    [Fact]
    public static void Two_that_are_read_at_the_same_time_do_not_mix()
    {
        var sampler = new TextSampler<float>(Specimen.Network<float>(Shape(Letters), 3), Letters);
        SamplingOptions first = new() { Length = 20, Seed = 1 }, second = new() { Length = 20, Seed = 2 };
        (int First, int Second)[] both = [.. sampler.Symbols(default, first).Zip(sampler.Symbols(default, second))];
        Assert.Equal(sampler.Symbols(default, first), both.Select(pair => pair.First));
        Assert.Equal(sampler.Symbols(default, second), both.Select(pair => pair.Second));
    }

    [Fact]
    public static void A_very_low_temperature_is_the_likeliest()
    {
        var sampler = new TextSampler<float>(Specimen.Network<float>(Shape(Letters), 3), Letters);
        string likeliest = sampler.Sample("", new SamplingOptions { Temperature = 0, Length = 30 });
        foreach (double temperature in (double[])[1e-6, double.Epsilon])
            Assert.Equal(likeliest, sampler.Sample("", new SamplingOptions { Temperature = temperature, Length = 30 }));
        Assert.Equal(30, sampler.Sample("", new SamplingOptions { Temperature = double.MaxValue, Length = 30 }).Length);
    }

    [Fact]
    public static void What_cannot_be_sampled_is_refused_in_one_sentence()
    {
        var sampler = new TextSampler<float>(Specimen.Network<float>(Shape(Letters), 3), Letters);
        Assert.Equal("The prompt has symbols that the alphabet lacks: 'x' (line 1, character 2), 'é' (line 2, character 1).",
            Assert.Throws<ArgumentException>(
                () => new TextSampler<float>(Specimen.Network<float>(Shape(Abc()), 3), Abc()).Sample("ax\néxa")).Message);
        Assert.Contains("5 ahead cannot write text", Assert.Throws<ArgumentException>(() => new TextSampler<float>(
            Specimen.Network<float>(Shape(Letters), 3), Letters, ahead: 5)).Message, StringComparison.Ordinal);
        foreach (NetworkShape shape in (NetworkShape[])[Shape(Abc()), Shape(Letters) with { Head = OutputHead.SoftmaxLast },
            Shape(Letters) with { Encoding = InputEncoding.Dense }, Shape(Letters) with { Outputs = 3 }])
            Assert.Throws<ArgumentException>(() => new TextSampler<float>(new Network<float>(shape), Letters));
        foreach (double temperature in (double[])[-1, double.NaN, double.PositiveInfinity])
            Assert.Contains("temperature", Assert.Throws<ArgumentException>(() => sampler.Symbols(
                default, new SamplingOptions { Temperature = temperature })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sampler.Symbols(default, new SamplingOptions { Length = -1 }));
        Assert.Throws<ArgumentException>(() => sampler.Symbols(new ushort[] { 7 }));
        Assert.Throws<ArgumentException>(
            () => sampler.Symbols(new ushort[] { 1 }, new SamplingOptions { Length = int.MaxValue }));

        static Alphabet Abc() => new(SymbolKind.Scalar, "abc\n".Select(c => (int)c));
    }

    [Fact]
    public static void A_network_that_has_exploded_says_where()
    {
        Network<float> network = Specimen.Network<float>(Shape(Letters) with { Activation = Activation.Identity }, 3, gain: 1e20);
        Assert.Matches("^The network's output at step [2-9] is not a finite number",
            Assert.Throws<ArithmeticException>(() => new TextSampler<float>(network, Letters).Sample()).Message);
    }

    [Fact]
    public static void Bytes_are_joined_to_characters()
    {
        // Input A9 (index 0) makes C3 (index 1) likely and the other way round, so the bytes alternate and are the letter é.
        var alphabet = new Alphabet(SymbolKind.Byte, [0xC3, 0xA9]);
        var network = new Network<float>(Shape(alphabet, hidden: 1));
        (network.InputWeights[0], network.InputWeights[1]) = (2, -2);
        (network.OutputWeights[0], network.OutputWeights[1]) = (-1, 1);
        var sampler = new TextSampler<float>(network, alphabet);
        Assert.Equal("éé", sampler.Sample("é", new SamplingOptions { Temperature = 0, Length = 4 }));
        // A9, the first of equal ones, and C3 alone.
        Assert.Equal("\uFFFD\uFFFD", sampler.Sample("", new SamplingOptions { Temperature = 0, Length = 2 }));
    }

    [Fact]
    public static void A_model_file_says_its_alphabet()
    {
        using var folder = new TempFolder();
        Network<float> network = Specimen.Network<float>(Shape(Letters), 3);
        Save(folder["a"], network, (TextTask.AlphabetKey, Letters.ToString()));
        var options = new SamplingOptions { Length = 40 };
        Assert.Equal(new TextSampler<float>(network, Letters).Sample("a", options),
            TextSampler<float>.Load(folder["a"]).Sample("a", options));
        Assert.Equal(40, TextSampler<double>.Load(folder["a"]).Sample("a", options).Length);

        Refused("is no model of text: it does not say its alphabet");
        Refused("cannot be read", (TextTask.AlphabetKey, "letters"));
        Refused("an alphabet of 2 symbols", (TextTask.AlphabetKey, "scalar:61,62"));
        Refused("cannot be sampled: a model that predicts the symbol 5 ahead", (TextTask.AlphabetKey, Letters.ToString()),
            (TextTask.AheadKey, "5"));
        Refused("how far ahead", (TextTask.AlphabetKey, Letters.ToString()), (TextTask.AheadKey, "0"));

        void Refused(string expected, params (string, string)[] properties)
        {
            Save(folder["b"], network, properties);
            var error = Assert.Throws<InvalidFileException>(() => TextSampler<float>.Load(folder["b"]));
            TempFolder.AssertSentence(error, folder["b"]);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    private static void Save(string path, Network<float> network, params (string Key, string Value)[] properties) =>
        ModelFile.Save(path, network,
            new ModelInfo(network.Shape) { Properties = properties.ToDictionary(one => one.Key, one => one.Value) });

    /// <summary>The outputs of one sequence of symbols.</summary>
    private static Predictions Predict<T>(Network<T> network, int[] symbols)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var unrolled = new UnrolledNetwork<T>(network);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, symbols.Length);
        for (int t = 0; t < symbols.Length; t++) batch.SetSymbol(t, 0, symbols[t]);
        var predictions = new Predictions();
        unrolled.Predict(batch, predictions);
        return predictions;
    }
}
