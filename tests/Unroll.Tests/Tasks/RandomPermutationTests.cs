using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

public sealed class RandomPermutationTests
{
    [Theory]
    [InlineData(TaskVariant.Code)]
    [InlineData(TaskVariant.Text)]
    public void The_first_of_two_symbols_is_asked_for_after_98_others(TaskVariant variant)
    {
        var task = new RandomPermutation(40, variant);
        Batch batch = Answers.Filled(task, 2_000);
        var counts = new int[100];
        int ones = 0;
        for (int row = 0; row < batch.Rows; row++)
        {
            int first = batch.Symbol(0, row);
            Assert.InRange(first, 0, 1);
            ones += first;
            Assert.Equal(first, batch.Class(39, row));
            for (int step = 1; step < 40; step++) counts[batch.Symbol(step, row)]++;
        }

        Assert.InRange(ones, 850, 1_150);
        Assert.Equal([0, 0], counts[..2]);
        foreach (int count in counts[2..]) Assert.InRange(count, 630, 970); // 78,000 / 98 = 796, deviation 28
        Assert.Equal((100, 100), (task.Inputs, task.Outputs));
    }

    [Fact]
    public void The_code_predicts_the_last_step_and_the_text_every_next_symbol()
    {
        Assert.Equal(OutputHead.SoftmaxLast, new RandomPermutation(10).Head);
        var task = new RandomPermutation(10, TaskVariant.Text);
        Batch batch = Answers.Filled(task, 5);
        Assert.Equal(OutputHead.SoftmaxEvery, task.Head);
        for (int row = 0; row < 5; row++)
        {
            for (int step = 0; step < 9; step++) Assert.Equal(batch.Symbol(step + 1, row), batch.Class(step, row));
            Assert.Equal(batch.Symbol(0, row), batch.Class(9, row));
        }
    }

    [Fact]
    public void The_variants_show_the_same_sequences()
    {
        Batch code = Answers.Filled(new RandomPermutation(30), 4),
            text = Answers.Filled(new RandomPermutation(30, TaskVariant.Text), 4);
        for (int row = 0; row < 4; row++)
        {
            for (int step = 0; step < 30; step++) Assert.Equal(code.Symbol(step, row), text.Symbol(step, row));
        }
    }

    [Fact]
    public void The_text_is_evaluated_by_its_last_step_alone()
    {
        var task = new RandomPermutation(10, TaskVariant.Text);
        Batch batch = Answers.Filled(task, 2);
        Predictions predictions = Answers.Right(batch);
        for (int step = 0; step < 9; step++) predictions.At(step, 0).Clear();
        predictions.At(9, 1)[50] = 2;
        Assert.Equal([true, false], Answers.Evaluated(task, batch, predictions));
    }
}
