namespace Unroll.Tasks;

/// <summary>
/// Noiseless memorization (section 4.1): n values, T blanks, a "go" at step n + T and n - 1 more blanks; the target is blank
/// until the go and then the n values, the first of them at the go. Inputs are one-hot: the values first, then blank, then go;
/// the classes are the values and then blank. One wrong step makes a sequence wrong.
/// </summary>
/// <remarks>The paper's text and the authors' code agree, so both variants are the same.</remarks>
public sealed class Memorization : ILengthTask, IVariantTask, IDescribeExamples
{
    private readonly int _values;
    private readonly int _count;

    private Memorization(string name, int values, int count, int? wholeSet, LengthRange length, TaskVariant variant)
    {
        (Name, _values, _count, WholeSet) = (name, values, count, wholeSet);
        Length = Lengths.Check(name, length, MinimumLength);
        Variant = Lengths.Check(name, variant);
    }

    /// <summary>
    /// <c>memorization</c>: 5 values of 2 kinds, 5 bits. The whole set of 32 patterns is one batch: row r holds pattern r mod 32,
    /// whose value k is bit k of r.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths start below 1, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public static Memorization FiveBits(LengthRange length, TaskVariant variant = TaskVariant.Code) =>
        new("memorization", 2, 5, 1 << 5, length, variant);

    /// <summary><c>memorization-20bit</c>: 10 values of 5 kinds drawn at random, 23.2 bits.</summary>
    /// <exception cref="ArgumentException">The lengths start below 1, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public static Memorization TwentyBits(LengthRange length, TaskVariant variant = TaskVariant.Code) =>
        new("memorization-20bit", 5, 10, null, length, variant);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The numbers of blanks T; a sequence has T + 2n steps.</summary>
    public LengthRange Length { get; }

    /// <summary>The requested variant; it changes nothing for this task.</summary>
    public TaskVariant Variant { get; }

    /// <inheritdoc/>
    public int MinimumLength => 1;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.OneHot;

    /// <inheritdoc/>
    public int Inputs => _values + 2;

    /// <inheritdoc/>
    public OutputHead Head => OutputHead.SoftmaxEvery;

    /// <inheritdoc/>
    public int Outputs => _values + 1;

    /// <inheritdoc/>
    public string LossUnit => "nats";

    /// <summary>The mean over the T + 2n steps: the authors' learning rate and clipping threshold are for the mean.</summary>
    public CostReduction Reduction => CostReduction.Mean;

    /// <inheritdoc/>
    public int? WholeSet { get; }

    private int Blank => _values;

    private int Go => _values + 1;

    /// <inheritdoc/>
    public ILengthTask WithLength(LengthRange length) => new Memorization(Name, _values, _count, WholeSet, length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        RandomSource shared = key.Shared();
        int go = _count + Length.Draw(ref shared);
        batch.Resize(rows, go + _count);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            for (int step = 0; step < _count; step++)
            {
                int value = WholeSet is null ? random.NextInt(_values) : (row >> step) & 1;
                batch.SetSymbol(step, row, value);
                batch.SetClass(go + step, row, value);
            }

            for (int step = _count; step < go + _count; step++) batch.SetSymbol(step, row, step == go ? Go : Blank);
            for (int step = 0; step < go; step++) batch.SetClass(step, row, Blank);
        }
    }

    /// <inheritdoc/>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
        ClassRule.EveryStep(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row)
    {
        int steps = batch.Lengths[row], go = steps - _count;
        char Letter(int symbol) => symbol == Blank ? '.' : symbol == Go ? '!' : (char)('0' + symbol);
        return new ExampleText()
            .Line($"{Name}, {steps} steps: hold {_count} values over {go - _count} blanks (.) and repeat them from the go (!) on")
            .Line($"input")
            .Letters(steps, step => Letter(batch.Symbol(step, row)))
            .Line($"target, at every step: blank, then from the go at step {go} the values of steps 0..{_count - 1}")
            .Letters(steps, step => Letter(batch.Class(step, row)))
            .ToString();
    }
}
