using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Sequences;

/// <summary>Scales of each group.</summary>
public static class GroupScaleTests
{
    /// <summary>Sensors whose values are apart: a is 0, 1, 2, ..., b a thousand times that, c always 7.</summary>
    private static SequenceData Sensors(params string[] names)
    {
        var builder = new SequenceBuilder("x");
        foreach (string name in names)
            builder.AddCopy([.. Enumerable.Range(0, 20).Select(t => name == "a" ? t : name == "c" ? 7 : 1000f * t)],
                new SequenceInfo { Name = name });
        return builder.Build();
    }

    private static ForecastTask Task(params string[] names) => new(SequenceFolds.BySteps(Sensors(names), 12, 4, 4),
        new SeriesOptions { Window = 2, Encoder = new EncoderOptions { ScaleByGroup = true } });

    [Fact]
    public static void Each_group_is_scaled_by_its_training_fold()
    {
        ForecastTask task = Task("a", "b", "c");
        SequenceEncoder encoder = task.Codec.Encoder;
        double deviation = Math.Sqrt(((12.0 * 12) - 1) / 12);
        Assert.Equal(new ColumnScale(5.5, deviation), encoder.GroupScales["a"][0]);
        Assert.Equal(5500, encoder.GroupScales["b"][0].Center, 1e-9);
        Assert.Equal(encoder.Scales[0], encoder.GroupScales["c"][0]); // one value has no spread
        Batch batch = Batch.For(task);
        batch.Resize(1, 2);
        foreach ((int example, double first) in ((int, double)[])[(0, -5.5 / deviation), (10, -5.5 / deviation)])
        {
            task.FillExample(batch, 0, Fold.Train, example, 0, 2); // the first window of a, and of b
            Assert.Equal(first, batch.Dense(0, 0)[0], 1e-9);
            Assert.Equal((2 - 5.5) / deviation, batch.Values(1, 0)[0], 1e-9);
        }
    }

    [Fact]
    public static void A_forecast_is_in_the_units_of_its_group()
    {
        ForecastTask task = Task("a", "b");
        NetworkShape shape = OptionsRules.ShapeOf(task, new TrainingOptions { Hidden = 3, Cell = CellKind.Gru });
        var zeros = new Network<float>(shape); // says the center of the scale
        var said = new Dictionary<int, double>();
        using (var predictor = new SeriesPredictor<float>(zeros, task.Rows))
            predictor.Run([new SequenceWindow(0, 0, 2, 1), new SequenceWindow(1, 0, 2, 1)],
                (window, values) => said[window.Sequence] = values[0], TestContext.Current.CancellationToken);
        Assert.Equal(5.5, said[0], 1e-5);
        Assert.Equal(5500, said[1], 1e-2);

        var network = new Network<float>(shape);
        Initializer.Initialize(network, new InitializerOptions(), 3);
        using var whole = new SeriesPredictor<float>(network, task.Rows);
        using var stream = new SeriesStream<float>(network, task.Codec);
        SeriesStreamState[] states = [stream.Start("a"), stream.Start("b"), stream.Start("new"), stream.Start()];
        var prediction = new double[1];
        double[] last = new double[4];
        for (int t = 0; t < 2; t++)
        {
            for (int s = 0; s < 4; s++)
            {
                if (stream.Step(states[s], [s == 0 ? t : 1000f * t], prediction)) last[s] = prediction[0];
            }
        }

        whole.Run([new SequenceWindow(0, 0, 2, 1), new SequenceWindow(1, 0, 2, 1)],
            (window, values) => Assert.Equal(values[0], last[window.Sequence]), TestContext.Current.CancellationToken);
        Assert.Equal(last[2], last[3]);
        Assert.NotEqual(last[1], last[2]);
    }

    [Fact]
    public static void An_unknown_group_is_named_and_scaled_as_the_whole()
    {
        SeriesCodec codec = Task("a", "b").Codec;
        SeriesRows rows = codec.Bind(Sensors("b", "z", "z2"));
        Assert.Equal(["z", "z2"], rows.UnknownGroups);
        Batch batch = Batch.For(Task("a", "b"));
        batch.Resize(1, 2);
        rows.FillInputs(batch, 0, 1, 3, 2, 0);
        Assert.Equal(codec.Encoder.Scales[0].Apply(3000), batch.Dense(0, 0)[0]);
        Assert.Empty(new ForecastTask(SequenceFolds.BySteps(Sensors("a", "b"), 12, 4, 4), new SeriesOptions { Window = 2 })
            .Codec.Bind(Sensors("z")).UnknownGroups);
    }

    [Fact]
    public static void A_model_file_has_them()
    {
        SeriesCodec codec = Task("a", "b").Codec;
        SeriesCodec read = SeriesCodec.Read(codec.Properties())!;
        Assert.Equal(codec.Properties(), read.Properties());
        Assert.True(read.Encoder.Options.ScaleByGroup);
        Assert.Equal(codec.Encoder.GroupScales["b"], read.Encoder.GroupScales["b"]);
        string text = codec.Properties()["encoder"], groups = text[text.IndexOf("\"groups\"", StringComparison.Ordinal)..];
        foreach (string bad in (string[])["\"groups\":{}}", "\"groups\":{\"a\":[1]}}", "\"groups\":{\"a\":[1,0]}}",
            "\"groups\":{\"a\":[1,1],\"a\":[1,1]}}", "\"groups\":[]}"])
            Assert.Throws<FormatException>(() => SequenceEncoder.Parse(text.Replace(groups, bad, StringComparison.Ordinal)));
    }

    [Fact]
    public static void Groups_of_several_sequences_have_one_scale_and_only_forecasts_have_any()
    {
        var builder = new SequenceBuilder("x");
        for (int s = 0; s < 4; s++)
            builder.AddCopy([.. Enumerable.Range(0, 10).Select(t => (float)(s * 10) + t)],
                new SequenceInfo { Name = $"run{s}", Group = s < 2 ? "one" : "two", Number = s });
        SequenceData data = builder.Build();
        SequenceEncoder encoder = SequenceEncoder.Fit(
            SequenceFolds.OfWhole(data, [.. Enumerable.Repeat(Fold.Train, 4)]), new EncoderOptions { ScaleByGroup = true });
        Assert.Equal(["one", "two"], encoder.GroupScales.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(9.5, encoder.GroupScales["one"][0].Center);
        Assert.Contains("for forecasts", Assert.Throws<ArgumentException>(() => new RegressTask(
            SequenceFolds.OfWhole(data, [Fold.Train, Fold.Train, Fold.Validation, Fold.Test]),
            new SeriesOptions { Encoder = new EncoderOptions { ScaleByGroup = true } })).Message);
    }
}
