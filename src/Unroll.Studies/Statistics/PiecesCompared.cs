namespace Unroll.Studies.Statistics;

/// <summary>
/// Two models compared on the same pieces: the difference of their costs a step over the whole fold, which weighs a piece by its
/// length. Pieces are what was drawn at random, so the interval resamples pieces (percentile bootstrap) and the test flips the
/// signs of pieces' differences at random (a permutation test of no difference). Both are random and repeat, by a fixed seed.
/// </summary>
public sealed record PiecesCompared
{
    private const int Draws = 10_000;
    private const ulong Seed = 1;

    /// <param name="steps">Predicted steps of each piece, at least 1.</param>
    /// <param name="first">The first model's cost a step on each piece.</param>
    /// <param name="second">The second's.</param>
    /// <exception cref="ArgumentException">The numbers are not of the same pieces, or there are none.</exception>
    public PiecesCompared(IReadOnlyList<long> steps, IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (steps.Count == 0 || first.Count != steps.Count || second.Count != steps.Count)
            throw new ArgumentException("Two models are compared on the same pieces, at least one.");
        Pieces = steps.Count;
        double[] difference = [.. steps.Select((n, i) => n * (first[i] - second[i]))];
        double total = steps.Sum();
        Difference = difference.Sum() / total;
        var drawn = new double[Draws];
        int asLarge = 0;
        for (int d = 0; d < Draws; d++)
        {
            RandomSource random = new RandomKey(Seed, RandomStream.Study, d).Shared();
            double sum = 0, length = 0, flipped = 0;
            for (int i = 0; i < Pieces; i++)
            {
                int piece = random.NextInt(Pieces);
                sum += difference[piece];
                length += steps[piece];
                flipped += random.NextInt(2) == 0 ? difference[i] : -difference[i];
            }

            drawn[d] = sum / length;
            if (Math.Abs(flipped) >= Math.Abs(difference.Sum()) * (1 - 1e-12)) asLarge++;
        }

        Array.Sort(drawn);
        Interval = new Interval(drawn[(int)(0.025 * Draws)], drawn[(int)(0.975 * Draws)]);
        PValue = (asLarge + 1.0) / (Draws + 1);
    }

    /// <summary>How many pieces.</summary>
    public int Pieces { get; }

    /// <summary>The first model's cost a step minus the second's.</summary>
    public double Difference { get; }

    /// <summary>Its 95% interval.</summary>
    public Interval Interval { get; }

    /// <summary>Of no difference.</summary>
    public double PValue { get; }
}
