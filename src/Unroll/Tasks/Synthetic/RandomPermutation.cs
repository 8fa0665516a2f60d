using System.Globalization;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>
/// Random permutation (section 4.1): of 100 one-hot symbols the first is 0 or 1 and the T - 1 others are drawn independently from
/// 2 to 99; after the last symbol the first must be predicted, one of 100 classes.
/// </summary>
/// <remarks>
/// In the text the next symbol is predicted at every step, and the first symbol follows the last one. Only the last prediction
/// can be known, so only it is evaluated. The cost is then the mean over the steps. The form of 1997 is task 2c of Hochreiter and
/// Schmidhuber: b, then x or y, T distractors drawn from 100, more of them until an end symbol comes, at each step with
/// probability 1/10, and e; after it the second symbol is asked for, one of 2 classes, and both outputs must be within 0.2.
/// </remarks>
public sealed class RandomPermutation : ILengthTask, IVariantTask, IDescribeExamples
{
    private const int Symbols = 100;
    private const int FirstSymbols = 2;

    /// <summary>
    /// In the form of 1997, x is 0 and y 1, the distractors follow, and after them the start and the end symbol.
    /// </summary>
    private const int Begin = FirstSymbols + Symbols, End = Begin + 1;

    /// <summary>The most additional distractors, so that a sequence ends; the chance of more is 1e-9.</summary>
    private const int MostAdditional = 200;

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

    /// <summary>
    /// Whether the last step alone is predicted (the code), every step (the text), or the task is that of 1997.
    /// </summary>
    public TaskVariant Variant { get; }

    /// <inheritdoc/>
    public int MinimumLength => 1;

    /// <inheritdoc/>
    public InputEncoding Encoding => InputEncoding.OneHot;

    /// <inheritdoc/>
    public int Inputs => Variant == TaskVariant.Hs97 ? End + 1 : Symbols;

    /// <inheritdoc/>
    public OutputHead Head => Variant == TaskVariant.Text ? OutputHead.SoftmaxEvery : OutputHead.SoftmaxLast;

    /// <inheritdoc/>
    public int Outputs => Variant == TaskVariant.Hs97 ? FirstSymbols : Symbols;

    /// <inheritdoc/>
    public string LossUnit => "nats";

    /// <inheritdoc/>
    public CostReduction Reduction => Variant == TaskVariant.Text ? CostReduction.Mean : CostReduction.Sum;

    /// <inheritdoc/>
    public ILengthTask WithLength(LengthRange length) => new RandomPermutation(length, Variant);

    /// <inheritdoc/>
    public void Fill(Batch batch, int rows, RandomKey key)
    {
        if (Variant == TaskVariant.Hs97)
        {
            FillAs1997(batch, rows, key);
            return;
        }

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
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        if (Variant == TaskVariant.Hs97) Hs97Rule.LastStep(batch, predictions, Hs97Rule.Lag, correct);
        else ClassRule.LastStep(batch, predictions, correct);
    }

    /// <inheritdoc/>
    public string Describe(Batch batch, int row)
    {
        int steps = batch.Lengths[row];
        if (Variant == TaskVariant.Hs97) return DescribeAs1997(batch, row);
        string also = Variant == TaskVariant.Text ? "; every other step predicts the symbol after it, which is chance" : "";
        return new ExampleText()
            .Line($"{Name}, {Counted.Of(steps, "step")}: after the last of these symbols, name the first")
            .Words(steps, step =>
            {
                string symbol = batch.Symbol(step, row).ToString(CultureInfo.InvariantCulture);
                return step == 0 ? $"[{symbol}]" : $"{symbol} ";
            })
            .Named("target", $"{batch.Class(steps - 1, row)} of 0..{Symbols - 1}, at the last step: the symbol at step 0{also}")
            .ToString();
    }

    private void FillAs1997(Batch batch, int rows, RandomKey key)
    {
        RandomSource shared = key.Shared();
        int lag = Length.Draw(ref shared);
        Span<int> lengths = rows <= 256 ? stackalloc int[rows] : new int[rows];
        int longest = 0;
        for (int row = 0; row < rows; row++)
        {
            // The first number of a row says how many distractors are added, in the way of a coin that is thrown until it falls.
            RandomSource random = key.Row(row);
            int additional = 0;
            while (additional < MostAdditional && random.NextInt(10) != 0) additional++;
            lengths[row] = lag + additional + 3;
            longest = Math.Max(longest, lengths[row]);
        }

        batch.Resize(rows, longest);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            for (int thrown = 0; thrown < MostAdditional && random.NextInt(10) != 0;) thrown++;
            int asked = random.NextInt(FirstSymbols), steps = lengths[row];
            batch.Lengths[row] = steps;
            batch.SetSymbol(0, row, Begin);
            batch.SetSymbol(1, row, asked);
            for (int step = 2; step < steps - 1; step++)
                batch.SetSymbol(step, row, FirstSymbols + random.NextInt(Symbols));
            batch.SetSymbol(steps - 1, row, End);
            batch.SetClass(steps - 1, row, asked);
        }
    }

    private string DescribeAs1997(Batch batch, int row)
    {
        int steps = batch.Lengths[row], asked = batch.Class(steps - 1, row);
        return new ExampleText()
            .Line($"{Name} as task 2c of 1997, {steps} steps: after e, name the symbol that followed b")
            .Words(steps, step => batch.Symbol(step, row) switch
            {
                Begin => "b",
                End => "e",
                0 => "[x]",
                1 => "[y]",
                int symbol => (symbol - FirstSymbols).ToString(CultureInfo.InvariantCulture),
            })
            .Named("target", $"{(asked == 0 ? 'x' : 'y')}, class {asked} of 0..1, at the last step: the symbol at step 1")
            .ToString();
    }
}
