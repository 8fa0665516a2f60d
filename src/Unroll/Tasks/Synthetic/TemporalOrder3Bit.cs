namespace Unroll.Tasks;

/// <summary>
/// 3-bit temporal order (section 4.1): as <see cref="TemporalOrder"/> with three symbols A (0) or B (1), in [T/10, 2T/10),
/// [3T/10, 4T/10) and [6T/10, 7T/10); 8 classes, the first symbol being the lowest bit.
/// </summary>
/// <remarks>
/// The paper's text and the authors' code agree, so these variants are the same. The form of 1997 has the positions in
/// [T/10, 2T/10], [33T/100, 43T/100] and [66T/100, 76T/100], and the rest as <see cref="TemporalOrder"/>.
/// </remarks>
public sealed class TemporalOrder3Bit : ILengthTask, IVariantTask, IDescribeExamples
{
    private readonly SymbolOrder _order;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 10, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public TemporalOrder3Bit(LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        Length = Lengths.Check(Name, length, MinimumLength);
        Variant = Lengths.Check(variant);
        _order = variant == TaskVariant.Hs97 ? new SymbolOrder([10, 33, 66], as1997: true) : new SymbolOrder([1, 3, 6]);
    }

    /// <inheritdoc/>
    public string Name => "temporal-order-3bit";

    /// <inheritdoc/>
    public LengthRange Length { get; }

    /// <summary>Whether the task is that of the paper (of code and text alike) or that of 1997.</summary>
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
    public ILengthTask WithLength(LengthRange length) => new TemporalOrder3Bit(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key) => _order.Fill(batch, rows, key, Length);

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        _order.MarkCorrect(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row) => _order.Describe(Name, batch, row);
}
