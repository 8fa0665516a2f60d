using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Weights of classes: in the cost of training and checks, with the mean 1 over the training fold.</summary>
public static class LabelWeightsTests
{
    [Fact]
    public static void Balanced_classes_count_the_same_in_sum_and_the_mean_is_one()
    {
        double[] weights = LabelWeights.Balanced.For(["a", "b", "c"], [70, 20, 10]);
        for (int k = 0; k < 3; k++) Assert.Equal(100 / 3.0, weights[k] * (k == 0 ? 70 : k == 1 ? 20 : 10), 1e-12);
        double[] named = LabelWeights.Of(new Dictionary<string, double> { ["c"] = 5 }).For(["a", "b", "c"], [70, 20, 10]);
        Assert.Equal([1 / 1.4, 1 / 1.4, 5 / 1.4], named, new Close());
        Assert.Equal("c 5", LabelWeights.Of(new Dictionary<string, double> { ["c"] = 5 }).ToString());
    }

    [Fact]
    public static void The_cost_of_a_sequence_is_multiplied_by_the_weight_of_its_class()
    {
        SequenceFolds folds = SequenceFolds.BySequence(Rare(), seed: 3);
        var options = new SeriesOptions();
        var plain = new ClassifyTask(folds, options);
        var weighed = new ClassifyTask(folds, options with { LabelWeights = LabelWeights.Balanced });
        var network = new Network<double>(
            new NetworkShape(1, 4, 2) { Encoding = InputEncoding.Dense, Head = OutputHead.SoftmaxLast });
        Initializer.Initialize(network, Initialization.BasicTanh, 5);
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(plain), other = Batch.For(weighed);
        var key = new RandomKey(2, RandomStream.Training, 0);
        plain.Fill(batch, 12, key);
        weighed.Fill(other, 12, key);
        unrolled.Forward(batch, plain.Reduction);
        double[] costs = [.. Enumerable.Range(0, batch.Rows).Select(unrolled.RowCost)];
        unrolled.Forward(other, plain.Reduction);
        int[] classes = [.. folds.Of(Fold.Train).Select(part => folds.Data.Sequences[part.Sequence].Class)];
        double half = classes.Length / 2.0, rare = half / classes.Count(one => one == 1);
        double often = half / classes.Count(one => one == 0);
        for (int row = 0; row < batch.Rows; row++)
            Assert.Equal(costs[row] * (batch.Class(0, row) == 1 ? rare : often), unrolled.RowCost(row), 1e-12);
        Assert.True(rare > 3 * often);
    }

    [Fact]
    public static void A_rare_class_is_found_where_it_counts_as_much()
    {
        SequenceFolds folds = SequenceFolds.BySequence(Rare(), seed: 3);
        Assert.True(Recall(LabelWeights.Balanced) > Recall(null) + 0.3);

        double Recall(LabelWeights? weights)
        {
            var task = new ClassifyTask(folds, new SeriesOptions { LabelWeights = weights });
            using var trainer = new Trainer(task, SeriesRecipes.Get(SeriesKind.Classify, 100) with
            {
                Hidden = 4,
                MaximumUpdates = 200,
                Seed = 3,
            });
            trainer.Run();
            int found = 0, all = 0;
            using var predictor = new SeriesPredictor<float>(trainer.LastNetwork<float>(), task.Rows);
            SequenceWindow[] windows = [.. Enumerable.Range(0, folds.Data.Count).Select(task.Rows.Last)];
            predictor.Run(windows, (window, values) =>
            {
                if (folds.Data.Sequences[window.Sequence].Class != 1) return;
                all++;
                found += values[1] > values[0] ? 1 : 0;
            });
            return (double)found / all;
        }
    }

    [Fact]
    public static void Tags_are_weighed_step_by_step_and_steps_without_one_are_not()
    {
        SequenceData data = new SequenceBuilder(new SequenceColumn("x"), new("tag", ["off", "on"])).AddColumns(
            [Enumerable.Range(0, 40).Select(t => (float)t).ToArray()],
            [Enumerable.Range(0, 40).Select(t => t % 10 == 9 ? -1 : t % 5 == 0 ? 1 : 0).ToArray()]).Build().WithTargets("tag");
        var task = new TagTask(SequenceFolds.BySteps(data, 20, 10, 10),
            new SeriesOptions { Window = 10, LabelWeights = LabelWeights.Of(new Dictionary<string, double> { ["on"] = 8 }) });
        Batch batch = Batch.For(task);
        task.Fill(batch, 1, new RandomKey(1, RandomStream.Training, 0));
        double mean = ((4 * 8) + 14) / 18.0; // of 20 steps two have no tag
        for (int t = 0; t < 9; t++)
            Assert.Equal((t % 5 == 0 ? 8 : 1) / mean, batch.TargetWeight(t, 0), 1e-12);
        Assert.Equal(1, batch.TargetWeight(9, 0));
    }

    [Fact]
    public static void What_cannot_be_weighed_is_named()
    {
        SequenceFolds folds = SequenceFolds.BySequence(SomeSeries.Slopes(40), seed: 3);
        LabelWeights other = LabelWeights.Of(new Dictionary<string, double> { ["upp"] = 2 });
        Assert.Equal("There is no class 'upp' to weigh; the nearest is 'up' (of down, up).",
            Assert.Throws<ArgumentException>(() => new ClassifyTask(folds, new SeriesOptions { LabelWeights = other })).Message);
        SequenceFolds numbers = SequenceFolds.BySteps(SomeSeries.Ramp(60).WithTargets("root"), 40, 10, 10);
        Assert.Contains("numbers are predicted", Assert.Throws<ArgumentException>(() =>
            new TagTask(numbers, new SeriesOptions { LabelWeights = LabelWeights.Balanced })).Message);
        Assert.Throws<ArgumentException>(() => LabelWeights.Of(new Dictionary<string, double>()));
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(() =>
            LabelWeights.Of(new Dictionary<string, double> { ["up"] = 0 })).Message);
        Assert.Contains("labels have no weights", Assert.Throws<ArgumentException>(() => new Trainer(
            new ClassifyTask(folds, new SeriesOptions { LabelWeights = LabelWeights.Balanced }),
            ReservoirRecipe.Of(new TrainingOptions()) with { CheckEvery = 0 })).Message);
    }

    /// <summary>One sequence of eight rises, and noise hides which.</summary>
    private static SequenceData Rare()
    {
        var builder = new SequenceBuilder("x");
        var random = new Random(4);
        for (int i = 0; i < 160; i++)
        {
            float slope = i % 8 == 0 ? 0.6f : -0.6f;
            builder.AddCopy([.. Enumerable.Range(0, 6).Select(t => (slope * t / 5) + (float)(2 * random.NextDouble()) - 1)],
                new SequenceInfo { Label = slope > 0 ? "up" : "down" });
        }

        return builder.Build();
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
