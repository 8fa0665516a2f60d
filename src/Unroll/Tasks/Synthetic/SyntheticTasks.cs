using System.Collections.Immutable;
using Unroll.Files;

namespace Unroll.Tasks;

/// <summary>The description of a synthetic task.</summary>
/// <param name="Name">The name that <see cref="SyntheticTasks.Create"/> takes.</param>
/// <param name="Summary">One line that says what must be learned.</param>
/// <param name="MinimumLength">The shortest length T, in steps.</param>
/// <param name="DefaultLength">The lengths on which the paper trains one model (for memorization, those of the model with the
/// shortest ones).</param>
/// <param name="DefaultHidden">H, the paper's number of hidden units.</param>
public sealed record TaskDescription(string Name, string Summary, int MinimumLength, LengthRange DefaultLength, int DefaultHidden)
{
    /// <summary>Creates the task.</summary>
    internal Func<LengthRange, TaskVariant, ILengthTask> Make { get; init; } =
        (_, _) => throw new InvalidOperationException("A description of one's own makes no task.");
}

/// <summary>The synthetic tasks of section 4.1 by name, tasks on signals, and two of generation.</summary>
public static class SyntheticTasks
{
    /// <summary>All of them, the paper's in its order, temporal order first.</summary>
    public static ImmutableArray<TaskDescription> All { get; } =
    [
        new("temporal-order", "Which of A and B came first and second among distractors, 4 classes.", 10, new(50, 200), 50)
            { Make = (length, variant) => new TemporalOrder(length, variant) },
        new("temporal-order-3bit", "The same with three symbols, 8 classes.", 10, new(50, 200), 100)
            { Make = (length, variant) => new TemporalOrder3Bit(length, variant) },
        new("addition", "The mean of the two marked numbers of many.", 10, new(50, 200), 50)
            { Make = (length, variant) => new Addition(length, variant) },
        new("multiplication", "The product of the two marked numbers of many.", 10, new(50, 200), 50)
            { Make = (length, variant) => new Multiplication(length, variant) },
        new("permutation", "The first of many symbols, at the last step, 100 classes.", 1, new(50, 200), 100)
            { Make = (length, variant) => new RandomPermutation(length, variant) },
        new("memorization", "5 bits repeated after T blanks, all 32 patterns.", 1, 50, 50) { Make = Memorization.FiveBits },
        new("memorization-20bit", "10 values of 5 kinds (23.2 bits) repeated after T blanks.", 1, 50, 50)
            { Make = Memorization.TwentyBits },
        new("mackey-glass", "The next value of a chaotic series.", 4, 500, 50)
            { Make = (length, variant) => new MackeyGlass(length, variant) },
        new("narma", "The next output of a nonlinear system of order 30.", Narma.ShortestLength, 500, 50)
            { Make = (length, variant) => new Narma(length, variant) },
        new("narma-feedback", "The same, with the output of the step before as an input.", Narma.ShortestLength, 500, 50)
            { Make = (length, variant) => new NarmaFeedback(length, variant) },
        new("memory-capacity", "The inputs of 1 to 50 steps before.", 4, 500, 50)
            { Make = (length, variant) => new MemoryCapacity(length, variant) },
        new(Sine.Kind, "A sine that goes on by itself; sine-40 has a period of 40 steps.", 4, 200, 30)
            { Make = (length, variant) => new Sine(length, variant: variant) },
        new(FigureEight.Kind, "A figure-eight that goes on by itself; figure-eight-60 has 60 steps.", 4, 200, 50)
            { Make = (length, variant) => new FigureEight(length, variant: variant) },
    ];

    /// <summary>Creates a task.</summary>
    /// <param name="name">A name in <see cref="All"/>.</param>
    /// <param name="length">The length T, or the lengths to draw it from.</param>
    /// <param name="variant">The authors' code or the paper's text where they differ.</param>
    /// <exception cref="ArgumentException">No task has that name, or the lengths do not suit it.</exception>
    public static ILengthTask Create(string name, LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name)?.Make(length, variant)
            ?? throw new ArgumentException(
                $"There is no task '{name}'; the tasks are {string.Join(", ", All.Select(task => task.Name))}.");
    }

    /// <summary>The name of a task without a period: that of the entry in <see cref="All"/>.</summary>
    internal static string KindOf(string name) =>
        name.StartsWith(Sine.Kind + "-", StringComparison.Ordinal) ? Sine.Kind
        : name.StartsWith(FigureEight.Kind + "-", StringComparison.Ordinal) ? FigureEight.Kind : name;

    /// <summary>
    /// The description of a task by its name, which of a cycle may end with a period: <c>sine-40</c>. Null where there is none.
    /// </summary>
    internal static TaskDescription? Find(string name)
    {
        if (All.FirstOrDefault(task => task.Name == name) is { } plain) return plain;
        string kind = KindOf(name);
        if (kind == name || !ExactNumber.TryParse(name[(kind.Length + 1)..], out double period)
            || !(period is >= CycleTask.ShortestPeriod and <= CycleTask.LongestPeriod)
            || ExactNumber.ToText(period) != name[(kind.Length + 1)..])
            return null;
        return kind switch
        {
            Sine.Kind when period != Sine.StandardPeriod =>
                Of((length, variant) => new Sine(length, period, variant)),
            FigureEight.Kind when period != FigureEight.StandardPeriod =>
                Of((length, variant) => new FigureEight(length, period, variant)),
            _ => null,
        };

        TaskDescription Of(Func<LengthRange, TaskVariant, ILengthTask> make) =>
            All.First(task => task.Name == kind) with { Name = name, Make = make };
    }
}
