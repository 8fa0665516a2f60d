using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Numbers that are trained by another cost than squared errors.</summary>
public static class SeriesLossTests
{
    private static SeriesOptions Plain => new()
    {
        Window = 4,
        Horizon = 2,
        Encoder = new EncoderOptions { Scale = Scaling.None },
    };

    /// <summary>With columns that are not scaled the cost of a fold is that of what is predicted.</summary>
    [Theory]
    [InlineData(SeriesLoss.Absolute, true)]
    [InlineData(SeriesLoss.Absolute, false)]
    [InlineData(SeriesLoss.Huber, true)]
    [InlineData(SeriesLoss.Quantile, true)]
    [InlineData(SeriesLoss.Quantile, false)]
    public static void The_cost_of_a_fold_is_that_of_its_predictions(SeriesLoss loss, bool shared)
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        var task = new ForecastTask(folds, Plain with
        {
            SharedChannels = shared,
            Loss = loss,
            HuberDelta = 30,
            Quantiles = [0.2, 0.4, 0.7, 0.9],
        });
        int levels = loss == SeriesLoss.Quantile ? 4 : 1;
        Assert.Equal((levels, 2 * 2 * levels), (task.Codec.Levels, task.Codec.Width));
        Network<double> network = Network(task);
        for (int o = 0; o < task.Outputs; o++) network.OutputBias[o] = 9 * (o % levels); // no two quantiles cross
        using var unrolled = new UnrolledNetwork<double>(network);
        double cost = SeriesEvaluator.Evaluate(
            unrolled, task, Batch.For(task), Fold.Test, CostReduction.Mean, TestContext.Current.CancellationToken).Loss;
        var scores = new QuantileScores([0.2, 0.4, 0.7, 0.9]);
        double sum = 0;
        int count = 0;
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, forecast) =>
        {
            Assert.Equal(task.Codec.Width, forecast.Length);
            for (int i = 0; i * levels < forecast.Length; i++)
            {
                double truth = task.Rows.TruthAt(window.Sequence, window.End + (i / 2), i % 2);
                ReadOnlySpan<double> own = forecast.Slice(i * levels, levels);
                if (levels > 1)
                {
                    for (int q = 1; q < levels; q++) Assert.True(own[q] >= own[q - 1]);
                    scores.Add(truth, own);
                }

                double e = Math.Abs(own[0] - truth);
                sum += loss == SeriesLoss.Absolute ? e : e <= 30 ? e * e / 2 : 30 * (e - 15);
                count++;
            }
        }, TestContext.Current.CancellationToken);
        Assert.Equal(5 * 4, count);
        double expected = levels > 1 ? scores.Report().Pinball : sum / count;
        Assert.Equal(expected, cost, 1e-6 * expected);
    }

    [Fact]
    public static void A_codec_with_quantiles_or_a_delta_reads_what_it_wrote_and_knows_its_networks()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        var quantiles = new ForecastTask(folds, Plain with { Loss = SeriesLoss.Quantile, Quantiles = [0.05, 0.3, 0.95] });
        var huber = new ForecastTask(folds, Plain with { Loss = SeriesLoss.Huber, HuberDelta = 0.7 });
        foreach (ForecastTask task in (ForecastTask[])[quantiles, huber])
        {
            SeriesCodec again = SeriesCodec.Read(task.Codec.Properties())!;
            Assert.Equal(task.Codec.Properties(), again.Properties());
            NetworkShape shape = Network(task).Shape;
            Assert.True(again.Fits(shape));
            Assert.False(again.Fits(shape with { Quantiles = [0.1, 0.3, 0.95], HuberDelta = 0.8 }));
        }

        Assert.Equal(1, quantiles.Codec.PointLevel);
        Assert.Equal("pinball cost", quantiles.LossUnit);
        Assert.DoesNotContain("loss", new ForecastTask(folds, Plain).Codec.Properties()["series"]);
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)[("[0.05,0.3,0.95]", "[0.3,0.05]"),
            ("\"quantile\"", "\"wild\""), ("0.95]", "2]"), (",\"quantiles\":[0.05,0.3,0.95]", "")])
        {
            var properties = new Dictionary<string, string>(quantiles.Codec.Properties());
            properties["series"] = properties["series"].Replace(from, to, StringComparison.Ordinal);
            Assert.Throws<FormatException>(() => SeriesCodec.Read(properties));
        }
    }

    [Fact]
    public static void Quantiles_of_a_number_of_a_sequence_are_in_its_unit()
    {
        SequenceFolds folds = SequenceFolds.BySequence(SomeSeries.Slopes(40));
        var task = new RegressTask(folds, new SeriesOptions { Loss = SeriesLoss.Quantile, Quantiles = [0.1, 0.9] });
        Assert.Equal((OutputHead.QuantileLast, 2), (task.Head, task.Outputs));
        Batch batch = Batch.For(task);
        batch.Resize(1, task.StepsOf(Fold.Train, 0));
        batch.Lengths[0] = batch.Steps;
        task.FillExample(batch, 0, Fold.Train, 0, 0, batch.Steps);
        double target = task.Codec.TargetScale.Apply(folds.Data.Sequences[folds.Of(Fold.Train)[0].Sequence].Number);
        Assert.Equal([target, target], batch.Values(0, 0).ToArray());
        var network = new Network<double>(Network(task).Shape); // of zeros, but for its biases
        network.OutputBias[0] = 1;
        network.OutputBias[1] = -1;
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (_, values) =>
            Assert.Equal([task.Codec.TargetScale.Undo(-1), task.Codec.TargetScale.Undo(1)], values.ToArray()),
            TestContext.Current.CancellationToken);
    }

    /// <summary>Noise whose size the input tells: the interval must be as wide as the noise.</summary>
    [Fact]
    public static void Trained_intervals_are_as_wide_as_the_noise()
    {
        var random = new System.Random(3);
        var builder = new SequenceBuilder("size");
        for (int i = 0; i < 1200; i++)
        {
            float size = i % 2 == 0 ? 1 : 4;
            builder.AddCopy([size, size], new SequenceInfo { Number = size * ((2 * random.NextSingle()) - 1) }); // uniform
        }

        SequenceFolds folds = SequenceFolds.BySequence(builder.Build());
        var task = new RegressTask(folds, new SeriesOptions { Loss = SeriesLoss.Quantile, Quantiles = [0.1, 0.5, 0.9] });
        using var trainer = new Trainer(task, SeriesRecipes.Get(SeriesKind.Regress, folds.Of(Fold.Train).Count) with
        {
            Hidden = 8,
            InputNoise = 0,
            LearningRate = 0.01,
            MaximumEpochs = 30,
        });
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        var scores = new QuantileScores([0.1, 0.5, 0.9]);
        var widths = new double[2];
        using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, values) =>
        {
            scores.Add(folds.Data.Sequences[window.Sequence].Number, values);
            widths[folds.Data.Sequences[window.Sequence].Values(0)[0] == 1 ? 0 : 1] = values[2] - values[0];
        }, TestContext.Current.CancellationToken);
        Assert.Equal(1.6, widths[0], 0.4);
        Assert.Equal(6.4, widths[1], 1.2);
        Assert.Equal(0.8, scores.Report().Coverage!.Value, 0.1);
    }

    [Fact]
    public static void A_loss_that_has_no_sense_is_refused()
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(60), 40, 10, 10);
        Assert.Throws<ArgumentException>(() => new ForecastTask(folds, Plain with { Quantiles = [0.5, 0.5] }));
        Assert.Throws<ArgumentException>(() => new ForecastTask(folds, Plain with { HuberDelta = 0 }));
        Assert.Throws<ArgumentException>(() => new ForecastTask(folds, Plain with { Loss = (SeriesLoss)9 }));
        Assert.Contains("classes are predicted", Assert.Throws<ArgumentException>(() => new ClassifyTask(
            SequenceFolds.BySequence(SomeSeries.Slopes(40)), new SeriesOptions { Loss = SeriesLoss.Absolute })).Message);
        Assert.Contains("with 3 quantiles", Assert.Throws<ArgumentException>(() => new ForecastTask(
            SequenceFolds.BySteps(SomeSeries.Ramp(90_000), 60_000, 15_000, 15_000),
            Plain with { Loss = SeriesLoss.Quantile, Horizon = 12_000 })).Message);
    }

    private static Network<double> Network(SeriesTask task)
    {
        var network = new Network<double>(OptionsRules.ShapeOf(task, new TrainingOptions { Hidden = 5 }));
        Initializer.Initialize(network, new InitializerOptions(), 3);
        return network;
    }
}
