using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Horizons that are forecast a segment at a time, each forecast being the next input.</summary>
public static class FedBackDecoderTests
{
    private const double Slope = 0.5;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static SeriesOptions Options(int window, int horizon, int segment) => new()
    {
        Window = window,
        Horizon = horizon,
        Segment = segment,
        Decoder = SeriesDecoder.FedBack,
        LooksBack = true,
        Encoder = new EncoderOptions { Scale = Scaling.None },
    };

    private static SequenceFolds Folds(SequenceData data) => SequenceFolds.BySteps(data, 18, 6, 6);

    private static Network<T> Random<T>(SeriesTask task)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(OptionsRules.ShapeOf(task, new TrainingOptions { Hidden = 6, Cell = CellKind.Gru }));
        Initializer.Initialize(network, new InitializerOptions(), 3);
        return network;
    }

    /// <summary>y = a x, whatever came before: one linear unit.</summary>
    private static Network<double> Proportional(SeriesTask task, double a)
    {
        var options = new TrainingOptions { Hidden = 1, Cell = CellKind.Plain, Activation = Activation.Identity };
        var network = new Network<double>(OptionsRules.ShapeOf(task, options));
        network.Parameters.Clear();
        network.InputWeights[0] = 1;
        network.OutputWeights[0] = a;
        return network;
    }

    private static SequenceData Column(params float[] values) => new SequenceBuilder("x").AddCopy(values).Build();

    private static double[][] Forecasts<T>(Network<T> network, SeriesRows rows, IEnumerable<SequenceWindow> windows,
        int threads = 1)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var all = new List<double[]>();
        using var predictor = new SeriesPredictor<T>(network, rows, threads);
        predictor.Run(windows, (_, values) => all.Add(values.ToArray()), Cancelled);
        return [.. all];
    }

    [Fact]
    public static void Inputs_and_targets_of_a_window_are_as_by_hand()
    {
        var task = new ForecastTask(Folds(SomeSeries.Ramp(30).Select("ramp")), Options(5, 6, 2));
        Assert.Equal((0, 2), (task.Codec.DecoderSteps, task.Codec.PartSteps));
        Assert.Equal((2, 2, 3 + 2, OutputHead.LinearEvery), (task.Inputs, task.Outputs, task.Window, task.Head));
        Batch batch = Batch.For(task);
        batch.Resize(1, task.StepsOf(Fold.Train, 1));
        task.FillExample(batch, 0, Fold.Train, 1, 0, batch.Steps);
        double[][] inputs = [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]], targets = [[6, 7], [8, 9], [10, 11]];
        for (int t = 0; t < 5; t++)
        {
            Assert.Equal(inputs[t], batch.Dense(t, 0).ToArray());
            Assert.Equal(t >= 2, batch.IsPredicted(t, 0));
            if (t >= 2) Assert.Equal(targets[t - 2], batch.Values(t, 0).ToArray());
        }
    }

    /// <summary>The true steps as inputs are what a window would read that is longer by them.</summary>
    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(1, true, 0)]
    [InlineData(2, false, 0)]
    [InlineData(2, true, 0)]
    [InlineData(1, true, 7)]
    [InlineData(2, false, 7)]
    public static void True_steps_are_read_as_those_of_a_longer_window(int segment, bool shared, int season)
    {
        ForecastTask Task(SeriesOptions options) => new(Folds(WithKnown(30)), options);
        SeriesOptions options = Options(8, 6, segment) with
        {
            SharedChannels = shared,
            Encoder = new EncoderOptions
            {
                Known = ["price", "day"],
                Calendar = [CalendarPart.Weekday],
                Logarithm = ["a"],
                Differenced = season > 0 ? ["a", "b"] : [],
                Season = Math.Max(1, season),
            },
        };
        ForecastTask task = Task(options), longer = Task(options with { Window = 8 + 6 - segment, Horizon = segment });
        Batch one = Batch.For(task), other = Batch.For(longer);
        for (int example = 0; example < 4; example++)
        {
            one.Resize(1, task.Window);
            other.Resize(1, longer.Window);
            Assert.Equal(one.Steps, other.Steps);
            task.FillExample(one, 0, Fold.Train, example, 0, one.Steps);
            longer.FillExample(other, 0, Fold.Train, example, 0, one.Steps);
            for (int t = 0; t < one.Steps; t++) Assert.Equal(other.Dense(t, 0).ToArray(), one.Dense(t, 0).ToArray(), Near);
            Assert.Equal(other.Values(one.Steps - 1, 0).ToArray(), one.Values(one.Steps - 1, 0).ToArray(), Near);
        }

        static bool Near(double x, double y) => Math.Abs(x - y) < 1e-9;
    }

    /// <summary>y = a x on any window: each forecast is a times the one before, and the cost of a fold is of those.</summary>
    [Fact]
    public static void Forecasts_of_a_proportional_network_are_powers()
    {
        float[] values = [.. Enumerable.Range(0, 30).Select(t => 4 + (3 * MathF.Sin(t)))];
        var task = new ForecastTask(Folds(Column(values)), Options(3, 4, 1));
        Network<double> network = Proportional(task, Slope);
        SequenceWindow[] windows = [.. task.Codec.Windows(task.Folds, Fold.Test)];
        double[][] forecasts = Forecasts(network, task.Rows, windows);
        double cost = 0;
        for (int i = 0; i < windows.Length; i++)
        {
            for (int h = 0; h < 4; h++)
            {
                double expected = Math.Pow(Slope, h + 1) * values[windows[i].End - 1];
                Assert.Equal(expected, forecasts[i][h], 1e-12);
                cost += Math.Pow(expected - values[windows[i].End + h], 2) / (4 * windows.Length);
            }
        }

        Assert.Equal(3, windows.Length);
        Assert.Equal(cost, Evaluator.Evaluate(network, task, cancellation: Cancelled).Loss, 1e-10);
    }

    /// <summary>Where forecasts come true, the pass that learns and the one that feeds back are one.</summary>
    [Theory]
    [InlineData(1, SeriesLoss.Squared)]
    [InlineData(2, SeriesLoss.Squared)]
    [InlineData(1, SeriesLoss.Quantile)]
    public static void True_forecasts_fed_back_are_the_training_pass(int segment, SeriesLoss loss)
    {
        // A segment is proportional to that before it, all of them numbers that 32 bits hold.
        float[] values = [.. Enumerable.Range(0, 30).Select(t => MathF.ScaleB(1 + (t % segment), -(t / segment)))];
        var task = new ForecastTask(Folds(Column(values)), Options(4, 6, segment) with { Loss = loss });
        int levels = task.Codec.Levels;
        var options = new TrainingOptions { Hidden = segment, Cell = CellKind.Plain, Activation = Activation.Identity };
        var network = new Network<double>(OptionsRules.ShapeOf(task, options));
        network.Parameters.Clear();
        for (int h = 0; h < segment; h++)
        {
            network.InputWeights[(h * segment) + h] = 1;
            for (int q = 0; q < levels; q++) network.OutputWeights[(((h * levels) + q) * segment) + h] = Slope;
        }

        Batch batch = Batch.For(task);
        batch.Resize(1, task.Window);
        task.FillExample(batch, 0, Fold.Train, 0, 0, task.Window);
        using var unrolled = new UnrolledNetwork<double>(network);
        Assert.Equal(0, unrolled.Forward(batch, CostReduction.Mean), 1e-15);
        var taught = new Predictions();
        unrolled.CopyOutputs(taught);
        double[] forecast = Forecasts(network, task.Rows, [new SequenceWindow(0, 0, 4, 6)])[0];
        int parts = 6 / segment, first = task.Window - parts;
        for (int part = 0; part < parts; part++)
            Assert.Equal(taught.At(first + part, 0), forecast.AsSpan(part * segment * levels, segment * levels));
        Assert.Equal(values[4..10].Select(value => (double)value), forecast.Where((_, i) => i % levels == task.Codec.PointLevel));
        Assert.Equal(0, Evaluator.Evaluate(network, task, cancellation: Cancelled).Loss, 1e-15);
    }

    /// <summary>Each forecast by itself is what a window that has the forecasts as data would give.</summary>
    [Theory]
    [InlineData(false, SeriesLoss.Squared)]
    [InlineData(true, SeriesLoss.Quantile)]
    public static void Forecasts_are_those_from_data_in_which_they_came_true(bool shared, SeriesLoss loss)
    {
        SequenceData data = WithKnown(30, unknown: 6);
        SeriesOptions options = WithAll(shared) with { Loss = loss };
        var task = new ForecastTask(Folds(WithKnown(30)), options);
        Network<double> network = Random<double>(task);
        double[] forecast = Forecasts(network, task.Codec.Bind(data), [task.Codec.Bind(data).Last(0)])[0];

        // The data with each step as it was forecast; the training pass then reads forecasts.
        int levels = task.Codec.Levels, point = task.Codec.PointLevel;
        SequenceData came = WithKnown(30, 0, (t, k) => t < 24 ? null : (float)forecast[((((t - 24) * 2) + k) * levels) + point]);
        SeriesRows rows = task.Codec.Bind(came);
        Batch batch = Batch.For(task);
        batch.Resize(task.Codec.RowsPerWindow, task.Window);
        var window = new SequenceWindow(0, 16, 8, 6);
        var again = new double[forecast.Length];
        var undo = new ColumnScale[batch.Rows, 2 / batch.Rows];
        for (int row = 0; row < batch.Rows; row++)
        {
            var own = new ColumnScale[2 / batch.Rows];
            rows.FillInputs(batch, row, 0, 16, 8, row, own);
            rows.FillForecast(batch, row, window, row, own);
            for (int k = 0; k < own.Length; k++) undo[row, k] = own[k];
        }

        using var unrolled = new UnrolledNetwork<double>(network);
        var taught = new Predictions();
        unrolled.Predict(batch, taught);
        for (int row = 0; row < batch.Rows; row++)
        {
            ColumnScale[] own = [.. Enumerable.Range(0, 2 / batch.Rows).Select(k => undo[row, k])];
            for (int part = 0; part < 6; part++)
                rows.Undo(taught.At(task.Window - 6 + part, row), window, row, own, again, part);
        }

        for (int i = 0; i < forecast.Length; i++) Assert.Equal(forecast[i], again[i], 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static void Batches_and_threads_change_no_bit(bool shared)
    {
        var task = new ForecastTask(SequenceFolds.BySteps(WithKnown(60), 40, 10, 10), WithAll(shared) with { LooksBack = true });
        Network<float> network = Random<float>(task);
        SequenceWindow[] windows = [.. task.Codec.Windows(task.Folds, Fold.Train)];
        double[][] all = Forecasts(network, task.Rows, windows), threads = Forecasts(network, task.Rows, windows, threads: 2);
        for (int i = 0; i < windows.Length; i++)
        {
            Assert.Equal(Forecasts(network, task.Rows, [windows[i]])[0], all[i]);
            Assert.Equal(threads[i], all[i]);
        }

        Assert.Equal(Evaluator.Evaluate(network, task, threads: 2, cancellation: Cancelled).Loss,
            Evaluator.Evaluate(network, task, cancellation: Cancelled).Loss);
    }

    [Theory]
    [InlineData(false)] // days
    [InlineData(true)]
    public static void Dates_of_steps_to_come_go_on_as_the_windows(bool months)
    {
        SequenceData data = Dated(40, months), cut = Dated(30, months);
        var task = new ForecastTask(SequenceFolds.BySteps(data, 30, 5, 5), Options(6, 5, 1) with
        {
            Encoder = new EncoderOptions { Calendar = [CalendarPart.Month, CalendarPart.Weekday] },
        });
        Network<double> network = Random<double>(task);
        SeriesRows rows = task.Codec.Bind(cut);
        double[] forecast = Forecasts(network, rows, [rows.Last(0)])[0];
        Assert.Equal(Forecasts(network, task.Rows, [new SequenceWindow(0, 24, 6, 5)])[0], forecast);
        using var stream = new SeriesStream<double>(network, task.Codec);
        SeriesStreamState state = stream.Start();
        var streamed = new double[5];
        for (int t = 0; t < 30; t++)
            stream.Step(state, [cut.Sequences[0].Values(0)[t]], streamed, cut.Sequences[0].Times.Dates.Span[t]);
        Assert.Equal(forecast, streamed);

        static SequenceData Dated(int steps, bool months) => new SequenceBuilder("x").AddCopy(
            [.. Enumerable.Range(0, steps).Select(t => MathF.Sin(t))],
            new SequenceInfo
            {
                Times = Enumerable.Range(0, steps).Select(t => months ? new DateTime(2020, 1, 1).AddMonths(t)
                    : new DateTime(2020, 1, 1).AddDays(t)).ToArray(),
            }).Build();
    }

    [Fact]
    public static void A_window_of_one_row_has_no_dates_to_come()
    {
        SequenceData data = WithKnown(30).Select("b");
        var task = new ForecastTask(Folds(data), Options(1, 2, 1) with
        {
            Encoder = new EncoderOptions { Calendar = [CalendarPart.Weekday] },
        });
        using var stream = new SeriesStream<double>(Random<double>(task), task.Codec);
        SeriesStreamState state = stream.Start();
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => stream.Step(state, [1f], new double[2], new DateTime(2024, 1, 1)));
        Assert.Contains("take a longer window", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Forecasts of 0, once scaled, are the last season with its drift.</summary>
    [Fact]
    public static void Differences_are_fed_back_within_a_season()
    {
        float[] values = [.. Enumerable.Range(0, 40).Select(t => (t * 0.5f) + (t % 4))];
        var task = new ForecastTask(SequenceFolds.BySteps(Column(values), 28, 6, 6), Options(8, 4, 1) with
        {
            Encoder = new EncoderOptions { Scale = Scaling.None, Differenced = ["x"], Season = 4, Window = WindowScaling.Mean },
        });
        double[] forecast = Forecasts(Proportional(task, 0), task.Rows, [task.Rows.Last(0)])[0];
        for (int h = 0; h < 4; h++) Assert.Equal(values[36 + h] + 2, forecast[h], 1e-6);
    }

    [Fact]
    public static void A_network_that_explodes_forecasts_no_numbers()
    {
        var task = new ForecastTask(Folds(Column([.. Enumerable.Range(0, 30).Select(t => 1f + t)])), Options(3, 4, 1));
        Network<double> network = Proportional(task, 1e160);
        double[][] forecasts = Forecasts(network, task.Rows, task.Codec.Windows(task.Folds, Fold.Test));
        Assert.All(forecasts, one => Assert.Equal((true, false, true), (double.IsFinite(one[0]), double.IsFinite(one[2]),
            double.IsNaN(one[3]))));
        Assert.False(double.IsFinite(Evaluator.Evaluate(network, task, cancellation: Cancelled).Loss));
    }

    [Theory]
    [InlineData(SeriesLoss.Squared)]
    [InlineData(SeriesLoss.Quantile)]
    public static void It_learns_a_line_and_its_file_forecasts_the_same(SeriesLoss loss)
    {
        SeriesCodec codec = LearnedLine.Check(Options(8, 6, 2) with { Loss = loss });
        Assert.False((codec.Options with { Decoder = SeriesDecoder.Direct }) == codec.Options);
    }

    [Fact]
    public static void What_would_not_be_known_is_refused_by_name()
    {
        SequenceData data = WithKnown(30);
        SeriesOptions options = Options(8, 6, 1) with { Encoder = new EncoderOptions { Known = ["price", "day"] } };
        Refused("'price' is read and not forecast", options with { Encoder = options.Encoder with { Known = ["day"] } }, data);
        Refused("'day' has categories", options with { Encoder = options.Encoder with { Known = ["price"] } }, data);
        Refused("a segment that divides the horizon", options with { Segment = 4 }, data);
        Refused("policy mask", options with { Encoder = options.Encoder with { Missing = MissingPolicy.Mask } }, data);
        Refused("the horizon must be a season at most",
            options with { Encoder = options.Encoder with { Differenced = ["a", "b"], Season = 5 } }, data);
        Refused("The window has 2 steps and the segment 3", options with { Window = 2, Segment = 3 }, data);
        var task = new ForecastTask(Folds(data), options);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new SeriesStream<double>(Random<double>(task), task.Codec));
        Assert.Contains("'price' is read of the rows of the steps to come", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => new TagTask(Folds(SomeSeries.Ramp(30).WithTargets("root")),
            new SeriesOptions { Window = 0, Decoder = SeriesDecoder.FedBack }));
        Assert.Contains("decoder fed-back is for forecasts", error.Message, StringComparison.Ordinal);

        static void Refused(string words, SeriesOptions options, SequenceData data) => Assert.Contains(words,
            Assert.Throws<ArgumentException>(() => new ForecastTask(Folds(data), options)).Message,
            StringComparison.Ordinal);
    }

    private static SeriesOptions WithAll(bool shared) => Options(8, 6, 1) with
    {
        SharedChannels = shared,
        Encoder = new EncoderOptions
        {
            Known = ["price", "day"],
            Calendar = [CalendarPart.Weekday],
            Logarithm = ["a"],
            Window = WindowScaling.Standard,
        },
    };

    /// <summary>Two columns, what is known ahead, and dates a day apart; the last steps may have what is known alone.</summary>
    private static SequenceData WithKnown(int steps, int unknown = 0, Func<int, int, float?>? other = null)
    {
        float At(int t, int k, float value) => other?.Invoke(t, k) ?? (t < steps - unknown ? value : float.NaN);
        return new SequenceBuilder(
            new SequenceColumn("a"), new SequenceColumn("price"), new SequenceColumn("day", ["work", "rest"]),
            new SequenceColumn("b")).AddColumns(
            [
                Enumerable.Range(0, steps).Select(t => At(t, 0, 3 + MathF.Sin(t))).ToArray(),
                Enumerable.Range(0, steps).Select(t => MathF.Cos(t)).ToArray(),
                Enumerable.Range(0, steps).Select(t => At(t, 1, 10 + (t % 4) + MathF.Sin(2.3f * t))).ToArray(),
            ],
            [Enumerable.Range(0, steps).Select(t => t % 5 == 4 ? 1 : 0).ToArray()],
            new SequenceInfo { Times = Enumerable.Range(0, steps).Select(t => new DateTime(2024, 1, 1).AddDays(t)).ToArray() })
            .Build("shop").WithTargets("a", "b");
    }
}
