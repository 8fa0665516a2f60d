using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

/// <summary>
/// What holds for every synthetic task in the form of the code and of the text; <see cref="Hs97Tests"/> has the form of 1997.
/// </summary>
public sealed class SyntheticTasksTests
{
    public static MatrixTheoryData<string, TaskVariant> Everything =>
        new([.. SyntheticTasks.All.Select(task => task.Name)], [TaskVariant.Code, TaskVariant.Text]);

    [Fact]
    public void The_catalogue_has_the_papers_tasks_and_sizes_and_those_on_signals()
    {
        Assert.Equal(
            ["temporal-order", "temporal-order-3bit", "addition", "multiplication", "permutation", "memorization",
                "memorization-20bit", "mackey-glass", "narma", "narma-feedback", "memory-capacity", "sine", "figure-eight"],
            SyntheticTasks.All.Select(task => task.Name));
        Assert.Equal(
            [50, 100, 50, 50, 100, 50, 50, 50, 50, 50, 50, 30, 50], SyntheticTasks.All.Select(task => task.DefaultHidden));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_task_is_what_the_catalogue_says(string name, TaskVariant variant)
    {
        TaskDescription description = SyntheticTasks.All.Single(task => task.Name == name);
        ILengthTask task = SyntheticTasks.Create(name, description.DefaultLength, variant);
        Assert.Equal(name, task.Name);
        Assert.Equal(description.MinimumLength, task.MinimumLength);
        Assert.Equal(description.DefaultLength, task.Length);
        Assert.True(task.HasSuccessRule);
        var shape = new NetworkShape(task.Inputs, description.DefaultHidden, task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
        };
        shape.Validate();
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void The_shortest_length_works_and_the_one_before_is_refused_with_both_numbers(string name, TaskVariant variant)
    {
        int minimum = SyntheticTasks.All.Single(task => task.Name == name).MinimumLength;
        for (int length = minimum; length < minimum + 25; length++)
        {
            ILengthTask task = SyntheticTasks.Create(name, length, variant);
            Batch batch = Answers.Filled(task, 40);
            Assert.All(Answers.Evaluated(task, batch, Answers.Right(batch)), Assert.True);
        }

        foreach (LengthRange range in new LengthRange[] { minimum - 1, new(minimum - 1, 200) })
        {
            var error = Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(name, range, variant));
            Assert.Contains(name, error.Message);
            Assert.Contains($" {minimum - 1}:", error.Message);
            Assert.EndsWith($" {minimum}.", error.Message);
        }

        ILengthTask longer = SyntheticTasks.Create(name, 200, variant);
        Assert.Throws<ArgumentException>(() => longer.WithLength(minimum - 1));
        Assert.Throws<ArgumentException>(() => longer.WithLength(new LengthRange(200, 199)));
        Assert.Throws<ArgumentException>(() => longer.WithLength(LengthRange.Longest + 1));
        Assert.Equal(new LengthRange(50, LengthRange.Longest),
            longer.WithLength(new LengthRange(50, LengthRange.Longest)).Length);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void WithLength_changes_the_length_alone(string name, TaskVariant variant)
    {
        ILengthTask task = SyntheticTasks.Create(name, 100, variant).WithLength(60),
            made = SyntheticTasks.Create(name, 60, variant);
        Assert.Equal(made.GetType(), task.GetType());
        Assert.Equal(Contents(Answers.Filled(made, 32)), Contents(Answers.Filled(task, 32)));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void The_same_key_gives_the_same_batch_and_another_key_another(string name, TaskVariant variant)
    {
        ILengthTask task = SyntheticTasks.Create(name, new LengthRange(50, 200), variant);
        Batch batch = Answers.Filled(task, 20, seed: 3, index: 9);
        string contents = Contents(batch);

        // A used and larger batch must come out like a fresh one.
        task.Fill(batch, 30, new RandomKey(4, RandomStream.Validation, 1));
        task.Fill(batch, 20, new RandomKey(3, RandomStream.Training, 9));
        Assert.Equal(contents, Contents(batch));
        Assert.NotEqual(contents, Contents(Answers.Filled(task, 20, seed: 4, index: 9)));
        Assert.NotEqual(contents, Contents(Answers.Filled(task, 20, seed: 3, index: 10)));
        task.Fill(batch, 20, new RandomKey(3, RandomStream.Validation, 9));
        Assert.NotEqual(contents, Contents(batch));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_row_does_not_depend_on_the_number_of_rows(string name, TaskVariant variant)
    {
        int from = FromAbout20(name);
        ILengthTask task = SyntheticTasks.Create(name, new LengthRange(from, from + 40), variant);
        Batch few = Answers.Filled(task, 3), many = Answers.Filled(task, 50);
        for (int row = 0; row < 3; row++) Assert.Equal(Contents(few, row), Contents(many, row));
        Assert.NotEqual(Contents(many, 0), Contents(many, 1));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void One_length_is_drawn_a_batch_and_every_length_comes_up(string name, TaskVariant variant)
    {
        int from = FromAbout20(name);
        ILengthTask task = SyntheticTasks.Create(name, new LengthRange(from, from + 6), variant);
        var seen = new HashSet<int>();
        for (int index = 0; index < 200; index++) seen.Add(Answers.Filled(task, 1, index: index).Steps);
        bool pair = name is "addition" or "multiplication";
        int more = name switch { "memorization" => 10, "memorization-20bit" => 20, _ => 0 };

        // T' is T or T + 1 in the code; the text's batches have room for T + 2 at any T.
        Assert.Equal(from + (pair ? variant == TaskVariant.Code ? 0 : 2 : more), seen.Min());
        Assert.Equal(from + (pair ? variant == TaskVariant.Code ? 7 : 8 : 6 + more), seen.Max());
        Assert.Equal(seen.Max() - seen.Min() + 1, seen.Count);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Filling_and_marking_allocate_nothing_once_warm(string name, TaskVariant variant)
    {
        int from = FromAbout20(name);
        ILengthTask task = SyntheticTasks.Create(name, new LengthRange(from, from + 20), variant);
        Batch batch = Answers.Filled(SyntheticTasks.Create(name, from + 30, variant), 32);
        Predictions predictions = Answers.Right(batch);
        var correct = new bool[32];
        Go(3);

        // The runtime may also allocate on this thread while it recompiles a hot method. A task that allocates would do so every
        // time.
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => Allocated(50)));

        long Allocated(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Go(times);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Go(int times)
        {
            for (int index = 0; index < times; index++)
            {
                task.Fill(batch, 32, new RandomKey(1, RandomStream.Training, index));
                task.MarkCorrect(batch, predictions, correct);
                (task as IStrictTask)?.MarkCorrectStrictly(batch, predictions, correct);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Outputs_that_are_not_numbers_are_wrong(string name, TaskVariant variant)
    {
        ILengthTask task = SyntheticTasks.Create(name, FromAbout20(name), variant);
        Batch batch = Answers.Filled(task, 4);
        Predictions predictions = Answers.Right(batch);
        int last = batch.Lengths[2] - 1;
        predictions.At(last, 2)[^1] = double.NaN;
        Assert.Equal([true, true, false, true], Answers.Evaluated(task, batch, predictions));
        if (task is IStrictTask) Assert.Equal([true, true, false, true], Answers.MarkedStrictly(task, batch, predictions));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_task_can_describe_an_example(string name, TaskVariant variant)
    {
        ILengthTask task = SyntheticTasks.Create(name, 120, variant);
        string text = ((IDescribeExamples)task).Describe(Answers.Filled(task, 2), 1);
        Assert.StartsWith(name + ", ", text);
        Assert.Contains("\ntarget", text);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 1, 160));
        Assert.DoesNotContain('\r', text);
        Assert.All(text.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void Unknown_names_and_variants_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => SyntheticTasks.Create("adition", 50));
        Assert.Contains("'adition'", error.Message);
        foreach (TaskDescription task in SyntheticTasks.All) Assert.Contains(task.Name, error.Message);
        foreach (TaskDescription task in SyntheticTasks.All)
            Assert.Throws<ArgumentException>(() => SyntheticTasks.Create(task.Name, 50, (TaskVariant)7));
    }

    /// <summary>20 steps, or the least that the task has.</summary>
    private static int FromAbout20(string name) =>
        Math.Max(20, SyntheticTasks.All.Single(task => task.Name == name).MinimumLength);

    private static string Contents(Batch batch) =>
        $"{batch.Steps} {string.Join('|', Enumerable.Range(0, batch.Rows).Select(row => Contents(batch, row)))}";

    private static string Contents(Batch batch, int row)
    {
        int steps = batch.Lengths[row];
        var parts = new List<string> { $"{steps} {batch.Carry[row]}" };
        for (int step = 0; step < steps; step++)
        {
            parts.Add(batch.Encoding == InputEncoding.Dense ? string.Join(
                ' ', batch.Dense(step, row).ToArray()) : $"{batch.Symbol(step, row)}");
            if (!batch.IsPredicted(step, row)) continue;
            bool values = batch.Head is OutputHead.LinearLast or OutputHead.LinearEvery;
            parts.Add(values ? $"={batch.Values(step, row)[0]:R}" : $"={batch.Class(step, row)}");
        }

        return string.Join(',', parts);
    }
}
