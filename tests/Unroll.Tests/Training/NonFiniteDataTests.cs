using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// A number that is not finite in the data of a user's task is reported as such, and not as a fault of the learning rate.
/// </summary>
public sealed class NonFiniteDataTests
{
    private static readonly TrainingOptions Options = new()
    {
        Hidden = 5,
        BatchSize = 4,
        MaximumUpdates = 10,
        CheckEvery = 20,
        ValidationSequences = 8,
    };

    public static TheoryData<double, bool, NonFinitePolicy, Precision> Data() => new()
    {
        { double.NaN, true, NonFinitePolicy.Stop, Precision.Float },
        { double.NaN, false, NonFinitePolicy.Stop, Precision.Double },
        { double.PositiveInfinity, true, NonFinitePolicy.Rescue, Precision.Float },
        { double.NegativeInfinity, false, NonFinitePolicy.Skip, Precision.Float },
        { 1e39, true, NonFinitePolicy.Stop, Precision.Float },
        { 1e300, false, NonFinitePolicy.Rescue, Precision.Float },
    };

    [Theory]
    [MemberData(nameof(Data))]
    public void Its_row_step_and_column_are_named(double value, bool input, NonFinitePolicy policy, Precision precision)
    {
        var task = new Wrong(value, input, RandomStream.Training, 2);
        using var trainer = new Trainer(task,
            Options with { Precision = precision, OnNonFinite = policy });
        TrainingResult result = trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((TrainingOutcome.NonFinite, 2L), (result.Outcome, result.Updates));
        string shown = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.StartsWith(
            $"The gradient of update 3 is not finite because the {(input ? "input" : "target")} in row 3, step 6, column 1 "
                + $"of the batch (each counted from 0) is {shown}",
            result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("learning rate", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutputHead.AbsoluteEvery)]
    [InlineData(OutputHead.HuberEvery)]
    [InlineData(OutputHead.QuantileEvery)]
    public void The_target_of_every_head_of_numbers_is_named(OutputHead head)
    {
        using var trainer = new Trainer(new Wrong(double.NaN, false, RandomStream.Training, 2, head), Options);
        TrainingResult result = trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((TrainingOutcome.NonFinite, 2L), (result.Outcome, result.Updates));
        Assert.Contains("because the target in row 3, step 6, column 1", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Large_numbers_are_no_fault_in_double_precision_and_an_explosion_is_still_one()
    {
        using var trainer = new Trainer(new Wrong(1e39, true, RandomStream.Training, 2),
            Options with { Precision = Precision.Double });
        Assert.NotEqual(TrainingOutcome.NonFinite, trainer.Run(cancellation: TestContext.Current.CancellationToken).Outcome);
        using var exploding = new Trainer(new Wrong(1e300, false, RandomStream.Training, 2),
            Options with { Precision = Precision.Double });
        TrainingResult result = exploding.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(TrainingOutcome.NonFinite, result.Outcome);
        Assert.Contains("lower the learning rate", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_and_an_evaluation_name_it_too()
    {
        using var trainer = new Trainer(new Wrong(double.NaN, false, RandomStream.Validation, 2L << 17),
            new TrainingOptions { Hidden = 5, BatchSize = 4, MaximumUpdates = 4, CheckEvery = 2, ValidationSequences = 8 });
        Assert.Contains("the target in row 3, step 6, column 1",
            Assert.Throws<ArithmeticException>(() => trainer.Run(cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
        var task = new Wrong(double.NaN, true, RandomStream.Test, 0);
        var network = new Network<double>(
            new NetworkShape(2, 3, 2) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearEvery });
        network.InputWeights.Fill(1);
        network.OutputWeights.Fill(1);
        Assert.Contains("the input in row 3, step 6, column 1",
            Assert.Throws<ArithmeticException>(() =>
            Evaluator.Evaluate(network, task, 8, cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Random numbers, with one number replaced in one batch of one stream.</summary>
    private sealed class Wrong(
        double value, bool input, RandomStream stream, long index, OutputHead head = OutputHead.LinearEvery) : ITask
    {
        public string Name => "wrong";

        public InputEncoding Encoding => InputEncoding.Dense;

        public int Inputs => 2;

        public OutputHead Head => head;

        public int Outputs => 2;

        public string LossUnit => "squares";

        public CostReduction Reduction => CostReduction.Mean;

        public bool HasSuccessRule => false;

        public void Fill(Batch batch, int rows, RandomKey key)
        {
            batch.Resize(rows, 8);
            for (int row = 0; row < rows; row++)
            {
                RandomSource random = key.Row(row);
                batch.Lengths[row] = row == 3 ? 7 : 8;
                for (int t = 0; t < 8; t++)
                {
                    for (int c = 0; c < 2; c++)
                        (batch.Dense(t, row)[c], batch.Values(t, row)[c]) = (random.NextDouble(), random.NextDouble());
                }
            }

            batch.Dense(7, 3)[0] = double.NaN; // beyond the row's length, where numbers are ignored
            if (key.Stream != stream || key.Index != index) return;
            (input ? batch.Dense(6, 3) : batch.Values(6, 3))[1] = value;
        }

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Clear();
    }
}
