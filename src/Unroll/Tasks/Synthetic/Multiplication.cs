namespace Unroll.Tasks;

/// <summary>
/// Multiplication (section 4.1): as <see cref="Addition"/> in everything but the target, which is the product a * b of the two
/// marked numbers.
/// </summary>
public sealed class Multiplication : ILengthTask, IStrictTask, IVariantTask, IDescribeExamples
{
    private readonly MarkedPair _pair;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 10, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public Multiplication(LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        Variant = Lengths.Check(variant);
        Length = Lengths.Check(Name, length, MinimumLength);
        _pair = new MarkedPair(variant, neutral: 1);
    }

    /// <inheritdoc/>
    public string Name => "multiplication";

    /// <summary>The lengths T; a sequence has T' steps, up to a tenth more.</summary>
    public LengthRange Length { get; }

    /// <summary>Whether lengths, positions and the success rule are the code's, the text's or those of 1997.</summary>
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
    public ILengthTask WithLength(LengthRange length) => new Multiplication(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        _pair.Fill(batch, rows, key, Length);
        for (int row = 0; row < rows; row++)
        {
            (double a, double b) = MarkedPair.Marked(batch, row);
            batch.Values(batch.Lengths[row] - 1, row)[0] = a * b;
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        _pair.MarkCorrect(batch, predictions, correct);

    /// <inheritdoc/>
    public void MarkCorrectStrictly(Batch batch, Predictions predictions, Span<bool> correct) =>
        MarkedPair.MarkCorrectStrictly(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row) => MarkedPair.Describe(Name, "a * b", batch, row);
}
