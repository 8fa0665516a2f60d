using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Interop.Tests.Series;

/// <summary>Models of own data in ONNX Runtime: from the data's units to what <c>unroll predict</c> gives.</summary>
public class OnnxSeriesTests
{
    public static TheoryData<string> Cases => [.. SeriesModels.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Raw_units_in_give_predictions_in_them(string name)
    {
        SeriesCase one = SeriesModels.Make(name);
        using InferenceSession session = Session(one);
        double[][] together = Run(session, one, one.Windows);
        for (int i = 0; i < one.Windows.Length; i++)
        {
            SeriesModels.Close($"{name}, row {i} of all", one.Predictions[i], together[i]);
            SeriesModels.Close($"{name}, {i} alone", one.Predictions[i], Run(session, one, [one.Windows[i]])[0]);
        }
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("tag number forward")]
    [InlineData("tag calendar")]
    [InlineData("classify mean states")]
    [InlineData("regress largest states")]
    public void A_sequence_may_be_fed_in_pieces(string name)
    {
        SeriesCase one = SeriesModels.Make(name);
        using InferenceSession session = Session(one);
        SequenceWindow window = one.Windows[^2];
        var after = new Dictionary<string, Tensor<float>>();
        var all = new List<double>();
        foreach ((int at, int steps) in ((int, int)[])[(0, 1), (1, 5), (6, 3), (9, window.Steps - 9)])
        {
            double[] piece = Run(session, one, [window], at, steps, after)[0];
            if (one.Codec.Kind != SeriesKind.Tag) all.Clear(); // the last piece has the prediction
            all.AddRange(piece);
        }

        SeriesModels.Close(name, one.Predictions[^2], [.. all]);
    }

    [Fact]
    public void Labels_are_in_the_graph()
    {
        SeriesCase one = SeriesModels.Make("classify");
        using InferenceSession session = Session(one);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(Inputs(session, one, one.Windows, 0,
            -1));
        string[] labels = [.. results.First(result => result.Name == "label").AsEnumerable<string>()];
        long[] classes = [.. results.First(result => result.Name == "class").AsEnumerable<long>()];
        for (int i = 0; i < labels.Length; i++)
        {
            Assert.Equal(Array.IndexOf(one.Predictions[i], one.Predictions[i].Max()), classes[i]);
            Assert.Equal(one.Codec.Labels[(int)classes[i]], labels[i]);
        }

        Assert.Contains("encoder", string.Join(' ', session.ModelMetadata.CustomMetadataMap.Keys));
    }

    [Fact]
    public void A_description_that_does_not_fit_is_refused_by_name()
    {
        SeriesCase one = SeriesModels.Make("classify");
        Files.ModelInfo Changed(string key, string text) => one.Info with
        { Properties = new Dictionary<string, string>(one.Info.Properties) { [key] = text } };
        Assert.Contains("does not describe its data", Refusal(Changed("series", "{")));
        Assert.Contains("columns", Refusal(Changed("encoder", one.Info.Properties["encoder"].Replace("\"scale\":",
            "\"sale\":"))));
        Assert.Contains("other inputs or outputs", Refusal(Changed("series",
            one.Info.Properties["series"].Replace("\"segment\":1", "\"segment\":2"))));

        string Refusal(Files.ModelInfo info) =>
            Assert.Throws<ArgumentException>(() => OnnxWriter.Write(Stream.Null, one.Network, info)).Message;
    }

    private static InferenceSession Session(SeriesCase one)
    {
        using var bytes = new MemoryStream();
        OnnxWriter.Write(bytes, one.Network, one.Info);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR
        };
        return new InferenceSession(bytes.ToArray(), options);
    }

    private static List<NamedOnnxValue> Inputs(
        InferenceSession session, SeriesCase one, SequenceWindow[] windows, int at, int count)
    {
        int columns = one.Codec.Encoder.Columns.Count, rows = windows.Length;
        int[] lengths = [.. windows.Select(window => count < 0 ? window.Steps : count)];
        int steps = lengths.Max();
        var x = new DenseTensor<float>([steps, rows, columns]);
        x.Buffer.Span.Fill(float.NaN); // what lies behind a row's end must not matter
        var time = new DenseTensor<long>([steps, rows]);
        for (int b = 0; b < rows; b++)
        {
            float[] values = SeriesModels.Rows(one, windows[b]);
            long[] times = SeriesModels.Times(one, windows[b]);
            for (int t = 0; t < lengths[b]; t++)
            {
                for (int c = 0; c < columns; c++) x[t, b, c] = values[((at + t) * columns) + c];
                time[t, b] = times[at + t];
            }
        }

        List<NamedOnnxValue> inputs =
        [
            NamedOnnxValue.CreateFromTensor("x", x),
            NamedOnnxValue.CreateFromTensor("sequence_lens", new DenseTensor<int>(lengths, [rows])),
        ];
        if (session.InputMetadata.ContainsKey("time")) inputs.Add(NamedOnnxValue.CreateFromTensor("time", time));
        return inputs;
    }

    private static double[][] Run(InferenceSession session, SeriesCase one, SequenceWindow[] windows, int at = 0, int count = -1,
        Dictionary<string, Tensor<float>>? state = null)
    {
        List<NamedOnnxValue> inputs = Inputs(session, one, windows, at, count);
        foreach ((string name, Tensor<float> value) in state ?? []) inputs.Add(NamedOnnxValue.CreateFromTensor(name, value));
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(inputs);
        foreach (DisposableNamedOnnxValue result in results)
        {
            if (state is not null && result.Name.EndsWith('n') && result.Name is "hn" or "cn" or "lastn" or "readn")
                state![result.Name[..^1] + "0"] = result.AsTensor<float>().ToDenseTensor();
        }

        string wanted = one.Codec.Kind == SeriesKind.Forecast ? "forecast" : one.Codec.Labels.Count > 0 ? "probabilities"
            : "prediction";
        float[] all = [.. results.First(result => result.Name == wanted).AsTensor<float>()];
        if (one.Codec.Kind != SeriesKind.Tag) return [.. all.Chunk(all.Length / windows.Length).Select(row => row.Select(x =>
            (double)x).ToArray())];
        int width = one.Codec.Width;
        return [.. windows.Select((window, b) => Enumerable.Range(0, count < 0 ? window.Steps : count)
            .SelectMany(t => Enumerable.Range(0, width).Select(k => (double)all[(((t * windows.Length) + b) * width)
                + k])).ToArray())];
    }
}
