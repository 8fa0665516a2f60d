using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Classes and numbers of whole sequences.</summary>
public static class WholeSequenceTests
{
    private static readonly SeriesOptions Plain = new() { Encoder = new EncoderOptions { Scale = Scaling.None } };

    [Fact]
    public static void Sequences_of_unequal_length_have_their_class_at_their_end()
    {
        var task = new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(40), seed: 3), Plain);
        Assert.Equal((1, 2, OutputHead.SoftmaxLast), (task.Inputs, task.Outputs, task.Head));
        Assert.Equal(["down", "up"], task.Codec.Labels);
        Assert.Equal(task.Folds.Of(Fold.Train).Max(part => part.Steps), task.Window);
        Assert.Contains("no value of a step",
            Assert.Throws<InvalidOperationException>(() => task.Rows.TruthAt(0, 0, 0)).Message);
        Batch batch = Batch.For(task);
        task.Fill(batch, 8, new RandomKey(1, RandomStream.Training, 0));
        for (int row = 0; row < batch.Rows; row++)
        {
            int last = batch.Lengths[row] - 1;
            Assert.Equal(batch.Dense(last, row)[0] > 0 ? 1 : 0, batch.Class(last, row));
            Assert.Equal(batch.Dense(1, row)[0] * last, batch.Dense(last, row)[0], 1e-6);
        }
    }

    [Fact]
    public static void A_number_is_scaled_by_the_training_fold()
    {
        SequenceFolds folds = SequenceFolds.BySequence(SomeSeries.Slopes(40), seed: 3);
        var task = new RegressTask(folds, Plain);
        double[] numbers = [.. folds.Of(Fold.Train).Select(part => (double)folds.Data.Sequences[part.Sequence].Number)];
        Assert.Equal(numbers.Average(), task.Codec.TargetScale.Center, 1e-9);
        Batch batch = Batch.For(task);
        batch.Resize(1, task.StepsOf(Fold.Train, 5));
        task.FillExample(batch, 0, Fold.Train, 5, 0, batch.Steps);
        Assert.Equal(numbers[5], task.Codec.TargetScale.Undo(batch.Values(0, 0)[0]), 1e-9);
    }

    [Fact]
    public static void Segments_read_several_steps_at_once_the_first_padded()
    {
        var task = new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(40), seed: 3), Plain with { Segment = 4 });
        Batch batch = Batch.For(task);
        for (int i = 0; i < task.Examples(Fold.Train); i++)
        {
            FoldPart part = task.Folds.Of(Fold.Train)[i];
            batch.Resize(1, task.StepsOf(Fold.Train, i));
            Assert.Equal((part.Steps + 3) / 4, batch.Steps);
            task.FillExample(batch, 0, Fold.Train, i, 0, batch.Steps);
            double[] read = [.. Enumerable.Range(0, batch.Steps).SelectMany(t => batch.Dense(t, 0).ToArray())];
            double[] expected = [.. Enumerable.Range(0, part.Steps)
                .Select(t => (double)task.Folds.Data.Sequences[part.Sequence].Values(0)[t])];
            Assert.Equal([.. new double[read.Length - expected.Length], .. expected], read);
        }
    }

    [Theory]
    [InlineData(SeriesKind.Forecast, 24, 1)]
    [InlineData(SeriesKind.Forecast, 7, 3)]
    [InlineData(SeriesKind.Tag, 0, 1)]
    [InlineData(SeriesKind.Tag, 13, 1)]
    [InlineData(SeriesKind.Classify, 0, 1)]
    [InlineData(SeriesKind.Regress, 0, 1)]
    public static void A_recipe_counts_the_examples_that_the_task_has(SeriesKind kind, int window, int stride)
    {
        bool whole = kind is SeriesKind.Classify or SeriesKind.Regress;
        SequenceFolds folds = whole ? SequenceFolds.BySequence(SomeSeries.Slopes(40), seed: 3)
            : SequenceFolds.ByTime(kind == SeriesKind.Tag ? SomeSeries.Ramp(200).WithTargets("root") : SomeSeries.Ramp(200));
        foreach (bool shared in (bool[])[false, kind == SeriesKind.Forecast])
        {
            var options = new SeriesOptions { Window = window, Stride = stride, Horizon = 5, SharedChannels = shared };
            SeriesTask task = kind switch
            {
                SeriesKind.Forecast => new ForecastTask(folds, options),
                SeriesKind.Tag => new TagTask(folds, options),
                SeriesKind.Classify => new ClassifyTask(folds, options),
                _ => new RegressTask(folds, options),
            };
            Assert.Equal(task.UpdatesPerEpoch(1), SeriesRecipes.Examples(kind, folds, options));
        }
    }

    [Theory]
    [InlineData(SeriesKind.Classify)]
    [InlineData(SeriesKind.Regress)]
    public static void A_network_learns_them_and_predicts_as_it_was_evaluated(SeriesKind kind)
    {
        SequenceFolds folds = SequenceFolds.BySequence(SomeSeries.Slopes(200), seed: 2);
        SeriesTask task = kind == SeriesKind.Classify ? new ClassifyTask(folds) : new RegressTask(folds);
        TrainingOptions options = SeriesRecipes.Get(kind, 140) with
        {
            Hidden = 12,
            LearningRate = 0.01,
            InputNoise = 0,
            MaximumEpochs = 30,
        };
        using var trainer = new Trainer(task, options);
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Network<float> network = trainer.BestNetwork<float>();
        double loss = Evaluator.Evaluate(network, task, cancellation: TestContext.Current.CancellationToken).Loss;
        using var predictor = new SeriesPredictor<float>(network, task.Rows);
        double sum = 0;
        int right = 0, count = 0;
        predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, values) =>
        {
            Sequence sequence = folds.Data.Sequences[window.Sequence];
            count++;
            if (kind == SeriesKind.Classify)
            {
                Assert.Equal(1, values.ToArray().Sum(), 1e-6);
                sum -= Math.Log(values[sequence.Class]);
                right += values[sequence.Class] > 0.5 ? 1 : 0;
            }
            else
            {
                double error = (values[0] - sequence.Number) / task.Codec.TargetScale.Scale;
                sum += error * error;
                right += Math.Abs(error) < 0.3 ? 1 : 0;
            }
        }, TestContext.Current.CancellationToken);
        Assert.Equal(30, count);
        Assert.Equal(loss, sum / count, Math.Max(1e-6, 1e-3 * loss));
        Assert.InRange(right, 28, 30);
    }

    [Fact]
    public static void What_cannot_be_learned_is_said()
    {
        var one = new SequenceBuilder("x");
        for (int i = 0; i < 10; i++) one.AddCopy([i, i + 1, i * i], new SequenceInfo { Label = "only", Number = 4 });
        SequenceFolds folds = SequenceFolds.BySequence(one.Build());
        Assert.Contains("of class 'only'; there must be two classes",
            Assert.Throws<ArgumentException>(() => new ClassifyTask(folds)).Message);
        Assert.Contains("have the number 4; there is nothing to learn",
            Assert.Throws<ArgumentException>(() => new RegressTask(folds)).Message);
        SequenceFolds ramp = SequenceFolds.ByTime(SomeSeries.Ramp(30));
        Assert.Contains("have no class", Assert.Throws<ArgumentException>(() => new ClassifyTask(ramp)).Message);
        Assert.Contains("have no number", Assert.Throws<ArgumentException>(() => new RegressTask(ramp)).Message);
        using var trainer = new Trainer(new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(20))),
            SeriesRecipes.Get(SeriesKind.Classify, 14) with { Hidden = 3, MaximumEpochs = 1 });
        Assert.Contains("validation fold is empty", Assert.Throws<ArgumentException>(() => new Trainer(
            new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(20), new FoldShares { Validation = 0 })),
            trainer.Options)).Message);
    }
}
