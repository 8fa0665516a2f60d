using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

public static class TagTaskTests
{
    [Fact]
    public static void Every_step_has_its_tag_and_those_without_are_not_predicted()
    {
        SequenceFolds folds = SequenceFolds.ByTime(Signs(40).WithTargets("sign"));
        var task = new TagTask(folds, new SeriesOptions { Window = 10, Encoder = new EncoderOptions { Scale = Scaling.None } });
        Assert.Equal((1, 2, OutputHead.SoftmaxEvery), (task.Inputs, task.Outputs, task.Head));
        Batch batch = Batch.For(task);
        batch.Resize(1, 10);
        task.FillExample(batch, 0, Fold.Train, 0, 0, 10);
        for (int t = 0; t < 10; t++)
        {
            Assert.Equal(t == 5 ? -1 : Math.Sin(t) > 0 ? 1 : 0, batch.Class(t, 0)); // the sixth is missing
            Assert.Equal((float)Math.Sin(t), batch.Dense(t, 0)[0]);
        }
    }

    [Fact]
    public static void Training_windows_cover_every_step_once()
    {
        SequenceFolds folds = SequenceFolds.ByTime(Signs(57).WithTargets("sign"));
        var task = new TagTask(folds, new SeriesOptions { Window = 12 });
        long trained = folds.StepsOf(Fold.Train);
        Assert.Equal(12, task.Window);
        Assert.Equal(trained, new TagTask(folds, new SeriesOptions { Window = 0 }).Window);
        Assert.Equal(trained, new TagTask(folds, new SeriesOptions { Window = 1000 }).Window);
        Assert.Equal((trained + 11) / 12, task.UpdatesPerEpoch(1));
        Batch batch = Batch.For(task);
        long steps = 0;
        for (long update = 0; update < task.UpdatesPerEpoch(1); update++)
        {
            task.Fill(batch, 1, new RandomKey(1, RandomStream.Training, update));
            steps += batch.Lengths[0];
        }

        Assert.Equal(trained, steps);
    }

    /// <summary>Sequences longer than a piece are read with the state carried over: as in one pass.</summary>
    [Fact]
    public static void Long_sequences_are_read_from_their_first_step_to_their_last()
    {
        SequenceData data = SequenceData.Join("both", Signs(1300), Signs(700));
        SequenceFolds folds = SequenceFolds.OfWhole(data.WithTargets("sign"), [Fold.Train, Fold.Train]);
        var task = new TagTask(folds, new SeriesOptions { Window = 50 });
        var shape = new NetworkShape(1, [new LayerShape(6) { Cell = CellKind.Gru }], 2)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        };
        var network = new Network<double>(shape);
        Initializer.Initialize(network, Initialization.Uniform, 2);
        var all = new List<double[]>();
        using (var predictor = new SeriesPredictor<double>(network, task.Rows))
            predictor.Run(task.Codec.Windows(folds, Fold.Train), (_, values) => all.Add(values.ToArray()),
                TestContext.Current.CancellationToken);
        Assert.Equal([2600, 1400], all.Select(values => values.Length));

        // In one pass each.
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(shape);
        var predictions = new Predictions();
        double sum = 0, count = 0;
        for (int s = 0; s < 2; s++)
        {
            int steps = data.Sequences[s].Steps;
            batch.Resize(1, steps);
            task.FillExample(batch, 0, Fold.Train, s, 0, steps);
            unrolled.Predict(batch, predictions);
            for (int t = 0; t < steps; t++)
            {
                double odds = Math.Exp(predictions.At(t, 0)[1] - predictions.At(t, 0)[0]);
                Assert.Equal(odds / (1 + odds), all[s][(2 * t) + 1], 1e-9);
                if (batch.Class(t, 0) < 0) continue;
                sum -= Math.Log(all[s][(2 * t) + batch.Class(t, 0)]);
                count++;
            }
        }

        double loss = SeriesEvaluator.Evaluate(
            unrolled, task, Batch.For(task), Fold.Train, CostReduction.Mean, TestContext.Current.CancellationToken).Loss;
        Assert.Equal(sum / count, loss, 1e-9);
    }

    [Fact]
    public static void Numbers_are_tags_too_in_their_own_unit()
    {
        float[] rows = [.. Enumerable.Range(0, 300).SelectMany(t => (float[])[MathF.Sin(t), 50 + (20 * MathF.Sin(t))])];
        SequenceFolds folds = SequenceFolds.ByTime(new SequenceBuilder("x", "y").Add(rows).Build().WithTargets("y"));
        var task = new TagTask(folds, new SeriesOptions { Window = 30 });
        Assert.Equal(OutputHead.LinearEvery, task.Head);
        using var trainer = new Trainer(task,
            SeriesRecipes.Get(SeriesKind.Tag, 7) with { Hidden = 8, LearningRate = 0.02, InputNoise = 0, MaximumEpochs = 120 });
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
        int predicted = 0;
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, values) =>
        {
            predicted += values.Length;
            Assert.Equal(window.Steps, values.Length);
            double error = values.ToArray().Select((value, t) =>
                Math.Abs(value - task.Rows.TruthAt(0, window.Start + t, 0))).Average();
            Assert.InRange(error, 0, 3); // of a deviation of 14
        }, TestContext.Current.CancellationToken);
        Assert.Equal(folds.StepsOf(Fold.Test), predicted);
    }

    [Fact]
    public static void What_cannot_be_tagged_is_said()
    {
        SequenceFolds folds = SequenceFolds.ByTime(Signs(40));
        Says("0 targets are named", folds, new SeriesOptions());
        SequenceFolds tagged = SequenceFolds.ByTime(Signs(40).WithTargets("sign"));
        Says("every step is to be tagged", tagged, new SeriesOptions { Segment = 2 });
        Says("no window of it can be scaled", tagged,
            new SeriesOptions { Encoder = new EncoderOptions { Window = WindowScaling.Mean } });
        Says("has no column but 'sign'", SequenceFolds.ByTime(Signs(40).Select("sign").WithTargets("sign")), new SeriesOptions());

        static void Says(string words, SequenceFolds folds, SeriesOptions options) =>
            Assert.Contains(words, Assert.Throws<ArgumentException>(() => new TagTask(folds, options)).Message);
    }

    /// <summary>A sine, and whether it is above 0; the sixth step is not known.</summary>
    private static SequenceData Signs(int steps)
    {
        float[] values = [.. Enumerable.Range(0, steps).Select(t => (float)Math.Sin(t))];
        int[] signs = [.. Enumerable.Range(0, steps).Select(t => t == 5 ? -1 : Math.Sin(t) > 0 ? 1 : 0)];
        return new SequenceBuilder(new SequenceColumn("x"), new SequenceColumn("sign", ["minus", "plus"]))
            .AddColumns([values], [signs]).Build();
    }
}
