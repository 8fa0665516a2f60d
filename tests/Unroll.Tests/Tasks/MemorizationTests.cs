using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

public sealed class MemorizationTests
{
    [Theory]
    [InlineData("memorization", 2, 5, 1)]
    [InlineData("memorization", 2, 5, 50)]
    [InlineData("memorization-20bit", 5, 10, 1)]
    [InlineData("memorization-20bit", 5, 10, 37)]
    public void Values_blanks_and_go_are_where_they_belong(string name, int values, int n, int blanks)
    {
        ILengthTask task = SyntheticTasks.Create(name, blanks);
        Assert.Equal((values + 2, values + 1), (task.Inputs, task.Outputs));
        Assert.Equal((OutputHead.SoftmaxEvery, CostReduction.Mean), (task.Head, task.Reduction));
        Batch batch = Answers.Filled(task, 32);
        int blank = values, go = values + 1;
        Assert.Equal(blanks + (2 * n), batch.Steps);
        for (int row = 0; row < 32; row++)
        {
            for (int step = 0; step < batch.Steps; step++)
            {
                int symbol = batch.Symbol(step, row), label = batch.Class(step, row);
                if (step < n) Assert.InRange(symbol, 0, values - 1);
                else Assert.Equal(step == blanks + n ? go : blank, symbol);
                Assert.Equal(step < blanks + n ? blank : batch.Symbol(step - blanks - n, row), label);
            }
        }
    }

    [Fact]
    public void Five_bits_are_all_32_patterns()
    {
        Memorization task = Memorization.FiveBits(50);
        Assert.Equal(32, task.WholeSet);
        Batch batch = Answers.Filled(task, 32);
        for (int row = 0; row < 32; row++)
        {
            for (int bit = 0; bit < 5; bit++) Assert.Equal((row >> bit) & 1, batch.Symbol(bit, row));
        }
    }

    [Fact]
    public void Twenty_bits_are_sampled_evenly()
    {
        Memorization task = Memorization.TwentyBits(3);
        Assert.Null(task.WholeSet);
        Batch batch = Answers.Filled(task, 5_000);
        var counts = new int[10, 5];
        var pairs = new int[25];
        for (int row = 0; row < 5_000; row++)
        {
            for (int step = 0; step < 10; step++) counts[step, batch.Symbol(step, row)]++;
            pairs[(5 * batch.Symbol(0, row)) + batch.Symbol(9, row)]++;
        }

        foreach (int count in counts) Assert.InRange(count, 850, 1_150);
        foreach (int count in pairs) Assert.InRange(count, 120, 280);
    }

    [Fact]
    public void One_wrong_step_anywhere_is_wrong()
    {
        Memorization task = Memorization.FiveBits(8);
        Batch batch = Answers.Filled(task, 32);
        for (int step = 0; step < batch.Steps; step++)
        {
            Predictions predictions = Answers.Right(batch);
            predictions.At(step, 7)[(batch.Class(step, 7) + 1) % 3] = 2;
            bool[] correct = Answers.Evaluated(task, batch, predictions);
            for (int row = 0; row < 32; row++) Assert.Equal(row != 7, correct[row]);
        }
    }

    [Fact]
    public void The_description_lines_input_and_target_up()
    {
        Memorization task = Memorization.FiveBits(10);
        string[] lines = task.Describe(Answers.Filled(task, 32), 5).Split('\n');
        Assert.Equal("     0  10100..... .....!....", lines[2]);
        Assert.Equal("     0  .......... .....10100", lines[4]);
    }
}
