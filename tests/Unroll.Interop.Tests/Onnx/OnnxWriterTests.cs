using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Files;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>What ONNX Runtime makes of our files, beside our own kernels.</summary>
public class OnnxWriterTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Stacks => [.. Networks.Stacks.Keys];

    public static TheoryData<OutputHead> Heads => [.. Enum.GetValues<OutputHead>()];

    [Theory]
    [MemberData(nameof(Stacks))]
    public void Every_stack_gives_the_same_outputs_and_states(string stack)
    {
        var shape = new NetworkShape(3, Networks.Stacks[stack], 4)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        };
        Compare(Networks.Random<float>(shape), (1, 1), (2, 7), (3, 40));
        Compare(Networks.Random<float>(shape with { Biases = false }), (3, 9));
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Every_head_gives_the_same_outputs(OutputHead head)
    {
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
        {
            var shape = new NetworkShape(5, [new LayerShape(6) { Cell = CellKind.Gru }], 3) { Encoding = encoding, Head = head };
            Compare(Networks.Random<float>(shape), (1, 1), (3, 12));
        }
    }

    [Theory]
    [InlineData(StateReading.Mean)]
    [InlineData(StateReading.Max)]
    public void A_head_reads_all_states_also_in_pieces(StateReading read)
    {
        var shape = new NetworkShape(3, [new LayerShape(4), new LayerShape(5) { Cell = CellKind.Lstm }], 2)
        { Read = read, Encoding = InputEncoding.Dense };
        Network<float> network = Networks.Random<float>(shape);
        using var bytes = new MemoryStream();
        OnnxWriter.Write(bytes, network, new ModelInfo(shape));
        using var session = new InferenceSession(bytes.ToArray());
        Batch batch = Networks.Sequences(shape, 2, 9);
        batch.Lengths.Fill(9);
        (double[] expected, _) = Networks.Stream(network, batch);
        Dictionary<string, float[]> state = [];
        foreach ((int at, int steps) in ((int, int)[])[(0, 1), (1, 6), (7, 2)])
        {
            state = Piece(session, batch, at, steps, state);
            int last = ((at + steps - 1) * 2 * 2) + 2;
            Close(expected[last..(last + 2)], [.. state["y"][2..].Select(x => (double)x)]);
        }

        Assert.Contains($"reads the {read.ToString().ToLowerInvariant()} of a sequence's states",
            Assert.Throws<ArgumentException>(() => TorchWriter.WriteSafeTensors(Stream.Null, network)).Message,
            StringComparison.Ordinal);
    }

    private static Dictionary<string, float[]> Piece(
        InferenceSession session, Batch batch, int at, int steps, Dictionary<string, float[]> state)
    {
        int rows = batch.Rows;
        float[] x = [.. Enumerable.Range(0, steps).SelectMany(t => Enumerable.Range(0, rows)
            .SelectMany(b => Networks.Input(batch, at + t, b)))];
        var inputs = new List<NamedOnnxValue> { Of("x", x, steps, rows, 3) };
        inputs.Add(NamedOnnxValue.CreateFromTensor("sequence_lens",
            new DenseTensor<int>(Enumerable.Repeat(steps, rows).ToArray(), [rows])));
        foreach ((string name, int[] sizes) in ((string, int[])[])
            [("h0_l0", [1, rows, 4]), ("h0_l1", [1, rows, 5]), ("c0_l1", [1, rows, 5])])
            inputs.Add(Of(name, state.GetValueOrDefault(name[..1] + "n" + name[2..], new float[sizes[1] * sizes[2]]), sizes));
        if (state.TryGetValue("readn", out float[]? read)) inputs.Add(Of("read0", read, rows, 6));
        using var results = session.Run(inputs);
        return results.ToDictionary(result => result.Name, result => result.AsTensor<float>().ToArray());

        static NamedOnnxValue Of(string name, float[] values, params int[] sizes) =>
            NamedOnnxValue.CreateFromTensor(
                name, new DenseTensor<float>(values, sizes));
    }

    [Theory]
    [InlineData(OutputHead.QuantileLast)]
    [InlineData(OutputHead.QuantileEvery)]
    public void Quantiles_are_sorted_as_predict_gives_them(OutputHead head)
    {
        var shape = new NetworkShape(3, Networks.Stacks["gru"], 6)
        { Encoding = InputEncoding.Dense, Head = head, Quantiles = [0.1, 0.5, 0.9] };
        Compare(Networks.Random<float>(shape), (1, 1), (3, 12));
    }

    [Theory]
    [InlineData("tanh")]
    [InlineData("lstm 2")]
    [InlineData("gru")]
    [InlineData("leaky trained")]
    [InlineData("mixed with leaky")]
    public void A_thousand_steps_agree(string stack)
    {
        var shape = new NetworkShape(3, Networks.Stacks[stack], 2)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearEvery,
        };
        Compare(Networks.Random<float>(shape), (2, 1000));
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public void A_sequence_may_be_fed_step_by_step(string stack)
    {
        var shape = new NetworkShape(4, Networks.Stacks[stack], 2) { Head = OutputHead.SoftmaxEvery };
        Network<float> network = Networks.Random<float>(shape);
        Batch whole = Networks.Sequences(shape, 2, 25);
        whole.Lengths.Fill(25);
        using var session = new OnnxSession(network);
        float[] all = session.Run(whole).Outputs["probabilities"];
        double[] state = new double[2 * shape.StateWidth];
        Batch step = Batch.For(shape);
        for (int t = 0; t < 25; t++)
        {
            step.Resize(2, 1);
            step.Lengths.Fill(1);
            for (int b = 0; b < 2; b++) step.SetSymbol(0, b, whole.Symbol(t, b));
            (Dictionary<string, float[]> outputs, state) = session.Run(step, state);
            for (int i = 0; i < 4; i++) Assert.Equal(all[(t * 4) + i], outputs["probabilities"][i], Tolerance);
        }
    }

    [Fact]
    public void A_learned_initial_state_is_in_the_metadata_and_used_when_it_is_given()
    {
        var shape = new NetworkShape(3, Networks.Stacks["mixed"], 2) { LearnedInitialState = true, Head = OutputHead.LinearLast };
        Network<float> network = Networks.Random<float>(shape);
        using var session = new OnnxSession(network);
        float[] start = System.Text.Json.JsonSerializer.Deserialize<float[]>(
            session.Session.ModelMetadata.CustomMetadataMap["unroll.initial_state"])!;
        Assert.Equal(network.InitialState.ToArray(), start);
        Batch batch = Networks.Sequences(shape, 2, 6);
        (double[] expected, double[] after) = Networks.Stream(network, batch);
        (Dictionary<string, float[]> outputs, double[] states) =
            session.Run(batch, [.. Enumerable.Range(0, 2).SelectMany(_ => start).Select(x => (double)x)]);
        Close(after, states);
        for (int o = 0; o < 2; o++) Assert.Equal(expected[(5 * 4) + 2 + o], outputs["y"][2 + o], Tolerance);
    }

    [Fact]
    public void The_metadata_are_those_of_a_model_file()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(6, Networks.Stacks["lstm 2"], 4));
        var info = new ModelInfo(network.Shape)
        {
            Seed = 7,
            Update = 12,
            Properties = new Dictionary<string, string> { ["task"] = "temporal-order", ["length"] = "50..200" },
        };
        using var session = new OnnxSession(network, info);
        Dictionary<string, string> metadata = session.Session.ModelMetadata.CustomMetadataMap;
        Assert.Equal("model", metadata["unroll.kind"]);
        Assert.Equal("lstm 5, lstm 5", metadata["unroll.layers"]);
        Assert.Equal("temporal-order", metadata["unroll.property.task"]);
        Assert.Equal("12", metadata["unroll.update"]);
        Assert.Equal("unroll", session.Session.ModelMetadata.ProducerName);
        Assert.Equal(["symbols", "sequence_lens", "h0", "c0"], session.Session.InputMetadata.Keys);
        Assert.Equal([-1, -1], session.Session.InputMetadata["symbols"].Dimensions);
        Assert.Equal([2, -1, 5], session.Session.InputMetadata["c0"].Dimensions);
        Assert.Equal(["T", "B"], session.Session.InputMetadata["symbols"].SymbolicDimensions);
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes()
    {
        Network<float> network = Networks.Random<float>(new NetworkShape(6, Networks.Stacks["mixed"], 4));
        using MemoryStream one = new(), two = new();
        OnnxWriter.Write(one, network, new ModelInfo(network.Shape));
        OnnxWriter.Write(two, network.Convert<double>(), new ModelInfo(network.Shape));
        Assert.Equal(one.ToArray(), two.ToArray());
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        Network<double> network = Networks.Random<double>(new NetworkShape(2, 3, 1));
        network.HiddenBias[1] = 1e300;
        Assert.Contains("bias_l0", Refusal(network, network.Shape));
        network.HiddenBias[1] = 0;
        Assert.Contains("describes", Refusal(network, network.Shape with { Biases = false }));

        static string Refusal(Network<double> network, NetworkShape said) => Assert.Throws<ArgumentException>(
            () => OnnxWriter.Write(Stream.Null, network, new ModelInfo(said))).Message;
    }

    private static void Compare(Network<float> network, params (int Rows, int Steps)[] sizes)
    {
        NetworkShape shape = network.Shape;
        using var session = new OnnxSession(network);
        foreach ((int rows, int steps) in sizes)
        {
            Batch batch = Networks.Sequences(shape, rows, steps);
            var random = new Random(3);
            double[] start = [.. Enumerable.Range(0, rows * shape.StateWidth)
                .Select(_ => (double)(float)(random.NextDouble() - 0.5))];
            (double[] expected, double[] after) = Networks.Stream(network, batch, start);
            (Dictionary<string, float[]> outputs, double[] states) = session.Run(batch, start);
            Close(after, states);
            int o = shape.Outputs;
            for (int b = 0; b < rows; b++)
            {
                for (int t = 0; t < batch.Lengths[b]; t++)
                {
                    if (!shape.PredictsEveryStep && t < batch.Lengths[b] - 1) continue;
                    int at = ((shape.PredictsEveryStep ? (t * rows) + b : b) * o);
                    double[] y = expected[((((t * rows) + b) * o))..((((t * rows) + b) * o) + o)];
                    Close(y, [.. outputs["y"][at..(at + o)].Select(x => (double)x)]);
                    string head = shape.Head.ToString();
                    if (!head.StartsWith("Softmax") && !head.StartsWith("Bernoulli"))
                    {
                        Assert.DoesNotContain("probabilities", outputs.Keys);
                        continue;
                    }

                    double[] p = head.StartsWith("Softmax") ? [.. y.Select(x => Math.Exp(x) / y.Sum(Math.Exp))]
                        : [.. y.Select(x => 1 / (1 + Math.Exp(-x)))];
                    Close(p, [.. outputs["probabilities"][at..(at + o)].Select(x => (double)x)]);
                }
            }
        }
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
