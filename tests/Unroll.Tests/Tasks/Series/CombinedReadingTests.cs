using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Networks of values and networks of differences as one network, whose forecast is the mean of theirs.</summary>
public static class CombinedReadingTests
{
    private const int Season = 4;

    private static readonly EncoderOptions s_values = new() { Window = WindowScaling.Last, Calendar = [CalendarPart.Weekday] };

    private static SequenceData Data { get; } = new SequenceBuilder("x").AddCopy(
        [.. Enumerable.Range(0, 60).Select(t => 20 + t + (float)(5 * Math.Sin(t * 1.7)))],
        new SequenceInfo { Times = Enumerable.Range(0, 60).Select(t => new DateTime(2024, 1, 1).AddDays(t)).ToArray() }).Build();

    private static SequenceFolds Folds { get; } = SequenceFolds.BySteps(Data, 40, 10, 10);

    /// <summary>The oracle: forecasts of the one are means of the forecasts of the others, of logarithms geometric.</summary>
    [Theory]
    [InlineData(false, WindowScaling.None, SeriesDecoder.Direct)]
    [InlineData(true, WindowScaling.None, SeriesDecoder.Direct)]
    [InlineData(true, WindowScaling.Last, SeriesDecoder.Direct)]
    [InlineData(false, WindowScaling.Mean, SeriesDecoder.Parallel)]
    public static void Forecasts_are_means(bool logarithm, WindowScaling scaling, SeriesDecoder decoder)
    {
        string[] logarithms = logarithm ? ["x"] : [];
        EncoderOptions values = s_values with { Logarithm = logarithms };
        ForecastTask first = Task(values, decoder), second = Task(Differences(values, scaling) with { Calendar = [] }, decoder),
            both = Task(Differences(values, scaling) with { Combined = true }, decoder);
        Network<double>[] networks = [Some(first, 1), Some(second, 2)];
        Network<double> joined = NetworkEnsemble.Join(
        [
            CombinedReading.Express(networks[0], first.Codec, both.Codec),
            CombinedReading.Express(networks[1], second.Codec, both.Codec),
        ]);
        CancellationToken none = TestContext.Current.CancellationToken;
        IReadOnlyList<double[]> mean = ForecastErrors.Mean(both.Codec,
            ForecastErrors.Forecasts(networks[0], first, Fold.Test, none),
            ForecastErrors.Forecasts(networks[1], second, Fold.Test, none));
        IReadOnlyList<double[]> found = ForecastErrors.Forecasts(joined, both, Fold.Test, none);
        Assert.Equal(mean.Count, found.Count);
        foreach ((double[] expected, double[] forecast) in mean.Zip(found))
        {
            for (int h = 0; h < expected.Length; h++) Assert.Equal(expected[h], forecast[h], 1e-9 * Math.Abs(expected[h]));
        }

        Assert.Equal(ForecastErrors.StandardMae(both, Fold.Test, mean),
            ForecastErrors.StandardMae(joined, both, Fold.Test, none), 9);
        Assert.NotEqual(ForecastErrors.Forecasts(networks[0], first, Fold.Test, none)[0][0], found[0][0], 1);
    }

    [Fact]
    public static void Means_of_logarithms_are_geometric()
    {
        SeriesCodec values = Task(s_values).Codec, logarithms = Task(s_values with { Logarithm = ["x"] }).Codec;
        Assert.Equal([5, 2.5], ForecastErrors.Mean(values, [[2, 1]], [[8, 4]])[0]);
        Assert.Equal([4, 2], ForecastErrors.Mean(logarithms, [[2, 1]], [[8, 4]])[0].Select(value => Math.Round(value, 12)));
    }

    [Theory]
    [InlineData(MissingPolicy.Zero)]
    [InlineData(MissingPolicy.Mask)]
    public static void A_last_value_that_may_be_missing_is_refused(MissingPolicy missing)
    {
        EncoderOptions options = Differences(s_values, WindowScaling.None) with { Combined = true, Missing = missing };
        Assert.Contains("carry missing values forward", Assert.Throws<ArgumentException>(() => Task(options)).Message);
    }

    [Fact]
    public static void What_a_task_asks_for_starts_from_the_mean_of_the_last_value_and_the_last_season()
    {
        ForecastTask task = Task(Differences(s_values, WindowScaling.None) with { Combined = true, Calendar = [] }, segment: 1);
        Assert.Equal(["x", "level of x"], task.Codec.Encoder.InputNames);
        ColumnScale scale = task.Codec.Encoder.Scales[0];
        Batch batch = Batch.For(task);
        batch.Resize(1, 8);
        task.FillExample(batch, 0, Fold.Train, 5, 0, 8); // steps 5..12, then 13..17
        for (int t = 0; t < 8; t++)
        {
            Assert.Equal((Value(5 + t) - Value(12)) / scale.Scale, batch.Dense(t, 0)[1], 5);
            Assert.Equal(t < Season ? 0 : scale.Apply(Value(5 + t) - Value(5 + t - Season)), batch.Dense(t, 0)[0], 5);
        }

        for (int h = 0; h < 5; h++)
        {
            double season = Value(9 + (h % Season)) + (scale.Center * (1 + (h / Season)));
            Assert.Equal((Value(13 + h) - ((season + Value(12)) / 2)) / scale.Scale, batch.Values(7, 0)[h], 5);
        }

        static double Value(int t) => Data.Sequences[0].Values(0)[t];
    }

    [Fact]
    public static void The_text_of_an_encoder_has_it()
    {
        SequenceEncoder encoder = Task(Differences(s_values, WindowScaling.None) with { Combined = true }).Codec.Encoder;
        SequenceEncoder read = SequenceEncoder.Parse(encoder.ToText());
        Assert.True(read.Options.Combined);
        Assert.Equal(encoder.InputNames, read.InputNames);
        Assert.Contains("\"format\":4", encoder.ToText());
        Assert.Contains("\"format\":3", Task(Differences(s_values, WindowScaling.None)).Codec.Encoder.ToText()); // as it was
    }

    [Fact]
    public static void Readings_that_cannot_be_combined_are_refused()
    {
        EncoderOptions both = Differences(s_values, WindowScaling.Last) with { Combined = true };
        Assert.Contains("there are none", Says(() => Task(both with { Differenced = [] })));
        Assert.Contains("deviation", Says(() => Task(both with { Window = WindowScaling.Standard })));
        ForecastTask combined = Task(both), values = Task(s_values), around = Task(s_values with { Window = WindowScaling.Mean });
        Assert.Contains("one target", Says(() => CombinedReading.Express(Some(values, 1), values.Codec, values.Codec)));
        Assert.Contains("the last of their window",
            Says(() => CombinedReading.Express(Some(around, 1), around.Codec, combined.Codec)));
        ForecastTask hour = Task(s_values with { Calendar = [CalendarPart.Month] });
        Assert.Contains("no input 'sine of month'",
            Says(() => CombinedReading.Express(Some(hour, 1), hour.Codec, combined.Codec)));

        static string Says(Func<object> make) => Assert.Throws<ArgumentException>(make).Message;
    }

    private static EncoderOptions Differences(EncoderOptions values, WindowScaling scaling) =>
        values with { Differenced = ["x"], Season = Season, Window = scaling };

    private static ForecastTask Task(EncoderOptions encoder, SeriesDecoder decoder = SeriesDecoder.Direct, int segment = 3) =>
        new(Folds, new SeriesOptions
        {
            Window = 8,
            Horizon = 5,
            Segment = segment,
            Decoder = decoder,
            LooksBack = true,
            Encoder = encoder,
        });

    private static Network<double> Some(ForecastTask task, int seed)
    {
        var network = new Network<double>(task.Complete(new NetworkShape(task.Inputs, [new LayerShape(3) { Cell = CellKind.Gru }],
            task.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        }));
        var random = new Random(seed);
        foreach (ref double value in network.Parameters) value = random.NextDouble() - 0.5;
        return network;
    }
}
