using System.Collections.Immutable;

namespace Unroll.Tasks;

/// <summary>
/// What the two temporal order tasks share: a sequence of distractors c, d, e, f with an A or a B at one position in each of
/// several intervals of T/10 steps; the class says which symbol was in which interval.
/// </summary>
/// <remarks>
/// As Hochreiter and Schmidhuber (1997, experiment 6) have it, T' in [T, T + T/10] is drawn for each sequence, a sequence starts
/// with an E and ends with a B, whose symbols here are e and f, and a position is one of T/10 + 1, both ends included.
/// </remarks>
/// <param name="starts">Where the intervals start, in tenths of T, or in hundredths in the form of 1997.</param>
/// <param name="as1997">Whether the form is that of 1997.</param>
internal sealed class SymbolOrder(ImmutableArray<int> starts, bool as1997 = false)
{
    /// <summary>A and B are 0 and 1, the distractors 2 to 5.</summary>
    private const int OfCode = 6;

    /// <summary>The first and the last symbol of a sequence in the form of 1997.</summary>
    private const int Start = OfCode, End = OfCode + 1;

    private const string Letters1997 = "XYabcdEB";

    /// <summary>The number of symbols.</summary>
    public int Symbols => as1997 ? OfCode + 2 : OfCode;

    /// <summary>An interval is floor(T/10) steps wide, so 10 is the first length at which none is empty.</summary>
    public const int MinimumLength = 10;

    private const string Letters = "ABcdef";

    /// <summary>2 to the power of the number of intervals.</summary>
    public int Classes => 1 << starts.Length;

    public void Fill(Batch batch, int rows, RandomKey key, LengthRange length)
    {
        RandomSource shared = key.Shared();
        int steps = length.Draw(ref shared);
        batch.Resize(rows, as1997 ? steps + (steps / 10) : steps);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            if (as1997) batch.Lengths[row] = steps + random.NextInt((steps / 10) + 1);
            Distract(batch, row, ref random);
            Mark(batch, row, steps, ref random);
        }
    }

    /// <summary>Marks each row by its last step.</summary>
    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        if (as1997) Hs97Rule.LastStep(batch, predictions, Hs97Rule.Order, correct);
        else ClassRule.LastStep(batch, predictions, correct);
    }

    public string Describe(string name, Batch batch, int row)
    {
        int steps = batch.Lengths[row], target = batch.Class(steps - 1, row), place = 0;
        var reason = new List<string>();
        string word = "", letters = as1997 ? Letters1997 : Letters, rest = as1997 ? "E, B, a, b, c, d" : "c, d, e, f";
        for (int step = 0; step < steps; step++)
        {
            int symbol = batch.Symbol(step, row);
            if (symbol > 1) continue;
            word += letters[symbol];
            reason.Add(Invariant($"{letters[symbol]} at step {step}"));
            place++;
        }

        FormattableString about =
            $"{name}, {steps} steps: remember the {place} symbols {letters[0]} or {letters[1]} and their order; {rest} distract";
        return new ExampleText()
            .Line(about)
            .Letters(steps, step => letters[batch.Symbol(step, row)])
            .Named("target", $"{word}, class {target} of 0..{Classes - 1}, at the last step: {string.Join(", then ", reason)}")
            .ToString();
    }

    private static void Distract(Batch batch, int row, ref RandomSource random)
    {
        int steps = batch.Lengths[row];
        uint bits = 0;
        for (int step = 0; step < steps; step++, bits >>= 2)
        {
            // Two bits choose one of the four distractors, so one draw is enough for sixteen steps.
            if (step % 16 == 0) bits = random.NextUInt32();
            batch.SetSymbol(step, row, 2 + (int)(bits & 3));
        }
    }

    private void Mark(Batch batch, int row, int drawn, ref RandomSource random)
    {
        int steps = batch.Lengths[row], label = 0;
        if (as1997)
        {
            batch.SetSymbol(0, row, Start);
            batch.SetSymbol(steps - 1, row, End);
        }

        for (int i = 0; i < starts.Length; i++)
        {
            int position = as1997 ? (starts[i] * drawn / 100) + random.NextInt((drawn / 10) + 1)
                : (starts[i] * steps / 10) + random.NextInt(steps / 10);
            int symbol = random.NextInt(2);
            batch.SetSymbol(position, row, symbol);
            label |= symbol << i;
        }

        batch.SetClass(steps - 1, row, label);
    }
}
