using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Files;
using Unroll.Interop.Tests.Series;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>Graphs that are run node by node give what ONNX Runtime gives.</summary>
public class GraphProgramTests
{
    public static TheoryData<string> Stacks => [.. Networks.Stacks.Keys];

    public static TheoryData<string> OwnData => [.. SeriesModels.Names];

    [Theory]
    [MemberData(nameof(Stacks))]
    public void Every_stack_gives_what_ONNX_Runtime_gives(string stack)
    {
        foreach (OutputHead head in (OutputHead[])[OutputHead.SoftmaxEvery, OutputHead.BernoulliLast, OutputHead.QuantileLast])
        {
            var shape = new NetworkShape(3, Networks.Stacks[stack], 3)
            {
                Head = head,
                Encoding = head == OutputHead.SoftmaxEvery ? InputEncoding.OneHot : InputEncoding.Dense,
                Quantiles = [0.1, 0.5, 0.9],
            };
            Same(Written(Networks.Random<float>(shape), new ModelInfo(shape)), name => name switch
            {
                "symbols" => Whole(OnnxType.Int64, [4, 2], -1, 0, 1, 2, 2, 1, 0, 0),
                "x" => Drawn([4, 2, 3]),
                "sequence_lens" => Whole(OnnxType.Int32, [2], 3, 4),
                _ => Drawn([name.Contains("_l") ? 1 : name[0] == 'c'
                    ? shape.Layers.Count(layer => layer.Cell == CellKind.Lstm) : shape.Layers.Count, 2,
                    name.Contains("_l") ? shape.Layers[int.Parse(name[4..])].Hidden : shape.Hidden]),
            });
        }
    }

    [Theory]
    [MemberData(nameof(OwnData))]
    public void Every_way_of_reading_data_gives_what_ONNX_Runtime_gives(string name)
    {
        SeriesCase one = SeriesModels.Make(name);
        int columns = one.Codec.Encoder.Columns.Count, rows = one.Windows.Length, steps = one.Windows.Max(window => window.Steps);
        var x = new double[steps * rows * columns];
        var time = new double[steps * rows];
        Array.Fill(x, double.NaN);
        for (int b = 0; b < rows; b++)
        {
            float[] values = SeriesModels.Rows(one, one.Windows[b]);
            long[] times = SeriesModels.Times(one, one.Windows[b]);
            for (int i = 0; i < values.Length; i++) x[(((i / columns * rows) + b) * columns) + (i % columns)] = values[i];
            for (int t = 0; t < times.Length; t++) time[(t * rows) + b] = times[t];
        }

        Same(Written(one.Network, one.Info), input => input switch
        {
            "x" => new GraphValue(OnnxType.Float, [steps, rows, columns], x),
            "time" => new GraphValue(OnnxType.Int64, [steps, rows], time),
            "sequence_lens" => Whole(OnnxType.Int32, [rows], [.. one.Windows.Select(window => window.Steps)]),
            _ => null,
        });
    }

    [Fact]
    public void A_cut_graph_or_an_operator_that_is_not_ours_is_refused()
    {
        byte[] bytes = Written(Networks.Random<float>(new NetworkShape(3, 4, 2)), new ModelInfo(new NetworkShape(3, 4, 2)));
        Assert.Throws<FormatException>(() => GraphProgram.Read(bytes.AsMemory(0, bytes.Length / 2)));
        var node = new ProtoMessage().Add(1, "x").Add(2, "y").Add(4, "Erf");
        var value = new ProtoMessage().Add(1, "y");
        using var file = new MemoryStream();
        new ProtoMessage().Add(7, new ProtoMessage().Add(1, node).Add(12, value)).WriteTo(file);
        var inputs = new Dictionary<string, GraphValue> { ["x"] = Drawn([1]) };
        Assert.Contains("Erf", Assert.Throws<FormatException>(() => GraphProgram.Read(file.ToArray()).Run(inputs)).Message);
        Assert.Contains("'x'", Assert.Throws<FormatException>(() => GraphProgram.Read(file.ToArray()).Run(
            new Dictionary<string, GraphValue>())).Message);
    }

    private static byte[] Written(Network<float> network, ModelInfo info)
    {
        using var bytes = new MemoryStream();
        OnnxWriter.Write(bytes, network, info);
        return bytes.ToArray();
    }

    private static GraphValue Drawn(int[] sizes)
    {
        var random = new Random(5);
        return new GraphValue(OnnxType.Float, sizes,
            [.. Enumerable.Range(0, GraphValue.CountOf(sizes)).Select(_ => (double)(float)(random.NextDouble() - 0.5))]);
    }

    private static GraphValue Whole(OnnxType type, int[] sizes, params int[] values) =>
        new(type, sizes, [.. values.Select(one => (double)one)]);

    /// <summary>Compares every output.</summary>
    private static void Same(byte[] model, Func<string, GraphValue?> input)
    {
        using var options = new SessionOptions
        { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model, options);
        var program = GraphProgram.Read(model);
        Assert.Equal(session.OutputMetadata.Keys, program.Outputs);
        var own = new Dictionary<string, GraphValue>();
        foreach (string name in program.Inputs)
        {
            if (program.HasOwn(name)) continue;
            own[name] = input(name)!;
        }

        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> theirs = session.Run(
            [.. own.Select(pair => Named(pair.Key, pair.Value))]);
        Dictionary<string, GraphValue> ours = program.Run(own);
        foreach (DisposableNamedOnnxValue result in theirs)
        {
            GraphValue found = ours[result.Name];
            if (result.Name == "label")
            {
                Assert.Equal(result.AsEnumerable<string>(), found.Texts!);
                continue;
            }

            double[] expected = result.Name == "class" ? [.. result.AsEnumerable<long>().Select(one => (double)one)]
                : [.. result.AsEnumerable<float>().Select(one => (double)one)];
            Assert.Equal(expected.Length, found.Count);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(expected[i].Equals(found.Numbers[i])
                    || Math.Abs(expected[i] - found.Numbers[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])),
                    $"{result.Name} {i}: {expected[i]} and {found.Numbers[i]}");
        }
    }

    private static NamedOnnxValue Named(string name, GraphValue value) => value.Type switch
    {
        OnnxType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(
            value.Numbers.Select(one => (long)one).ToArray(), value.Sizes)),
        OnnxType.Int32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(value.Wholes(), value.Sizes)),
        _ => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(
            value.Numbers.Select(one => (float)one).ToArray(), value.Sizes)),
    };
}
