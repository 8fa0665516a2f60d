namespace Unroll;

/// <summary>
/// What a network learns. A task fills batches (inputs, targets, lengths, carry flags), names its head and its unit of cost, and
/// decides whether each sequence was predicted right. The same contract serves generators (section 4.1) and corpora (section
/// 4.2).
/// </summary>
/// <remarks>Trainers, evaluations and the trials of a study may share a task. Its methods are then called from several threads at
/// once, each with a batch of its own; the tasks of the library allow that.</remarks>
public interface ITask
{
    /// <summary>The name used on the command line and in files.</summary>
    string Name { get; }

    /// <summary>How inputs are stored.</summary>
    InputEncoding Encoding { get; }

    /// <summary>I, the width of an input.</summary>
    int Inputs { get; }

    /// <summary>The output head and its cost.</summary>
    OutputHead Head { get; }

    /// <summary>O, the width of an output.</summary>
    int Outputs { get; }

    /// <summary>The unit in which the cost is reported, such as <c>nats</c> or <c>squared error</c>.</summary>
    string LossUnit { get; }

    /// <summary>
    /// How the costs of the steps of one sequence are combined. Learning rates and clipping thresholds are only comparable under
    /// the same reduction.
    /// </summary>
    CostReduction Reduction { get; }

    /// <summary>The number of sequences when the whole set of patterns is one batch; otherwise null.</summary>
    int? WholeSet => null;

    /// <summary>
    /// Whether the task has a success rule, which <see cref="MarkCorrect"/> applies. Without one, training continues until its
    /// budget ends.
    /// </summary>
    bool HasSuccessRule => true;

    /// <summary>
    /// What the task asks of a network beyond widths, encoding and head: the levels of a quantile head, the delta of a Huber
    /// head.
    /// </summary>
    /// <param name="shape">The network that the options describe.</param>
    NetworkShape Complete(NetworkShape shape) => shape;

    /// <summary>
    /// Fills the batch with <paramref name="rows"/> sequences (it calls <see cref="Batch.Resize"/> first). Everything random
    /// comes from <paramref name="key"/>: the same key gives the same batch.
    /// </summary>
    void Fill(Batch batch, int rows, RandomKey key);

    /// <summary>Writes, for each row, whether the network got that sequence right.</summary>
    /// <param name="batch">The batch that was predicted.</param>
    /// <param name="predictions">The outputs, before softmax or sigmoid.</param>
    /// <param name="correct">(B): receives true for each sequence that is right.</param>
    void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct);
}

/// <summary>A task that can be made at any length: the synthetic tasks of section 4.1.</summary>
public interface ILengthTask : ITask
{
    /// <summary>The range from which the task draws the length T.</summary>
    LengthRange Length { get; }

    /// <summary>The shortest T that leaves room for the task's positions.</summary>
    int MinimumLength { get; }

    /// <summary>The same task at other lengths.</summary>
    /// <exception cref="ArgumentException">The range starts below <see cref="MinimumLength"/>.</exception>
    ILengthTask WithLength(LengthRange length);
}

/// <summary>An inclusive range of lengths, in steps.</summary>
/// <param name="Minimum">The shortest length.</param>
/// <param name="Maximum">The longest length.</param>
public readonly record struct LengthRange(int Minimum, int Maximum)
{
    /// <summary>The longest length accepted.</summary>
    public const int Longest = 1_000_000;

    /// <summary>A single length.</summary>
    public static implicit operator LengthRange(int length) => new(length, length);

    /// <summary>Draws a length uniformly from the range.</summary>
    public int Draw(ref RandomSource random) => Minimum + random.NextInt(Maximum - Minimum + 1);

    /// <inheritdoc/>
    public override string ToString() => Minimum == Maximum ? $"{Minimum}" : $"{Minimum}..{Maximum}";
}
