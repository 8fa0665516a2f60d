using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>What a model's file keeps is enough to serve.</summary>
public static class SeriesCodecTests
{
    [Fact]
    public static void It_reads_what_it_wrote_and_fills_the_same_numbers()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        var task = new ForecastTask(folds, new SeriesOptions
        {
            Window = 5,
            Horizon = 3,
            Segment = 2,
            Encoder = new EncoderOptions
            {
                Scale = Scaling.Robust,
                Window = WindowScaling.Standard,
                Missing = MissingPolicy.Mask,
                Calendar = [CalendarPart.Month],
            },
        });
        SeriesCodec again = SeriesCodec.Read(task.Codec.Properties())!;
        Assert.Equal(task.Codec.Properties(), again.Properties());
        Assert.Equal((SeriesKind.Forecast, 5, 3, 2),
            (again.Kind, again.Options.Window, again.Options.Horizon, again.Options.Segment));
        Assert.Equal(folds.Data.Fingerprint(), again.Fingerprint);
        Assert.Equal(12, again.Inputs);

        // The same columns in another order, and one more.
        var other = new SequenceBuilder("new", "root", "ramp").AddCopy(
            [.. Enumerable.Range(0, 60).SelectMany(t => (float[])[-1, 10 * MathF.Sqrt(t), t])],
            new SequenceInfo
            {
                Times = Enumerable.Range(0, 60).Select(t => new DateTime(2024, 1, 1).AddDays(t)).ToArray(),
            }).Build();
        var network = new Network<float>(new NetworkShape(12, 5, 6)
        {
            Encoding = InputEncoding.Dense,
            Head = OutputHead.LinearLast
        });
        Initializer.Initialize(network, Initialization.BasicTanh, 4);
        Assert.Equal(Forecasts(task.Rows), Forecasts(again.Bind(other)));

        List<double[]> Forecasts(SeriesRows rows)
        {
            var all = new List<double[]>();
            using var predictor = new SeriesPredictor<float>(network, rows);
            predictor.Run([new SequenceWindow(0, 3, 5, 3), new SequenceWindow(0, 55, 5, 3)],
                (_, values) => all.Add(values.ToArray()));
            return all;
        }
    }

    [Fact]
    public static void Data_that_do_not_fit_are_refused_by_name()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        SeriesCodec codec = new ForecastTask(folds, new SeriesOptions { Window = 5 }).Codec;
        var error = Assert.Throws<ArgumentException>(() =>
            codec.Bind(new SequenceBuilder("ramp", "rood").AddCopy([1, 2, 3, 4]).Build()));
        Assert.Contains("has no column 'root'; the nearest is 'rood'", error.Message);
        Assert.Contains("12 inputs", Assert.Throws<ArgumentException>(() => new SeriesPredictor<float>(
            new Network<float>(new NetworkShape(12, 5, 6) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast }),
            codec.Bind(folds.Data))).Message);
    }

    [Fact]
    public static void Of_a_model_of_another_task_there_is_none() =>
        Assert.Null(SeriesCodec.Read(new Dictionary<string, string> { ["task"] = "addition" }));

    [Fact]
    public static void What_was_altered_is_refused_whatever_it_is()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        IReadOnlyDictionary<string, string> properties = new ForecastTask(folds,
            new SeriesOptions { Window = 5 }).Codec.Properties();
        foreach ((string key, JsonNode? value) in (IEnumerable<(string, JsonNode?)>)
            [("format", 9), ("kind", "guess"), ("window", 0), ("window", -3), ("horizon", 0), ("horizon", 70_000), ("segment", 0),
                ("targets", new JsonArray()),
                ("targets", new JsonArray("ramp", "ramp")), ("targets", new JsonArray("other")),
                ("labels", new JsonArray("a", "b")), ("scale", 0), ("scale", "x"),
                ("window", null), ("shared_channels", 3)])
        {
            JsonObject text = JsonNode.Parse(properties["series"])!.AsObject();
            text[key] = value;
            Refused(properties.ToDictionary(pair => pair.Key, pair => pair.Key == "series" ? text.ToJsonString() : pair.Value));
        }

        Refused(new Dictionary<string, string> { ["series"] = properties["series"] });
        Refused(new Dictionary<string, string>(properties) { ["series"] = "[]" });
        Refused(new Dictionary<string, string>(properties) { ["encoder"] = "{}" });

        static void Refused(Dictionary<string, string> altered) =>
            Assert.Throws<FormatException>(() => SeriesCodec.Read(altered));
    }
}
