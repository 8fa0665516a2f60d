using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Sequences;

/// <summary>Forecasts by how much a series differs from a season before.</summary>
public static class SeasonalDifferenceTests
{
    private const int Season = 3;

    /// <summary>A course of 3 steps that grows by 2 a season, and by 1 more from step 30 on.</summary>
    private static float Value(int t) => (t % Season * 10) + (t / Season * 2) + (t >= 30 ? (t - 27) / Season : 0);

    private static SequenceData Data { get; } =
        new SequenceBuilder("x").AddCopy([.. Enumerable.Range(0, 60).Select(Value)]).Build();

    private static ForecastTask Task(EncoderOptions? reading = null, int window = 6, bool shared = false) => new(
        SequenceFolds.BySteps(Data, 40, 10, 10), new SeriesOptions
        {
            Window = window,
            Horizon = 5,
            LooksBack = true,
            SharedChannels = shared,
            Encoder = reading ?? new EncoderOptions { Differenced = ["x"], Season = Season },
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static void Differences_are_read_and_forecast_in_their_own_scale(bool shared)
    {
        ForecastTask task = Task(shared: shared);
        double[] all = [.. Enumerable.Range(Season, 40 - Season).Select(t => (double)(Value(t) - Value(t - Season)))];
        double mean = all.Average(), deviation = Math.Sqrt(all.Average(d => (d - mean) * (d - mean)));
        Assert.Equal(mean, task.Codec.Encoder.Scales[0].Center, 6);
        Assert.Equal(deviation, task.Codec.Encoder.Scales[0].Scale, 6);
        Batch batch = Batch.For(task);
        batch.Resize(1, 6);
        task.FillExample(batch, 0, Fold.Train, 26, 0, 6); // steps 26..31, then 32..36
        for (int t = 0; t < 6; t++)
        {
            double expected = t < Season ? 0 : (Value(26 + t) - Value(23 + t) - mean) / deviation;
            Assert.Equal(expected, batch.Dense(t, 0)[0], 5);
        }

        // Behind a whole season the drift stands for the season that is not known.
        for (int h = 0; h < 5; h++)
        {
            double from = Value(29 + (h % Season)) + (h / Season * mean);
            Assert.Equal((Value(32 + h) - from - mean) / deviation, batch.Values(5, 0)[h], 5);
        }
    }

    [Theory]
    [InlineData(WindowScaling.None)]
    [InlineData(WindowScaling.Last)]
    [InlineData(WindowScaling.Standard)]
    public static void What_a_task_asks_for_is_undone_to_the_truth(WindowScaling scaling)
    {
        ForecastTask task = Task(new EncoderOptions
        {
            Differenced = ["x"],
            Season = Season,
            Window = scaling,
        });
        NetworkShape shape = task.Complete(new NetworkShape(task.Inputs, 2, task.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        });

        // A network whose biases are the targets of one window says what follows that window.
        Batch batch = Batch.For(task);
        batch.Resize(1, 6);
        task.FillExample(batch, 0, Fold.Test, 2, 0, 6);
        var network = new Network<double>(shape);
        batch.Values(5, 0).CopyTo(network.OutputBias);
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        SequenceWindow window = task.Codec.Windows(task.Folds, Fold.Test).ElementAt(2);
        predictor.Run([window], (_, forecast) =>
        {
            for (int h = 0; h < 5; h++) Assert.Equal(Value(window.End + h), forecast[h], 4);
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public static void Without_a_network_the_forecast_is_the_last_season_with_its_last_growth()
    {
        ForecastTask task = Task(new EncoderOptions { Differenced = ["x"], Season = Season, Window = WindowScaling.Last });
        var network = new Network<double>(task.Complete(new NetworkShape(task.Inputs, 2, task.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        }));
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(task.Folds, Fold.Test), (window, forecast) =>
        {
            double growth = Value(window.End - 1) - Value(window.End - 1 - Season);
            for (int h = 0; h < 5; h++)
                Assert.Equal(Value(window.End - Season + (h % Season)) + (growth * (1 + (h / Season))), forecast[h], 4);
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public static void The_text_of_an_encoder_has_them()
    {
        SequenceEncoder encoder = Task().Codec.Encoder, read = SequenceEncoder.Parse(encoder.ToText());
        Assert.Equal(["x"], read.Options.Differenced);
        Assert.Equal(Season, read.Options.Season);
        Assert.Equal(encoder.Scales, read.Scales);
        Assert.Contains("\"format\":3", encoder.ToText());
        Assert.Contains("\"format\":1", Task(new EncoderOptions()).Codec.Encoder.ToText()); // files as they were
    }

    [Fact]
    public static void What_is_missing_is_no_difference()
    {
        float[] values = [.. Enumerable.Range(0, 60).Select(Value)];
        values[30] = float.NaN;
        var task = new ForecastTask(SequenceFolds.BySteps(new SequenceBuilder("x").AddCopy(values).Build(), 40, 10, 10),
            new SeriesOptions
            {
                Window = 8,
                LooksBack = true,
                Encoder = new EncoderOptions { Differenced = ["x"], Season = Season, Missing = MissingPolicy.Zero },
            });
        Batch batch = Batch.For(task);
        batch.Resize(1, 8);
        task.FillExample(batch, 0, Fold.Train, 26, 0, 8); // steps 26..33
        Assert.Equal([false, false, false, true, false, true, true, false],
            Enumerable.Range(0, 8).Select(t => batch.Dense(t, 0)[0] != 0));
    }

    [Fact]
    public static void What_cannot_be_differenced_is_refused()
    {
        var reading = new EncoderOptions { Differenced = ["x"], Season = Season };
        Assert.Contains("longer window", Says(() => Task(window: Season)));
        Assert.Contains("at least 1", Says(() => Task(reading with { Season = 0 })));
        Assert.Contains("'y'", Says(() => Task(reading with { Differenced = ["y"] })));
        Assert.Contains("no more than 50 steps", Says(() => Task(reading with { Season = 50 }, window: 55)));
        var flat = new SequenceBuilder("x").AddCopy([.. Enumerable.Range(0, 60).Select(t => (float)(t % Season))]).Build();
        Assert.Contains("at every step", Says(() => new ForecastTask(SequenceFolds.BySteps(flat, 40, 10, 10),
            new SeriesOptions { Window = 6, LooksBack = true, Encoder = reading })));

        static string Says(Func<object> make) => Assert.Throws<ArgumentException>(make).Message;
    }
}
