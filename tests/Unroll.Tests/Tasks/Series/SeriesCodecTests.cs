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
    public static void Labels_that_training_did_not_have_may_be_read_as_none()
    {
        SequenceData Kinds(string[] labels, int[] codes) => new SequenceBuilder(new SequenceColumn("a"), new("w", labels))
            .AddColumns([Enumerable.Range(0, codes.Length).Select(t => (float)t).ToArray()], [codes]).Build("kinds");
        SequenceData data = Kinds(["late", "x", "y"], [1, 2, 1, 2, 1, 2, 1, 2, 0, -1, 0, 0]);
        SequenceFolds folds = SequenceFolds.BySteps(data, 6, 3, 3);
        var options = new SeriesOptions { Window = 2, Encoder = new EncoderOptions { Missing = MissingPolicy.Zero } };
        SeriesCodec all = new ForecastTask(folds, options).Codec;
        SeriesCodec some = new ForecastTask(folds,
            options with { Encoder = options.Encoder with { UnknownAsNone = true } }).Codec;
        Assert.Equal(["a", "w=late", "w=x", "w=y"], all.Encoder.InputNames);
        Assert.Equal(["a", "w=x", "w=y"], some.Encoder.InputNames);
        Assert.Equal([0, 1, 0, 0], Labels(some, data, 7));

        SequenceData other = Kinds(["z", "y"], [0, 0, 1, 1]);
        Assert.Contains("'z'", Assert.Throws<ArgumentException>(() => all.Bind(other)).Message);
        SeriesCodec served = all.WithUnknownAsNone();
        Assert.Equal(all.Encoder.InputNames, served.Encoder.InputNames);
        Assert.Equal([0, 0, 0, 0, 0, 1], Labels(served, other, 1));
        Assert.Equal(served.Properties(), SeriesCodec.Read(served.Properties())!.Properties());
        Assert.Equal(some.Properties(), some.WithUnknownAsNone().Properties());

        // The inputs of the labels at two steps.
        static float[] Labels(SeriesCodec codec, SequenceData data, int start)
        {
            Batch batch = new(InputEncoding.Dense, codec.Encoder.Inputs, OutputHead.LinearLast, 1);
            batch.Resize(1, 2);
            codec.Encoder.Bind(data).Fill(batch, 0, 0, start, 2);
            return [.. Enumerable.Range(0, 2).SelectMany(t => batch.Dense(t, 0)[1..].ToArray()).Select(one => (float)one)];
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
