using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

public static class ForecastTaskTests
{
    private static SeriesOptions Plain => new()
    {
        Window = 4,
        Horizon = 2,
        Encoder = new EncoderOptions { Scale = Scaling.None },
    };

    [Fact]
    public static void A_window_and_what_is_behind_it_are_as_by_hand()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(30), 20, 5, 5), Plain with { LooksBack = true });
        Assert.Equal((2, 4, OutputHead.LinearLast), (task.Inputs, task.Outputs, task.Head));
        Assert.Equal(["ramp", "root"], task.Codec.Targets);
        Batch batch = Batch.For(task);
        batch.Resize(1, task.StepsOf(Fold.Train, 3));
        task.FillExample(batch, 0, Fold.Train, 3, 0, 4);
        for (int t = 0; t < 4; t++) Assert.Equal([3 + t, 10 * MathF.Sqrt(3 + t)], batch.Dense(t, 0).ToArray());
        Assert.Equal([7, 10 * MathF.Sqrt(7), 8, 10 * MathF.Sqrt(8)], batch.Values(3, 0).ToArray());
    }

    [Fact]
    public static void A_target_is_scaled_by_its_column_and_by_its_window()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(30).WithTargets("ramp"), 20, 5, 5);
        var task = new ForecastTask(folds, Plain with
        {
            LooksBack = true,
            Encoder = new EncoderOptions { Scale = Scaling.Standard, Window = WindowScaling.Last },
        });
        double deviation = Math.Sqrt(((20.0 * 20) - 1) / 12); // of 0..19
        Batch batch = Batch.For(task);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, 0, 0, 4);
        Assert.Equal([-3 / deviation, -2 / deviation, -1 / deviation, 0], Column(batch, 0, 4), Close);
        Assert.Equal([1 / deviation, 2 / deviation], batch.Values(3, 0).ToArray(), Close);
    }

    [Fact]
    public static void Segments_are_padded_in_front()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(30).Select("ramp"), 20, 5, 5);
        var task = new ForecastTask(folds, Plain with { Window = 5, Segment = 3, LooksBack = true });
        Assert.Equal((3, 2), (task.Inputs, task.Window));
        Batch batch = Batch.For(task);
        batch.Resize(1, 2);
        task.FillExample(batch, 0, Fold.Train, 1, 0, 2);
        Assert.Equal([0, 1, 2], batch.Dense(0, 0).ToArray());
        Assert.Equal([3, 4, 5], batch.Dense(1, 0).ToArray());
        Assert.Equal([6, 7], batch.Values(1, 0).ToArray());
    }

    [Fact]
    public static void Channels_that_share_their_weights_are_rows_of_their_own()
    {
        var task = new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(30), 20, 5, 5), Plain with
        {
            SharedChannels = true,
            LooksBack = true,
            Encoder = new EncoderOptions { Scale = Scaling.None, Calendar = [CalendarPart.Weekday] },
        });
        Assert.Equal((3, 2), (task.Inputs, task.Outputs));
        Assert.Equal(2 * 15, task.Examples(Fold.Train));
        Batch batch = Batch.For(task);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, (2 * 6) + 1, 0, 4); // the second channel of window 6
        Assert.Equal([10 * MathF.Sqrt(6), 10 * MathF.Sqrt(7), 10 * MathF.Sqrt(8), 10 * MathF.Sqrt(9)], Column(batch, 0, 4));
        (double sine, double cosine) = Calendar.Inputs(CalendarPart.Weekday, new DateTime(2024, 1, 7));
        Assert.Equal([sine, cosine], batch.Dense(0, 0)[1..].ToArray());
        Assert.Equal([10 * MathF.Sqrt(10), 10 * MathF.Sqrt(11)], batch.Values(3, 0).ToArray());
    }

    [Fact]
    public static void A_logarithm_is_read_forecast_and_undone()
    {
        SequenceData data = new SequenceBuilder("x")
            .AddCopy([.. Enumerable.Range(0, 40).Select(t => MathF.Exp(t / 10f))]).Build();
        var task = new ForecastTask(SequenceFolds.BySteps(data, 20, 10, 10), Plain with
        {
            Encoder = new EncoderOptions { Scale = Scaling.None, Logarithm = ["x"], Window = WindowScaling.Last },
        });
        Batch batch = Batch.For(task);
        batch.Resize(1, 4);
        task.FillExample(batch, 0, Fold.Train, 5, 0, 4);
        Assert.Equal([-0.3, -0.2, -0.1, 0], Column(batch, 0, 4), Close);
        Assert.Equal([0.1, 0.2], batch.Values(3, 0).ToArray(), Close);

        // A network of zeros says the last value.
        using var predictor = new SeriesPredictor<double>(new Network<double>(Shape(task)), task.Rows);
        predictor.Run(task.Codec.Windows(task.Folds, Fold.Test), (window, forecast) =>
            Assert.Equal([data.Sequences[0].Values(0)[window.End - 1], data.Sequences[0].Values(0)[window.End - 1]],
                forecast.ToArray(), Close), TestContext.Current.CancellationToken);
        var negative = new SequenceBuilder("x").AddCopy([.. Enumerable.Range(0, 40).Select(t => t == 7 ? -1f : 1f + t)]).Build();
        var error = Assert.Throws<ArgumentException>(() =>
            new ForecastTask(SequenceFolds.BySteps(negative, 20, 10, 10), Plain with
            {
                Encoder = new EncoderOptions { Logarithm = ["x"] },
            }));
        Assert.Contains("Column 'x' of", error.Message);
        Assert.Contains("is -1 at step 8", error.Message);
    }

    [Fact]
    public static void An_epoch_has_each_training_window_once_and_none_of_another_fold()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(40).Select("ramp"), 30, 5, 5);
        var task = new ForecastTask(folds, Plain with { LooksBack = true });
        Batch batch = Batch.For(task);
        long updates = task.UpdatesPerEpoch(4);
        Assert.Equal(7, updates); // 25 windows
        var orders = new List<string>();
        foreach (long epoch in (long[])[0, 1])
        {
            var firsts = new List<double>();
            for (long update = epoch * updates; update < (epoch + 1) * updates; update++)
            {
                task.Fill(batch, 4, new RandomKey(9, RandomStream.Training, update));
                for (int row = 0; row < batch.Rows; row++)
                {
                    firsts.Add(batch.Dense(0, row)[0]);
                    Assert.InRange(batch.Values(3, row)[1], 0, 29); // the last step of the training fold
                }
            }

            Assert.Equal(Enumerable.Range(0, 25).Select(i => (double)i), firsts.Order());
            orders.Add(string.Join(',', firsts));
        }

        Assert.NotEqual(orders[0], orders[1]);
    }

    [Fact]
    public static void Checks_are_the_mean_over_all_windows_and_outputs_of_the_fold()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        var task = new ForecastTask(folds, Plain);

        // A network of zeros: the cost is the mean square of the targets.
        double sum = 0;
        for (int end = 44; end <= 48; end++)
        {
            for (int h = 0; h < 2; h++) sum += ((end + h) * (double)(end + h)) + (100 * (end + h));
        }

        var zeros = new Network<double>(Shape(task));
        using var unrolled = new UnrolledNetwork<double>(zeros);
        EvaluationResult result = SeriesEvaluator.Evaluate(
            unrolled, task, Batch.For(task), Fold.Validation, CostReduction.Mean, TestContext.Current.CancellationToken);
        Assert.Equal(5, result.Sequences);
        Assert.Equal(sum / (5 * 4), result.Loss, 1e-3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static void Predictions_are_those_that_were_evaluated(bool shared)
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        var task = new ForecastTask(folds, Plain with { SharedChannels = shared });
        var network = new Network<double>(Shape(task));
        Initializer.Initialize(network, new InitializerOptions(), 3);
        using var unrolled = new UnrolledNetwork<double>(network);
        double loss = SeriesEvaluator.Evaluate(
            unrolled, task, Batch.For(task), Fold.Test, CostReduction.Mean, TestContext.Current.CancellationToken).Loss;
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        double sum = 0;
        int count = 0;
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, forecast) =>
        {
            for (int i = 0; i < forecast.Length; i++)
            {
                double error = forecast[i] - task.Rows.TruthAt(window.Sequence, window.End + (i / 2), i % 2);
                sum += error * error;
                count++;
            }
        }, TestContext.Current.CancellationToken);
        Assert.Equal(5 * 4, count);
        Assert.Equal(loss, sum / count, 1e-6 * loss);
    }

    [Fact]
    public static void A_resumed_run_has_the_same_bits()
    {
        ForecastTask Task() => new(SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10), new SeriesOptions
        {
            Window = 4,
            Horizon = 2,
            Encoder = new EncoderOptions { Window = WindowScaling.Last },
        });
        TrainingOptions options = SeriesRecipes.Get(SeriesKind.Forecast, 35) with
        {
            Hidden = 9,
            BatchSize = 8,
            InputNoise = 0.1,
            MaximumEpochs = 4,
        };
        using var whole = new Trainer(Task(), options);
        whole.Run(cancellation: TestContext.Current.CancellationToken);
        using var half = new Trainer(Task(), options with { MaximumUpdates = 7 });
        half.Run(cancellation: TestContext.Current.CancellationToken);
        using Trainer rest = Trainer.Resume(Task(), options, half.Capture());
        rest.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(whole.LastNetwork<float>().Parameters.ToArray(), rest.LastNetwork<float>().Parameters.ToArray());
        Assert.Equal(whole.BestNetwork<float>().Parameters.ToArray(), rest.BestNetwork<float>().Parameters.ToArray());
        var other = Assert.Throws<ArgumentException>(() => Trainer.Resume(
            new ForecastTask(SequenceFolds.BySteps(SomeSeries.Ramp(61), 40, 10, 10),
                new SeriesOptions { Window = 4, Horizon = 2 }), options, half.Capture()));
        Assert.Contains("data have changed", other.Message);
        var noisier = Assert.Throws<ArgumentException>(() =>
            Trainer.Resume(Task(), options with { InputNoise = 0.2 }, half.Capture()));
        Assert.Contains("input-noise '0.1', not '0.2'", noisier.Message);
    }

    [Fact]
    public static void Windows_are_no_copies()
    {
        SequenceData data = new SequenceBuilder("x")
            .AddCopy([.. Enumerable.Range(0, 2_000_000).Select(t => MathF.Sin(t / 9f))]).Build();
        SequenceFolds folds = SequenceFolds.ByTime(data);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var task = new ForecastTask(folds, new SeriesOptions { Window = 100, Horizon = 20 });
        Batch batch = Batch.For(task);
        for (long update = 0; update < 20; update++) task.Fill(batch, 32, new RandomKey(1, RandomStream.Training, update));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000); // of a table of 8 MB
    }

    [Fact]
    public static void What_cannot_be_forecast_is_said()
    {
        SequenceData ramp = SomeSeries.Ramp(30);
        Says("needs at least 1", ramp, Plain with { Window = 0 });
        Says("The horizon is 0 steps; it must lie in 1..65536.", ramp, Plain with { Horizon = 0 });
        Says("a smaller horizon", SomeSeries.Ramp(30), Plain with { Horizon = 60_000 });
        Says("which a window of 40 and a horizon of 2 need", ramp, Plain with { Window = 40 });
        Says("is 5 at every step in the training fold",
            new SequenceBuilder("x", "y").AddCopy([.. Enumerable.Range(0, 30).SelectMany(t => (float[])[t, 5])]).Build(),
            Plain with { Encoder = new EncoderOptions() });

        static void Says(string words, SequenceData data, SeriesOptions options)
        {
            var error = Assert.Throws<ArgumentException>(() => new ForecastTask(SequenceFolds.BySteps(data, 20, 5, 5), options));
            Assert.Contains(words, error.Message);
        }
    }

    private static NetworkShape Shape(ITask task) => new(task.Inputs, 7, task.Outputs)
    {
        Encoding = task.Encoding,
        Head = task.Head,
    };

    private static double[] Column(Batch batch, int input, int steps) =>
        [.. Enumerable.Range(0, steps).Select(t => batch.Dense(t, 0)[input])];

    private static bool Close(double one, double other) => Math.Abs(one - other) <= 1e-6 * Math.Max(1, Math.Abs(other));
}
