using System.Collections.Immutable;

namespace Unroll.Tasks;

/// <summary>
/// What the two temporal order tasks share: a sequence of distractors c, d, e, f with an A or a B at one position in each of
/// several intervals of T/10 steps; the class says which symbol was in which interval.
/// </summary>
/// <param name="tenths">Where the intervals start, in tenths of T.</param>
internal sealed class SymbolOrder(ImmutableArray<int> tenths)
{
    /// <summary>A and B are 0 and 1, the distractors 2 to 5.</summary>
    public const int Symbols = 6;

    /// <summary>An interval is floor(T/10) steps wide, so 10 is the first length at which none is empty.</summary>
    public const int MinimumLength = 10;

    private const string Letters = "ABcdef";

    /// <summary>2 to the power of the number of intervals.</summary>
    public int Classes => 1 << tenths.Length;

    public void Fill(Batch batch, int rows, RandomKey key, LengthRange length)
    {
        RandomSource shared = key.Shared();
        int steps = length.Draw(ref shared);
        batch.Resize(rows, steps);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            FillRow(batch, row, ref random);
        }
    }

    public string Describe(string name, Batch batch, int row)
    {
        int steps = batch.Lengths[row], target = batch.Class(steps - 1, row), place = 0;
        var reason = new List<string>();
        var word = "";
        for (int step = 0; step < steps; step++)
        {
            int symbol = batch.Symbol(step, row);
            if (symbol > 1) continue;
            word += Letters[symbol];
            reason.Add(Invariant($"{Letters[symbol]} at step {step}"));
            place++;
        }

        return new ExampleText()
            .Line($"{name}, {steps} steps: remember the {place} symbols A or B and their order; c, d, e, f distract")
            .Letters(steps, step => Letters[batch.Symbol(step, row)])
            .Named("target", $"{word}, class {target} of 0..{Classes - 1}, at the last step: {string.Join(", then ", reason)}")
            .ToString();
    }

    private void FillRow(Batch batch, int row, ref RandomSource random)
    {
        int steps = batch.Steps, label = 0;
        uint bits = 0;
        for (int step = 0; step < steps; step++, bits >>= 2)
        {
            // Two bits choose one of the four distractors, so one draw is enough for sixteen steps.
            if (step % 16 == 0) bits = random.NextUInt32();
            batch.SetSymbol(step, row, 2 + (int)(bits & 3));
        }

        for (int i = 0; i < tenths.Length; i++)
        {
            int position = (tenths[i] * steps / 10) + random.NextInt(steps / 10);
            int symbol = random.NextInt(2);
            batch.SetSymbol(position, row, symbol);
            label |= symbol << i;
        }

        batch.SetClass(steps - 1, row, label);
    }
}
