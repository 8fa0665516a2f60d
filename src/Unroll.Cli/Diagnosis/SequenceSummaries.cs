using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Sequences as a few numbers each, for a linear refit: for each input the means of eighths of the sequence, its deviation, and
/// its products with itself some steps before, which tell one frequency from another; and the length. Standardized.
/// </summary>
internal static class SequenceSummaries
{
    private const int Parts = 8, MostInputs = 16, MostSequences = 2_000;

    private static readonly int[] s_lags = [1, 2, 3, 4, 6, 8];

    /// <summary>The summaries, (examples, features), and of which sequence of the data each is.</summary>
    /// <param name="task">A task that reads whole sequences.</param>
    /// <param name="folds">The folds, of which very many examples are thinned evenly.</param>
    public static (double[][] Features, int[] Sequences) Of(SeriesTask task, IReadOnlyList<Fold> folds)
    {
        List<double[]> features = [];
        List<int> sequences = [];
        long all = folds.Sum(task.Examples), every = Math.Max(1, (all + MostSequences - 1) / MostSequences);
        Batch batch = Batch.For(task);
        foreach (Fold fold in folds)
        {
            IReadOnlyList<FoldPart> parts = task.Folds.Of(fold);
            for (int i = 0; i < parts.Count; i += (int)every)
            {
                int steps = task.StepsOf(fold, i);
                batch.Resize(1, steps);
                batch.Lengths[0] = steps;
                task.FillExample(batch, 0, fold, i, 0, steps);
                features.Add(Summary(batch, steps));
                sequences.Add(parts[i].Sequence);
            }
        }

        double[][] result = [.. features];
        Standardize(result);
        return (result, [.. sequences]);
    }

    private static double[] Summary(Batch batch, int steps)
    {
        List<double> numbers = [Math.Log(steps)];
        var values = new double[steps];
        int stride = Math.Max(1, (batch.Inputs + MostInputs - 1) / MostInputs);
        for (int input = 0; input < batch.Inputs; input += stride)
        {
            for (int t = 0; t < steps; t++) values[t] = batch.Dense(t, 0)[input];
            double mean = values.Average();
            for (int part = 0; part < Parts; part++)
            {
                int from = steps * part / Parts, to = Math.Max(from + 1, steps * (part + 1) / Parts);
                numbers.Add(values[Math.Min(from, steps - 1)..Math.Min(to, steps)].Average());
            }

            numbers.Add(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
            foreach (int lag in s_lags)
            {
                double sum = 0;
                for (int t = lag; t < steps; t++) sum += (values[t] - mean) * (values[t - lag] - mean);
                numbers.Add(sum / Math.Max(1, steps - lag));
            }
        }

        return [.. numbers];
    }

    /// <summary>Each column with mean 0 and deviation 1; one without a deviation is 0.</summary>
    public static void Standardize(double[][] features)
    {
        if (features.Length == 0) return;
        for (int j = 0; j < features[0].Length; j++)
        {
            double mean = features.Average(row => row[j]);
            double deviation = Math.Sqrt(features.Average(row => (row[j] - mean) * (row[j] - mean)));
            foreach (double[] row in features) row[j] = deviation > 0 ? (row[j] - mean) / deviation : 0;
        }
    }
}
