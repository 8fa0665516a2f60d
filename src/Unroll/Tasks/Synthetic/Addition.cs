namespace Unroll.Tasks;

/// <summary>
/// Addition (section 4.1): two of T' numbers in [0, 1) are marked, one at a position in [0, T'/10), one in
/// [T'/10, T'/10 + 4T'/10); at the last step the target is their mean, (a + b) / 2. Input 0 is the marker, input 1 the number.
/// </summary>
/// <remarks>
/// The code draws one T' in [T, T + T/10) for the whole batch and calls a sequence wrong when its squared error exceeds 0.04.
/// The text draws T' in [T, T + T/10], both included, for each sequence, has the second position in [T'/10, T'/2), and
/// (read strictly) calls a sequence wrong when its error exceeds 0.04. All quotients are rounded down. The form of 1997 has
/// numbers in [-1, 1), the target 0.5 + (a + b) / 4 and the strict rule, from T = 20 on.
/// </remarks>
public sealed class Addition : ILengthTask, IStrictTask, IVariantTask, IDescribeExamples
{
    private readonly MarkedPair _pair;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 10, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public Addition(LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        Variant = Lengths.Check(variant);
        Length = Lengths.Check(Name, length, MinimumLength);
        _pair = new MarkedPair(variant, least: -1);
    }

    /// <inheritdoc/>
    public string Name => "addition";

    /// <summary>The lengths T; a sequence has T' steps, up to a tenth more.</summary>
    public LengthRange Length { get; }

    /// <summary>Whether lengths, positions, numbers and the success rule are the code's, the text's or those of 1997.</summary>
    public TaskVariant Variant { get; }

    /// <inheritdoc/>
    public int MinimumLength => MarkedPair.Minimum(Variant);

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.Dense;

    /// <inheritdoc/>
    public int Inputs => MarkedPair.Inputs;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.LinearLast;

    /// <inheritdoc/>
    public int Outputs => 1;

    /// <inheritdoc/>
    public string LossUnit => MarkedPair.LossUnit;

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Sum;

    /// <inheritdoc/>
    public ILengthTask WithLength(LengthRange length) => new Addition(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        _pair.Fill(batch, rows, key, Length);
        for (int row = 0; row < rows; row++)
        {
            (double a, double b) = MarkedPair.Marked(batch, row);
            batch.Values(batch.Lengths[row] - 1, row)[0] = Variant == TaskVariant.Hs97 ? 0.5 + ((a + b) / 4) : (a + b) / 2;
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        _pair.MarkCorrect(batch, predictions, correct);

    /// <inheritdoc/>
    public void MarkCorrectStrictly(Batch batch, Predictions predictions, Span<bool> correct) =>
        MarkedPair.MarkCorrectStrictly(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row) => MarkedPair.Describe(
        Name, Variant == TaskVariant.Hs97 ? "0.5 + (a + b) / 4" : "(a + b) / 2", batch, row);
}
