using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The cost of a fold compared with its definition: reading the fold in one window of one row.</summary>
public class CorpusEvaluatorTests
{
    /// <summary>
    /// Long enough to be cut into segments. With recurrent weights of this size the network forgets, hardly forgets, or is
    /// chaotic, so that every guess is wrong.
    /// </summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    [InlineData(4.0)]
    public void A_long_text_costs_what_one_reading_costs(double size)
    {
        var task = new TextTask(Corpora.Text(10, test: 21_000));
        Network<double> network = Network(task, 7, size);
        FoldCost cost = CorpusEvaluator.Evaluate(network, task, Fold.Test, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(21_000, cost.Steps);
        Assert.Equal(OneReading(network, task, Fold.Test, 0, size < 4 ? "reference" : null) / Math.Log(2) / 21_000,
            cost.Loss, 1e-10);
        Assert.Equal("bits a character", cost.LossUnit);
        Assert.Equal(cost.Loss, CorpusEvaluator.Evaluate(
            network, task, Fold.Test, threads: 3, cancellation: TestContext.Current.CancellationToken).Loss);
        Assert.Equal(cost.Loss, CorpusEvaluator.Evaluate(network.Convert<float>(), task, Fold.Test,
            cancellation: TestContext.Current.CancellationToken).Loss, size < 4 ? 1e-5 : 0.1);
    }

    [Fact]
    public void The_fifth_symbol_ahead()
    {
        var task = new TextTask(Corpora.Text(30, test: 300), ahead: 5);
        Network<double> network = Network(task, 3, 0.5);
        FoldCost cost = CorpusEvaluator.Evaluate(network, task, Fold.Test, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(296, cost.Steps);
        Assert.Equal(OneReading(network, task, Fold.Test, 0) / Math.Log(2) / 296, cost.Loss, 1e-12);
    }

    [Fact]
    public void Each_piece_begins_from_h0_and_counts_by_its_steps()
    {
        var task = new MusicTask(Corpora.Music(1, 300, 7, 17, 129, 128));
        Network<double> network = Network(task, 16, 0.7);
        FoldCost cost = CorpusEvaluator.Evaluate(network, task, Fold.Test, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(6, cost.Streams.Count);
        for (int piece = 0; piece < 6; piece++)
        {
            Assert.Equal($"piece {piece}", cost.Streams[piece].Name);
            Assert.Equal(OneReading(network, task, Fold.Test, piece), cost.Streams[piece].Cost, 1e-9);
        }

        Assert.Equal(cost.Streams.Sum(stream => stream.Cost) / 582, cost.Loss, 1e-12);
    }

    /// <summary>
    /// With a rate too small to change anything, the training cost of an epoch is the cost of the training fold, whatever the
    /// window.
    /// </summary>
    [Theory]
    [InlineData(200)]
    [InlineData(16)]
    [InlineData(7)]
    [InlineData(1)]
    public void The_training_cost_of_an_epoch_is_the_cost_of_its_fold(int window)
    {
        var task = new TextTask(Corpora.Text(333), window);
        using var trainer = new Trainer(task, Still(1));
        TrainingProgress progress = trainer.Run(cancellation: TestContext.Current.CancellationToken).Last!;
        Assert.Equal(1.0, progress.Epoch);
        Assert.Equal(CorpusEvaluator.Evaluate(trainer.LastNetwork<double>(), task, Fold.Train,
            cancellation: TestContext.Current.CancellationToken).Loss, progress.Loss, 1e-10);
        Assert.Equal(CorpusEvaluator.Evaluate(trainer.LastNetwork<double>(), task, Fold.Validation,
            cancellation: TestContext.Current.CancellationToken).Loss, progress.ValidationLoss, 1e-12);
    }

    [Theory]
    [InlineData(CostReduction.Mean, 1)]
    [InlineData(CostReduction.Sum, 3)]
    public void Padding_counts_for_nothing(CostReduction reduction, int rows)
    {
        var task = new MusicTask(Corpora.Music(1, 30, 7, 17, 12), window: 40);
        using var trainer = new Trainer(task, Still(rows) with { Reduction = reduction });
        TrainingProgress progress = trainer.Run(cancellation: TestContext.Current.CancellationToken).Last!;
        Assert.Equal(CorpusEvaluator.Evaluate(trainer.LastNetwork<double>(), task, Fold.Train,
            cancellation: TestContext.Current.CancellationToken).Loss, progress.Loss, 1e-10);
    }

    [Fact]
    public void A_fold_without_a_step_is_refused()
    {
        var task = new TextTask(Corpora.Text(30, test: 4), ahead: 5);
        Assert.Contains("test fold", Assert.Throws<ArgumentException>(() => CorpusEvaluator.Evaluate(
            Network(task, 3, 1), task, Fold.Test, cancellation: TestContext.Current.CancellationToken)).Message);
    }

    private static TrainingOptions Still(int rows) => new()
    {
        Hidden = 7,
        Precision = Precision.Double,
        LearningRate = 1e-300,
        Omega = 0,
        BatchSize = rows,
        CheckEvery = 0,
        MaximumEpochs = 1,
        Stop = StopRule.Budget,
    };

    private static Network<double> Network(ICorpusTask task, int hidden, double size)
    {
        var network = new Network<double>(
            new NetworkShape(task.Inputs, hidden, task.Outputs) { Encoding = task.Encoding, Head = task.Head });
        RandomSource random = new RandomKey(5, RandomStream.Test, 0).Shared();
        foreach (ref double weight in network.Parameters) weight = 0.5 * random.NextNormal();
        foreach (ref double weight in network.RecurrentWeights) weight = size / Math.Sqrt(hidden) * random.NextNormal();
        return network;
    }

    /// <summary>A chaotic network amplifies every rounding error, so the same kernel reads it.</summary>
    private static double OneReading(
        Network<double> network, ICorpusTask task, Fold fold, int stream, string? kernel = "reference")
    {
        using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
        Batch batch = Batch.For(task);
        int steps = task.StreamSteps(fold, stream);
        batch.Resize(1, steps);
        task.FillStream(batch, 0, fold, stream, 0, steps);
        return unrolled.Forward(batch, CostReduction.Sum);
    }
}
