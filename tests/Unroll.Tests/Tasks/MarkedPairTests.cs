using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

/// <summary>Addition and multiplication.</summary>
public sealed class MarkedPairTests
{
    [Theory]
    [InlineData("addition", TaskVariant.Code, 100)]
    [InlineData("addition", TaskVariant.Text, 100)]
    [InlineData("addition", TaskVariant.Code, 10)]
    [InlineData("addition", TaskVariant.Text, 10)]
    [InlineData("multiplication", TaskVariant.Code, 57)]
    [InlineData("multiplication", TaskVariant.Text, 57)]
    public void Marks_stand_in_their_intervals_and_make_the_target(string name, TaskVariant variant, int length)
    {
        ILengthTask task = SyntheticTasks.Create(name, length, variant);
        var lengths = new HashSet<int>();
        var batch = Batch.For(task);
        HashSet<double> first = [], second = [];
        double sum = 0;
        int count = 0;
        for (int index = 0; index < 200; index++)
        {
            task.Fill(batch, 20, new RandomKey(1, RandomStream.Training, index));
            var own = new HashSet<int>(batch.Lengths.ToArray());
            lengths.UnionWith(own);
            if (variant == TaskVariant.Code) Assert.Equal([batch.Steps], own);
            for (int row = 0; row < 20; row++)
            {
                int steps = batch.Lengths[row];
                var marks = new List<int>();
                for (int step = 0; step < steps; step++)
                {
                    double mark = batch.Dense(step, row)[0], number = batch.Dense(step, row)[1];
                    Assert.True(mark is 0 or 1);
                    Assert.InRange(number, 0, 0.9999999999999999);
                    sum += number;
                    count++;
                    if (mark == 1) marks.Add(step);
                }

                Assert.Equal(2, marks.Count);
                int end = variant == TaskVariant.Code ? (steps / 10) + (4 * steps / 10) : steps / 2;
                Assert.InRange(marks[0], 0, (steps / 10) - 1);
                Assert.InRange(marks[1], steps / 10, end - 1);
                first.Add(marks[0] - (steps / 10));
                second.Add(end - marks[1]);
                double a = batch.Dense(marks[0], row)[1], b = batch.Dense(marks[1], row)[1];
                Assert.Equal(name == "addition" ? (a + b) / 2 : a * b, batch.Values(0, row)[0]);
            }
        }

        // Every length and the ends of both intervals occur.
        Assert.Equal(length, lengths.Min());
        Assert.Equal(length + (length / 10) - (variant == TaskVariant.Code ? 1 : 0), lengths.Max());
        Assert.Equal(lengths.Max() - lengths.Min() + 1, lengths.Count);
        Assert.Contains(-1, first);
        Assert.Contains(-length / 10, first);
        Assert.Contains(1, second);
        Assert.Contains(variant == TaskVariant.Code ? 4 * length / 10 : (length / 2) - (length / 10), second);
        Assert.InRange(sum / count, 0.49, 0.51);
    }

    [Fact]
    public void The_code_draws_one_length_a_batch_and_the_text_one_a_sequence()
    {
        Batch code = Answers.Filled(new Addition(100), 50), text = Answers.Filled(new Addition(100, TaskVariant.Text), 50);
        Assert.Single(code.Lengths.ToArray().Distinct());
        Assert.True(text.Lengths.ToArray().Distinct().Count() > 5);
        Assert.Equal(110, text.Steps);
    }

    [Theory]
    [InlineData(0.0, true, true)]
    [InlineData(0.0399, true, true)]
    [InlineData(-0.0399, true, true)]
    [InlineData(0.0401, true, false)]
    [InlineData(0.1999, true, false)]
    [InlineData(-0.1999, true, false)]
    [InlineData(0.2001, false, false)]
    [InlineData(-0.2001, false, false)]
    [InlineData(double.NaN, false, false)]
    [InlineData(double.PositiveInfinity, false, false)]
    public void The_code_bounds_the_squared_error_and_the_text_the_error(double error, bool code, bool text)
    {
        foreach (string name in new[] { "addition", "multiplication" })
        {
            foreach (TaskVariant variant in Enum.GetValues<TaskVariant>())
            {
                ILengthTask task = SyntheticTasks.Create(name, 30, variant);
                Batch batch = Answers.Filled(task, 2);
                Predictions predictions = Answers.Right(batch);
                predictions.At(0, 1)[0] += error;
                Assert.Equal([true, variant == TaskVariant.Code ? code : text], Answers.Evaluated(task, batch, predictions));
                Assert.Equal([true, text], Answers.MarkedStrictly(task, batch, predictions));
            }
        }
    }

    [Fact]
    public void The_description_brackets_the_marked_numbers_and_says_why()
    {
        var task = new Addition(20);
        Batch batch = Answers.Filled(task, 1);
        string text = task.Describe(batch, 0);
        int[] marks = [.. Enumerable.Range(0, batch.Steps).Where(step => batch.Dense(step, 0)[0] == 1)];
        string a = FormattableString.Invariant($"{batch.Dense(marks[0], 0)[1]:0.0000}"),
            b = FormattableString.Invariant($"{batch.Dense(marks[1], 0)[1]:0.0000}");
        Assert.Contains($"[{a}]", text);
        Assert.Contains($"[{b}]", text);
        Assert.Equal(2, text.Count(c => c == '['));
        string target = FormattableString.Invariant($"{batch.Values(0, 0)[0]:0.0000}");
        Assert.EndsWith(
            $"target  {target} = (a + b) / 2, at the last step: a = {a} at step {marks[0]}, b = {b} at step {marks[1]}", text);
    }
}
