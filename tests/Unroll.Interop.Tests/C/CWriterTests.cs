using System.Runtime.InteropServices;
using Unroll.Files;

namespace Unroll.Interop.Tests.C;

/// <summary>Headers of C, compiled and run beside our own kernels.</summary>
public class CWriterTests
{
    private const double Tolerance = 1e-5;

    /// <summary>Every stack, some of them without biases, and on one of them every encoding and every head.</summary>
    private static Dictionary<string, NetworkShape> Shapes()
    {
        var shapes = new Dictionary<string, NetworkShape>();
        foreach ((string name, LayerList layers) in Networks.Stacks)
        {
            var shape = new NetworkShape(3, layers, 4) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearEvery };
            shapes[name.Replace(' ', '_')] = shape;
            if (name is "tanh" or "gru" or "mixed") shapes[$"{name}_0"] = shape with { Biases = false };
        }

        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            var encoding = (InputEncoding)((int)head % 3);
            shapes[$"{encoding}_{head}"] = new NetworkShape(5, Networks.Stacks["lstm"], 3) { Encoding = encoding, Head = head };
        }

        foreach (StateReading read in (StateReading[])[StateReading.Mean, StateReading.Max])
            shapes[$"reads_{read}"] = new NetworkShape(5, Networks.Stacks["mixed"], 3) { Read = read };
        shapes["quantiles"] = new NetworkShape(5, Networks.Stacks["gru"], 6)
        { Head = OutputHead.QuantileEvery, Quantiles = [0.1, 0.5, 0.9] };
        shapes["start"] = new NetworkShape(5, Networks.Stacks["lstm 2"], 3) { LearnedInitialState = true };
        return shapes;
    }

    [Theory]
    [InlineData("gcc", "-std=c99 -O2")]
    [InlineData("clang", "-std=c99 -O1")]
    [InlineData("g++", "-x c++ -std=c++11 -O0")]
    [InlineData("clang++", "-x c++ -std=c++11 -O0")]
    public void Every_network_compiles_without_a_warning_and_gives_the_same_numbers(string compiler, string options)
    {
        Assert.SkipUnless(CompiledHeaders.Has(compiler), $"{compiler} is not installed.");
        using var headers = new CompiledHeaders();
        Dictionary<string, NetworkShape> shapes = Shapes();
        var networks = shapes.ToDictionary(one => one.Key, one => Networks.Random<float>(one.Value));
        foreach ((string name, Network<float> network) in networks) headers.Add(name, network);
        headers.Compile(compiler, options);
        foreach ((string name, Network<float> network) in networks) Compare(headers, name, network, Tolerance);
    }

    [Fact]
    public void Eight_bits_compute_with_the_weights_that_Quantized_gives()
    {
        Assert.SkipUnless(CompiledHeaders.Has("gcc"), "gcc is not installed.");
        using var headers = new CompiledHeaders();
        var networks = Shapes().Where(one => !one.Key.EndsWith("_0"))
            .ToDictionary(one => one.Key, one => Networks.Random<float>(one.Value));
        foreach ((string name, Network<float> network) in networks)
        {
            CSizes eight = headers.Add(name, network, new CHeaderOptions(name) { Weights = CWeights.Int8 });
            Assert.InRange(eight.Constants, network.Parameters.Length,
                4 * network.Parameters.Length + (8 * network.Shape.StateWidth));
        }

        headers.Compile("gcc", "-std=c99 -O1");
        foreach ((string name, Network<float> network) in networks)
            Compare(headers, name, CWriter.Quantized(network), Tolerance);
    }

    [Fact]
    public void Weights_of_eight_bits_are_at_most_half_a_step_off()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(7, Networks.Stacks["mixed"], 3));
        network.Parameter("weight_hh_l1")[..3].Clear();
        Network<float> eight = CWriter.Quantized(network);
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<float> before = network.Parameters.Slice(block.Offset, block.Length),
                after = eight.Parameters.Slice(block.Offset, block.Length);
            for (int row = 0; row < block.Rows; row++)
            {
                float most = 0;
                foreach (float weight in before.Slice(row * block.Columns, block.Columns))
                    most = Math.Max(most, Math.Abs(weight));
                for (int i = row * block.Columns; i < (row + 1) * block.Columns; i++)
                {
                    if (block.IsWeight) Assert.InRange(after[i], before[i] - (most / 253.9f), before[i] + (most / 253.9f));
                    else Assert.Equal(before[i], after[i]);
                }
            }
        }
    }

    [Fact]
    public void The_rational_tanh_is_as_near_as_is_said()
    {
        Assert.SkipUnless(CompiledHeaders.Has("gcc"), "gcc is not installed.");

        // A unit of weight 1 without memory: its output is tanh of its input.
        using var headers = new CompiledHeaders();
        foreach (Activation activation in (Activation[])[Activation.Tanh, Activation.Sigmoid])
        {
            var network = new Network<float>(new NetworkShape(1, 1, 1)
            {
                Encoding = InputEncoding.Dense,
                Head = OutputHead.LinearEvery,
                Activation = activation,
                Biases = false,
            });
            network.InputWeights[0] = network.OutputWeights[0] = 1;
            headers.Add($"{activation}", network, new CHeaderOptions($"{activation}") { Tanh = CTanh.Rational });
        }

        headers.Compile("gcc", "-std=c99 -O2");
        Batch batch = Batch.For(new NetworkShape(1, 1, 1) { Encoding = InputEncoding.Dense });
        batch.Resize(1, 40_001);
        for (int t = 0; t < batch.Steps; t++) batch.Dense(t, 0)[0] = (t - 20_000) / 1000.0;
        batch.Dense(0, 0)[0] = 1e30;
        float[] tanh = headers.Run("Tanh", batch, 0), sigmoid = headers.Run("Sigmoid", batch, 0);
        for (int t = 0; t < batch.Steps; t++)
        {
            double x = (float)batch.Dense(t, 0)[0];
            Assert.Equal(Math.Tanh(x), tanh[t], 5e-7);
            Assert.Equal(1 / (1 + Math.Exp(-x)), sigmoid[t], 3e-7);
        }
    }

    [Fact]
    public void Numbers_of_C_give_the_floats_back()
    {
        var random = new Random(4);
        for (int i = 0; i < 10_000; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next());
            if (!float.IsFinite(value)) continue;
            string text = CText.Number(value);
            Assert.EndsWith("f", text);
            Assert.Matches(@"[.E]", text);
            Assert.Equal(value, float.Parse(text[..^1]));
        }

        Assert.Equal("-0.0f", CText.Number(-0f));
        Assert.Equal("3.0f", CText.Number(3));
        Assert.Equal("1E-45f", CText.Number(float.Epsilon));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("_x")]
    [InlineData("a-b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("x\n")]
    [InlineData("a23456789012345678901234567890123456789012")]
    public void A_name_that_is_none_of_C_is_refused(string name)
    {
        Assert.False(CHeaderOptions.IsName(name));
        Network<float> network = Networks.Random<float>(new NetworkShape(2, 3, 1));
        string refusal = Assert.Throws<ArgumentException>(
            () => CWriter.Write(TextWriter.Null, network, new ModelInfo(network.Shape), new CHeaderOptions(name))).Message;
        Assert.Contains("letter", refusal);
    }

    [Fact]
    public void A_task_without_lengths_has_none_in_the_first_line()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(2, 3, 1));
        var info = new ModelInfo(network.Shape)
        {
            Properties = new Dictionary<string, string> { ["task"] = "forecast", ["length"] = "" },
        };
        using var text = new StringWriter();
        CWriter.Write(text, network, info, new CHeaderOptions("m"));
        Assert.Contains("1 output, forecast.\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_is_not_ended_by_what_a_model_says()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(2, 3, 1));
        var info = new ModelInfo(network.Shape)
        {
            Properties = new Dictionary<string, string> { ["task"] = "*/ int x; /*\n??/" },
        };
        using var text = new StringWriter();
        CWriter.Write(text, network, info, new CHeaderOptions("m"));
        Assert.DoesNotContain("*/ int x", text.ToString());
        Assert.DoesNotContain("??/", text.ToString());
        Assert.DoesNotContain("\r", text.ToString());
        Assert.Equal(text.ToString().Split("/*").Length, text.ToString().Split("*/").Length);
    }

    private static void Compare(CompiledHeaders headers, string name, Network<float> network, double tolerance)
    {
        Batch batch = Networks.Sequences(network.Shape, 1, 60);
        (double[] outputs, double[] state) = Networks.Stream(network, batch);
        float[] actual = headers.Run(name, batch, 0);
        if (network.Shape.Read != StateReading.Last) actual = actual[..^(network.Shape.Hidden + 1)]; // what was read so far
        double[] expected = [.. outputs, .. state];
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"{name}: {expected[i]} and {actual[i]}");
    }
}
