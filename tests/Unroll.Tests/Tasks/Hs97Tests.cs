using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

/// <summary>The tasks in the form of Hochreiter and Schmidhuber (1997, section 5).</summary>
public sealed class Hs97Tests
{
    private const int Rows = 3_000;

    [Theory]
    [InlineData("addition", 100)]
    [InlineData("addition", 20)]
    [InlineData("multiplication", 57)]
    public void One_of_the_first_ten_pairs_is_marked_and_one_of_half_the_others(string name, int length)
    {
        ILengthTask task = SyntheticTasks.Create(name, length, TaskVariant.Hs97);
        Batch batch = Answers.Filled(task, Rows);
        var lengths = new HashSet<int>();
        var positions = new HashSet<int>();
        double least = 1, greatest = 0;
        int firsts = 0;
        for (int row = 0; row < Rows; row++)
        {
            int steps = batch.Lengths[row];
            lengths.Add(steps);
            int[] marked = [.. Enumerable.Range(0, steps).Where(step => batch.Dense(step, row)[0] == 1)];
            Assert.Equal(2, marked.Length);
            Assert.Contains(marked, position => position < 10);
            Assert.All(marked, position => Assert.InRange(position, 0, Math.Max(9, (length / 2) - 1)));
            positions.UnionWith(marked);
            for (int step = 0; step < steps; step++)
            {
                (double marker, double number) = (batch.Dense(step, row)[0], batch.Dense(step, row)[1]);
                bool end = step == 0 || step == steps - 1;
                if (!marked.Contains(step)) Assert.Equal(end ? -1 : 0, marker);
                (least, greatest) = (Math.Min(least, number), Math.Max(greatest, number));
            }

            (double a, double b) = (batch.Dense(marked[0], row)[1], batch.Dense(marked[1], row)[1]);
            if (marked[0] == 0)
            {
                firsts++;
                Assert.Equal(name == "addition" ? 0 : 1, a);
            }

            Assert.Equal(name == "addition" ? 0.5 + ((a + b) / 4) : a * b, batch.Values(steps - 1, row)[0], 1e-7);
        }

        Assert.Equal(Enumerable.Range(length, (length / 10) + 1), lengths.Order());
        Assert.Equal(Enumerable.Range(0, Math.Max(10, length / 2)), positions.Order());
        Assert.InRange(least, name == "addition" ? -1 : 0, name == "addition" ? -0.99 : 0.01);
        Assert.InRange(greatest, 0.99, 1);
        Assert.InRange(firsts, 1, Rows / 2);
    }

    [Theory]
    [InlineData("temporal-order", 100, new[] { 10, 50 })]
    [InlineData("temporal-order-3bit", 100, new[] { 10, 33, 66 })]
    [InlineData("temporal-order", 37, new[] { 3, 18 })]
    [InlineData("temporal-order-3bit", 10, new[] { 1, 3, 6 })]
    public void Symbols_stand_between_a_start_and_an_end(string name, int length, int[] starts)
    {
        ILengthTask task = SyntheticTasks.Create(name, length, TaskVariant.Hs97);
        Batch batch = Answers.Filled(task, Rows);
        var lengths = new HashSet<int>();
        HashSet<int>[] positions = [.. starts.Select(_ => new HashSet<int>())];
        Assert.Equal(8, task.Inputs);
        for (int row = 0; row < Rows; row++)
        {
            int steps = batch.Lengths[row], label = 0;
            lengths.Add(steps);
            Assert.Equal((6, 7), (batch.Symbol(0, row), batch.Symbol(steps - 1, row)));
            int[] marked = [.. Enumerable.Range(0, steps).Where(step => batch.Symbol(step, row) < 2)];
            Assert.Equal(starts.Length, marked.Length);
            for (int i = 0; i < starts.Length; i++)
            {
                positions[i].Add(marked[i]);
                label += batch.Symbol(marked[i], row) << i;
            }

            Assert.Equal(label, batch.Class(steps - 1, row));
            for (int step = 1; step < steps - 1; step++) Assert.InRange(batch.Symbol(step, row), 0, 5);
        }

        Assert.Equal(Enumerable.Range(length, (length / 10) + 1), lengths.Order());
        for (int i = 0; i < starts.Length; i++)
            Assert.Equal(Enumerable.Range(starts[i], (length / 10) + 1), positions[i].Order());
    }

    [Fact]
    public void Task_2c_asks_for_the_second_symbol_after_at_least_T_distractors()
    {
        var task = new RandomPermutation(50, TaskVariant.Hs97);
        Batch batch = Answers.Filled(task, Rows);
        Assert.Equal((104, 2), (task.Inputs, task.Outputs));
        double additional = 0;
        int ones = 0, longest = 0;
        var seen = new HashSet<int>();
        for (int row = 0; row < Rows; row++)
        {
            int steps = batch.Lengths[row], asked = batch.Symbol(1, row);
            Assert.InRange(steps, 53, batch.Steps);
            Assert.Equal((102, 103), (batch.Symbol(0, row), batch.Symbol(steps - 1, row)));
            Assert.InRange(asked, 0, 1);
            Assert.Equal(asked, batch.Class(steps - 1, row));
            for (int step = 2; step < steps - 1; step++) seen.Add(batch.Symbol(step, row));
            additional += (steps - 53) / (double)Rows;
            longest = Math.Max(longest, steps);
            ones += asked;
        }

        Assert.Equal(batch.Steps, longest);
        Assert.Equal(Enumerable.Range(2, 100), seen.Order());
        Assert.InRange(additional, 8.2, 9.8); // a mean of 9 with deviation 9.5 a sequence
        Assert.InRange(ones, (Rows / 2) - 150, (Rows / 2) + 150);
    }

    [Theory]
    [InlineData("temporal-order", 0.3)]
    [InlineData("temporal-order-3bit", 0.3)]
    [InlineData("permutation", 0.2)]
    public void Every_output_must_be_near_its_target(string name, double bound)
    {
        ILengthTask task = SyntheticTasks.Create(name, 20, TaskVariant.Hs97);
        Batch batch = Answers.Filled(task, 4);
        Predictions predictions = Answers.Right(batch);
        Say(0, 1 - bound + 0.01);
        Say(1, 1 - bound - 0.01); // the class is still the likeliest
        Say(2, 1);
        predictions.At(0, 3).Fill(double.NaN);
        Assert.Equal([true, false, true, false], Answers.Evaluated(task, batch, predictions));

        void Say(int row, double probability)
        {
            Span<double> y = predictions.At(0, row);
            y.Fill(-800);
            int target = batch.Class(batch.Lengths[row] - 1, row);
            y[target] = 700;
            if (probability < 1) y[(target + 1) % y.Length] = 700 + Math.Log((1 - probability) / probability);
        }
    }

    [Theory]
    [InlineData("temporal-order", 100)]
    [InlineData("temporal-order-3bit", 100)]
    [InlineData("addition", 20)]
    [InlineData("multiplication", 30)]
    [InlineData("permutation", 50)]
    public void A_batch_is_drawn_by_its_key_alone_and_right_answers_are_right(string name, int length)
    {
        ILengthTask task = SyntheticTasks.Create(name, new LengthRange(length, length + 6), TaskVariant.Hs97);
        Batch few = Answers.Filled(task, 3, seed: 3, index: 9), many = Answers.Filled(task, 20, seed: 3, index: 9);
        for (int row = 0; row < 3; row++) Assert.Equal(Row(few, row), Row(many, row));
        Batch other = Answers.Filled(task, 20, seed: 4, index: 9);
        Assert.NotEqual(Enumerable.Range(0, 20).Select(row => Row(many, row)),
            Enumerable.Range(0, 20).Select(row => Row(other, row)));
        Predictions right = Answers.Right(many);
        if (many.Head == OutputHead.SoftmaxLast)
        {
            // A logit of 1 is a probability far from 1.
            for (int row = 0; row < 20; row++)
                foreach (ref double y in right.At(0, row)) y *= 50;
        }

        Assert.All(Answers.Evaluated(task, many, right), Assert.True);
        Assert.Equal(task.GetType(), task.WithLength(length + 1).GetType());

        string Row(Batch batch, int row) => ((IDescribeExamples)task).Describe(batch, row);
    }

    [Theory]
    [InlineData("memorization")]
    [InlineData("memorization-20bit")]
    [InlineData("narma")]
    public void A_task_that_they_did_not_have_is_refused(string name) => Assert.Equal(
        $"{name} has no variant hs97: it is not among the tasks of Hochreiter and Schmidhuber (1997); take code or text.",
        Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(name, 50, TaskVariant.Hs97)).Message);

    [Theory]
    [InlineData("addition")]
    [InlineData("multiplication")]
    public void Shorter_sequences_have_no_room_for_two_marks(string name) => Assert.Equal(
        $"{name} cannot have length 19: its shortest length is 20.",
        Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(name, 19, TaskVariant.Hs97)).Message);

    [Theory]
    [InlineData("addition", "0.5 + (a + b) / 4")]
    [InlineData("temporal-order", "E, B, a, b, c, d distract")]
    [InlineData("permutation", "after e, name the symbol that followed b")]
    public void A_person_can_read_an_example(string name, string part)
    {
        ILengthTask task = SyntheticTasks.Create(name, 20, TaskVariant.Hs97);
        Assert.Contains(part, ((IDescribeExamples)task).Describe(Answers.Filled(task, 1), 0), StringComparison.Ordinal);
    }
}
