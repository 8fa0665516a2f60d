using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>Finds how many steps a season of a series has.</summary>
public static class Season
{
    /// <summary>The least autocorrelation that counts as a season.</summary>
    public const double LeastCorrelation = 0.2;

    private const int MostSteps = 1 << 16;
    private const int MostLag = 2048;
    private const int MostSeries = 64;
    private const int ShortestSeries = 6;

    /// <summary>
    /// The lag at which the autocorrelation of the training fold has its highest peak: of the columns together, of each
    /// sequence without its straight line. A peak is higher than its neighbours, stands out by a fifth from what is before
    /// it, and repeats at twice the lag where that can be seen. At least three seasons must be in the fold.
    /// </summary>
    /// <param name="folds">The folds; only the training fold is read, of long sequences the last 65,536 steps, and of many
    /// columns and sequences 64 evenly chosen ones.</param>
    /// <param name="targets">The places of the columns.</param>
    /// <returns>The steps, 2..2048; 1 where there is no season.</returns>
    /// <exception cref="ArgumentException">There is no column, or one is not of numbers.</exception>
    public static int Find(SequenceFolds folds, IReadOnlyList<int> targets)
    {
        var history = new TargetHistory(folds, targets);
        IReadOnlyList<FoldPart> parts = folds.Of(Fold.Train);
        int most = Math.Min(MostLag, Math.Min(MostSteps, parts.Max(part => part.Steps)) / 3);
        if (most < 2) return 1;

        // One step more than the longest season, so that it has a neighbour.
        var correlation = new double[most + 2];
        double weight = 0;
        (int Target, FoldPart Part)[] series = [.. Enumerable.Range(0, history.Count).Where(k => history.Moments[k].Deviation > 0)
            .SelectMany(k => parts.Where(part => part.Steps >= ShortestSeries).Select(part => (k, part)))];
        int every = Math.Max(1, (series.Length + MostSeries - 1) / MostSeries);
        for (int s = 0; s < series.Length; s += every)
        {
            (int target, FoldPart part) = series[s];
            int steps = Math.Min(part.Steps, MostSteps);
            var values = new double[steps];
            history.Read(target, part.Sequence, part.End - steps, values);
            if (!Straighten(values)) continue;
            for (int lag = 0; lag < Math.Min(correlation.Length, steps); lag++)
                correlation[lag] += steps * Vectors.Dot(values.AsSpan(lag), values.AsSpan(0, steps - lag));
            weight += steps;
        }

        if (weight == 0) return 1;
        for (int lag = 0; lag < correlation.Length; lag++) correlation[lag] /= weight;
        return Highest(correlation, most);
    }

    private static int Highest(double[] correlation, int most)
    {
        int best = 1;
        double height = LeastCorrelation, lowest = 1;
        for (int lag = 1; lag <= most; lag++)
        {
            double here = correlation[lag];
            bool isPeak = lag > 1 && here > correlation[lag - 1] && here >= correlation[lag + 1];
            bool standsOut = here > height && here - lowest >= LeastCorrelation;
            bool repeats = 2 * lag > most || correlation[2 * lag] > LeastCorrelation / 2;
            if (isPeak && standsOut && repeats) (best, height) = (lag, here);
            lowest = Math.Min(lowest, here);
        }

        return best;
    }

    /// <summary>
    /// Takes the straight line of least squares away and makes the sum of squares 1; false where nothing is left.
    /// </summary>
    private static bool Straighten(double[] values)
    {
        double middle = (values.Length - 1) / 2.0, mean = 0, slope = 0, squares = 0, size = 0, rest = 0;
        foreach (double value in values) mean += value / values.Length;
        for (int t = 0; t < values.Length; t++)
        {
            slope += (t - middle) * (values[t] - mean);
            squares += (t - middle) * (t - middle);
            size += (values[t] - mean) * (values[t] - mean);
        }

        slope /= squares;
        for (int t = 0; t < values.Length; t++)
        {
            values[t] -= mean + (slope * (t - middle));
            rest += values[t] * values[t];
        }

        if (!(rest > 1e-12 * size) || !double.IsFinite(rest)) return false;
        double scale = 1 / Math.Sqrt(rest);
        for (int t = 0; t < values.Length; t++) values[t] *= scale;
        return true;
    }
}
