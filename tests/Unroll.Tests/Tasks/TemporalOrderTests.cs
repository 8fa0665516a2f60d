using Unroll.Tasks;

namespace Unroll.Tests.Tasks;

public sealed class TemporalOrderTests
{
    private const int Rows = 4_000;

    [Theory]
    [InlineData("temporal-order", 100, TaskVariant.Code, new[] { 10, 50 })]
    [InlineData("temporal-order", 100, TaskVariant.Text, new[] { 10, 40 })]
    [InlineData("temporal-order", 10, TaskVariant.Code, new[] { 1, 5 })]
    [InlineData("temporal-order", 10, TaskVariant.Text, new[] { 1, 4 })]
    [InlineData("temporal-order", 57, TaskVariant.Code, new[] { 5, 28 })]
    [InlineData("temporal-order", 57, TaskVariant.Text, new[] { 5, 22 })]
    [InlineData("temporal-order-3bit", 100, TaskVariant.Code, new[] { 10, 30, 60 })]
    [InlineData("temporal-order-3bit", 57, TaskVariant.Text, new[] { 5, 17, 34 })]
    public void Symbols_stand_in_their_intervals_and_make_the_class(string name, int length, TaskVariant variant, int[] starts)
    {
        Batch batch = Answers.Filled(SyntheticTasks.Create(name, length, variant), Rows);
        int width = length / 10;
        var positions = starts.Select(_ => new int[width]).ToArray();
        var classes = new int[1 << starts.Length];
        var distractors = new int[6];
        Assert.Equal(length, batch.Steps);
        for (int row = 0; row < Rows; row++)
        {
            var marked = Enumerable.Range(0, length).Where(step => batch.Symbol(step, row) is 0 or 1).ToArray();
            Assert.Equal(starts.Length, marked.Length);
            int label = 0;
            for (int i = 0; i < starts.Length; i++)
            {
                Assert.InRange(marked[i], starts[i], starts[i] + width - 1);
                positions[i][marked[i] - starts[i]]++;
                label += batch.Symbol(marked[i], row) << i;
            }

            Assert.Equal(label, batch.Class(length - 1, row));
            classes[label]++;
            for (int step = 0; step < length; step++) distractors[batch.Symbol(step, row)]++;
        }

        foreach (int[] counts in positions) Uniform(counts);
        Uniform(classes);
        Uniform(distractors[2..]);
    }

    [Fact]
    public void Classes_are_AA_BA_AB_BB()
    {
        // The first symbol is the lower bit, as in the authors' code.
        var task = new TemporalOrder(20);
        Batch batch = Answers.Filled(task, 100);
        string[] words = ["AA", "BA", "AB", "BB"];
        for (int row = 0; row < batch.Rows; row++)
        {
            IEnumerable<int> symbols = Enumerable.Range(0, 20).Select(step => batch.Symbol(step, row));
            string seen = string.Concat(symbols.Where(s => s < 2).Select(s => "AB"[s]));
            Assert.Equal(words[batch.Class(19, row)], seen);
        }
    }

    [Fact]
    public void The_argmax_at_the_last_step_decides()
    {
        var task = new TemporalOrder(20);
        Batch batch = Answers.Filled(task, 3);
        Predictions predictions = Answers.Right(batch);
        int wrong = (batch.Class(19, 1) + 1) % 4;
        predictions.At(0, 1)[wrong] = 1.5;
        Assert.Equal([true, false, true], Answers.Evaluated(task, batch, predictions));
    }

    [Fact]
    public void The_description_shows_every_symbol_and_says_why()
    {
        var task = new TemporalOrder(20);
        Batch batch = Answers.Filled(task, 1, seed: 1);
        string[] lines = task.Describe(batch, 0).Split('\n');
        string symbols = string.Concat(Enumerable.Range(0, 20).Select(step => "ABcdef"[batch.Symbol(step, 0)]));
        Assert.Equal($"     0  {symbols[..10]} {symbols[10..]}", lines[1]);
        int first = symbols.IndexOfAny(['A', 'B']), second = symbols.LastIndexOfAny(['A', 'B']);
        Assert.Equal(
            $"target  {symbols[first]}{symbols[second]}, class {batch.Class(19, 0)} of 0..3, at the last step: "
            + $"{symbols[first]} at step {first}, then {symbols[second]} at step {second}",
            lines[2]);
    }

    /// <summary>Each count within six standard deviations of the mean.</summary>
    private static void Uniform(int[] counts)
    {
        double mean = counts.Average(), slack = (6 * Math.Sqrt(mean)) + 1;
        foreach (int count in counts) Assert.InRange(count, mean - slack, mean + slack);
    }
}
