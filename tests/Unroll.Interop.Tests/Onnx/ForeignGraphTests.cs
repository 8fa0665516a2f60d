using System.Diagnostics;
using Unroll.Files;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>Graphs of other programs that are nearly a stack of layers with one head, and those that are one.</summary>
public class ForeignGraphTests
{
    /// <summary>What the head may read of Y (T, 1, B, H), Y_h (1, B, H) and Y_c, and what would be another network.</summary>
    [Theory]
    [InlineData("Squeeze Y_h axes 0", null)]
    [InlineData("Squeeze Y_h", null)]
    [InlineData("Squeeze Y axes 1", null)] // a prediction at every step
    [InlineData("Squeeze Y axes 1; Gather axis 0 last", null)]
    [InlineData("Squeeze Y axes 1; Transpose perm 1 0 2; Gather axis 1 last", null)]
    [InlineData("Squeeze Y axes 1; Transpose perm 1 0 2; Gather axis -2 last", null)]
    [InlineData("Transpose Y perm 0 2 1 3; Reshape to 0 0 -1; Gather axis 0 last", null)]
    [InlineData("Squeeze Y axes 1; Unsqueeze axes 0; Gather axis 1 last; Squeeze axes 0", null)]
    [InlineData("Gather Y axis 0 last; Squeeze axes 0", null)]
    [InlineData("Squeeze Y_c axes 0", "LSTM, whose cell states the head reads, not its hidden states")]
    [InlineData("Squeeze Y axes 1; Gather axis 1 last", "Gather, which chooses or joins sequences")]
    [InlineData("Squeeze Y axes 1; Gather axis 2 last", "Gather, which chooses or joins units")]
    [InlineData("Squeeze Y axes 1; Transpose perm 1 0 2; Gather axis 0 last", "Gather, which chooses or joins sequences")]
    [InlineData("Gather Y_h axis 1 last", "Gather, which chooses or joins sequences")]
    [InlineData("Reshape Y to 4 -1; Gather axis 0 last", "Gather, behind a change of shape that is not followed")]
    [InlineData("Squeeze Y axes 1; Transpose perm 0 2 1", "Gemm, which does not read the units of LSTM")]
    public void What_the_head_reads_is_followed_axis_by_axis(string path, string? refused)
    {
        ForeignGraph graph = Layer(new ForeignGraph(), "x", 2, "");
        string at = Path(graph, path);
        byte[] bytes = Head(graph, at).ToArray();
        if (refused is null) Assert.True(OnnxReader.Read(bytes, "a.onnx", out _).Contains("head.weight"));
        else Assert.Contains(refused, Refused(bytes));
    }

    /// <summary>What a second layer may read of the first.</summary>
    [Theory]
    [InlineData("Squeeze Y axes 1", null)]
    [InlineData("Squeeze Y axes 1; Transpose perm 1 0 2; Transpose perm 1 0 2", null)]
    [InlineData("Transpose Y perm 0 2 1 3; Reshape to 0 0 -1", null)]
    [InlineData("Identity Y_h", "LSTM, which reads the last states of LSTM, not those of every step")]
    [InlineData("Identity Y_c", "LSTM, which reads the last states of LSTM, not those of every step")]
    [InlineData("Squeeze Y axes 1; Transpose perm 1 0 2", "LSTM, which reads the states of LSTM turned or reshaped")]
    [InlineData("Reshape Y to 7 -1 3", "LSTM, which reads the states of LSTM turned or reshaped")]
    public void What_a_layer_reads_is_followed_axis_by_axis(string path, string? refused)
    {
        ForeignGraph graph = Layer(new ForeignGraph(), "x", 2, "");
        Layer(graph, Path(graph, path), 3, "2").Whole("axis0", [1], 0).Node("Squeeze", "Y2_h axis0", "h");
        byte[] bytes = Head(graph, "h").ToArray();
        if (refused is null) Assert.Equal(10, OnnxReader.Read(bytes, "a.onnx", out _).Tensors.Length);
        else Assert.Contains(refused, Refused(bytes));
    }

    [Fact]
    public void Weights_of_16_bits_are_read_in_both_forms()
    {
        Half[] halves = [(Half)0.5, (Half)(-1.25), (Half)3];
        ushort[] bits = [.. halves.Select(BitConverter.HalfToUInt16Bits)], brain = [0x3f00, 0xbfa0, 0x4040];
        Assert.Equal([0.5f, -1.25f, 3], Weights(graph => graph.Listed("HW", [1, 3], 10, bits)));
        Assert.Equal([0.5f, -1.25f, 3], Weights(graph => graph.Bytes("HW", [1, 3], 10, Little(bits))));
        Assert.Equal([0.5f, -1.25f, 3], Weights(graph => graph.Listed("HW", [1, 3], 16, brain)));
        Assert.Equal([0.5f, -1.25f, 3], Weights(graph => graph.Bytes("HW", [1, 3], 16, Little(brain))));
        Assert.Contains("Gemm, whose weights are of type 17 of ONNX; numbers of 16, 32 and 64 bits are read",
            Assert.Throws<InvalidFileException>(() => Weights(graph => graph.Bytes("HW", [1, 3], 17, [1, 2, 3]))).Message);

        static byte[] Little(ushort[] bits) => [.. bits.SelectMany(one => (byte[])[(byte)one, (byte)(one >> 8)])];
        static float[] Weights(Func<ForeignGraph, ForeignGraph> add)
        {
            ForeignGraph graph = Layer(new ForeignGraph(), "x", 2, "").Node("Gather", "Y_h last", "h").Whole("last", [], -1);
            byte[] bytes = add(graph.Node("Gemm", "h HW", "y", ("transB", [1]))).ToArray();
            return OnnxReader.Read(bytes, "a.onnx", out _).Floats("head.weight");
        }
    }

    [Fact]
    public void A_long_graph_is_refused_at_once()
    {
        ForeignGraph graph = Layer(new ForeignGraph(), "x", 2, "").Constant("c", [1], 1);
        for (int i = 0; i < 20_000; i++) graph.Node("Identity", i == 0 ? "x" : $"i{i - 1}", $"i{i}");
        for (int i = 0; i < 20_000; i++) graph.Node("Add", $"i{19_999 - i} c", $"a{i}");
        byte[] bytes = Head(graph.Node("Squeeze", "Y_h", "h"), "h").ToArray();
        var watch = Stopwatch.StartNew();
        Assert.Contains("Add, which a stack of recurrent layers with one linear head does not have", Refused(bytes));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    private static ForeignGraph Layer(ForeignGraph graph, string input, int inputs, string name)
    {
        float[] Some(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i + name.Length))];
        return graph.Node("LSTM", $"{input} W{name} R{name} B{name}", $"Y{name} Y{name}_h Y{name}_c", ("hidden_size", [3]))
            .Constant($"W{name}", [1, 12, inputs], Some(12 * inputs)).Constant($"R{name}", [1, 12, 3], Some(36))
            .Constant($"B{name}", [1, 24], Some(24));
    }

    private static ForeignGraph Head(ForeignGraph graph, string input) =>
        graph.Node("Gemm", $"{input} HW HB", "y", ("transB", [1])).Constant("HW", [1, 3], 1, 2, 3).Constant("HB", [1], 0.5f);

    /// <summary>Adds operators such as <c>Squeeze Y axes 1; Gather axis 0 last</c>; gives the name of the last value.</summary>
    private static string Path(ForeignGraph graph, string path)
    {
        string at = "";
        foreach ((int i, string step) in path.Split("; ").Index())
        {
            string[] words = step.Split(' ');
            int known = Array.FindIndex(words, word => word is "axes" or "axis" or "perm" or "to");
            if (i == 0) at = words[1];
            long[] numbers = known < 0 ? [] : [.. words[(known + 1)..].Where(word => word != "last").Select(long.Parse)];
            (string next, string constant) = ($"p{i}", $"k{i}");
            switch (words[0])
            {
                case "Transpose":
                    graph.Node(words[0], at, next, ("perm", numbers));
                    break;
                case "Gather":
                    graph.Node(words[0], $"{at} {constant}", next, ("axis", numbers)).Whole(constant, [], -1);
                    break;
                default:
                    graph.Node(words[0], known < 0 ? at : $"{at} {constant}", next);
                    if (known >= 0) graph.Whole(constant, [numbers.Length], numbers);
                    break;
            }

            at = next;
        }

        return at;
    }

    private static string Refused(byte[] bytes) =>
        Assert.Throws<InvalidFileException>(() => OnnxReader.Read(bytes, "a.onnx", out _)).Message;
}
