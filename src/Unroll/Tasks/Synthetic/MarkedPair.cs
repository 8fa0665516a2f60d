using System.Globalization;

namespace Unroll.Tasks;

/// <summary>
/// What addition and multiplication share: T' numbers in [0, 1), two of which are marked. Input 0 is the marker, input 1 the
/// number; the target is a function of the two marked numbers.
/// </summary>
/// <remarks>
/// As Hochreiter and Schmidhuber (1997, experiments 4 and 5) have it, T' in [T, T + T/10] is drawn for each sequence; one of the
/// first ten pairs is marked, and one of the first T/2 - 1 of the others; the first and the last pair have the marker -1 where
/// they are not marked. Where the first pair is marked, its number is the one that leaves the result alone. The numbers to add
/// lie in [-1, 1). A sequence is wrong when its error is 0.04 or more.
/// </remarks>
/// <param name="variant">The code draws one T' in [T, T + T/10) for the whole batch and the second position in [T'/10, T'/10 +
/// 4T'/10); the text draws T' in [T, T + T/10], both ends included, for each sequence, and the second position in [T'/10,
/// T'/2).</param>
/// <param name="least">The least number in the form of 1997.</param>
/// <param name="neutral">The number of a marked first pair in the form of 1997.</param>
internal sealed class MarkedPair(TaskVariant variant, double least = 0, double neutral = 0)
{
    public const int Inputs = 2;

    public const string LossUnit = "squared error";

    /// <summary>The first position lies in [0, floor(T'/10)), so 10 is the first length that has one.</summary>
    public const int MinimumLength = 10;

    /// <summary>One of the first ten pairs and one of the next are marked, and the last is not.</summary>
    private const int FirstPairs = 10, MinimumOf1997 = 2 * FirstPairs;

    private const int Marker = 0;
    private const int Number = 1;

    /// <summary>The bound of the success rule: on the squared error in the code, on the error itself in the text.</summary>
    private const double Bound = 0.04;

    /// <summary>The shortest length of a variant.</summary>
    public static int Minimum(TaskVariant variant) => variant == TaskVariant.Hs97 ? MinimumOf1997 : MinimumLength;

    /// <summary>Fills all but the targets.</summary>
    public void Fill(Batch batch, int rows, RandomKey key, LengthRange length)
    {
        if (variant == TaskVariant.Hs97)
        {
            FillAs1997(batch, rows, key, length);
            return;
        }

        RandomSource shared = key.Shared();
        int drawn = length.Draw(ref shared), extra = drawn / 10;
        bool text = variant == TaskVariant.Text;
        batch.Resize(rows, drawn + (text ? extra : shared.NextInt(extra)));
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            if (text) batch.Lengths[row] = drawn + random.NextInt(extra + 1);
            int steps = batch.Lengths[row], tenth = steps / 10;
            int first = random.NextInt(tenth);
            int second = tenth + random.NextInt((text ? steps / 2 : tenth + (4 * steps / 10)) - tenth);
            for (int step = 0; step < steps; step++) batch.Dense(step, row)[Number] = random.NextDouble();
            batch.Dense(first, row)[Marker] = 1;
            batch.Dense(second, row)[Marker] = 1;
        }
    }

    /// <summary>The two marked numbers of a row, the earlier first.</summary>
    public static (double First, double Second) Marked(Batch batch, int row)
    {
        int first = Next(batch, row, 0), second = Next(batch, row, first + 1);
        return (batch.Dense(first, row)[Number], batch.Dense(second, row)[Number]);
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        if (variant != TaskVariant.Code)
        {
            MarkCorrectStrictly(batch, predictions, correct);
            return;
        }

        for (int row = 0; row < batch.Rows; row++)
        {
            double error = Error(batch, predictions, row);
            correct[row] = error * error <= Bound;
        }
    }

    public static void MarkCorrectStrictly(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++) correct[row] = Math.Abs(Error(batch, predictions, row)) <= Bound;
    }

    public static string Describe(string name, string formula, Batch batch, int row)
    {
        int steps = batch.Lengths[row], first = Next(batch, row, 0), second = Next(batch, row, first + 1);
        (double a, double b) = Marked(batch, row);
        string marked = Invariant($"a = {a:0.0000} at step {first}, b = {b:0.0000} at step {second}");
        return new ExampleText()
            .Line($"{name}, {steps} steps: of the two numbers in brackets, a and b, predict {formula}")
            .Words(steps, step =>
            {
                string number = batch.Dense(step, row)[Number].ToString("0.0000", CultureInfo.InvariantCulture);
                return batch.Dense(step, row)[Marker] == 1 ? $"[{number}]" : $"{number} ";
            })
            .Named("target", $"{batch.Values(steps - 1, row)[0]:0.0000} = {formula}, at the last step: {marked}")
            .ToString();
    }

    private void FillAs1997(Batch batch, int rows, RandomKey key, LengthRange length)
    {
        RandomSource shared = key.Shared();
        int drawn = length.Draw(ref shared);
        batch.Resize(rows, drawn + (drawn / 10));
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            int steps = drawn + random.NextInt((drawn / 10) + 1);
            batch.Lengths[row] = steps;
            int first = random.NextInt(FirstPairs), second = random.NextInt((drawn / 2) - 1);
            second += second >= first ? 1 : 0; // of the pairs that are not marked yet
            for (int step = 0; step < steps; step++)
                batch.Dense(step, row)[Number] = least + ((1 - least) * random.NextDouble());
            batch.Dense(0, row)[Marker] = batch.Dense(steps - 1, row)[Marker] = -1;
            batch.Dense(first, row)[Marker] = batch.Dense(second, row)[Marker] = 1;
            if (first == 0 || second == 0) batch.Dense(0, row)[Number] = neutral;
        }
    }

    private static double Error(Batch batch, Predictions predictions, int row)
    {
        int last = batch.Lengths[row] - 1;
        return predictions.At(last, row)[0] - batch.Values(last, row)[0];
    }

    private static int Next(Batch batch, int row, int step)
    {
        while (batch.Dense(step, row)[Marker] != 1) step++;
        return step;
    }
}
