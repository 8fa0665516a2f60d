using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Columns that are known ahead: what they are a horizon later is an input of every step.</summary>
public static class KnownColumnTests
{
    private const int Steps = 40;
    private static readonly string[] s_days = ["work", "rest"];

    private static SeriesOptions Options => new()
    {
        Window = 4,
        Horizon = 3,
        LooksBack = true,
        Encoder = new EncoderOptions { Scale = Scaling.None, Known = ["price", "day"] },
    };

    /// <summary>Demand 0, 1, 2, ...; a price 100, 101, ...; a day that rests at every fifth step. The last steps may have nothing
    /// else than what is known.</summary>
    private static SequenceData Data(int unknown = 0, int steps = Steps, string? ownName = null)
    {
        float At(int t, float value) => t < steps - unknown ? value : float.NaN;
        SequenceColumn[] columns = [new("demand"), new("price"), new("day", s_days), new("temp")];
        if (ownName is not null) columns[3] = new SequenceColumn(ownName);
        return new SequenceBuilder(columns).AddColumns(
            [
                Enumerable.Range(0, steps).Select(t => At(t, t)).ToArray(),
                Enumerable.Range(0, steps).Select(t => 100f + t).ToArray(),
                Enumerable.Range(0, steps).Select(t => At(t, 20 - t)).ToArray(),
            ],
            [Enumerable.Range(0, steps).Select(t => t % 5 == 4 ? 1 : 0).ToArray()]).Build("shop").WithTargets("demand");
    }

    private static ForecastTask Task(SeriesOptions? options = null, SequenceData? data = null) =>
        new(SequenceFolds.BySteps(data ?? Data(), 28, 6, 6), options ?? Options);

    [Fact]
    public static void A_step_reads_what_is_known_a_horizon_later()
    {
        ForecastTask task = Task();
        Assert.Equal(["demand", "price", "day=work", "day=rest", "temp", "price+3", "day+3=work", "day+3=rest"],
            task.Codec.Encoder.InputNames);
        Batch batch = Batch.For(task);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, 7, 0, 4);
        for (int t = 0; t < 4; t++)
        {
            int at = 7 + t;
            int rests = at % 5 == 4 ? 1 : 0, willRest = (at + 3) % 5 == 4 ? 1 : 0;
            Assert.Equal([at, 100 + at, 1 - rests, rests, 20 - at, 103 + at, 1 - willRest, willRest],
                batch.Dense(t, 0).ToArray());
        }

        Assert.Equal([11, 12, 13], batch.Values(3, 0).ToArray());
    }

    [Fact]
    public static void No_window_scales_it_and_its_scale_is_that_of_its_column()
    {
        ForecastTask task = Task(Options with
        {
            Encoder = new EncoderOptions
            {
                Window = WindowScaling.Standard,
                Columns = ["demand", "price"],
                Known = ["price"],
            },
        });
        SequenceEncoder encoder = task.Codec.Encoder;
        Assert.Equal(encoder.Scales[1], encoder.Scales[2]);
        Batch batch = Batch.For(task);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, 0, 0, 4);
        for (int t = 0; t < 4; t++)
        {
            Assert.Equal(encoder.Scales[1].Apply(100 + t), batch.Dense(t, 0)[1]);
            Assert.Equal(encoder.Scales[1].Apply(103 + t), batch.Dense(t, 0)[2]);
        }
    }

    [Fact]
    public static void Every_channel_reads_it()
    {
        EncoderOptions masked = Options.Encoder with { Missing = MissingPolicy.Mask };
        ForecastTask task = Task(Options with { SharedChannels = true, Encoder = masked }, Data().WithTargets("demand", "temp"));
        Batch batch = Batch.For(task);
        Assert.Equal(2 + 2 + 2 + 2 + 2, batch.Inputs);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, (2 * 2) + 1, 0, 4); // temp, the second channel, from step 2
        Assert.Equal([18, 0, 102, 0, 1, 0, 105, 0, 1, 0], batch.Dense(0, 0).ToArray());
    }

    [Fact]
    public static void A_model_file_has_it_and_others_are_what_they_were()
    {
        ForecastTask task = Task();
        SeriesCodec read = SeriesCodec.Read(task.Codec.Properties())!;
        Assert.Equal(task.Codec.Properties(), read.Properties());
        Assert.Equal(["price", "day"], read.Encoder.Options.Known);
        Assert.Equal(3, read.Encoder.Options.Ahead);
        Assert.Equal(task.Codec.Encoder.InputNames, read.Encoder.InputNames);
        Assert.StartsWith("{\"format\":2,", task.Codec.Properties()["encoder"]);
        string plain = Task(Options with { Encoder = new EncoderOptions() }).Codec.Properties()["encoder"];
        Assert.StartsWith("{\"format\":1,", plain);
        Assert.DoesNotContain("ahead", plain);
        foreach ((string old, string bad) in ((string, string)[])[("\"price\",\"day\"]", "\"price\",\"price\"]"),
            ("\"price\",\"day\"]", "\"prize\"]"), ("\"ahead\":3", "\"ahead\":0"), ("\"ahead\":3", "\"ahead\":99999999")])
        {
            string text = task.Codec.Properties()["encoder"];
            Assert.Contains(old, text);
            Assert.Throws<FormatException>(() => SequenceEncoder.Parse(text.Replace(old, bad, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public static void Rows_to_forecast_have_what_is_known_and_nothing_else()
    {
        ForecastTask task = Task();
        Network<double> network = Network(task);
        double[] expected = Forecast(network, task.Codec, Data(), 33);
        SequenceData ahead = Data(unknown: 3);
        SeriesRows rows = task.Codec.Bind(ahead);
        Assert.Equal(new SequenceWindow(0, 33, 4, 3), rows.Last(0));
        Assert.Equal(expected, Forecast(network, task.Codec, ahead, 33));

        // Some steps more of what is known change nothing; a step less is said.
        Assert.Equal(new SequenceWindow(0, 32, 4, 3), task.Codec.Bind(Data(unknown: 4)).Last(0));
        string error = Assert.Throws<ArgumentException>(() => task.Codec.Bind(Data(unknown: 2)).Last(0)).Message;
        Assert.Equal("shop has 2 rows behind the last one with a value of another column, and the network must know 'price', "
            + "'day' of all 3 that it forecasts; add rows that have nothing else.", error);
        Assert.Contains("forecasts from 4", Assert.Throws<ArgumentException>(() =>
            task.Codec.Bind(Data(unknown: 3, steps: 6)).Last(0)).Message);

        // A hole before these rows is one, and so is one in what is known.
        var holes = new SequenceBuilder(Data().Columns.ToArray()).AddColumns(
            [new float[9], Enumerable.Range(0, 9).Select(t => t == 8 ? float.NaN : t).ToArray(), new float[9]],
            [new int[9]]).Build();
        Assert.Contains("Column 'price'", Assert.Throws<ArgumentException>(() => task.Codec.Bind(holes)).Message);
        Assert.Contains("has no value in step 38", Assert.Throws<ArgumentException>(() => Task(data: Data(unknown: 3))).Message);
    }

    [Fact]
    public static void A_stream_reads_it_as_a_column_of_its_own()
    {
        ForecastTask task = Task();
        Network<float> network = Network(task).Convert<float>();
        SequenceData data = Data();
        using var stream = new SeriesStream<float>(network, task.Codec);
        SeriesStreamState state = stream.Start();
        var prediction = new double[3];
        for (int t = 0; t < 30; t++)
        {
            float Rests(int at) => at % 5 == 4 ? 1 : 0;
            bool known = stream.Step(state, [t, 100 + t, Rests(t), 20 - t, 103 + t, Rests(t + 3)], prediction);
            Assert.Equal(t >= 3, known);
            if (known) Assert.Equal(Forecast(network, task.Codec, data, t - 3), prediction);
        }
    }

    [Fact]
    public static void What_cannot_be_known_ahead_is_refused()
    {
        Assert.Contains("'demand' is to be forecast", Message(Options, ["demand"]));
        Assert.Contains("the nearest is 'price'", Message(Options, ["prize"]));
        Assert.Contains("named twice", Message(Options, ["price", "price"]));
        Assert.Contains("The window has 2 steps and the horizon 3", Message(Options with { Window = 2 }, ["price"]));
        Assert.Contains("is not read", Message(
            Options with { Encoder = Options.Encoder with { Columns = ["demand"] } }, ["price"]));
        Assert.Contains("has a column 'price+3'", Assert.Throws<ArgumentException>(() =>
            Task(data: Data(ownName: "price+3"))).Message);
        Assert.Contains("for forecasts", Assert.Throws<ArgumentException>(() => new TagTask(
            SequenceFolds.BySteps(Data(), 28, 6, 6), Options with { Horizon = 1, LooksBack = false })).Message);

        static string Message(SeriesOptions options, string[] known) => Assert.Throws<ArgumentException>(() =>
            Task(options with { Encoder = options.Encoder with { Known = known } })).Message;
    }

    /// <summary>A price that decides the demand cannot be told from the past alone.</summary>
    [Fact]
    public static void It_is_learned_from()
    {
        var random = new Random(3);
        float[] price = [.. Enumerable.Range(0, 400).Select(_ => (float)random.Next(2))];
        SequenceData data = new SequenceBuilder("demand", "price").AddColumns(
            [price.Select(p => 10 + (5 * p)).ToArray(), price], []).Build().WithTargets("demand");
        Assert.InRange(Loss(["price"]), 0, 0.02);
        Assert.InRange(Loss([]), 0.5, 2); // of a variance of 1

        double Loss(string[] known)
        {
            var task = new ForecastTask(SequenceFolds.BySteps(data, 280, 60, 60), new SeriesOptions
            {
                Window = 4,
                Horizon = 2,
                Encoder = new EncoderOptions { Known = known },
            });
            using var trainer = new Trainer(task, SeriesRecipes.Get(SeriesKind.Forecast, 270) with
            {
                Hidden = 16,
                MaximumEpochs = 40,
                LearningRate = 0.01,
                OutputDropout = 0,
            });
            trainer.Run(cancellation: TestContext.Current.CancellationToken);
            return Evaluated(trainer, task);
        }
    }

    private static double Evaluated(Trainer trainer, ForecastTask task)
    {
        using var unrolled = new UnrolledNetwork<float>(trainer.BestNetwork<float>());
        return SeriesEvaluator.Evaluate(unrolled, task, Batch.For(task), Fold.Test, CostReduction.Mean,
            TestContext.Current.CancellationToken).Loss;
    }

    private static Network<double> Network(ForecastTask task)
    {
        var network = new Network<double>(OptionsRules.ShapeOf(task, new TrainingOptions { Hidden = 5, Cell = CellKind.Gru }));
        Initializer.Initialize(network, new InitializerOptions(), 3);
        return network;
    }

    private static double[] Forecast<T>(Network<T> network, SeriesCodec codec, SequenceData data, int start)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        double[] forecast = [];
        using var predictor = new SeriesPredictor<T>(network, codec.Bind(data));
        predictor.Run([new SequenceWindow(0, start, 4, 3)], (_, values) => forecast = values.ToArray(),
            TestContext.Current.CancellationToken);
        return forecast;
    }
}
