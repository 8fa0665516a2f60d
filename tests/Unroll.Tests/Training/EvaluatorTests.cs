using Unroll.Tasks;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Networks evaluated on fresh sequences: the counts and averages are correct.</summary>
public static class EvaluatorTests
{
    private static CancellationToken Running => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(350)]
    public static void Every_sequence_counts_once(int sequences)
    {
        var task = new FirstSymbol(4);
        var shape = new NetworkShape(4, 5, 2);
        Network<double> network = Specimen.Network<double>(shape, 3);
        var rows = new List<int>();
        var keys = new List<RandomKey>();
        var probe = new ProbeTask(task) { Filled = (_, batch, key) => { rows.Add(batch.Rows); keys.Add(key); } };
        var evaluated = new List<long>();
        EvaluationResult result = Evaluator.Evaluate(network, probe, sequences, seed: 7, cancellation: Running,
            onEvaluated: evaluated.Add);
        Assert.Equal(sequences, result.Sequences);
        Assert.Equal(rows.Select((_, i) => (long)rows.Take(i + 1).Sum()), evaluated);
        Assert.Equal(sequences, rows.Sum());
        Assert.All(keys, key => Assert.Equal((7UL, RandomStream.Test), (key.Seed, key.Stream)));
        Assert.Equal(keys.Count, keys.Distinct().Count());

        // The same, one sequence after the other.
        using var unrolled = new UnrolledNetwork<double>(network);
        var predictions = new Predictions();
        Batch batch = Batch.For(task);
        double loss = 0, wrong = 0;
        for (int i = 0; i < keys.Count; i++)
        {
            task.Fill(batch, rows[i], keys[i]);
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.CopyOutputs(predictions);
            for (int r = 0; r < rows[i]; r++)
            {
                loss += unrolled.RowCost(r);
                wrong += predictions.Argmax(3, r) == batch.Class(3, r) ? 0 : 1;
            }
        }

        Assert.Equal(loss / sequences, result.Loss, 1e-12);
        Assert.Equal(wrong / sequences, result.Error);
        Assert.Equal(("nats", null, new LengthRange(4, 4)), (result.LossUnit, result.StrictError, result.Length!.Value));
    }

    [Fact]
    public static void A_task_that_fills_other_rows_or_no_target_is_named()
    {
        Network<double> network = Specimen.Network<double>(new NetworkShape(4, 5, 2), 3);
        Refused("filled 49 rows where 50 were asked for", (_, batch, _) => batch.Resize(batch.Rows - 1, batch.Steps));
        Refused("set no target in a whole batch", (_, batch, _) => batch.Resize(batch.Rows, batch.Steps));

        void Refused(string sentence, Action<ProbeTask, Batch, RandomKey> filled) => Assert.Contains(sentence,
            Assert.Throws<InvalidOperationException>(() => Evaluator.Evaluate(
                network, new ProbeTask(new FirstSymbol(4)) { Filled = filled }, 50, cancellation: Running)).Message);
    }

    [Fact]
    public static void A_whole_set_is_evaluated_once()
    {
        var rows = new List<int>();
        var task = new ProbeTask(Memorization.FiveBits(5)) { Filled = (_, batch, _) => rows.Add(batch.Rows) };
        var network = new Network<float>(new NetworkShape(4, 3, 3) { Head = OutputHead.SoftmaxEvery });
        EvaluationResult result = Evaluator.Evaluate(network, task, 10_000, cancellation: Running);
        Assert.Equal(32, Assert.Single(rows));
        Assert.Equal(32, result.Sequences);
        Assert.Equal(Math.Log(3), result.Loss, 1e-6); // all outputs 0: the mean over steps of log 3
        Assert.Equal(1, result.Error); // the first of equal outputs is value 0, where a blank is the target
    }

    [Fact]
    public static void The_stricter_reading_is_counted_apart()
    {
        // Always 0.5: wrong when |e| > 0.2, strictly when |e| > 0.04; the mean of two uniform numbers is triangular.
        var network = new Network<double>(
            new NetworkShape(2, 3, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast });
        network.OutputBias[0] = 0.5;
        EvaluationResult result = Evaluator.Evaluate(network, new Addition(10), 20_000, cancellation: Running);
        Assert.Equal(0.36, result.Error!.Value, 0.015);
        Assert.Equal(0.8464, result.StrictError!.Value, 0.015);
        Assert.Equal(1.0 / 24, result.Loss, 0.002);

        // The text's variant has only the strict rule.
        result = Evaluator.Evaluate(network, new Addition(10, TaskVariant.Text), 2_000, cancellation: Running);
        Assert.Equal(result.Error, result.StrictError);
    }

    [Fact]
    public static void A_task_without_a_success_rule_has_no_error()
    {
        var network = new Network<float>(new NetworkShape(4, 3, 2));
        EvaluationResult result = Evaluator.Evaluate(network, new ProbeTask(new FirstSymbol(4)) { HasSuccessRule = false }, 10,
            cancellation: Running);
        Assert.Null(result.Error);
        Assert.Null(result.StrictError);
        Assert.Equal(Math.Log(2), result.Loss, 1e-6);
    }

    [Fact]
    public static void Seeds_give_sequences_and_threads_change_nothing()
    {
        Network<float> network = Specimen.Network<float>(new NetworkShape(4, 5, 2), 3);
        var task = new FirstSymbol(new LengthRange(4, 9));
        EvaluationResult one = Evaluator.Evaluate(network, task, 150, seed: 1, cancellation: Running);
        Assert.Equal(one, Evaluator.Evaluate(network, task, 150, seed: 1, threads: 3, cancellation: Running));
        Assert.NotEqual(one.Loss, Evaluator.Evaluate(network, task, 150, seed: 2, cancellation: Running).Loss);
    }

    [Fact]
    public static void A_network_that_does_not_fit_is_refused()
    {
        foreach (NetworkShape shape in (NetworkShape[])[new(5, 3, 2), new(4, 3, 3),
            new(4, 3, 2) { Head = OutputHead.SoftmaxEvery }, new(4, 3, 2) { Encoding = InputEncoding.Dense }])
        {
            var error = Assert.Throws<ArgumentException>(
                () => Evaluator.Evaluate(new Network<float>(shape), new FirstSymbol(4), cancellation: Running));
            Runs.AssertSentence(error.Message, $"{shape.Inputs} {shape.Encoding}", $"{shape.Outputs} {shape.Head}", "4 OneHot",
                "2 SoftmaxLast");
        }
    }

    [Fact]
    public static void Nothing_to_evaluate_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Evaluator.Evaluate(new Network<float>(new NetworkShape(4, 3, 2)), new FirstSymbol(4), 0, cancellation: Running));

    [Fact]
    public static void Cancellation_ends_it_within_a_batch()
    {
        var network = new Network<float>(new NetworkShape(4, 3, 2));
        using var cancel = new CancellationTokenSource();
        int batches = 0;
        var task = new ProbeTask(new FirstSymbol(4)) { Filled = (_, _, _) => { if (++batches == 3) cancel.Cancel(); } };
        Assert.Throws<OperationCanceledException>(
            () => Evaluator.Evaluate(network, task, long.MaxValue, cancellation: cancel.Token));
        Assert.Equal(3, batches);
        Assert.Throws<OperationCanceledException>(() => Evaluator.Evaluate(network, task, 1, cancellation: cancel.Token));
        Assert.Equal(3, batches);
    }
}
