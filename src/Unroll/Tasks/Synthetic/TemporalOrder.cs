namespace Unroll.Tasks;

/// <summary>
/// Temporal order (section 4.1): among distractors c, d, e, f (one-hot 2 to 5), an A (0) or B (1) stands at one position in
/// [T/10, 2T/10) and at one in [5T/10, 6T/10); at the last step the class is which of AA, BA, AB, BB was seen (0 to 3).
/// </summary>
/// <remarks>
/// Intervals start at the rounded-down tenth and are floor(T/10) steps wide, as in the authors' code. The paper's text has the
/// second position in [4T/10, 5T/10). The form of 1997 has the first position in [T/10, 2T/10] and the second in [5T/10, 6T/10],
/// T to T + T/10 steps, a start and an end symbol, 8 in all, and its rule: every output within 0.3.
/// </remarks>
public sealed class TemporalOrder : ILengthTask, IVariantTask, IDescribeExamples
{
    private readonly SymbolOrder _order;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 10, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public TemporalOrder(LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        Length = Lengths.Check(Name, length, MinimumLength);
        Variant = Lengths.Check(variant);
        _order = variant switch
        {
            TaskVariant.Hs97 => new SymbolOrder([10, 50], as1997: true),
            TaskVariant.Text => new SymbolOrder([1, 4]),
            _ => new SymbolOrder([1, 5]),
        };
    }

    /// <inheritdoc/>
    public string Name => "temporal-order";

    /// <inheritdoc/>
    public LengthRange Length { get; }

    /// <summary>Whether positions and the success rule are the code's, the text's or those of 1997.</summary>
    public TaskVariant Variant { get; }

    /// <inheritdoc/>
    public int MinimumLength => SymbolOrder.MinimumLength;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.OneHot;

    /// <inheritdoc/>
    public int Inputs => _order.Symbols;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.SoftmaxLast;

    /// <inheritdoc/>
    public int Outputs => _order.Classes;

    /// <inheritdoc/>
    public string LossUnit => "nats";

    /// <inheritdoc/>
    public CostReduction Reduction => CostReduction.Sum;

    /// <inheritdoc/>
    public ILengthTask WithLength(LengthRange length) => new TemporalOrder(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key) => _order.Fill(batch, rows, key, Length);

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        _order.MarkCorrect(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row) => _order.Describe(Name, batch, row);
}
