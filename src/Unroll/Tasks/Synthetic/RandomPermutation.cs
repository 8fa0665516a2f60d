using System.Globalization;

namespace Unroll.Tasks;

/// <summary>
/// Random permutation (section 4.1): of 100 one-hot symbols the first is 0 or 1 and the T - 1 others are drawn independently from
/// 2 to 99; after the last symbol the first must be predicted, one of 100 classes.
/// </summary>
/// <remarks>
/// In the text the next symbol is predicted at every step, and the first symbol follows the last one. Only the last prediction
/// can be known, so only it is judged. The cost is then the mean over the steps.
/// </remarks>
public sealed class RandomPermutation : ILengthTask, IVariantTask, IDescribeExamples
{
    private const int Symbols = 100;
    private const int FirstSymbols = 2;

    /// <summary>The task at the given lengths.</summary>
    /// <exception cref="ArgumentException">The lengths start below 1, end above <see cref="LengthRange.Longest"/> or are not a
    /// range.</exception>
    public RandomPermutation(LengthRange length, TaskVariant variant = TaskVariant.Code)
    {
        Length = Lengths.Check(Name, length, MinimumLength);
        Variant = Lengths.Check(variant);
    }

    /// <inheritdoc/>
    public string Name => "permutation";

    /// <inheritdoc/>
    public LengthRange Length { get; }

    /// <summary>Whether the last step alone is predicted (the code) or every step (the text).</summary>
    public TaskVariant Variant { get; }

    /// <inheritdoc/>
    public int MinimumLength => 1;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.OneHot;

    /// <inheritdoc/>
    public int Inputs => Symbols;

    /// <inheritdoc/>
    public OutputHead Head => Variant == TaskVariant.Code ? OutputHead.SoftmaxLast : OutputHead.SoftmaxEvery;

    /// <inheritdoc/>
    public int Outputs => Symbols;

    /// <inheritdoc/>
    public string LossUnit => "nats";

    /// <inheritdoc/>
    public CostReduction Reduction => Variant == TaskVariant.Code ? CostReduction.Sum : CostReduction.Mean;

    /// <inheritdoc/>
    public ILengthTask WithLength(LengthRange length) => new RandomPermutation(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        RandomSource shared = key.Shared();
        int steps = Length.Draw(ref shared);
        batch.Resize(rows, steps);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            int first = random.NextInt(FirstSymbols);
            batch.SetSymbol(0, row, first);
            for (int step = 1; step < steps; step++)
            {
                int symbol = FirstSymbols + random.NextInt(Symbols - FirstSymbols);
                batch.SetSymbol(step, row, symbol);
                if (Variant == TaskVariant.Text) batch.SetClass(step - 1, row, symbol);
            }

            batch.SetClass(steps - 1, row, first);
        }
    }

    /// <inheritdoc/>
    public void Judge(Batch batch, Predictions predictions, Span<bool> correct) =>
        ClassJudge.LastStep(batch, predictions, correct);

    /// <inheritdoc/>
    public string Describe(Batch batch, int row)
    {
        int steps = batch.Lengths[row];
        string also = Variant == TaskVariant.Text ? "; every other step predicts the symbol after it, which is chance" : "";
        return new ExampleText()
            .Line($"{Name}, {steps} steps: after the last of these symbols, name the first")
            .Words(steps, step =>
            {
                string symbol = batch.Symbol(step, row).ToString(CultureInfo.InvariantCulture);
                return step == 0 ? $"[{symbol}]" : $"{symbol} ";
            })
            .Named("target", $"{batch.Class(steps - 1, row)} of 0..{Symbols - 1}, at the last step: the symbol at step 0{also}")
            .ToString();
    }
}
